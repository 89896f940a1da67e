"""Goods coming in: what arrived, the inspection that Tryton may put before it, and where they are put away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Outcome, key
from openreturns.models import Disposition, Return
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk, attempt, refused
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.functions import lines

__all__ = ["Receiving"]

Record = dict[str, Any]
_SHIPMENT = "stock.shipment.out.return"
_ARRIVED = {"received", "done"}
OVER = frozenset({"check_move_quantity"})


class Receiving:
    """The return shipments of one database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    # ------------------------------------------------------------ receipts

    def receive(self, record: Record, return_: Return) -> Outcome:
        """Record one delivery: what came is written to the shipment that waits, which is then received."""
        how = Call("receive", key("tryton", record["reference"], "receive"), return_.meta.correlation_id)
        return attempt(how, lambda: self._received(record, how))

    def _received(self, record: Record, how: Call) -> Outcome:
        reference = record["reference"]
        # More than was agreed makes Tryton warn; the receipt says that it is so.
        how.accepts = OVER if record.get("over") else frozenset()
        rma = self._desk.records.rma(record["rma"])
        shipment = _received_as(rma["shipments"], reference) or self._waiting(rma, record["rma"])
        if shipment["state"] not in _ARRIVED:
            if shipment["reference"] != reference:
                values = {"reference": reference, "incoming_moves": self._incoming(record, rma, shipment)}
                self._desk.write(how, _SHIPMENT, shipment["id"], values, self._locks(how, shipment, "incoming_moves"))
            self._desk.press(
                how,
                _SHIPMENT,
                "receive",
                shipment["id"],
                _ARRIVED,
                lambda: self._inspected(how, shipment["id"], record.get("points")),
            )
        return proven(self._desk.did(how, "receipt", shipment["id"]), lambda made: self._as_received(record))

    def _waiting(self, rma: Record, number: str) -> Record:
        """Return the shipment that waits for goods and is meant for no other delivery."""
        found: list[Record] = [
            one for one in rma["shipments"] if one["state"] == "draft" and one["reference"] in {None, number}
        ]
        if not found:
            raise refused("business_rule", "no return shipment waits for goods", "/shipments")
        return found[0]

    def _incoming(self, record: Record, rma: Record, shipment: Record) -> list[Any]:
        """Return how to bring the shipment's moves to what came: nothing of what did not come, a move a lot."""
        sold = lines.sold(rma)
        left = {int(move["id"]): move for move in shipment["incoming_moves"]}
        commands: list[Any] = []
        for wanted in record["moves"]:
            move = next((one for one in left.values() if self._is_for(wanted, one, sold)), None)
            of = move or self._like(wanted, shipment, sold)
            values = {"quantity": wanted["quantity"], "lot": self._desk.records.lot(wanted)}
            if wanted["unit"]["symbol"] != of["unit"]["symbol"]:
                raise refused("validation", f"goods came in {wanted['unit']['symbol']}", "/moves/unit")
            if move:
                del left[int(move["id"])]
                commands.append(["write", [move["id"]], values])
            else:
                commands.append(["create", [{**self._copied(of), **values}]])
        if left:
            commands.append(["write", sorted(left), {"quantity": 0}])
        return commands

    def _is_for(self, wanted: Record, move: Record, sold: Mapping[str, int]) -> bool:
        line = sold.get(wanted["line"])
        if line:
            return bool(move["origin"] == f"sale.line,{line}")
        return bool(move["product"]["code"] == wanted["product"]["code"])

    def _like(self, wanted: Record, shipment: Record, sold: Mapping[str, int]) -> Record:
        for move in shipment["incoming_moves"]:
            if self._is_for(wanted, move, sold):
                found: Record = move
                return found
        raise refused("validation", f"the shipment has no line {wanted['line']}", "/moves/line")

    def _copied(self, move: Record) -> Record:
        """Return the values of one more move like another."""
        return {
            "product": move["product"]["id"],
            "unit": move["unit"]["id"],
            "from_location": move["from_location"]["id"],
            "to_location": move["to_location"]["id"],
            "origin": move["origin"],
            "company": self._desk.rpc.context()["company"],
        }

    def _locks(self, how: Call, shipment: Record, moves: str) -> dict[str, str]:
        ids = [int(move["id"]) for move in shipment[moves]]
        return self._desk.locks(how, "stock.move", ids) | self._desk.locks(how, _SHIPMENT, [shipment["id"]])

    def _inspected(self, how: Call, number: int, points: Record | None) -> None:
        """Press receive; where Tryton answers with an inspection instead, answer it and press once more."""
        action = self._desk.rpc.call(how.writing("lookup"), _SHIPMENT, "receive", [number])
        if not isinstance(action, Mapping):
            return
        if action.get("wiz_name") != "quality.inspect":
            message = f"Tryton wants {action.get('wiz_name') or action.get('type')} to be done first"
            raise RejectedError(message, kind="needs_confirmation", problems=[Problem("needs_confirmation", message)])
        if points is None:
            message = "Tryton wants an inspection; say what it found in the extension org.tryton.inspection"
            raise RejectedError(message, kind="needs_confirmation", problems=[Problem("inspection", message)])
        context = {
            "action_id": action["id"],
            "active_id": number,
            "active_ids": [number],
            "active_model": _SHIPMENT,
        }

        def filled(answer: Any) -> Record:  # noqa: ANN401 - the wizard's form
            form = answer["view"]["values"]
            strange = sorted(points.keys() - form["points"].keys())
            if strange:
                message = f"the inspection has no point {', '.join(strange)}; it has: {', '.join(form['points'])}"
                raise RejectedError(message, kind="validation", problems=[Problem("points", message)])
            return {"inspection": {**form, "points": {**form["points"], **points}}}

        self._desk.rpc.wizard(how.writing("lookup"), "quality.inspect", context, [("save", filled)])
        self._desk.rpc.call(how.writing("lookup"), _SHIPMENT, "receive", [number])

    def _as_received(self, record: Record) -> Sequence[Problem]:
        shipment = _received_as(self._desk.records.rma(record["rma"])["shipments"], record["reference"])
        held = _counted(shipment["incoming_moves"]) if shipment else {}
        if held == _counted(record["moves"]):
            return []
        return [Problem("not_as_sent", "the shipment does not hold the goods that came", native="/moves")]

    # ------------------------------------------------------------ put-away

    def put_away(self, record: Record, disposition: Disposition) -> Outcome:
        """Put goods away where the disposition says: each received shipment's moves are set, then done."""
        how = Call("put_away", key("tryton", record["rma"], "put_away"), disposition.meta.correlation_id)
        return attempt(how, lambda: self._put_away(record, how))

    def _put_away(self, record: Record, how: Call) -> Outcome:
        rma = self._desk.records.rma(record["rma"])
        wanted = _by_shipment(record, rma["shipments"])
        for shipment, moves in wanted:
            if shipment["state"] == "done":
                continue
            commands = self._places(shipment, moves)
            if commands:
                values = {"inventory_moves": commands}
                locks = self._locks(how, shipment, "inventory_moves")
                self._desk.write(how, _SHIPMENT, shipment["id"], values, locks)
            self._desk.press(how, _SHIPMENT, "do", shipment["id"], {"done"})
        return proven(self._desk.did(how, "disposition", record["rma"]), lambda made: self._as_put_away(record))

    def _places(self, shipment: Record, wanted: Sequence[Record]) -> list[Any]:
        """Return how to bring the put-away moves to what is wanted; nothing where they are so already."""
        held = list(shipment["inventory_moves"])
        if _placed(held) == _placed(wanted):
            return []
        batches: dict[tuple[str, str], list[Record]] = {}
        for move in wanted:
            batches.setdefault(_batch(move), []).append(move)
        commands: list[Any] = []
        for batch, moves in batches.items():
            mine = [move for move in held if _batch(move) == batch]
            if not mine:
                raise refused("validation", f"no {' '.join(batch).strip()} was received", "/moves")
            if _sum(mine) != _sum(moves):
                said = f"{_sum(moves)} of {batch[0]} are to be put away, {_sum(mine)} were received"
                raise refused("validation", said, "/moves/quantity")
            first = mine[0]
            for at, move in enumerate(moves):
                place = {
                    "to_location": self._desk.records.location(move["to_location"]["code"]),
                    "quantity": move["quantity"],
                }
                if at < len(mine):
                    commands.append(["write", [mine[at]["id"]], place])
                else:
                    lot = first["lot"]["id"] if first["lot"] else None
                    commands.append(["create", [{**self._copied(first), **place, "lot": lot}]])
            if len(mine) > len(moves):
                commands.append(["delete", [move["id"] for move in mine[len(moves) :]]])
        return commands

    def _as_put_away(self, record: Record) -> Sequence[Problem]:
        shipments = self._desk.records.rma(record["rma"])["shipments"]
        for shipment, moves in _by_shipment(record, shipments):
            if _placed(shipment["inventory_moves"]) != _placed(moves):
                return [Problem("not_as_sent", "the goods are not where they were to go", native="/moves")]
        return []


