"""What an event says as a receipt of a return, or as what was decided of its goods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any, cast, get_args

from openreturns import state
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, decimal
from openreturns.models import ConditionValue, DispositionValue, LocationRef

from openreturns_adapters.epcis.uris import Goods, goods, number_of, place_of

__all__ = [
    "correlation",
    "customer",
    "decided",
    "disposition_id",
    "issued_at",
    "lines_decided",
    "lines_received",
    "received",
    "return_id",
    "return_number",
    "reverses",
    "revision",
    "warehouse",
]

Record = dict[str, Any]

_DECISIONS = frozenset(get_args(DispositionValue))
_CONDITIONS = frozenset(get_args(ConditionValue))
_exact = decimal.bind(Tenant()).parts[""].call
_OURS = "openreturns:"


# --- what can be read as what ---------------------------------------------------------------------------------


def received(event: Record, env: Environment) -> None:
    """Refuse what is no receipt of a return."""
    problems = [*_unread(event, env)]
    if event.get("bizStep") != "receiving":
        said = f"nothing is received by the step {event.get('bizStep')}"
        problems.append(Problem("not_received", said, "/lines", "/bizStep"))
    elif event.get("action") == "DELETE":
        problems.append(Problem("not_received", "the goods are no more after it", "/lines", "/action"))
    if "errorDeclaration" in event:
        problems.append(Problem("declared_wrong", "the receipt is declared wrong", "/lines", "/errorDeclaration"))
    if problems:
        raise MappingError("the event is no receipt of a return", kind="translation", problems=problems)


def decided(event: Record, env: Environment) -> None:
    """Refuse what says nothing about goods that came back, and several kinds of goods at once."""
    problems = [*_unread(event, env)]
    if event.get("bizStep") in (None, "receiving", "arriving", "accepting", "unloading"):
        said = f"nothing is decided by the step {event.get('bizStep')}"
        problems.append(Problem("not_decided", said, "/lines", "/bizStep"))
    elif not problems and len([*_kinds(event, env)]) > 1:
        said = "it tells of several kinds of goods; a disposition has a line for each"
        problems.append(Problem("several_kinds", said, "/lines", "/quantityList"))
    if problems:
        raise MappingError("the event is no disposition", kind="translation", problems=problems)


def _unread(event: Record, env: Environment) -> Iterator[Problem]:
    rmas = _rmas(event, env)
    if not rmas:
        yield Problem("no_rma", "it belongs to no RMA", "/number", "/bizTransactionList")
    if len(rmas) > 1:
        said = f"it belongs to {len(rmas)} RMAs, and does not say which goods to which"
        yield Problem("several_rmas", said, "/number", "/bizTransactionList")
    uris = [*(event.get("epcList") or ()), *(row["epcClass"] for row in event.get("quantityList") or ())]
    if not uris:
        yield Problem("no_goods", "it tells of no goods", "/lines", "/epcList")
    for uri in uris:
        if goods(uri, env.tenant) is None:
            yield Problem("unknown_goods", f"nobody knows what {uri:.80} is", "/lines", "/epcList")
    for place, uri in enumerate(event.get("epcList") or ()):
        what = goods(uri, env.tenant)
        if what is not None and what.serial is None:
            yield Problem("no_serial", f"{uri:.80} is a class of goods, no piece", "/lines", f"/epcList/{place}")


def _rmas(event: Record, env: Environment) -> list[str]:
    """Return the numbers of the RMAs that an event belongs to."""
    base, rows = str(env.tenant.setting("transaction_base")), event.get("bizTransactionList") or ()
    return list(dict.fromkeys(number_of(one["bizTransaction"], base) for one in rows if one.get("type") == "rma"))


# --- the document ---------------------------------------------------------------------------------------------


def return_number(event: Record, env: Environment) -> str:
    """Return the number of the RMA."""
    return next(iter(_rmas(event, env)), "")


def disposition_id(event: Record, env: Environment) -> str:
    """Return the id of the document: ours if the event tells it, else that of the event, else of RMA and time."""
    own = event.get(f"{_OURS}document") or event.get("eventID")
    wrong = "-wrong" if "errorDeclaration" in event and f"{_OURS}document" not in event else ""
    return str(own or f"epcis-{return_number(event, env)}-{event['eventTime']}") + wrong


def reverses(event: Record, env: Environment) -> Record | None:
    """Return the disposition that an event declares to be wrong."""
    told = event.get(f"{_OURS}reverses")
    if not told and "errorDeclaration" not in event:
        return None
    told = told or event.get("eventID")
    return {"type": "disposition", "id": told or f"epcis-{return_number(event, env)}-{event['eventTime']}"}


def revision(event: Record, env: Environment) -> int:
    """Return the revision: an event never changes."""
    given = env.given.get("revision")
    return int(str(given)) if given else 1


def issued_at(event: Record, env: Environment) -> str:
    """Return when it was declared wrong, else when it happened."""
    declared = (event.get("errorDeclaration") or {}).get("declarationTime")
    return str(env.given.get("issued_at") or declared or event["eventTime"])


def correlation(event: Record, env: Environment) -> str:
    """Return the case: what the caller knows, else the RMA."""
    return str(env.given.get("correlation_id") or return_number(event, env))


def _party(event: Record, env: Environment, where: str, end: str) -> str | None:
    base = str(env.tenant.setting("party_base"))
    rows = event.get(where) or ()
    found = [one[end] for kind in ("owning_party", "possessing_party") for one in rows if one["type"] == kind]
    return number_of(found[0], base) if found else None


def customer(event: Record, env: Environment) -> str:
    """Return whose the goods were; where the event does not tell, the RMA knows."""
    found = _party(event, env, "sourceList", "source")
    if found is None:
        env.finding("customer_unknown", "the event does not tell whose the goods were: the RMA does")
    return found or f"rma-{return_number(event, env)}"


def warehouse(event: Record, env: Environment) -> Record | None:
    """Return where it happened."""
    place = event.get("readPoint") or event.get("bizLocation")
    return place_of(place["id"], env.tenant) if place else None


# --- goods ----------------------------------------------------------------------------------------------------


def _quantity(value: Decimal | int, uom: str | None, env: Environment) -> Record:
    return {"value": _exact(value, env), "uom": uom or env.tenant.setting("unit_of_measure")}


def _kinds(event: Record, env: Environment) -> Iterator[tuple[Record, Record]]:
    """Yield each kind of goods with its quantity: an item with its lot, its serial numbers, or both.

    Pieces with serial numbers and others of their class are one kind where nothing says that they are of two lots or
    that the others are not counted in pieces.
    """
    lot = event.get(f"{_OURS}lot")
    pieces: dict[Goods, list[str]] = {}
    for uri in event.get("epcList") or ():
        what = goods(uri, env.tenant) or Goods()
        pieces.setdefault(replace(what, lot=what.lot or lot, serial=None), []).append(what.serial or "")
    for row in event.get("quantityList") or ():
        what = goods(row["epcClass"], env.tenant) or Goods()
        if "quantity" not in row:
            raise ValueError("how much there is of a class of goods is not told")
        alike = replace(what, lot=what.lot or lot, serial=None)
        named = pieces.pop(alike, []) if "uom" not in row else []
        made = _item(event, what, env) | ({"serials": named} if named else {})
        yield made, _quantity(row["quantity"] + len(named), row.get("uom"), env)
    for what, named in pieces.items():
        yield _item(event, what, env) | {"serials": named}, _quantity(len(named), None, env)


def _item(event: Record, what: Goods, env: Environment) -> Record:
    known = env.tenant.table("item").code(what.gtin) if what.gtin else None
    sku = event.get(f"{_OURS}sku") or what.sku or known
    parts = {"sku": sku, "gtin": what.gtin, "lot": what.lot or event.get(f"{_OURS}lot")}
    return {name: value for name, value in parts.items() if value}


# --- what was decided -----------------------------------------------------------------------------------------


def lines_decided(event: Record, env: Environment) -> list[Record]:
    """Return the one line that an event tells of, with one split; a line that is not told is to be matched."""
    goods = next(_kinds(event, env), None)
    if goods is None:
        raise ValueError("it tells of no goods")
    made, quantity = goods
    place = event.get(f"{_OURS}returnLine")
    if place is None:
        env.finding("line_unknown", "the event does not tell the line of the return: match it by the item")
    serials, to, vendor = made.get("serials"), _position(event, env), _vendor(event, env)
    receipt, creditable = event.get(f"{_OURS}receipt"), event.get(f"{_OURS}creditable")
    split = {
        "splitId": event.get(f"{_OURS}split") or "1",
        "quantity": quantity,
        "serials": serials,
        "condition": _condition(event, env),
        "disposition": env.once(_decision),
        "to": to,
        "vendor": vendor,
        "creditable": creditable,
    }
    line = {
        "lineId": event.get(f"{_OURS}line") or "1",
        "returnLineId": place or made.get("sku") or made.get("gtin"),
        "receiptId": receipt,
        "item": made,
        "inspected": quantity,
        "inspection": {"by": event.get(f"{_OURS}inspector") or "epcis", "at": event["eventTime"]},
        "splits": [_without_nothing(split)],
    }
    return [_without_nothing(line)]


def _without_nothing(record: Record) -> Record:
    return {name: value for name, value in record.items() if value is not None}


def _states(event: Record) -> Iterable[str]:
    yield from (event.get("persistentDisposition") or {}).get("set") or ()
    if "disposition" in event:
        yield event["disposition"]


def _condition(event: Record, env: Environment) -> Record:
    """Return the grade: as it is told, else by the state, else none; a state that is another grade is kept."""
    told, table = event.get(f"{_OURS}condition"), env.tenant.table("condition")
    graded = next(((word, code) for word in _states(event) if (code := table.code(word))), None)
    source = {"source": {"scheme": table.scheme, "value": graded[0]}} if graded else {}
    if told in _CONDITIONS:
        return {"code": told, **(source if graded and graded[1] != told else {})}
    return {"code": graded[1], **source} if graded else {"code": "unidentified", "note": "the event tells no grade"}


def _decision(event: Record, env: Environment) -> Record:
    """Return the disposition: as it is told, else by step and state, whose words are kept where others are usual."""
    told, table = event.get(f"{_OURS}decision"), env.tenant.table("disposition")
    word = f"{event['bizStep']}/{event.get('disposition', 'unknown')}"
    code = str(told) if told in _DECISIONS else table.require(word, env)
    if told in _DECISIONS and table.write.get(code) == word:
        return {"code": code}
    return {"code": code, "source": {"scheme": table.scheme, "value": word}}


def _position(event: Record, env: Environment) -> Record | None:
    """Return where the goods are: what the decision means, at the place that the event tells."""
    place = event.get("bizLocation") or event.get("readPoint")
    usual = next(iter(state.positions(cast("DispositionValue", env.once(_decision)["code"]))), None)
    if usual is None:
        return None
    if usual.status == "external" or place is None:
        return usual.to_dict()
    return usual.replace(location=LocationRef.model_validate(place_of(place["id"], env.tenant))).to_dict()


def _vendor(event: Record, env: Environment) -> Record | None:
    """Return the vendor that goods go back to."""
    found = _party(event, env, "destinationList", "destination")
    return {"id": found} if found and env.once(_decision)["code"] == "return_to_vendor" else None


# --- what was received ----------------------------------------------------------------------------------------


def return_id(event: Record, env: Environment) -> str:
    """Return the id of the document: what this receipt says of the return."""
    return f"epcis-return-{return_number(event, env)}"


def lines_received(event: Record, env: Environment) -> list[Record]:
    """Return a line for each kind of goods, with its receipt; what was asked for the event does not tell."""
    env.finding("requested_unknown", "the event tells what came in, not what was asked for: compare with the RMA")
    stored = event.get("bizLocation") or event.get("readPoint")
    where = place_of(stored["id"], env.tenant) if stored else None
    own = event.get(f"{_OURS}receipt") or event.get("eventID") or f"{return_number(event, env)}-{event['eventTime']}"
    lines = []
    for place, (made, quantity) in enumerate(_kinds(event, env), 1):
        receipt = {"receiptId": own, "quantity": quantity, "receivedAt": event["eventTime"], "item": made}
        lines.append(
            {
                "lineId": str(event.get(f"{_OURS}returnLine") or place),
                "item": made,
                "requested": quantity,
                "received": quantity,
                "receipts": [{**receipt, **({"location": where} if where else {})}],
                "reason": {"code": "other", "note": "not told by an event"},
            }
        )
    return lines
