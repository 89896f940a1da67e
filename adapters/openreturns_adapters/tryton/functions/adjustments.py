"""What an internal shipment says of an adjustment, and back."""

from __future__ import annotations

from decimal import Decimal

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import shared
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "arrives",
    "by_route",
    "correlation",
    "document_id",
    "from_code",
    "from_position",
    "issued_at",
    "leaves",
    "line_id",
    "moved",
    "number",
    "posting_date",
    "quantity",
    "reason",
    "revision",
    "source_id",
    "to_code",
    "to_position",
    "writable",
]

_STATES = ("request", "draft", "waiting", "assigned", "shipped", "done", "cancelled")
_REASONS = {"scrap": "scrap", "count": "count_correction", "donation": "donation", "vendor": "vendor_return_shipment"}


def number(record: Record, env: Environment) -> str:
    """Return the number of the adjustment: our reference, else the server's number."""
    return str(record.get("reference") or f"tryton-{record.get('number') or record.get('id')}")


def document_id(record: Record, env: Environment) -> str:
    """Return an id of the adjustment made from the shipment's."""
    return f"tryton-internal-{record.get('id')}"


def source_id(record: Record, env: Environment) -> str | None:
    """Return the shipment's record id."""
    return str(record["id"]) if "id" in record else None


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, else the number."""
    return shared.correlation(number(record, env), env)


def revision(record: Record, env: Environment) -> int:
    """Return a number that grows with the shipment's state."""
    state = record.get("state")
    return _STATES.index(state) + 1 if state in _STATES else 1


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when the shipment last changed."""
    moments = (record.get("write_date"), record.get("create_date"), env.given.get("issued_at"))
    return next((str(moment) for moment in moments if moment), None)


def posting_date(record: Record, env: Environment) -> str | None:
    """Return the day it was done, else the day it is for."""
    return record.get("effective_date") or record.get("planned_date")


# ---------------------------------------------------------------- lines


def quantity(move: Record, env: Environment) -> Record:
    """Return how much was moved."""
    return shared.quantity(move["quantity"], move["unit"], env)


def from_position(move: Record, env: Environment) -> Record:
    """Return where the goods were."""
    return shared.position(move["from_location"], str(env.tenant.setting("warehouse")), env)


def to_position(move: Record, env: Environment) -> Record:
    """Return where the goods went."""
    return shared.position(move["to_location"], str(env.tenant.setting("warehouse")), env)


def reason(move: Record, env: Environment) -> Record:
    """Return the reason that the place outside stock tells; within stock it is a transfer."""
    for name in ("to_location", "from_location"):
        boundary = shared.position(move[name], "", env).get("boundary")
        if boundary in _REASONS:
            return {"code": _REASONS[boundary]}
    return {"code": "location_transfer"}


# ---------------------------------------------------------------- written

_NOT_POSTED = {
    "pending_approval": "is not approved yet",
    "failed": "failed; make it a draft again",
    "reversed": "is reversed; post the adjustment that reverses it",
}


def writable(document: Record, env: Environment) -> None:
    """Refuse what must not move stock, and what Tryton's moves cannot say; each with the place."""
    problems = []
    if document["status"] in _NOT_POSTED:
        said = f"the adjustment {_NOT_POSTED[document['status']]}"
        problems.append(Problem("not_postable", said, "/status", "/state"))
    for place, line in enumerate(document["lines"]):
        if "toItem" in line:
            said = "becomes another product, which Tryton does by production and not by a move"
            problems.append(Problem("regrade", said, f"/lines/{place}/toItem", f"/moves/{place}/product"))
    if problems:
        raise MappingError("Tryton has no internal shipment for this", kind="translation", problems=problems)
    if document["status"] != "posted":
        env.lose("Tryton posts an adjustment by doing it", below="/status")


def _route(line: Record) -> tuple[str, str]:
    return str(line["from"]), str(line["to"])


def by_route(document: Record) -> list[Record]:
    """Return the adjustment once a route, as a shipment has one; several get names of their own."""
    routes: dict[tuple[str, str], list[Record]] = {}
    for line in document["lines"]:
        routes.setdefault(_route(line), []).append(line)
    if len(routes) == 1:
        return [document]
    return [
        {**document, "number": f"{document['number']}-{place}", "lines": lines}
        for place, lines in enumerate(routes.values(), 1)
    ]


def from_code(document: Record, env: Environment) -> str:
    """Return the code of the location that the goods leave."""
    return leaves(document["lines"][0], env)


def to_code(document: Record, env: Environment) -> str:
    """Return the code of the location that the goods come to."""
    return arrives(document["lines"][0], env)


def leaves(line: Record, env: Environment) -> str:
    """Return the code of the location that a line's goods leave."""
    return _told(line, "from", env)


def arrives(line: Record, env: Environment) -> str:
    """Return the code of the location that a line's goods come to."""
    return _told(line, "to", env)


def _told(line: Record, side: str, env: Environment) -> str:
    for name in shared.overruled(line[side], env):
        env.lose("the bin says which location it is", below=f"/{side}/{name}")
    return shared.location_code(line[side], env)


def line_id(move: Record, env: Environment) -> str | None:
    """Return the move's record id."""
    return str(move["id"]) if "id" in move else None


def moved(line: Record, env: Environment) -> Decimal:
    """Return how much is moved."""
    return Decimal(line["quantity"]["value"])
