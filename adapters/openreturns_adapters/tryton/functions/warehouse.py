"""What the warehouse is told and says: deliveries, put-away, dispositions."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import lines, returns, shared
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "INSPECTION",
    "OWN_DISPOSITION",
    "away",
    "delivered",
    "deliveries",
    "disposition_id",
    "disposition_lines",
    "disposition_status",
    "expected",
    "final",
    "over",
    "points",
    "put_away",
    "receipt_reference",
    "warehouse",
]

INSPECTION = "org.tryton.inspection"
"""Extension of a return: what an inspection found, by receipt id: `{"RCV-1": {"seal_intact": true}}`."""

OWN_DISPOSITION = "tryton-disposition-"
"""What the ids of dispositions begin with that are read from Tryton."""

# ---------------------------------------------------------------- deliveries


def deliveries(document: Record) -> list[Record]:
    """Return the return once a delivery, with the receipts of that delivery only."""
    ids = dict.fromkeys(one["receiptId"] for line in document["lines"] for one in line.get("receipts") or ())
    found = []
    for receipt in ids:
        lines = [
            {**line, "receipts": mine}
            for line in document["lines"]
            if (mine := [one for one in line.get("receipts") or () if one["receiptId"] == receipt])
        ]
        found.append({**document, "lines": lines})
    return found


def receipt_reference(document: Record, env: Environment) -> str:
    """Return the reference of the delivery: the RMA number, a slash, and the receipt's id."""
    ids = {one["receiptId"] for line in document["lines"] for one in line["receipts"]}
    if len(ids) != 1:
        raise ValueError("a return shipment receives one delivery")
    receipt = ids.pop()
    if "/" in receipt:
        raise ValueError(f"the receipt id {receipt!r} has a slash, which ends the RMA number in Tryton's reference")
    return f"{document['number']}/{receipt}"


def delivered(document: Record, env: Environment) -> list[Record]:
    """Return what came, one move a receipt of a line."""
    moves = []
    for place, line in enumerate(document["lines"]):
        for at, receipt in enumerate(line["receipts"]):
            found = receipt.get("item") or line["item"]
            if found is not line["item"] and "lot" in line["item"] and found.get("lot") != line["item"]["lot"]:
                env.lose("the lot that came is kept", below=f"/lines/{place}/item/lot")
            where = f"/lines/{place}/receipts/{at}"
            if found.get("sku", line["item"].get("sku")) != line["item"].get("sku"):
                raise ValueError(f"another product came on line {line['lineId']}: {found.get('sku')}")
            if receipt.get("discrepancy", "over") != "over":
                env.lose("only that more came is said", below=f"{where}/discrepancy")
            for name in ("location", "by"):
                if name in receipt:
                    env.lose("the shipment has no such field", below=f"{where}/{name}")
            for name in found.keys() - {"sku", "lot"} if "item" in receipt else ():
                env.lose("the shipment has no such field", below=f"{where}/item/{name}")
            moves.append(
                {
                    "line": line["lineId"],
                    "product": {"code": line["item"]["sku"]},
                    "unit": _unit(receipt["quantity"], env),
                    "quantity": Decimal(receipt["quantity"]["value"]),
                    **_lot(line["item"]),
                    **_lot(found),
                }
            )
    return moves


def over(document: Record, env: Environment) -> bool | None:
    """Return whether more came than was agreed."""
    receipts = [one for line in document["lines"] for one in line["receipts"]]
    return True if any(one.get("discrepancy") == "over" for one in receipts) else None


def _unit(quantity: Record, env: Environment) -> Record:
    return {"symbol": env.tenant.table("unit_of_measure").word(quantity["uom"])}


def _lot(item: Record) -> Record:
    lot = shared.lot(item)
    return {"lot": lot} if lot else {}


def points(document: Record, env: Environment) -> Record | None:
    """Return what the inspection of this delivery found; numbers as text become exact numbers."""
    own = document.get("extensions") or {}
    ids = {one["receiptId"] for line in document["lines"] for one in line["receipts"]}
    for name in own.keys() - {INSPECTION}:
        env.lose("Tryton has no such field", below=f"/extensions/{name}")
    found = own.get(INSPECTION)
    mine = next((found[name] for name in ids if name in found), None) if isinstance(found, dict) else None
    if not isinstance(mine, dict):
        if found is not None:
            env.lose("it is not of this delivery", below=f"/extensions/{INSPECTION}")
        return None
    return {name: _point(value) for name, value in mine.items()}


def _point(value: Any) -> Any:  # noqa: ANN401 - a point is a boolean, a number or a word
    if isinstance(value, str):
        try:
            return Decimal(value)
        except ArithmeticError:
            return value
    return value


def warehouse(document: Record, env: Environment) -> str:
    """Return the code of the warehouse: the return's, else the tenant's."""
    return str((document.get("returnTo") or {}).get("id") or env.tenant.setting("warehouse"))


