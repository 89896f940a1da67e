"""What a disposition or a stock move becomes as an event: one a split or line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from openreturns import state
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, decimal
from openreturns.models import DispositionValue

from openreturns_adapters.epcis.uris import Goods, goods_uri, place_of, place_uri

__all__ = [
    "action",
    "adjusted",
    "biz_location",
    "biz_step",
    "by_line",
    "by_split",
    "destinations",
    "error_declaration",
    "event_id",
    "event_time",
    "final",
    "kept",
    "moved_by",
    "moved_from",
    "moved_state",
    "moved_time",
    "moved_to",
    "offset",
    "persistent",
    "pieces",
    "quantities",
    "read_point",
    "state_of",
    "transactions",
]

Record = dict[str, Any]

_exact = decimal.bind(Tenant()).write.call
_PIECES = frozenset({"C62", "EA", "H87", "NAR"})
_GONE = frozenset({"destroying", "decommissioning"})


# --- one event a split, or a line -----------------------------------------------------------------------------


def by_split(document: Record) -> Iterator[Record]:
    """Yield the document once for each split, with that split only."""
    for line in document["lines"]:
        for split in line["splits"]:
            yield {**document, "lines": [{**line, "splits": [split]}]}


def by_line(document: Record) -> Iterator[Record]:
    """Yield the document once for each line, with that line only."""
    yield from ({**document, "lines": [line]} for line in document["lines"])


def _split(document: Record) -> tuple[Record, Record]:
    line = document["lines"][0]
    return line, line["splits"][0] if "splits" in line else line


# --- what must not be told ------------------------------------------------------------------------------------


def final(document: Record, env: Environment) -> None:
    """Refuse a disposition that may still change: an event never does."""
    if document["status"] not in ("final", "reversed"):
        said = "the disposition is not final, and an event never changes"
        raise MappingError(said, kind="translation", problems=[Problem("not_final", said, "/status")])


def adjusted(document: Record, env: Environment) -> None:
    """Refuse a move that is not posted, and goods that become other goods."""
    problems = []
    if document["status"] not in ("posted", "reversed"):
        problems.append(Problem("not_posted", "the move is not posted, and an event never changes", "/status"))
    for place, line in enumerate(document["lines"]):
        if "toItem" in line:
            said = "goods become other goods: a transformation, no object event"
            problems.append(Problem("transformation", said, f"/lines/{place}/toItem"))
    if problems:
        raise MappingError("the adjustment makes no event", kind="translation", problems=problems)


# --- which event, and when ------------------------------------------------------------------------------------


def event_id(document: Record, env: Environment) -> str:
    """Return the id: the same for the same split, whenever it is told; for a reversal that of the event it undoes."""
    line, split = _split(document)
    known = document.get("number") or document["meta"]["documentId"]  # what another document names it by
    if "reverses" in document and "number" in document:
        env.lose("the events are those of what is taken back", below="/number")
    of = document["reverses"]["id"] if "reverses" in document else known
    return f"urn:uuid:{uuid5(NAMESPACE_URL, '/'.join((of, line['lineId'], split.get('splitId', ''))))}"


def error_declaration(document: Record, env: Environment) -> Record | None:
    """Return the declaration that the event of this id was wrong, for a document that takes back another."""
    if "reverses" not in document:
        return None
    return {"declarationTime": document["meta"]["issuedAt"], "reason": "incorrect_data"}


def event_time(document: Record, env: Environment) -> str:
    """Return when it was inspected, else when the disposition was made."""
    line, _ = _split(document)
    at = (line.get("inspection") or {}).get("at")
    if at not in (None, document["meta"]["issuedAt"]):
        env.lose("an event has the moment of the inspection", below="/meta/issuedAt")
    return str(at or document["meta"]["issuedAt"])


def moved_time(document: Record, env: Environment) -> str:
    """Return when the move was made."""
    return str(document["meta"]["issuedAt"])


def offset(document: Record, env: Environment) -> str:
    """Return the offset of that moment from UTC."""
    inspected = (document["lines"][0].get("inspection") or {}).get("at")
    at = str(inspected or document["meta"]["issuedAt"])
    return "+00:00" if at.endswith("Z") else at[-6:]


# --- goods ----------------------------------------------------------------------------------------------------


def _named(line: Record, split: Record) -> tuple[Record, list[str]]:
    """Return the item and the serial numbers of a split: its own, else those of the line."""
    item = line["item"]
    serials = split.get("serials") if "splitId" in split else item.get("serials")
    return item, list(serials or ())


def _lose_serials(line: Record, serials: list[str], env: Environment) -> None:
    if set(line["item"].get("serials") or ()) != set(serials):
        env.lose("an event tells of the pieces of its split", below="/lines/0/item/serials")


def _goods(item: Record, env: Environment, **more: str | None) -> str:
    return goods_uri(Goods(item.get("gtin"), item.get("sku"), **more), env.tenant)


def pieces(document: Record, env: Environment) -> list[str] | None:
    """Return the pieces that have serial numbers; where goods are not counted in pieces they are lost."""
    line, split = _split(document)
    item, serials = _named(line, split)
    _lose_serials(line, serials, env)
    if serials and split["quantity"]["uom"] not in _PIECES:
        below = "/lines/0/splits/0/serials" if "splitId" in split else "/lines/0/item/serials"
        env.lose("goods are counted in cases, and an event names pieces", below=below)
        return None
    return [_goods(item, env, serial=serial) for serial in serials] or None


def quantities(document: Record, env: Environment) -> list[Record] | None:
    """Return goods without serial numbers, by class and lot; pieces have no unit."""
    line, split = _split(document)
    item, serials = _named(line, split)
    amount, uom = _exact(split["quantity"]["value"], env), split["quantity"]["uom"]
    counted = uom in _PIECES
    if counted and uom != env.tenant.setting("unit_of_measure"):
        env.lose("an event counts pieces without a unit", below="/lines/0/splits/0/quantity/uom")
    rest = amount - len(serials) if counted else amount
    if rest < 0:
        raise ValueError(f"{len(serials)} serial numbers for {amount}")
    if not rest and serials:
        return None
    unit = {} if counted else {"uom": uom}
    return [{"epcClass": _goods(item, env, lot=item.get("lot")), "quantity": rest, **unit}]


# --- what, where, for which return ----------------------------------------------------------------------------


def _word(document: Record, env: Environment) -> tuple[str, str]:
    decided, table = _split(document)[1]["disposition"], env.tenant.table("disposition")
    source = decided.get("source") or {}
    kept = source.get("scheme") == table.scheme and table.code(source["value"]) == decided["code"]
    step, _, state_word = str(source["value"] if kept else table.write[decided["code"]]).partition("/")
    return step, state_word


def biz_step(document: Record, env: Environment) -> str:
    """Return the step of business that a disposition is; the words of other systems are lost."""
    decided = _split(document)[1]["disposition"]
    source, table = decided.get("source"), env.tenant.table("disposition")
    if source and source.get("scheme") != table.scheme:
        env.lose("the words of an event are kept, others are not", below="/lines/0/splits/0/disposition/source")
    elif source and "label" in source:
        env.lose("an event has no words for people", below="/lines/0/splits/0/disposition/source/label")
    return _word(document, env)[0]


def state_of(document: Record, env: Environment) -> str:
    """Return the state that a disposition leaves goods in; a position of its own is lost."""
    _, split = _split(document)
    usual = next(iter(state.positions(cast("DispositionValue", split["disposition"]["code"]))), None)
    told, expected = split.get("to") or {}, usual.to_dict() if usual else {}
    for name in ("status", "boundary"):
        if told.get(name) != expected.get(name):
            env.lose("the decision says where goods go", below=f"/lines/0/splits/0/to/{name}")
    return _word(document, env)[1]


def action(document: Record, env: Environment) -> str:
    """Return DELETE for goods that are destroyed, OBSERVE for all others."""
    _, split = _split(document)
    step = _word(document, env)[0] if "disposition" in split and "splitId" in split else moved_by(document, env)
    return "DELETE" if step in _GONE else "OBSERVE"


def persistent(document: Record, env: Environment) -> Record | None:
    """Return the lasting state that a grade is."""
    word = env.tenant.table("condition").write.get(_split(document)[1]["condition"]["code"])
    return {"set": [str(word)]} if word else None


def _place(place: Record | None, at: str, env: Environment) -> str | None:
    """Return the URI of a place; our id of one that has a GLN comes back by the tenant's table only."""
    if place is None:
        return None
    uri = place_uri(place, env.tenant)
    if place_of(uri, env.tenant)["id"] != place["id"]:
        env.lose("an event has the GLN; add the place to the code table location", below=f"{at}/id")
    return uri


