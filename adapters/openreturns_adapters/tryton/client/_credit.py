"""The credit note: Tryton drafts it from what was received; here it is brought to what is credited, and posted.

One that is out is taken back by its opposite.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from openreturns.errors import Problem
from openreturns.idempotency import Outcome, Rejected
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk, Stopped, refused
from openreturns_adapters.tryton.client._records import missing, record_id
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import amount, day
from openreturns_adapters.tryton.functions import lines

__all__ = ["Credits"]

Record = dict[str, Any]
_INVOICE = "account.invoice"
_POSTED = {"posted", "paid"}
Taxed = tuple[Sequence[int], Decimal]
"""The ids of taxes, and the amount they are of."""
_TOTALS = ("untaxed_amount", "tax_amount", "total_amount")


class Credits:
    """The credit notes of one database."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def issue(self, record: Record, how: Call) -> Outcome:
        """Bring the draft to the credit, and post it only if Tryton adds it up to the same."""
        note = self._mine(record, how) or self._drafted(record, how)
        number = int(note["id"])
        if note["state"] not in _POSTED:
            if note["state"] == "draft":
                self._fill(number, record, how)
            self._hold_to(record, number, how)
            self._desk.press(how, _INVOICE, "post", number, _POSTED)
        return proven(self._desk.did(how, "credit", number), lambda made: self._as_posted(record, number))

    def void(self, reference: str, how: Call) -> Outcome:
        """Have Tryton credit the credit note: at once the opposite is made and posted, and the note cancelled."""
        condition = [["reference", "=", reference], ["type", "=", "out"]]
        notes = self._desk.rpc.search(how, _INVOICE, condition, ["state"])
        if not notes:
            raise missing("credit note", reference)
        note = min(notes, key=lambda one: one["state"] == "cancelled")
        number = int(note["id"])
        if note["state"] not in {"posted", "cancelled"}:
            raise refused("business_rule", f"a credit note that is {note['state']} is not taken back", "/state")
        context = {"active_id": number, "active_ids": [number], "active_model": _INVOICE, "action_id": None}
        form: Record = {"start": {"with_refund": True, "with_refund_allowed": True, "invoice_date": None}}

        def opposite() -> None:
            self._desk.rpc.wizard(
                how.writing("lookup"), "account.invoice.credit", context, [("credit", lambda _: form)]
            )

        self._desk.press(how, _INVOICE, "credit", number, {"cancelled"}, opposite)
        return self._desk.did(how, "credit", number)

    # ------------------------------------------------------------ which

    def _mine(self, record: Record, how: Call) -> Record | None:
        """Return the credit note that has the credit's number already: posted, or left on the way there."""
        condition = [["reference", "=", record["reference"]], ["type", "=", "out"], ["state", "!=", "cancelled"]]
        found = self._desk.rpc.search(how, _INVOICE, condition, ["state"])
        return found[0] if found else None

    def _drafted(self, record: Record, how: Call) -> Record:
        """Return the draft that Tryton made for the return."""
        rma = self._desk.records.rma(record["rma"])
        drafts = [one for one in (rma.get("sale") or {}).get("invoices") or () if one["state"] == "draft"]
        note = rma.get("credit_note")
        drafts += [note] if note and note["state"] == "draft" else []
        if not drafts:
            raise refused("not_yet", "Tryton has drafted no credit note for the return yet: nothing was received")
        return min(drafts, key=lambda one: int(one["id"]))

    # ------------------------------------------------------------ lines

    def _fill(self, number: int, record: Record, how: Call) -> None:
        """Write the lines, date and number of the credit to the draft, at once."""
        note = self._desk.rpc.read(how, _INVOICE, number, "lines", "_timestamp")
        rows = self._desk.rpc.call(
            how,
            "account.invoice.line",
            "read",
            sorted(note["lines"]),
            ["origin", "product", "quantity", "unit_price", "amount", "unit", "account", "taxes", "note"],
        )
        commands, taxed = self._commands(record, sorted(rows, key=lambda row: int(row["id"])), how)
        values: Record = {"reference": record["reference"], "invoice_date": day(record["invoice_date"])}
        if commands:
            values["lines"] = commands
        self._desk.write(how, _INVOICE, number, values, {f"{_INVOICE},{number}": note["_timestamp"]})
        taxes = self._taxes(record, taxed, how)
        if taxes:
            # Writing the lines may have made Tryton's own rows anew: those that are there now are replaced.
            held = self._desk.rpc.read(how, _INVOICE, number, "taxes")["taxes"]
            self._desk.write(how, _INVOICE, number, {"taxes": [["delete", held], ["create", taxes]]})

    def _commands(self, record: Record, rows: Sequence[Record], how: Call) -> tuple[list[Any], list[Taxed]]:
        """Return how to bring the lines of the draft to those of the credit, and what of them is taxed by what.

        A line of the draft that several of the credit are for gets others beside it. A draft that a complaint about
        an invoice made has its pairs of lines, which are left as they are.
        """
        if rows and all(record_id(row["origin"], "sale.complaint") for row in rows):
            return [], [(row["taxes"], Decimal(row["amount"])) for row in rows]
        sold = lines.sold(self._desk.records.rma(record["rma"]))
        left = {int(row["id"]): row for row in rows}
        commands: list[Any] = []
        taxed: list[Taxed] = []
        for line in record["lines"]:
            row = next((one for one in left.values() if self._is_for(line, one, sold)), None)
            if line.get("note") is None:
                charge = self._charge(line, rows, how)
                commands.append(["create", [charge]])
                taxed.append((charge["taxes"][0][1], Decimal(line["amount"])))
                continue
            values = {
                "quantity": line["quantity"],
                "unit_price": amount(line["unit_price"]),
                "note": line["note"],
            }
            if row is not None:
                del left[int(row["id"])]
                commands.append(["write", [row["id"]], values])
            else:
                row = next((one for one in rows if self._is_for(line, one, sold)), None)
                if row is None:
                    raise refused("validation", f"the draft has nothing for {line['note']}", "/lines")
                commands.append(["create", [_beside(row, values)]])
            taxed.append((row["taxes"], Decimal(line["amount"])))
        if left:
            # What is not credited now: Tryton drafts it anew, and a person decides.
            commands.append(["delete", sorted(left)])
        return commands, taxed

    def _taxes(self, record: Record, taxed: Sequence[Taxed], how: Call) -> list[Record]:
        """Return the rows of taxes that add up to the credit's tax, which another engine may have reckoned.

        Tryton keeps the amount of a row whose base is right, one row a tax and sign. Nothing where the difference to
        its own reckoning is more than the setting allows, or a tax is no percentage: then its own figures stand.
        """
        bases: dict[tuple[int, bool], Decimal] = {}
        for ids, amount_ in taxed:
            for tax in ids:
                bases[tax, amount_ >= 0] = bases.get((tax, amount_ >= 0), Decimal(0)) + amount_
        if not bases:
            return []
        fields = ["type", "rate", "description", "invoice_account", "credit_note_account", "childs"]
        ids = sorted({tax for tax, _ in bases})
        known = {row["id"]: row for row in self._desk.rpc.call(how, "account.tax", "read", ids, fields)}
        if any(row["type"] != "percentage" or row["childs"] for row in known.values()):
            return []
        wanted = Decimal(record["tax_amount"])
        digits = Decimal(1).scaleb(-_places(record["untaxed_amount"], wanted))
        amounts = {at: (base * known[at[0]]["rate"]).quantize(digits, ROUND_HALF_EVEN) for at, base in bases.items()}
        left = wanted - sum(amounts.values(), Decimal(0))
        if abs(left) > Decimal(str(self._desk.adapter.tenant.setting("tax_difference"))):
            return []
        amounts[max(bases, key=lambda at: abs(bases[at]))] += left
        return [
            {
                "tax": tax,
                "account": known[tax]["invoice_account" if positive else "credit_note_account"],
                "description": known[tax]["description"],
                "base": amount(bases[tax, positive]),
                "amount": amount(value),
                "manual": False,  # a manual one is put beside Tryton's own
            }
            for (tax, positive), value in amounts.items()
        ]

    def _is_for(self, line: Mapping[str, Any], row: Record, sold: Mapping[str, int]) -> bool:
        _, _, of = (line.get("note") or "").partition(", line ")
        named = sold.get(of.removesuffix(" of the return"))
        if named:
            return record_id(row["origin"], "sale.line") == named
        return "product" in line and row["product"] == self._desk.records.product(dict(line))

    def _charge(self, line: Mapping[str, Any], rows: Sequence[Record], how: Call) -> Record:
        """Return the values of a line for a charge: account and taxes are its product's, else those of the goods."""
        product = self._desk.records.product(dict(line))
        fields = [f"template.account_category.{name}.id" for name in ("account_revenue", "customer_taxes")]
        known = self._desk.records.rest.one(how.verb, "product.product", product, fields)
        category = known["template"]["account_category"] or {}
        account = category.get("account_revenue") or {"id": rows[0]["account"]}
        taxes = [one["id"] for one in category["customer_taxes"]] if category else rows[0]["taxes"]
        return {
            "type": "line",
            "product": product,
            "description": line["description"],
            "quantity": line["quantity"],
            "unit": self._desk.records.unit(dict(line)),
            "unit_price": amount(line["unit_price"]),
            "account": account["id"],
            "taxes": [["add", taxes]],
        }

    # ------------------------------------------------------------ totals

    def _hold_to(self, record: Record, number: int, how: Call) -> None:
        """Stop, nothing posted, if Tryton's totals are not the credit's: a posting cannot be undone."""
        held = self._desk.rpc.read(how, _INVOICE, number, *_TOTALS)
        problems = _differing(record, held)
        if problems:
            raise Stopped(Rejected(tuple(problems), "business_rule"))

    def _as_posted(self, record: Record, number: int) -> Sequence[Problem]:
        held = self._desk.records.credit(number)
        problems = _differing(record, held)
        if held["party"]["code"] != record["party"]["code"] or held["currency"]["code"] != record["currency"]["code"]:
            problems.append(Problem("not_as_sent", "the credit note is another customer's", native="/party"))
        return problems


def _beside(row: Record, values: Record) -> Record:
    """Return the values of a line for more of what another is for."""
    same = {name: row[name] for name in ("origin", "product", "unit", "account")}
    return {"type": "line", **same, "taxes": [["add", row["taxes"]]], **values}


def _places(*amounts: Decimal) -> int:
    """Return how many digits after the point the amounts are written with: those of their currency."""
    return max(0, *(-int(Decimal(one).as_tuple().exponent) for one in amounts))


def _differing(record: Record, held: Record) -> list[Problem]:
    return [
        Problem(
            "total_differs",
            f"the credit says {-Decimal(record[name])}, Tryton {-Decimal(held[name])}",
            native=f"/{name}",
        )
        for name in _TOTALS
        if Decimal(record[name]) != Decimal(held[name])
    ]