def expected(line: Record, env: Environment) -> Decimal:
    """Return how much to expect: announced, else authorised, else requested."""
    names = [name for name in ("expected", "authorized", "requested") if name in line]
    for name in names[1:]:
        if line[name] != line[names[0]]:
            env.lose("one quantity is announced", below=f"/{name}")
    return Decimal(line[names[0]]["value"])


# ---------------------------------------------------------------- put-away


def final(document: Record, env: Environment) -> None:
    """Refuse a disposition that may change, as moves that are done do not, and one that takes another back."""
    if document["status"] != "final":
        message = f"the disposition is {document['status']}, not final"
        raise MappingError(message, kind="translation", problems=[Problem("not_final", message, "/status", "/moves")])
    if "reverses" in document:
        message = "goods that are put away are moved back by an adjustment; they would be put away once more"
        raise MappingError(message, kind="translation", problems=[Problem("reversal", message, "/reverses", "/moves")])


def away(document: Record, env: Environment) -> list[Record]:
    """Return the moves of a disposition: one a split that goes somewhere."""
    moves = []
    for place, line in enumerate(document["lines"]):
        for at, split in enumerate(line["splits"]):
            where = f"/lines/{place}/splits/{at}"
            if split["disposition"]["code"] == "pending":
                raise ValueError(f"line {line['lineId']}: what is not decided cannot be put away")
            if "to" not in split:
                env.lose("goods that never came in do not move", below=where)
                continue
            if "targetItem" in split:
                raise ValueError(f"line {line['lineId']}: Tryton cannot make another product of goods it puts away")
            named = shared.overruled(split["to"], env)
            for name in named:
                env.lose("the bin says which location it is", below=f"{where}/to/{name}")
            moves.append(
                {
                    "line": line["returnLineId"],
                    **({"receipt": line["receiptId"]} if "receiptId" in line else {}),
                    "product": {"code": line["item"]["sku"]},
                    "unit": _unit(split["quantity"], env),
                    "quantity": Decimal(split["quantity"]["value"]),
                    **_lot(line["item"]),
                    **_lot(split),
                    "to_location": {"code": shared.location_code(split["to"], env)},
                }
            )
    return moves


# ---------------------------------------------------------------- dispositions read


def put_away(record: Record, env: Environment) -> None:
    """Refuse a return of which nothing is put away yet."""
    if not any(shipment["state"] == "done" for shipment in record["shipments"]):
        missing = Problem("not_yet", "no return shipment is put away: nothing is decided yet", native="/shipments")
        raise MappingError(missing.message, kind="translation", problems=[missing])


def disposition_id(record: Record, env: Environment) -> str:
    """Return an id of the disposition made from that of the return."""
    return f"{OWN_DISPOSITION}{returns.head(record)['id']}"


def disposition_status(record: Record, env: Environment) -> str:
    """Return `final` once all that was received is put away."""
    arrived = [one for one in record["shipments"] if one["state"] in {"received", "done"}]
    return "final" if all(one["state"] == "done" for one in arrived) else "draft"


def disposition_lines(record: Record, env: Environment) -> list[Record]:
    """Return one line a batch (product and lot of a delivery), with a split for each place it went to."""
    return [*_batches(record, env)]


def _batches(record: Record, env: Environment) -> Iterator[Record]:
    asked = lines.asked(record)
    for shipment in record["shipments"]:
        if shipment["state"] != "done":
            continue
        for line in asked:
            incoming = [move for move in lines.by_line(line, shipment, asked) if move["quantity"]]
            for move in incoming:
                moves = [
                    one
                    for one in shipment["inventory_moves"]
                    if shared.is_done(one) and one.get("origin") == f"stock.move,{move['id']}"
                ]
                if moves:
                    yield _batch(line, move, moves, shipment, env)


def _batch(line: Record, incoming: Record, moves: list[Record], shipment: Record, env: Environment) -> Record:
    total = sum((shared.quantised(one["quantity"], one["unit"]) for one in moves), Decimal(0))
    place = shipment["warehouse"]["code"]
    return {
        "lineId": str(incoming["id"]),
        "returnLineId": line["id"],
        "receiptId": lines.receipt_id(shipment),
        "item": shared.item(line["product"], incoming.get("lot")),
        "inspected": shared.quantity(total, moves[0]["unit"], env),
        "splits": [_split(one, place, env) for one in moves],
    }


def _split(move: Record, place: str, env: Environment) -> Record:
    code = move["to_location"].get("code") or f"location-{move['to_location'].get('id')}"
    table = env.tenant.table("disposition")
    return {
        "splitId": str(move["id"]),
        "quantity": shared.quantity(move["quantity"], move["unit"], env),
        "condition": {"code": "unidentified", "note": "Tryton does not grade"},
        "disposition": {
            "code": table.require(code, env),
            "source": {"scheme": table.scheme, "value": code},
        },
        "to": shared.position(move["to_location"], place, env),
    }
