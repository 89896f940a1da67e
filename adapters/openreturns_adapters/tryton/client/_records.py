"""Records as the mappings read them, put together from what Tryton keeps apart, and ids for codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from openreturns.errors import Problem, RejectedError

from openreturns_adapters.tryton.client._rest import Rest
from openreturns_adapters.tryton.functions.lines import is_replacement

__all__ = ["CREDIT", "INTERNAL", "Records", "missing", "record_id"]

Record = dict[str, Any]


def _below(path: str, *names: str) -> list[str]:
    return [f"{path}.{name}" for name in names]


_MOVE = (
    "id",
    "origin",
    "state",
    "quantity",
    "effective_date",
    "create_date",
    "write_date",
    "unit.symbol",
    "unit.digits",
    "product.code",
    "lot.number",
    "from_location.code",
    "to_location.code",
)
_STAMPS = ("create_date", "write_date")
_SHIPMENT = [
    "number",
    "reference",
    "state",
    "warehouse.code",
    "customer.code",
    "customer.name",
    *_STAMPS,
    *_below("incoming_moves", *_MOVE),
    *_below("inventory_moves", *_MOVE),
]
_ASKED = ("quantity", "unit_price", "line.unit.symbol", "line.unit.digits", "line.product.code", "line.unit_price")
_COMPLAINT = [
    "number",
    "reference",
    "state",
    "description",
    "origin",
    "customer.code",
    "customer.name",
    "company.currency.code",
    "approved_by.rec_name",
    *_STAMPS,
    "actions.action",
    "actions.result",
    *_below("actions.sale_lines", *_ASKED),
    *_below("actions.invoice_lines", *_ASKED),
]
_SALE = [
    "number",
    "reference",
    "state",
    "write_date",
    *_below("lines", "type", "quantity", "unit_price", "unit.symbol", "unit.digits", "product.code"),
    "invoices.state",
    "invoices.write_date",
    "shipments.state",
    *_below("shipment_returns", *_SHIPMENT),
]
CREDIT = [
    "number",
    "reference",
    "type",
    "state",
    "invoice_date",
    "company.rec_name",
    "party.code",
    "party.name",
    "currency.code",
    *_STAMPS,
    "untaxed_amount",
    "tax_amount",
    "total_amount",
    "amount_to_pay",
    *_below(
        "lines",
        "origin",
        "product.code",
        "description",
        "unit.symbol",
        "unit.digits",
        "quantity",
        "unit_price",
        "amount",
        "note",
    ),
    *_below("taxes", "description", "base", "amount", "tax.name", "tax.rate"),
]
INTERNAL = [
    "number",
    "reference",
    "state",
    "effective_date",
    "planned_date",
    "from_location.code",
    "to_location.code",
    *_STAMPS,
    *_below(
        "moves",
        "state",
        "quantity",
        "unit.symbol",
        "unit.digits",
        "product.code",
        "lot.number",
        "from_location.code",
        "to_location.code",
        "cost_price",
    ),
]
_OF_SALES = ("invoices", "shipments", "shipment_returns")


def record_id(reference: str | None, model: str) -> int:
    """Return the id in a reference such as `sale.sale,2` to that model, else 0."""
    name, _, number = (reference or "").partition(",")
    return int(number) if name == model and number.isdigit() else 0


def missing(what: str, number: str) -> RejectedError:
    """Return what to raise for a record that is not there."""
    message = f"Tryton has no {what} {number}"
    return RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])


class Records:
    """Reads of one database. Ids of codes are asked for once: they do not change."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest
        self._ids: dict[tuple[str, str, str], int] = {}

    # ------------------------------------------------------------ codes

    def id_of(self, model: str, field: str, code: str, *more: Sequence[object]) -> int:
        """Return the id of the one record with a code. Raises RejectedError (kind `validation`) for none or several."""
        at = (model, str(more), code)
        if at not in self._ids:
            found = list(self.rest.find("look_up", model, [[field, "=", code], *more], ["id"]))
            if len(found) != 1:
                message = f"Tryton has {len(found) or 'no'} {model} with the {field} {code!r}, and one is needed"
                raise RejectedError(message, kind="validation", problems=[Problem("unknown_code", message)])
            self._ids[at] = int(found[0]["id"])
        return self._ids[at]

    def product(self, row: Record) -> int:
        """Return the id of a row's product."""
        return self.id_of("product.product", "code", row["product"]["code"])

    def unit(self, row: Record) -> int:
        """Return the id of a row's unit."""
        return self.id_of("product.uom", "symbol", row["unit"]["symbol"])

    def lot(self, row: Record) -> int | None:
        """Return the id of a row's lot, which is of its product."""
        if not row.get("lot"):
            return None
        return self.id_of("stock.lot", "number", row["lot"]["number"], ["product", "=", self.product(row)])

    def location(self, code: str) -> int:
        """Return the id of a location."""
        return self.id_of("stock.location", "code", code)

    # ------------------------------------------------------------ the records of a return

    def complaint(self, number: str) -> Record | None:
        """Return the complaint of a return: the newest with its number that was not called off, else the newest."""
        found = list(self.rest.find("look_up", "sale.complaint", [["reference", "=", number]], _COMPLAINT))
        live = [one for one in found if one["state"] not in {"cancelled", "rejected"}]
        kept = live or found
        return kept[-1] if kept else None

    def rma(self, number: str, *, log: bool = False) -> Record:
        """Return all that Tryton keeps of a return. Raises RejectedError (kind `not_found`)."""
        complaint = self.complaint(number)
        if complaint is None:
            return self._announced(number)
        model = (complaint["origin"] or "").partition(",")[0]
        complaint, currency = self._about(complaint, model)
        record: Record = {"complaint": complaint, "currency": currency, "shipments": []}
        made = [*self.rest.find("read", "sale.sale", [["origin", "=", f"sale.complaint,{complaint['id']}"]], _SALE)]
        for sale in made:
            sale["lines"].sort(key=lambda one: int(one["id"]))
        sent = [_without(sale, *_OF_SALES) for sale in made if is_replacement(sale["reference"]) and not _off(sale)]
        back = [_without(sale, "reference", "shipments") for sale in made if not is_replacement(sale["reference"])]
        if back:
            record["sale"] = _without(back[-1], "shipment_returns")
            record["shipments"] = sorted(back[-1]["shipment_returns"], key=lambda one: int(one["id"]))
        if sent:
            record["replacements"] = sent
        note = next((record_id(one["result"], "account.invoice") for one in complaint["actions"]), 0)
        if note:
            record["credit_note"] = self.rest.one("read", "account.invoice", note, ["state", "write_date"])
        if log:
            record["log"] = self._log(f"sale.complaint,{complaint['id']}")
        return record

    def _about(self, complaint: Record, model: str) -> tuple[Record, str]:
        """Return a complaint with the number of what it is about, in place of a record id, and the currency of that."""
        about = record_id(complaint["origin"], model)
        company = complaint["company"]["currency"]["code"]
        kept = _without(complaint, "origin", "company")
        if not about:
            return kept, company
        found = self.rest.one("read", model, about, ["number", "currency.code"])
        return {**kept, "origin_model": model, "origin": found["number"]}, found["currency"]["code"]

    def _announced(self, number: str) -> Record:
        """Return the shipments that were announced under a number, for another ERP's return."""
        fields = [*_SHIPMENT, "company.currency.code"]
        found = [*self.rest.find("read", "stock.shipment.out.return", announced(number), fields)]
        if not found:
            raise missing("return", number)
        currency = found[0]["company"]["currency"]["code"]
        return {"currency": currency, "shipments": [_without(one, "company") for one in found]}

    def _log(self, resource: str) -> list[Record]:
        fields = ["event", "target", "create_date", "user.login"]
        rows = self.rest.find("read", "ir.model.log", [["resource", "=", resource]], fields)
        found = []
        for row in rows:
            user = (row.get("user") or {}).get("login")
            kept = {name: row[name] for name in ("event", "target", "create_date")}
            found.append({**kept, "user": user} if user else kept)
        return found

    # ------------------------------------------------------------ credits and adjustments

    def credit(self, number: int) -> Record:
        """Return a credit note, with the numbers of the return that it is for and of the invoices it takes back."""
        record = self.rest.one("read", "account.invoice", number, CREDIT)
        complaint = self._complaint_of(record)
        if complaint is None:
            return record
        found = {"rma": complaint["reference"]} if complaint["reference"] else {}
        return {**record, **found, "original_invoices": self._invoices_of(complaint)}

    def _complaint_of(self, record: Record) -> Record | None:
        for line in record["lines"]:
            about, sold = record_id(line.get("origin"), "sale.complaint"), record_id(line.get("origin"), "sale.line")
            if sold:
                sale = self.rest.one("read", "sale.line", sold, ["sale.origin"])["sale"]
                about = record_id(sale["origin"], "sale.complaint")
            if about:
                return self.rest.one("read", "sale.complaint", about, ["reference", "origin"])
        return None

    def _invoices_of(self, complaint: Record) -> list[str]:
        """Return the numbers of the invoices of what a complaint is about."""
        sale = record_id(complaint["origin"], "sale.sale")
        if sale:
            invoices = self.rest.one("read", "sale.sale", sale, ["invoices.number"])["invoices"]
        else:
            about = record_id(complaint["origin"], "account.invoice")
            invoices = [self.rest.one("read", "account.invoice", about, ["number"])] if about else []
        return [one["number"] for one in invoices if one["number"]]

    def internal(self, number: int) -> Record:
        """Return an internal shipment."""
        return self.rest.one("read", "stock.shipment.internal", number, INTERNAL)


def _without(record: Record, *names: str) -> Record:
    return {name: value for name, value in record.items() if name not in names}


def _off(sale: Record) -> bool:
    """Whether a sale was called off: itself, or by all its shipments once it was under way."""
    shipments = sale["shipments"]
    return sale["state"] == "cancelled" or bool(shipments and all(one["state"] == "cancelled" for one in shipments))


def announced(number: str) -> list[object]:
    """Return the condition for the return shipments of an RMA: its number, alone or before a receipt's id."""
    escaped = number.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return ["OR", ["reference", "=", number], ["reference", "like", f"{escaped}/%"]]