def read_point(document: Record, env: Environment) -> Record | None:
    """Return the warehouse that inspected."""
    uri = _place(document.get("warehouse"), "/warehouse", env)
    return {"id": uri} if uri else None


def biz_location(document: Record, env: Environment) -> Record | None:
    """Return where the goods are afterwards, if they are in stock."""
    _, split = _split(document)
    at = "/lines/0/splits/0/to/location" if "splitId" in split else "/lines/0/to/location"
    uri = _place((split.get("to") or {}).get("location"), at, env)
    return {"id": uri} if uri else None


def transactions(document: Record, env: Environment) -> list[Record] | None:
    """Return the RMA, and the vendor's."""
    base = str(env.tenant.setting("transaction_base"))
    ref = document.get("return") or next((r for r in document.get("refs") or () if r["type"] == "return"), None)
    return [{"type": "rma", "bizTransaction": f"{base}{quote(ref['id'], safe='')}"}] if ref else None


def destinations(document: Record, env: Environment) -> list[Record] | None:
    """Return the vendor that goods go back to."""
    vendor = _split(document)[1].get("vendor")
    if vendor is None:
        return None
    return [
        {"type": "owning_party", "destination": f"{env.tenant.setting('party_base')}{quote(vendor['id'], safe='')}"}
    ]


