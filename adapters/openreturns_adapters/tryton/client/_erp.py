"""Tryton as the ERP: eligibility, complaints, receipts, stock moves, credit notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from openreturns import Adapter
from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Done, Outcome, Rejected, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, EligibleLine, Erp
from openreturns.readback import proven

from openreturns_adapters.tryton.client._credit import Credits
from openreturns_adapters.tryton.client._desk import Desk, attempt, refused
from openreturns_adapters.tryton.client._eligible import eligible
from openreturns_adapters.tryton.client._receiving import Receiving
from openreturns_adapters.tryton.client._records import missing
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import amount, day
from openreturns_adapters.tryton.functions.warehouse import OWN_DISPOSITION

__all__ = ["TrytonErp"]

Record = dict[str, Any]


class TrytonErp(Erp):
    """One database of a Tryton server; what it takes is said of `Desk`."""

    def __init__(self, adapter: Adapter, **connection: Any) -> None:  # noqa: ANN401 - Desk says what it takes
        self._desk = Desk(adapter, **connection)
        self._receiving = Receiving(self._desk)
        self._credits = Credits(self._desk)

    def close(self) -> None:
        """Close the connections."""
        self._desk.close()

    # ------------------------------------------------------------ verbs

    def check_eligibility(self, return_: Return) -> Sequence[EligibleLine]:
        """Return what of each line may come back, by what was sold and what other complaints already took."""
        return [eligible(self._desk.records, line, return_) for line in return_.lines]

    def authorize(self, return_: Return) -> Outcome:
        """Record the RMA: a complaint, approved, and the return sale and shipment that follow from it.

        Rejected (kind `needs_approval`) where another person has to approve; done once they have, when it is called
        again.
        """
        [written] = self._desk.adapter.write(return_, "complaint")
        how = self._how("authorize", return_)
        return attempt(how, lambda: self._authorized(written.record, how))

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Cancel an RMA that nothing has been received on: the complaint, or the shipments of its return sale."""
        how = Call("cancel", key("tryton", ref.id, "cancel"))
        return attempt(how, lambda: self._cancelled(ref.id, how))

    def receive(self, return_: Return) -> Sequence[Outcome]:
        """Record the receipts of a return, each on the return shipment that waits for goods.

        Where a quality control asks for an inspection, what it found is taken from the return's extension
        `org.tryton.inspection`; without it the receipt is rejected (kind `needs_confirmation`). One that failed
        holds the receipt back (kind `business_rule`) until its alerts are resolved.
        """
        written = self._desk.adapter.write(return_, "receipt")
        return [self._receiving.receive(one.record, return_) for one in written]

    def post_adjustment(self, adjustment: Adjustment) -> Outcome:
        """Move stock by an internal shipment, one a route: all are made, or the first that is not is told.

        What follows from a disposition that was read from Tryton has been moved by the put-away already, and is done.
        """
        if self._put_away_by_tryton(adjustment):
            return Done(self._desk.ref("disposition", adjustment.refs[0].id if adjustment.refs else ""), repeated=True)
        outcome: Outcome | None = None
        for written in self._desk.adapter.write(adjustment, "internal_shipment"):
            how = Call(
                "post_adjustment",
                key("tryton", written.record["reference"], "post_adjustment"),
                adjustment.meta.correlation_id,
            )
            outcome = attempt(how, partial(self._moved, written.record, how))
            if not isinstance(outcome, Done):
                return outcome
        return outcome or Rejected((Problem("nothing", "the adjustment moves nothing"),), "nothing")

    def _put_away_by_tryton(self, adjustment: Adjustment) -> bool:
        """Whether all lines name splits of Tryton's own dispositions: the moves of its put-away."""
        moves = [line.disposition for line in adjustment.lines]
        if not all(split and split.document_id.startswith(OWN_DISPOSITION) for split in moves):
            return False
        ids = [int(split.split_id) for split in moves if split]
        rows = self._desk.rpc.call(Call("post_adjustment"), "stock.move", "read", ids, ["state"])
        return all(row["state"] == "done" for row in rows)

    def issue_credit(self, credit: Credit) -> Outcome:
        """Post the credit note that Tryton drafted for the return, brought to what is credited.

        Rejected (kind `business_rule`), and nothing posted, where Tryton works out another total.
        """
        [written] = self._desk.adapter.write(credit, "credit_note")
        how = Call("issue_credit", key("tryton", credit.number, "issue_credit"), credit.meta.correlation_id)
        return attempt(how, lambda: self._credits.issue(written.record, how))

    def void_credit(self, credit: Credit) -> Outcome:
        """Cancel a posted credit note by an invoice over the same, which Tryton makes, posts and sets against it.

        Rejected (kind `business_rule`) where the credit note is not posted, or paid out already.
        """
        how = Call("void_credit", key("tryton", credit.number, "void_credit"), credit.meta.correlation_id)
        return attempt(how, lambda: self._credits.void(credit.number, how))

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return a return or its disposition by the RMA number, a credit or an adjustment by its record id."""
        return self._desk.document(ref)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield what changed since a moment, oldest first; what changed ten minutes before it comes again."""
        return self._desk.changes(since)

    def _how(self, verb: str, document: Return) -> Call:
        return Call(verb, key("tryton", document.number, verb), document.meta.correlation_id)

    # ------------------------------------------------------------ RMAs

    def _authorized(self, record: Record, how: Call) -> Outcome:
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
            ["state", "reference", "lines", "shipment_returns"],
        )
        if not rows:
            raise refused("not_yet", "Tryton has not made the return sale yet")
        sale = rows[-1]
        if sale["state"] == "draft" and sale["reference"] != number:
            values: Record = {
                "reference": number,
                "invoice_method": self._desk.adapter.tenant.setting("invoice_method"),
            }
            replaced = self._replacements(record, sale, how)
            if replaced:
                values["lines"] = [["create", replaced]]
            self._desk.write(how, "sale.sale", sale["id"], values, self._desk.locks(how, "sale.sale", [sale["id"]]))
        self._desk.press(how, "sale.sale", "quote", sale["id"], {"quotation", "confirmed", "processing", "done"})
        self._desk.press(how, "sale.sale", "confirm", sale["id"], {"confirmed", "processing", "done"})
        self._desk.press(how, "sale.sale", "process", sale["id"], {"processing", "done"})
        for shipment in self._desk.rpc.search(
            how,
            "stock.shipment.out.return",
            [["moves.origin.sale.id", "=", sale["id"], "sale.line"], ["reference", "=", None], ["state", "=", "draft"]],
            [],
        ):
            self._desk.write(how, "stock.shipment.out.return", shipment["id"], {"reference": number})

    def _replacements(self, record: Record, sale: Record, how: Call) -> list[Record]:
        """Return the lines of what is sent instead, at the price and with the taxes of what comes back."""
        wanted = [(place, line["replacement"]) for place, line in enumerate(record["lines"]) if "replacement" in line]
        if not wanted:
            return []
        rows = self._desk.rpc.call(how, "sale.line", "read", sorted(sale["lines"]), ["unit_price", "taxes"])
        rows.sort(key=lambda row: row["id"])
        return [
            {
                "type": "line",
                "product": self._desk.records.product(one),
                "unit": self._desk.records.unit(one),
                "quantity": one["quantity"],
                "unit_price": amount(rows[place]["unit_price"]),
                "taxes": [["add", rows[place]["taxes"]]],
            }
            for place, one in wanted
        ]

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

    def _cancelled(self, number: str, how: Call) -> Outcome:
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

    # ------------------------------------------------------------ stock

    def _moved(self, record: Record, how: Call) -> Outcome:
        model = "stock.shipment.internal"
        number = record["reference"]

        def found() -> int | None:
            rows = self._desk.rpc.search(how, model, [["reference", "=", number], ["state", "!=", "cancelled"]], [])
            return int(rows[0]["id"]) if rows else None

        shipment = self._desk.make(how, model, self._internal(record), found)
        self._desk.press(how, model, "wait", shipment, {"waiting", "assigned", "shipped", "done"})
        self._desk.press(how, model, "assign_try", shipment, {"assigned", "shipped", "done"})
        self._desk.press(how, model, "do", shipment, {"done"})
        return proven(self._desk.did(how, "adjustment", shipment), lambda made: self._as_moved(shipment, record))

    def _internal(self, record: Record) -> Record:
        records = self._desk.records
        company = self._desk.rpc.context()["company"]
        moves = [
            {
                "product": records.product(move),
                "unit": records.unit(move),
                "quantity": move["quantity"],
                "lot": records.lot(move),
                "from_location": records.location(move["from_location"]["code"]),
                "to_location": records.location(move["to_location"]["code"]),
                "company": company,
            }
            for move in record["moves"]
        ]
        return {
            "company": company,
            "reference": record["reference"],
            "effective_date": day(record["effective_date"]),
            "from_location": records.location(record["from_location"]["code"]),
            "to_location": records.location(record["to_location"]["code"]),
            "moves": [["create", moves]],
        }

    def _as_moved(self, shipment: int, record: Record) -> Sequence[Problem]:
        held = self._desk.records.internal(shipment)
        if sorted(map(_move, held["moves"])) == sorted(map(_move, record["moves"])):
            return []
        return [Problem("not_as_sent", "the shipment does not hold the moves that were sent", native="/moves")]


def _move(move: Mapping[str, Any]) -> tuple[str, str, str, str, str]:
    lot = (move.get("lot") or {}).get("number", "")
    quantity = f"{Decimal(move['quantity']).normalize():f}"
    return move["product"]["code"], lot, quantity, move["from_location"]["code"], move["to_location"]["code"]


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
