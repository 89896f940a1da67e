"""The documents a credit refers to, where EN 16931 has a place for each."""

from __future__ import annotations

from typing import Any, get_args

from openreturns.mapping import Environment
from openreturns.models import DocumentType

from openreturns_adapters.ubl import codecs

__all__ = ["additional", "billing", "invoices", "order", "placed", "refs", "reverses"]

Record = dict[str, Any]

_OWN_PLACE = {"shipment": "DespatchDocumentReference", "receipt": "ReceiptDocumentReference"}
_ORDERS = ("purchase_order", "sales_order")
_UNKNOWN = "NA"
"""What stands for the buyer's order where only the seller's number is known (BT-13)."""
_KINDS = frozenset(get_args(DocumentType))


def _refs(document: Record, *types: str) -> list[Record]:
    return [ref for ref in document.get("refs") or () if ref["type"] in types]


def order(document: Record, env: Environment) -> Record | None:
    """Return the order, the first of each kind; there is one place for each."""
    found: dict[str, str] = {}
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] in _ORDERS:
            if ref["type"] in found:
                env.lose("a credit note names one order", below=f"/refs/{place}")
            found.setdefault(ref["type"], ref["id"])
    if not found:
        return None
    sales = {"SalesOrderID": found["sales_order"]} if "sales_order" in found else {}
    return {"ID": found.get("purchase_order", _UNKNOWN), **sales}


def placed(type_: str) -> Any:  # noqa: ANN401 - a function of the mapping
    """Make the function that returns the references to documents that have a place of their own."""

    def placed_references(document: Record, env: Environment) -> list[Record] | None:
        return [{"ID": ref["id"]} for ref in _refs(document, type_)] or None

    return placed_references


def additional(document: Record, env: Environment) -> list[Record] | None:
    """Return references to all other documents, with what they are in words."""
    others = [ref for ref in document.get("refs") or () if ref["type"] not in (*_OWN_PLACE, *_ORDERS, "invoice")]
    rows = [{"ID": ref["id"], "DocumentDescription": [ref["type"]]} for ref in others]
    return rows or None


def billing(document: Record, env: Environment) -> list[Record] | None:
    """Return what is corrected: the invoices that document, lines or references name, or the credit taken back."""
    places = [(f"/originalInvoices/{n}", ref) for n, ref in enumerate(document.get("originalInvoices") or ())]
    places += [(f"/refs/{n}", ref) for n, ref in enumerate(document.get("refs") or ()) if ref["type"] == "invoice"]
    lines = ((n, line.get("originalInvoice")) for n, line in enumerate(document["lines"]))
    places += [(f"/lines/{n}/originalInvoice", ref) for n, ref in lines if ref]
    if "reverses" in document:
        for at, _ in places:
            env.lose("a credit note that takes back names that credit only", below=at)
        places = [("/reverses", document["reverses"])]
    dates: dict[str, str | None] = {}
    for at, ref in places:
        day = ref.get("issueDate")
        if day and dates.setdefault(ref["id"], day) not in (None, day):
            env.lose("an invoice has one date", below=f"{at}/issueDate")
        dates[ref["id"]] = dates.get(ref["id"]) or day
    rows = [{"ID": number, **({"IssueDate": day} if day else {})} for number, day in dates.items()]
    return [{"InvoiceDocumentReference": row} for row in rows] or None


# --- reading --------------------------------------------------------------------------------------------------


def _billed(record: Record) -> list[Record]:
    rows = [
        one.get(name)
        for one in record.get("BillingReference") or ()
        for name in ("InvoiceDocumentReference", "CreditNoteDocumentReference")
    ]
    return [row for row in rows if row]


def _ref(type_: str, row: Record) -> Record:
    return {"type": type_, "id": row["ID"], **({"issueDate": row["IssueDate"]} if "IssueDate" in row else {})}


def invoices(record: Record, env: Environment) -> list[Record] | None:
    """Return the invoices credited."""
    if codecs.is_reversal(record, env):
        return None
    return [_ref("invoice", row) for row in _billed(record)] or None


def reverses(record: Record, env: Environment) -> Record | None:
    """Return the credit that a credit note below zero takes back."""
    first = next(iter(_billed(record)), None)
    return _ref("credit", first) if first and codecs.is_reversal(record, env) else None


def refs(record: Record, env: Environment) -> list[Record] | None:
    """Return all other documents referred to; what one is, is told by its place or in words."""
    found = []
    ordered = record.get("OrderReference", {})
    if ordered.get("ID", _UNKNOWN) != _UNKNOWN:
        found.append({"type": "purchase_order", "id": ordered["ID"]})
    if "SalesOrderID" in ordered:
        found.append({"type": "sales_order", "id": ordered["SalesOrderID"]})
    for type_, name in _OWN_PLACE.items():
        found += [{"type": type_, "id": row["ID"]} for row in record.get(name) or ()]
    for row in record.get("AdditionalDocumentReference") or ():
        said = next(iter(row.get("DocumentDescription") or ()), "")
        found.append({"type": said if said in _KINDS else "other", "id": row["ID"]})
    return found or None