def kept(*path: str) -> Any:  # noqa: ANN401 - a function of the mapping
    """Make the function that returns a value of the line or split as it is, for events that we read again."""

    def find(document: Record, env: Environment) -> Any:  # noqa: ANN401 - any value
        value: Any = _split(document)[1] if path[0] == "split" else document["lines"][0]
        for name in path[1:]:
            value = (value or {}).get(name)
        return value

    return find


# --- stock moves ----------------------------------------------------------------------------------------------


def moved_by(document: Record, env: Environment) -> str:
    """Return the step of business that a move is, by its reason."""
    word = env.tenant.table("step").write.get(document["lines"][0]["reason"]["code"])
    if word is None:
        raise ValueError("no step of the CBV is such a move; add it to the code table 'step'")
    return str(word)


def moved_state(document: Record, env: Environment) -> str:
    """Return the state that a move leaves goods in, by the status or boundary they go to."""
    to = document["lines"][0]["to"]
    return str(env.tenant.table("position").write[to["boundary"] if to["status"] == "external" else to["status"]])


def _ends(document: Record, end: str, env: Environment) -> str | None:
    return _place(document["lines"][0][end].get("location"), f"/lines/0/{end}/location", env)


def moved_from(document: Record, env: Environment) -> list[Record] | None:
    """Return where goods come from, if from a place of ours."""
    found = _ends(document, "from", env)
    return [{"type": "location", "source": found}] if found else None


def moved_to(document: Record, env: Environment) -> list[Record] | None:
    """Return where goods go, if to a place of ours."""
    found = _ends(document, "to", env)
    return [{"type": "location", "destination": found}] if found else None