def _received_as(shipments: Iterable[Record], reference: str) -> Record | None:
    """Return the shipment of a delivery: the one with its reference, or that people received without one."""
    _, _, receipt = reference.rpartition("/")
    for one in shipments:
        named = one["reference"] == reference
        if one["state"] != "cancelled" and (named or (one["state"] in _ARRIVED and lines.receipt_id(one) == receipt)):
            return one
    return None


def _batch(move: Mapping[str, Any]) -> tuple[str, str]:
    return move["product"]["code"], (move.get("lot") or {}).get("number", "")


def _sum(moves: Iterable[Mapping[str, Any]]) -> Decimal:
    return sum((Decimal(move["quantity"]) for move in moves), Decimal(0)).normalize()


def _counted(moves: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Decimal]:
    """Return how much there is of each product and lot."""
    found: dict[tuple[str, str], Decimal] = {}
    for move in moves:
        if move["quantity"]:
            found[_batch(move)] = (found.get(_batch(move), Decimal(0)) + Decimal(move["quantity"])).normalize()
    return found


def _placed(moves: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], Decimal]:
    """Return how much of each product and lot goes where."""
    found: dict[tuple[str, str, str], Decimal] = {}
    for move in moves:
        at = (*_batch(move), str(move["to_location"]["code"]))
        if move["quantity"]:
            found[at] = (found.get(at, Decimal(0)) + Decimal(move["quantity"])).normalize()
    return found


def _by_shipment(record: Record, shipments: Sequence[Record]) -> list[tuple[Record, list[Record]]]:
    """Return the shipments that received what is put away, each with its part of the moves.

    A batch that names no receipt is of the one shipment that was received and is not put away yet.
    """
    arrived = [one for one in shipments if one["state"] in _ARRIVED]
    found: dict[int, tuple[Record, list[Record]]] = {}
    for move in record["moves"]:
        named = [one for one in arrived if lines.receipt_id(one) == move.get("receipt")]
        open_ = [one for one in arrived if one["state"] == "received"]
        mine = named or (open_ if "receipt" not in move else [])
        if len(mine) != 1:
            raise refused("validation", f"{len(mine)} shipments received what is to be put away", "/moves/receipt")
        found.setdefault(int(mine[0]["id"]), (mine[0], []))[1].append(move)
    return list(found.values())
