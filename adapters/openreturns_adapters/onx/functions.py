"""What the mappings want computed: plain functions, no clock, no I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, cast

from openreturns import state
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment, Tenant, decimal
from openreturns.models import DispositionValue, LocationRef

from openreturns_adapters.onx.codecs import zulu

__all__ = [
    "authorization",
    "carrier",
    "correlation",
    "created_at",
    "currency",
    "customer",
    "decided",
    "disposition_id",
    "exchanges",
    "has_inspection",
    "inspection",
    "label_uri",
    "labels",
    "line_id",
    "note",
    "number",
    "order_line",
    "order_of",
    "original_order",
    "other_exchanges",
    "outcome_of",
    "parcels",
    "received_at",
    "replacement",
    "resolution",
    "revision",
    "splits",
    "status",
    "total",
    "tracking_numbers",
    "type_of",
    "writable",
]

Record = dict[str, Any]

_number = decimal.bind(Tenant()).write.call
_text = decimal.bind(Tenant()).parts[""].call
_zulu = zulu.bind(Tenant()).write.call
_UNKNOWN = "unknown"
_TYPE_OF = {"exchange": "exchange", "replacement": "replacement_in_advance", "repair": "repair"}
_RESOLUTION_OF = {type_: resolution for resolution, type_ in _TYPE_OF.items()}


# --- reading --------------------------------------------------------------------------------------------------


def revision(record: Record, env: Environment) -> int:
    """Return the revision: what the caller counts; onX has none."""
    given = env.given.get("revision")
    return int(str(given)) if given else 1


def correlation(record: Record, env: Environment) -> str:
    """Return the case: what the caller knows, else the number of the return."""
    return str(env.given.get("correlation_id") or record.get("returnNumber") or record["id"])


def customer(record: Record, env: Environment) -> str:
    """Return whose return it is: onX knows the order only."""
    env.finding("customer_unknown", "onX does not tell the customer: the order does")
    return f"order-{record['orderId']}"


def currency(record: Record, env: Environment) -> str:
    """Return the tenant's currency; onX has none."""
    return str(env.tenant.setting("currency"))


def number(record: Record, env: Environment) -> str:
    """Return the number that customers see, else the id."""
    return str(record.get("returnNumber") or record["id"])


def status(record: Record, env: Environment) -> str:
    """Return how far it has come; a return without a status was asked for, and a finding says so."""
    if "status" not in record:
        env.finding("no_status", "onX tells no status: taken as requested")
        return "requested"
    return env.code("status", record["status"])


def type_of(record: Record, env: Environment) -> str:
    """Return what kind of return it is, by what the customer gets."""
    return _TYPE_OF.get(env.code("outcome", record["outcome"]), "credit")


def authorization(record: Record, env: Environment) -> Record | None:
    """Return that it was declined, where onX tells why."""
    return {"decision": "declined", "declineReason": record["declineReason"]} if "declineReason" in record else None


def carrier(record: Record, env: Environment) -> str | None:
    """Return the carrier of the first label."""
    named = [label["carrier"] for label in record.get("labels") or () if label["carrier"] != _UNKNOWN]
    return named[0] if named else None


def label_uri(record: Record, env: Environment) -> str | None:
    """Return where the first label is."""
    return next((label["url"] for label in record.get("labels") or () if "url" in label), None)


def parcels(record: Record, env: Environment) -> list[Record] | None:
    """Return the parcel of each label, with its carrier where that is told."""
    return [_parcel(label) for label in record.get("labels") or ()] or None


def _parcel(label: Record) -> Record:
    carrier = {"carrier": label["carrier"]} if label["carrier"] != _UNKNOWN else {}
    link = {"labelUri": label["url"]} if "url" in label else {}
    return {"trackingNumber": label["trackingNumber"], **carrier, **link}


def note(record: Record, env: Environment) -> str | None:
    """Return what the customer says, nothing where that is blank."""
    said: str = record.get("customerNote") or ""
    return said if said.strip() else None


def line_id(line: Record, env: Environment) -> str:
    """Return the line, by its own id, else by the line of the order."""
    return str(line.get("id") or line["orderLineItemId"])


def original_order(line: Record, env: Environment) -> Record:
    """Return the line of the order that the goods were sold by."""
    return {"type": "sales_order", "id": env.root["orderId"], "lineId": line["orderLineItemId"]}


def _exchange_of(row: Record, env: Environment) -> Record:
    named = {"description": row["name"]} if "name" in row else {}
    order = {"order": {"type": "replacement_order", "id": row["exchangeOrderId"]}} if "exchangeOrderId" in row else {}
    uom = env.tenant.setting("unit_of_measure")
    return {
        "item": {"sku": row["sku"], **named},
        "quantity": {"value": _text(row["quantity"], env), "uom": uom},
        **order,
    }


