"""The RMA: a complaint, approved, and the return sale that Tryton makes of it, until goods are waited for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Outcome
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk, refused
from openreturns_adapters.tryton.client._records import missing
from openreturns_adapters.tryton.client._replacement import process
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import amount
from openreturns_adapters.tryton.functions.lines import is_replacement

__all__ = ["Rmas"]

Record = dict[str, Any]


class Rmas:
    """The complaints of one database, and what follows from them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def authorize(self, record: Record, how: Call) -> Outcome:
        """Record a complaint, approved, with the return sale and shipment that follow from it."""
        number = record["reference"]
        model = "sale.complaint"

        def found() -> int | None:
            there = self._desk.records.complaint(number)
            return int(there["id"]) if there and there["state"] not in {"cancelled", "rejected"} else None

        complaint = found() or self._desk.make(how, model, self._complaint(record), found)
        self._desk.press(how, model, "wait", complaint, {"waiting", "approved", "done"})
        self._desk.press(how, model, "approve", complaint, {"approved", "done"})
        self._desk.press(how, model, "process", complaint, {"done"})
        if record["action"] == "sale_return":
            self._confirm(record, complaint, how)
        return proven(self._desk.did(how, "return", number), lambda made: self._as_asked(record))

    def _complaint(self, record: Record) -> Record:
        """Return the values of a new complaint."""
        records = self._desk.records
        about = record["origin_model"]
        rows = self._original(about, record["origin"])
        kind = "sale_lines" if about == "sale.sale" else "invoice_lines"
        lines = []
        for line in record["lines"]:
            original = _sold(line, rows)
            _same_unit(line, original)
            price = {"unit_price": amount(line["unit_price"])} if "unit_price" in line else {}
            lines.append({"line": original["id"], "quantity": line["quantity"], **price})
        types = list(records.rest.find("look_up", "sale.complaint.type", [["origin.name", "=", about]], ["id"]))
        if not types:
            raise missing("complaint type for", about)
        origin = records.id_of(about, "number", record["origin"], ["id", ">", 0])
        return {
            "type": types[0]["id"],
            "customer": records.id_of("party.party", "code", record["customer"]["code"]),
            "company": self._desk.rpc.context()["company"],
            "origin": f"{about},{origin}",
            "reference": record["reference"],
            "description": record["description"],
            "actions": [["create", [{"action": record["action"], kind: [["create", lines]]}]]],
        }

    def _original(self, about: str, number: str) -> list[Record]:
        fields = ["type", "quantity", "unit.symbol", "product.code", "unit_price"]
        of = "sale" if about == "sale.sale" else "invoice"
        model = f"{about.rpartition('.')[0]}.line" if of == "sale" else "account.invoice.line"
        rows = self._desk.records.rest.find("look_up", model, [[f"{of}.number", "=", number]], fields)
        found = [row for row in rows if row["type"] == "line" and row.get("product")]
        if not found:
            raise missing(of, number)
        return found

    def _confirm(self, record: Record, complaint: int, how: Call) -> None:
        """Bring the return sale, which Tryton made of the complaint, to the point where goods are waited for."""
        number = record["reference"]
        rows = self._desk.rpc.search(
            how,
            "sale.sale",
            [["origin", "=", f"sale.complaint,{complaint}"]],
            ["state", "reference"],
        )
        sales = [row for row in rows if not is_replacement(row["reference"])]
        if not sales:
            raise refused("not_yet", "Tryton has not made the return sale yet")
        sale = sales[-1]
        if sale["state"] == "draft" and sale["reference"] != number:
            values: Record = {
                "reference": number,
                "invoice_method": self._desk.adapter.tenant.setting("invoice_method"),
            }
            self._desk.write(how, "sale.sale", sale["id"], values, self._desk.locks(how, "sale.sale", [sale["id"]]))
        process(self._desk, how, sale["id"])
        for shipment in self._desk.rpc.search(
            how,
            "stock.shipment.out.return",
            [["moves.origin.sale.id", "=", sale["id"], "sale.line"], ["reference", "=", None], ["state", "=", "draft"]],
            [],
        ):
            self._desk.write(how, "stock.shipment.out.return", shipment["id"], {"reference": number})

    def _as_asked(self, record: Record) -> Sequence[Problem]:
        """Compare the complaint, and the return sale made of it, with what was asked for."""
        held = self._desk.records.rma(record["reference"])
        wanted = sorted((one["product"]["code"], Decimal(one["quantity"]).normalize()) for one in record["lines"])
        places = {
            "/complaint": [
                (one["line"]["product"]["code"], Decimal(one["quantity"]).normalize())
                for action in held["complaint"]["actions"]
                for one in (action["sale_lines"] or []) + (action["invoice_lines"] or [])
            ]
        }
        if record["action"] == "sale_return":
            places["/sale"] = [
                (one["product"]["code"], -Decimal(one["quantity"]).normalize())
                for one in held["sale"]["lines"]
                if one["type"] == "line" and one["quantity"] < 0
            ]
        return [
            Problem("not_as_sent", "the record does not hold the lines that were sent", native=f"{place}/lines")
            for place, lines in places.items()
            if sorted(lines) != wanted
        ]

    def cancel(self, number: str, how: Call) -> Outcome:
        """Cancel the complaint, or the shipments of its return sale."""
        complaint = self._desk.records.complaint(number)
        if complaint is None:
            raise missing("return", number)
        if complaint["state"] in {"draft", "waiting", "cancelled"}:
            self._desk.press(how, "sale.complaint", "cancel", complaint["id"], {"cancelled"})
        else:
            self._call_off(self._desk.records.rma(number), how)
        now = self._desk.return_(number).status
        problems = [] if now == "cancelled" else [Problem("not_as_sent", f"the return is {now}", native="/state")]
        return proven(self._desk.did(how, "return", number), lambda made: problems)

    def _call_off(self, rma: Record, how: Call) -> None:
        """Cancel the return shipments, and tell the return sale that nothing is to be shipped again."""
        arrived = [one for one in rma["shipments"] if one["state"] in {"received", "done"}]
        if arrived:
            raise refused("business_rule", "goods were received on this return", "/shipments")
        sale = rma.get("sale")
        if sale is None:
            raise refused("business_rule", "a credit without goods is not called off by its RMA", "/complaint")
        if rma.get("replacements"):
            raise refused("business_rule", "what is sent instead is ordered: call that sale off first", "/replacements")
        for shipment in rma["shipments"]:
            self._desk.press(how, "stock.shipment.out.return", "cancel", shipment["id"], {"cancelled"})
        state = self._desk.rpc.read(how, "sale.sale", sale["id"], "shipment_state")["shipment_state"]
        if state == "exception":
            context = {"active_id": sale["id"], "active_ids": [sale["id"]], "active_model": "sale.sale"}

            def ignore(answer: Any) -> Record:  # noqa: ANN401 - the wizard's form
                moves = answer["view"]["defaults"]["domain_moves"]
                return {"ask": {"domain_moves": moves, "recreate_moves": [], "ignore_moves": moves}}

            self._desk.rpc.wizard(
                how.writing("lookup"),
                "sale.handle.shipment.exception",
                {**context, "action_id": None},
                [("handle", ignore)],
            )


def _sold(line: Mapping[str, Any], rows: Sequence[Record]) -> Record:
    """Return the line that was sold: the one that is named, else the only one with the product."""
    if "line" in line:
        found = [row for row in rows if row["id"] == line["line"]]
    else:
        found = [row for row in rows if row["product"]["code"] == line["product"]["code"]]
    if len(found) != 1:
        message = f"{len(found)} lines of what was sold are the one that comes back"
        raise RejectedError(message, kind="validation", problems=[Problem("original_line", message, native="/lines")])
    return found[0]


def _same_unit(line: Mapping[str, Any], original: Record) -> None:
    if line["unit"]["symbol"] != original["unit"]["symbol"]:
        message = f"the return counts in {line['unit']['symbol']}, what was sold in {original['unit']['symbol']}"
        raise RejectedError(message, kind="validation", problems=[Problem("unit", message, native="/lines")])
