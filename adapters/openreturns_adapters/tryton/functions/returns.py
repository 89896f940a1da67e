"""What a complaint, its return sale and its return shipments say of a return."""

from __future__ import annotations

from openreturns.mapping import Environment

from openreturns_adapters.tryton.functions import shared
from openreturns_adapters.tryton.functions.shared import Record

__all__ = [
    "ACTIONS",
    "KINDS",
    "actions",
    "authorization",
    "correlation",
    "currency",
    "customer_id",
    "customer_name",
    "document_id",
    "head",
    "issued_at",
    "number",
    "refs",
    "requested_at",
    "return_type",
    "revision",
    "source_id",
    "stage",
    "status",
    "warehouse",
]

ACTIONS = {"sale.sale": "sale_return", "account.invoice": "credit_note"}
"""What a complaint leads to, by what it is about."""

KINDS = {"sale.sale": "sales_order", "account.invoice": "invoice"}
"""The kind of document that a complaint is about."""

# ---------------------------------------------------------------- identity


def head(record: Record) -> Record:
    """Return the complaint; for what another ERP announced, which has none, what its first shipment says."""
    found: Record | None = record.get("complaint")
    if found is not None:
        return found
    if not record["shipments"]:
        raise ValueError("there is neither a complaint nor a shipment")
    first = record["shipments"][0]
    reference, _, _ = (first.get("reference") or "").partition("/")
    known = {name: first[name] for name in ("id", "customer", "create_date")}
    return {**known, "reference": reference, "state": "done", "actions": []}


def actions(record: Record) -> list[Record]:
    """Return what the complaint leads to."""
    found: list[Record] = head(record)["actions"]
    return found


def customer_id(record: Record, env: Environment) -> str:
    """Return the customer's code."""
    return str(head(record)["customer"]["code"])


def customer_name(record: Record, env: Environment) -> str | None:
    """Return the customer's name."""
    name = head(record)["customer"].get("name")
    return str(name) if name else None


def requested_at(record: Record, env: Environment) -> str:
    """Return when the complaint was made."""
    return str(head(record)["create_date"])


def number(record: Record, env: Environment) -> str:
    """Return the RMA number: our reference, else the server's number, else the record id."""
    complaint = head(record)
    return str(complaint.get("reference") or complaint.get("number") or complaint["id"])


def document_id(record: Record, env: Environment) -> str:
    """Return an id of the return made from the complaint's."""
    kind = "complaint" if "complaint" in record else "shipment"
    return f"tryton-{kind}-{head(record)['id']}"


def source_id(record: Record, env: Environment) -> str:
    """Return the complaint's record id."""
    return str(head(record)["id"])


def correlation(record: Record, env: Environment) -> str:
    """Return the caller's correlation id, else the RMA number."""
    return shared.correlation(number(record, env), env)


_COMPLAINT = ("draft", "waiting", "approved", "done", "rejected", "cancelled")
_SALE = ("draft", "quotation", "confirmed", "processing", "done", "cancelled")
_SHIPMENT = ("draft", "received", "done", "cancelled")
_INVOICE = ("draft", "validated", "posted", "paid", "cancelled")


def _rank(states: tuple[str, ...], record: Record | None) -> int:
    return states.index(record["state"]) + 1 if record and record["state"] in states else 0


def _invoices(record: Record) -> list[Record]:
    note = record.get("credit_note")
    return [*((record.get("sale") or {}).get("invoices") or ()), *([note] if note else [])]


def revision(record: Record, env: Environment) -> int:
    """Return a number that grows with every step the records take; Tryton counts no revisions."""
    steps = _rank(_COMPLAINT, head(record)) + _rank(_SALE, record.get("sale"))
    steps += sum(_rank(_SHIPMENT, one) for one in record["shipments"])
    steps += sum(_rank(_SALE, one) for one in record.get("replacements") or ())
    return steps + sum(_rank(_INVOICE, one) for one in _invoices(record)) or 1


def issued_at(record: Record, env: Environment) -> str:
    """Return when any of the records last changed; a record's write date is null until it first changes."""
    records = [head(record), record.get("sale") or {}, *record["shipments"], *_invoices(record)]
    records += record.get("replacements") or ()
    return shared.latest(one.get(name) for one in records for name in ("create_date", "write_date"))


# ---------------------------------------------------------------- status


def status(record: Record, env: Environment) -> str:
    """Return the status: that of the complaint until goods move, then what shipments and credit notes say."""
    return stage(record)


def stage(record: Record) -> str:
    """Return how far a return is, as a status."""
    state = head(record)["state"]
    early = {"draft": "requested", "waiting": "requested", "rejected": "declined", "cancelled": "cancelled"}
    if state in early:
        return early[state]
    credits = _invoices(record)
    credited = [one for one in credits if one["state"] in {"posted", "paid"}]
    shipments = [one for one in record["shipments"] if one["state"] != "cancelled"]
    if not shipments:
        if (record["shipments"] and not credited) or (record.get("sale") or {}).get("state") == "cancelled":
            return "cancelled"
        return "credited" if credited else "authorized"
    arrived = [one for one in shipments if one["state"] in {"received", "done"}]
    if not arrived:
        return "authorized"
    if len(arrived) < len(shipments):
        return "partially_received"
    if any(one["state"] == "received" for one in arrived):
        return "received"
    return "credited" if credited and len(credited) == len(credits) else "dispositioned"


def return_type(record: Record, env: Environment) -> str:
    """Return the type: a credit without goods, an exchange where goods are sent instead, else a credit."""
    kinds = {action["action"] for action in actions(record)}
    strange = kinds - {*ACTIONS.values(), None}
    if strange:
        raise ValueError(f"{', '.join(sorted(strange))} is no action that is known: {', '.join(ACTIONS.values())}")
    if "credit_note" in kinds:
        return "credit_only"
    lines = (record.get("sale") or {}).get("lines") or ()
    sent = record.get("replacements") or [one for one in lines if (one.get("quantity") or 0) > 0]
    return "exchange" if sent else "credit"


def authorization(record: Record, env: Environment) -> Record:
    """Return the decision, and who took it when, by the record log."""
    complaint = head(record)
    decision = {"approved": "authorized", "done": "authorized", "rejected": "declined"}.get(complaint["state"])
    found: Record = {"number": number(record, env), "decision": decision or "pending"}
    if decision == "declined":
        found["declineReason"] = "rejected in Tryton"
    wanted = "state:approved" if decision == "authorized" else "state:rejected"
    taken = [one for one in record.get("log") or () if one["event"] == "transition" and one["target"] == wanted]
    if decision and taken:
        found["decidedAt"] = taken[-1]["create_date"]
        by = taken[-1].get("user") or (complaint.get("approved_by") or {}).get("rec_name")
        found |= {"decidedBy": by} if by else {}
    return found


def currency(record: Record, env: Environment) -> str:
    """Return the currency of what was sold; of what another ERP announced, that of the company."""
    return str(record["currency"])


def refs(record: Record, env: Environment) -> list[Record] | None:
    """Return the sale or invoice that the return is about."""
    complaint = head(record)
    if not complaint.get("origin"):
        return None
    return [{"type": KINDS[complaint.get("origin_model", "sale.sale")], "id": complaint["origin"]}]


def warehouse(record: Record, env: Environment) -> str | None:
    """Return the warehouse that the goods come to, once there is a shipment."""
    return next((one["warehouse"]["code"] for one in record["shipments"]), None)