def replacement(line: Record, env: Environment) -> Record | None:
    """Return what goes out for a line: the exchange that has its id."""
    found = env.once(_exchanges).get(line_id(line, env))
    return _exchange_of(found, env) if found else None


def _exchanges(record: Record, env: Environment) -> dict[str | None, Record]:
    """Return the exchanges by the id of their line, the first of each."""
    rows = record.get("exchangeLineItems") or ()
    return {row.get("id"): row for row in reversed(rows)}


def other_exchanges(record: Record, env: Environment) -> list[Record] | None:
    """Return what goes out for no line in particular, kept as it is."""
    ids = {line_id(line, env) for line in record["returnLineItems"]}
    rows = [row for row in record.get("exchangeLineItems") or () if row.get("id") not in ids]
    if rows:
        env.finding("exchange_without_line", "goods go out and onX does not tell for which line")
    return [{name: str(value) for name, value in row.items()} for row in rows] or None


def resolution(line: Record, env: Environment) -> str:
    """Return what the customer gets for a line: the outcome of the return, as onX has one for all."""
    return env.code("outcome", env.root["outcome"])


def tracking_numbers(record: Record, env: Environment) -> list[str] | None:
    """Return the carriers' numbers of all labels."""
    return [label["trackingNumber"] for label in record.get("labels") or ()] or None


def has_inspection(line: Record, env: Environment) -> bool:
    """Whether a line was inspected."""
    return "dispositionOutcome" in (line.get("inspection") or {})


def decided(record: Record, env: Environment) -> None:
    """Refuse a return of which nothing is decided."""
    if not any(has_inspection(line, env) for line in record["returnLineItems"]):
        said = "no line has the outcome of an inspection: nothing is decided yet"
        raise MappingError(said, kind="translation", problems=[Problem("not_yet", said, "", "/returnLineItems")])


def disposition_id(record: Record, env: Environment) -> str:
    """Return the id of the disposition of a return."""
    return f"onx-disposition-{record['id']}"


def inspection(line: Record, env: Environment) -> Record:
    """Return who inspected, when, and the pictures taken."""
    told = line["inspection"]
    pictures = [{"uri": uri} for uri in told.get("images") or ()]
    return {
        "by": told.get("inspectedBy") or "onx",
        "at": told.get("inspectedAt") or env.root["updatedAt"],
        **({"attachments": pictures} if pictures else {}),
    }


def splits(line: Record, env: Environment) -> list[Record]:
    """Return the one decision that onX has for a line."""
    told = line["inspection"]
    grades, decisions = env.tenant.table("condition"), env.tenant.table("disposition")
    grade, word = told.get("conditionCategory"), told["dispositionOutcome"]
    condition = (
        {"code": grades.require(grade, env), "source": {"scheme": grades.scheme, "value": grade}}
        if grade
        else {"code": "unidentified", "note": "onX tells no grade"}
    )
    note = {"note": told["note"]} if "note" in told else {}
    decided = {"code": decisions.require(word, env), "source": {"scheme": decisions.scheme, "value": word}, **note}
    to = _position(decided["code"], told, env)
    quantity = {"value": _text(line["quantityReturned"], env), "uom": env.tenant.setting("unit_of_measure")}
    split = {"splitId": "1", "quantity": quantity, "condition": condition, "disposition": decided}
    return [{**split, **({"to": to} if to else {})}]


def _position(code: str, told: Record, env: Environment) -> Record | None:
    """Return where goods went: what the decision means, in the return's warehouse."""
    where = str(env.root.get("locationId") or env.tenant.setting("warehouse_id"))
    shelf = {"bin": told["warehouseLocationId"]} if "warehouseLocationId" in told else {}
    place = LocationRef.model_validate({"id": where, **shelf})
    found = state.default_position(cast("DispositionValue", code), place)
    return found.to_dict() if found else None


# --- writing --------------------------------------------------------------------------------------------------


def _order(document: Record) -> str | None:
    named = [ref["id"] for ref in document.get("refs") or () if ref["type"] == "sales_order"]
    named += [line["originalOrder"]["id"] for line in document["lines"] if "originalOrder" in line]
    return named[0] if named else None


