"""What a return order says between its fields, and how a return is said in one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from openreturns.decimals import exact, plain
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.salesforce.codecs import readable_id, salesforce_id
from openreturns_adapters.salesforce.functions.shared import Record, cut, moment, named, refuse
from openreturns_adapters.salesforce.ids import full_id, is_id

__all__ = [
    "all_lines",
    "case_id",
    "correlation",
    "currency",
    "currency_code",
    "customer_id",
    "decision",
    "decline_reason",
    "distinct_lines",
    "document_id",
    "extensions",
    "issued_at",
    "known_status",
    "number",
    "one_currency",
    "order_id",
    "own_id",
    "refs",
    "return_to",
    "revision",
    "source_id",
    "status",
]


def number(record: Record, env: Environment) -> str | None:
    """Return the number people use: the external id, else the number that the org counts."""
    return record.get("RMA_Number__c") or record.get("ReturnOrderNumber")


def document_id(record: Record, env: Environment) -> str | None:
    """Return the canonical id, made from the record's."""
    return f"salesforce-return-order-{source_id(record, env) or number(record, env)}"


def source_id(record: Record, env: Environment) -> str | None:
    """Return the record's id in 18 characters, whichever way it was asked for."""
    return full_id(record["Id"]) if record.get("Id") else None


def own_id(document: Record, env: Environment) -> str | None:
    """Return the id of the return order that the document was read from, if it was: it may have no number of ours."""
    meta = document["meta"]
    if meta["sourceSystem"] == "salesforce" and "sourceId" in meta:
        return full_id(meta["sourceId"])
    for name in ("sourceSystem", "sourceId"):
        if name in meta:
            env.lose("the document was not read from a return order", below=f"/meta/{name}")
    return None


def revision(record: Record, env: Environment) -> int:
    """Return what the caller counts: the org keeps no count of changes."""
    return int(env.given.get("revision", 1))


def correlation(record: Record, env: Environment) -> str | None:
    """Return the caller's correlation id, or the number that all systems share."""
    given = env.given.get("correlation_id")
    return str(given) if given else number(record, env)


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when the return order or one of its lines last changed."""
    known = [_changed(one, env) for one in (record, *_items(record))]
    moments = [one for one in known if one]
    return max(moments, key=datetime.fromisoformat) if moments else None


def _changed(record: Record, env: Environment) -> str | None:
    return moment(record.get("SystemModstamp") or record.get("LastModifiedDate") or record.get("CreatedDate"), env)


def _items(record: Record) -> list[Record]:
    found: list[Record] = (record.get("ReturnOrderLineItems") or {}).get("records") or []
    return found


def all_lines(record: Record, env: Environment) -> None:
    """Refuse a return order without lines, or of which the query did not answer all lines."""
    answered = record.get("ReturnOrderLineItems") or {}
    lines = answered.get("records") or ()
    if not lines:
        refuse("no_lines", "the return order has no line items", "/lines", "/ReturnOrderLineItems")
    if answered.get("done") is False or answered.get("totalSize", len(lines)) > len(lines):
        message = f"only {len(lines)} line items of {answered.get('totalSize', 'more')} are here: fetch the others"
        refuse("incomplete", message, "/lines", "/ReturnOrderLineItems/records")


def customer_id(record: Record, env: Environment) -> str:
    """Return the customer's number: the tenant's, the account's own, else the id of the account."""
    account = record.get("AccountId")
    if not account:
        env.finding("no_account", "the return order names no account")
        return str(document_id(record, env))
    own = (record.get("Account") or {}).get("AccountNumber")
    return readable_id(account, "account", env) or own or full_id(account)


def return_to(record: Record, env: Environment) -> str | None:
    """Return the place's number: the tenant's, the place's own, else the id of the location."""
    place = record.get("DestinationLocationId")
    if not place:
        return None
    own = (record.get("DestinationLocation") or {}).get("ExternalReference")
    return readable_id(place, "location", env) or own or full_id(place)


def currency(record: Record, env: Environment) -> str:
    """Return the currency: the record's in orgs with several, else the org's."""
    return str(record.get("CurrencyIsoCode") or env.tenant.setting("currency"))


def one_currency(document: Record, env: Environment) -> None:
    """Refuse a currency that the org does not keep: its amounts would be taken for its own."""
    own = env.tenant.setting("currency")
    if not env.tenant.setting("multi_currency") and document["currency"] != own:
        message = f"the return is in {document['currency']}, and the org keeps {own} only"
        refuse("currency", message, "/currency", "/CurrencyIsoCode")


def currency_code(document: Record, env: Environment) -> str | None:
    """Return the currency where the org keeps several; the field is not there where it keeps one."""
    return str(document["currency"]) if env.tenant.setting("multi_currency") else None


# --- where the return stands -------------------------------------------------------------------------------


def known_status(record: Record, env: Environment) -> None:
    """Refuse a status that no table lists: a guess would tell the customer something untrue."""
    table = env.tenant.table("return_order_status")
    if table.code(record["Status"]) is None:
        message = f"{record['Status']!r} has no canonical code; add it to the code table 'return_order_status'"
        problem = Problem("unknown_code", message, "/status", "/Status", known=tuple(sorted(table.read)))
        raise MappingError(message, kind="translation", problems=[problem])


