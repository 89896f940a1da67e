"""What a credit note says of itself, and what must not be written at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.ubl import codecs
from openreturns_adapters.ubl.functions import parties, taxes

__all__ = [
    "NOTES",
    "TYPE_CODE",
    "buyer_reference",
    "correlation",
    "currency",
    "customization",
    "document_id",
    "issued_at",
    "other_remarks",
    "payee",
    "profile",
    "readable",
    "remark",
    "remarks",
    "revision",
    "status",
    "told_type",
    "type_code",
    "writable",
]

Record = dict[str, Any]

TYPE_CODE = "org.oasis-open.ubl.type_code"
"""The extension that keeps the type of a credit note as it was read."""

NOTES = "org.oasis-open.ubl.note"
"""The extension that keeps remarks where they are several, or one too long for a note."""

_LONGEST = 2000


# --- reading --------------------------------------------------------------------------------------------------


def currency(record: Record, env: Environment) -> str:
    """Return the currency of all amounts."""
    return str(record["DocumentCurrencyCode"])


def readable(record: Record, env: Environment) -> None:
    """Refuse amounts of several currencies, and a credit note that takes money back and does not say of which."""
    problems = [*_foreign(record, record["DocumentCurrencyCode"], "")]
    if codecs.is_reversal(record, env) and not record.get("BillingReference"):
        said = "all of it is below zero, and it does not name the credit it takes back"
        problems.append(Problem("no_reference", said, "/reverses", "/BillingReference"))
    if problems:
        raise MappingError("the credit note makes no credit", kind="translation", problems=problems)


def _foreign(node: Any, currency: str, at: str) -> Iterator[Problem]:  # noqa: ANN401 - any part of a record
    """Yield amounts in another currency; the tax may be told a second time in that of the books."""
    if isinstance(node, list):
        for place, one in enumerate(node):
            yield from _foreign(one, currency, f"{at}/{place}")
    elif isinstance(node, dict):
        if node.get("currencyID", currency) != currency:
            said = f"is in {node['currencyID']}, the document in {currency} (PEPPOL-EN16931-R051)"
            yield Problem("currency", said, "/currency", f"{at}/currencyID")
        second = "TaxAmount" in node and "TaxSubtotal" not in node and "TaxableAmount" not in node
        for name, value in node.items():
            if not second:
                yield from _foreign(value, currency, f"{at}/{name}")


def told_type(record: Record, env: Environment) -> str | None:
    """Return the type as it was told."""
    return record.get("CreditNoteTypeCode")


def remark(record: Record, env: Environment) -> str | None:
    """Return the one remark."""
    notes: list[str] = record.get("Note") or []
    return notes[0] if len(notes) == 1 and len(notes[0]) <= _LONGEST else None


def other_remarks(record: Record, env: Environment) -> list[str] | None:
    """Return the remarks where a note cannot hold them."""
    return None if remark(record, env) else record.get("Note")


def document_id(record: Record, env: Environment) -> str:
    """Return the id of the document: a seller gives each number once."""
    seller = parties.known_as(record["AccountingSupplierParty"]["Party"])
    return f"ubl-{seller}-{record['ID']}" if seller else f"ubl-{record['ID']}"


def revision(record: Record, env: Environment) -> int:
    """Return the revision: an issued credit note never changes."""
    given = env.given.get("revision")
    return int(str(given)) if given else 1


def issued_at(record: Record, env: Environment) -> str:
    """Return when it was made, of which a credit note has the day."""
    return str(env.given.get("issued_at") or f"{record['IssueDate']}T00:00:00Z")


def correlation(record: Record, env: Environment) -> str:
    """Return the case: what the caller knows, else the number of the credit note."""
    return str(env.given.get("correlation_id") or record["ID"])


# --- writing --------------------------------------------------------------------------------------------------

_SENT = ("issued", "applied", "refunded")
_NEVER = {"rejected": "was rejected", "voided": "is void, and its credit note was sent before"}


def writable(document: Record, env: Environment) -> None:
    """Refuse what makes no lawful credit note, everything at once, each with the rule."""
    problems = [
        *_unsendable(document, env),
        *parties.missing(document, env),
        *taxes.unsaid(document, env),
    ]
    if problems:
        raise MappingError("the credit makes no electronic credit note", kind="translation", problems=problems)


def _unsendable(document: Record, env: Environment) -> Iterable[Problem]:
    status = document["status"]
    if status in _NEVER:
        yield Problem("not_sendable", f"the credit {_NEVER[status]}", "/status", "")
    if buyer_reference(document, env) is None and not _ordered(document):
        said = "Peppol wants the buyer's reference or purchase order (PEPPOL-EN16931-R003); or set buyer_reference"
        yield Problem("no_reference", said, "/refs", "/BuyerReference")


def _ordered(document: Record) -> bool:
    return any(ref["type"] == "purchase_order" for ref in document.get("refs") or ())


def status(document: Record, env: Environment) -> None:
    """Tell that a credit note is always an issued one."""
    if document["status"] != "issued":
        env.lose("a credit note is an issued one", below="/status")


def buyer_reference(document: Record, env: Environment) -> str | None:
    """Return the buyer's reference, or the tenant's where the document has none and no order either."""
    own = document.get("buyerReference")
    if own or _ordered(document):
        return own
    found = env.tenant.settings.get("buyer_reference")
    return str(found) if found else None


def _self_billed(document: Record, env: Environment) -> bool:
    return document["direction"] == "from_vendor" and bool(env.tenant.setting("self_billing"))


def customization(document: Record, env: Environment) -> str:
    """Return the rules it keeps: those of self-billing where we issue a vendor's credit."""
    prefix = "self_billing_" if _self_billed(document, env) else ""
    return str(env.tenant.setting(f"{prefix}customization_id"))


def profile(document: Record, env: Environment) -> str:
    """Return the business process, likewise."""
    prefix = "self_billing_" if _self_billed(document, env) else ""
    return str(env.tenant.setting(f"{prefix}profile_id"))


def remarks(document: Record, env: Environment) -> list[str] | None:
    """Return the remarks: the document's own, then those of a credit note that was read."""
    own = [document["note"]] if "note" in document else []
    return [*own, *((document.get("extensions") or {}).get(NOTES) or ())] or None


def type_code(document: Record, env: Environment) -> str:
    """Return the UNCL 1001 type: as it was read, else by the reason if all lines have one; 261 where self-billed."""
    status(document, env)
    if _self_billed(document, env):
        return "261"
    if kept := (document.get("extensions") or {}).get(TYPE_CODE):
        return str(kept)
    table = env.tenant.table("type_code").write
    codes = {str(table.get(line["reason"]["code"], "381")) for line in document["lines"]}
    return codes.pop() if len(codes) == 1 else "381"


def payee(document: Record, env: Environment) -> Record | None:
    """Return who is paid where it is not the seller."""
    name, number = (env.tenant.settings.get(f"payee_{part}") for part in ("name", "id"))
    if not name:
        return None
    identified = {"PartyIdentification": [{"ID": {"value": number}}]} if number else {}
    return {**identified, "PartyName": [{"Name": name}]}