def writable(document: Record, env: Environment) -> None:
    """Refuse what onX has no way to say: no order, an item without SKU, several outcomes."""
    problems = []
    if _order(document) is None:
        said = "onX names the order, and neither the return nor a line does"
        problems.append(Problem("no_order", said, "/refs", "/orderId"))
    for place, line in enumerate(document["lines"]):
        if "sku" not in line["item"]:
            at = f"/lines/{place}/item"
            problems.append(Problem("no_sku", "onX names an item by its SKU", at, f"/returnLineItems/{place}/sku"))
    wanted = {line.get("requestedResolution") for line in document["lines"]} - {None}
    if len(wanted) > 1:
        said = f"onX has one outcome for all lines, these have {', '.join(sorted(map(str, wanted)))}"
        problems.append(Problem("several_outcomes", said, "/lines", "/outcome"))
    if document["currency"] != env.tenant.setting("currency"):
        said = f"the return is in {document['currency']}, and onX has no currency: all is in the tenant's"
        problems.append(Problem("currency", said, "/currency"))
    if problems:
        raise MappingError("onX cannot say this return", kind="translation", problems=problems)


def created_at(document: Record, env: Environment) -> str:
    """Return when it was made: asked for, else told of."""
    at = str(document.get("requestedAt") or document["meta"]["issuedAt"])
    return str(_zulu(at, env))


def order_of(document: Record, env: Environment) -> str | None:
    """Return the order the goods were sold by; others are lost."""
    first = _order(document)
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] != "sales_order" or ref["id"] != first:
            env.lose("onX names one order and nothing else", below=f"/refs/{place}")
    for place, line in enumerate(document["lines"]):
        if line.get("originalOrder", {}).get("id", first) != first:
            env.lose("onX names one order", below=f"/lines/{place}/originalOrder/id")
    return first


def order_line(line: Record, env: Environment) -> str:
    """Return the line of the order, our own where it is not known."""
    return str((line.get("originalOrder") or {}).get("lineId") or line["lineId"])


def outcome_of(document: Record, env: Environment) -> str:
    """Return what the customer gets: what the lines ask for, else what the type of the return means."""
    wanted = [line["requestedResolution"] for line in document["lines"] if "requestedResolution" in line]
    code = wanted[0] if wanted else _RESOLUTION_OF.get(document["type"], "credit")
    if document["type"] != _TYPE_OF.get(code, "credit"):
        env.lose("onX has one word for what the customer gets", below="/type")
    return str(env.tenant.table("outcome").write[code])


def total(document: Record, env: Environment) -> Decimal:
    """Return the sum of all quantities."""
    return sum((_number(line["requested"]["value"], env) for line in document["lines"]), Decimal(0))


def labels(document: Record, env: Environment) -> list[Record] | None:
    """Return a label for each parcel, else each tracking number; a carrier that is not told is unknown."""
    expected = document.get("expectedReceipt") or {}
    parcels = {parcel["trackingNumber"]: parcel for parcel in expected.get("parcels") or ()}
    numbers = dict.fromkeys([*parcels, *(expected.get("trackingNumbers") or ())])
    for name in ("carrier", "labelUri"):
        told = {parcels.get(number, {}).get(name, expected.get(name)) for number in numbers}
        if name in expected and expected[name] not in told:
            env.lose("a label is of one parcel", below=f"/expectedReceipt/{name}")
    return [_label(number, {**expected, **parcels.get(number, {})}) for number in numbers] or None


def _label(number: str, said: Record) -> Record:
    link = {"url": said["labelUri"]} if "labelUri" in said else {}
    return {"carrier": said.get("carrier", _UNKNOWN), "trackingNumber": number, **link}


def received_at(document: Record, env: Environment) -> str | None:
    """Return when goods last came in."""
    moments = [receipt["receivedAt"] for line in document["lines"] for receipt in line.get("receipts") or ()]
    return max(str(_zulu(moment, env)) for moment in moments) if moments else None


def exchanges(document: Record, env: Environment) -> list[Record] | None:
    """Return what goes out instead, of lines whose replacement has a SKU."""
    rows = []
    for place, line in enumerate(document["lines"]):
        going = line.get("replacement")
        if going is None:
            continue
        if going["quantity"]["uom"] != env.tenant.setting("unit_of_measure"):
            raise ValueError(f"the replacement is in {going['quantity']['uom']}, and onX has no units")
        if "sku" not in going["item"]:
            env.lose("onX names an item by its SKU", below=f"/lines/{place}/replacement")
            continue
        named = {"name": going["item"]["description"]} if "description" in going["item"] else {}
        order = {"exchangeOrderId": going["order"]["id"]} if "order" in going else {}
        quantity = _number(going["quantity"]["value"], env)
        rows.append({"id": line["lineId"], **order, "sku": going["item"]["sku"], **named, "quantity": quantity})
    return rows or None