def status(record: Record, env: Environment) -> str | None:
    """Return the status; what came of an approved return is told by its lines' quantities."""
    return env.once(_status)


def _status(record: Record, env: Environment) -> str | None:
    code = env.tenant.table("return_order_status").code(record["Status"])  # an unknown one was refused before
    lines = _items(record)
    if code != "authorized":
        return code
    if all(line.get("ChangeOrderItemId") for line in lines):
        return "credited"
    if all((line.get("QuantityReceived") or 0) >= _coming(line) for line in lines):
        return "received"
    return "partially_received" if any(line.get("QuantityReceived") for line in lines) else "authorized"


def _coming(line: Record) -> Decimal:
    expected = line.get("QuantityExpected")
    return exact((line.get("QuantityReturned") or 0) if expected is None else expected)


def decision(record: Record, env: Environment) -> str | None:
    """Return the decision that the status implies; nothing for a cancelled return."""
    now = status(record, env)
    if now in ("requested", "declined"):
        return "pending" if now == "requested" else "declined"
    if now in ("cancelled", None):
        return None
    less = any(_coming(line) < (line.get("QuantityReturned") or 0) for line in _items(record))
    return "partially_authorized" if less else "authorized"


def decline_reason(record: Record, env: Environment) -> str | None:
    """Return why it was declined, by the words on its lines; the return order itself has no place for it."""
    if status(record, env) != "declined":
        return None
    words = dict.fromkeys(line["ReasonForRejection"] for line in _items(record) if line.get("ReasonForRejection"))
    return ", ".join(words)[:255] or "Salesforce holds no reason"


# --- other records -----------------------------------------------------------------------------------------


def refs(record: Record, env: Environment) -> list[Record] | None:
    """Return the sales order and the case, each by the number people know where the record tells it."""
    found = []
    if record.get("OrderId"):
        order = record.get("Order") or {}
        own = order.get("OrderReferenceNumber") or order.get("OrderNumber")
        known = readable_id(record["OrderId"], "order", env)
        found.append({"type": "sales_order", "id": known or own or full_id(record["OrderId"])})
    if record.get("CaseId"):
        found.append({"type": "case", "id": full_id(record["CaseId"]), "system": "salesforce"})
    return found or None


def order_id(document: Record, env: Environment) -> str | None:
    """Return the id of the sales order, where the caller, the tenant or the document itself knows it."""
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] not in ("sales_order", "case"):
            env.lose("a return order refers to a sales order and a case", below=f"/refs/{place}")
    for place, ref in _of_type(document, "sales_order", env):
        if is_id(ref["id"], "801") or ref["id"] in env.tenant.table("order").write:
            return salesforce_id(ref["id"], "order", "801", env)
        env.lose("no Salesforce order is known by this number", below=f"/refs/{place}")
    return None


def case_id(document: Record, env: Environment) -> str | None:
    """Return the id of the case; a case of another system has no place here."""
    for place, ref in _of_type(document, "case", env):
        if is_id(ref["id"], "500"):
            return full_id(ref["id"])
        env.lose("this is no Salesforce case", below=f"/refs/{place}")
    return None


def _of_type(document: Record, kind: str, env: Environment) -> list[tuple[int, Record]]:
    """Return the first reference of a type, with its place; more of them, and what else it says, are told as lost."""
    found = [(place, ref) for place, ref in enumerate(document.get("refs") or ()) if ref["type"] == kind]
    for place, _ in found[1:]:
        env.lose(f"one {kind.replace('_', ' ')} is kept", below=f"/refs/{place}")
    for place, ref in found[:1]:
        for name in ref.keys() - {"type", "id"} - ({"system"} if ref.get("system") == "salesforce" else set()):
            env.lose("Salesforce has no such field", below=f"/refs/{place}/{name}")
    return found[:1]


def extensions(record: Record, env: Environment) -> Record | None:
    """Return what only this vendor has, verbatim; amounts as text."""
    total = record.get("GrandTotalAmount")
    values = {
        "status": record.get("Status"),
        "return_order_number": record.get("ReturnOrderNumber"),
        "description": cut(record.get("Description"), 10_000, env),
        "expected_arrival": record.get("ExpectedArrivalDate"),
        "account_number": (record.get("Account") or {}).get("AccountNumber"),
        "order_id": record.get("OrderId"),
        "order_number": (record.get("Order") or {}).get("OrderNumber"),
        "order_reference": (record.get("Order") or {}).get("OrderReferenceNumber"),
        "order_summary_id": record.get("OrderSummaryId"),
        "destination_location_id": record.get("DestinationLocationId"),
        "destination_reference": (record.get("DestinationLocation") or {}).get("ExternalReference"),
        "source_location_id": record.get("SourceLocationId"),
        "grand_total": None if total is None else plain(total),
    }
    return named(values)


def distinct_lines(document: Record, env: Environment) -> None:
    """Refuse line ids that differ in case only: to an external id they are one, and one line would replace another."""
    seen: set[str] = set()
    for place, line in enumerate(document["lines"]):
        folded = line["lineId"].casefold()
        if folded in seen:
            message = "is another line's id but for upper and lower case, which Salesforce does not tell apart"
            native = f"/ReturnOrderLineItems/records/{place}/RMA_Line__c"
            refuse("same_key", message, f"/lines/{place}/lineId", native)
        seen.add(folded)
