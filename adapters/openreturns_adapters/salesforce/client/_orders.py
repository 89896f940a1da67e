"""The return order of a return, in orgs that are licensed for them: written as composites, read with all its lines."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import islice
from typing import Any
from urllib.parse import quote

from openreturns import Adapter
from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Outcome, act, key
from openreturns.models import DocumentRef, Return
from openreturns.ports import Change
from openreturns.readback import differences, proven

from openreturns_adapters.salesforce.client._org import Org, Record, moment, normal, quoted, select
from openreturns_adapters.salesforce.fields import from_org, to_org
from openreturns_adapters.salesforce.functions.shared import line_key
from openreturns_adapters.salesforce.ids import full_id, is_id

__all__ = ["Orders"]

_MOST = 25  # parts of one composite
_LINES = "ReturnOrderLineItems"
_KEYS = {f"{_LINES}.records": "RMA_Line__c"}

_ORDER_FIELDS = (
    "Id",
    "ReturnOrderNumber",
    "RMA_Number__c",
    "Status",
    "AccountId",
    "Account.Name",
    "Account.AccountNumber",
    "ContactId",
    "CaseId",
    "OrderId",
    "DestinationLocationId",
    "ExpectedArrivalDate",
    "ExpirationDate",
    "Description",
    "CreatedDate",
    "LastModifiedDate",
    "SystemModstamp",
)
_LINE_FIELDS = (
    "Id",
    "ReturnOrderLineItemNumber",
    "RMA_Line__c",
    "Product2Id",
    "Product2.Name",
    "Product2.StockKeepingUnit",
    "Product2.ProductCode",
    "QuantityReturned",
    "QuantityExpected",
    "QuantityReceived",
    "QuantityRejected",
    "QuantityUnitOfMeasure",
    "ReasonForReturn",
    "ReasonForRejection",
    "RepaymentMethod",
    "ProcessingPlan",
    "Description",
    "ChangeOrderItemId",
    "SystemModstamp",
)


class Orders:
    """The return orders of an org."""

    def __init__(self, adapter: Adapter, org: Org, sleep: Callable[[float], None]) -> None:
        self._adapter = adapter
        self._org = org
        self._sleep = sleep

    def bring(self, return_: Return, case: DocumentRef) -> Outcome:
        """Bring the return order up to the return, and tie it to its case."""
        refs = [ref for ref in return_.refs or () if ref.type != "case"]
        document = return_.model_copy(update={"refs": (*refs, case)})
        [written] = self._adapter.write(document, "return_order")
        record, agreed = written.record, _agreed_to_whole(return_)
        once = key("salesforce", return_.number, "return_order", return_.meta.revision)
        told = {"key": once, "correlation_id": return_.meta.correlation_id or ""}
        where = f"Id = {quoted(record['Id'])}" if "Id" in record else self._numbered(return_.number)

        def write() -> DocumentRef:
            held = self._held("return_order", where)
            return self._ref(self._send(_due(record, held, agreed), held, told))

        def as_sent() -> DocumentRef | None:
            held = self._held("return_order", where)
            return self._ref(held["Id"]) if held and not _differences(_due(record, held, agreed), held) else None

        outcome = act(write, as_sent, "lookup", key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._proof(record, agreed, where))

    def read(self, ref: DocumentRef) -> Return:
        """Return the return order that a reference names. Raises RejectedError (kind `not_found`)."""
        if is_id(ref.id, "500"):
            where = f"CaseId = {quoted(ref.id)}"
        else:
            where = f"Id = {quoted(ref.id)}" if is_id(ref.id, "0Zr") else self._numbered(ref.id)
        held = self._held("read", where)
        if held is None:
            message = "Salesforce has no such return order"
            raise RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])
        document = self._adapter.document("return_order", held)
        assert isinstance(document, Return)  # the mapping's own document
        return document

    def changes(self, after: str) -> list[Change]:
        """Return the return orders that changed, or of which a line did: the order's own stamp stays as it is then."""
        latest: dict[str, str] = {}
        for name, sobject in (("Id", "ReturnOrder"), ("ReturnOrderId", "ReturnOrderLineItem")):
            query = select((name, "SystemModstamp"), sobject, after, "SystemModstamp, Id")
            for row in self._org.ask("changes", query):
                latest[row[name]] = max(latest.get(row[name], ""), row["SystemModstamp"], key=_moment)
        return [Change(self._ref(one), moment(stamp)) for one, stamp in latest.items()]

    # ------------------------------------------------------------ calls

    def _ref(self, record_id: object) -> DocumentRef:
        return DocumentRef(type="return", id=full_id(str(record_id)), system=self._adapter.name)

    def _named(self, names: Sequence[str]) -> list[str]:
        return list(to_org(dict.fromkeys(names), self._adapter.tenant))

    def _numbered(self, number: str) -> str:
        [name] = self._named(["RMA_Number__c"])
        return f"{name} = {quoted(number)}"

    def _held(self, verb: str, where: str) -> Record | None:
        """Return a return order with all its lines, as the contract has it, or None.

        The lines are asked for by themselves: those of an inner query come in pages of their own.
        """
        several = ["CurrencyIsoCode"] if self._adapter.tenant.setting("multi_currency") else []
        held = self._org.one(verb, select(self._named([*_ORDER_FIELDS, *several]), "ReturnOrder", where))
        if held is None:
            return None
        of, place = f"ReturnOrderId = {quoted(held['Id'])}", "ReturnOrderLineItemNumber"
        lines = self._org.ask(verb, select(self._named(_LINE_FIELDS), "ReturnOrderLineItem", of, place))
        answered = {"totalSize": len(lines), "done": True, "records": lines}
        return from_org({**held, _LINES: answered}, self._adapter.tenant)

    def _send(self, record: Mapping[str, Any], held: Record | None, told: Mapping[str, str]) -> str:
        """Send a return order and its lines, all of a composite or nothing; return the order's id.

        A line's return order is set when it is created, and never again.
        """
        body = dict(record)
        lines = body.pop(_LINES)["records"]
        there = {line["RMA_Line__c"] for line in held[_LINES]["records"]} if held else set()
        own = body.pop("Id", None)
        order_id = own or (held["Id"] if held else "@{order.id}")
        if own:
            order = self._part("order", f"ReturnOrder/{own}", body)
        else:
            order = self._keyed("order", "ReturnOrder", "RMA_Number__c", body)
        parts = [order]
        for place, line in enumerate(lines):
            parent = {} if line["RMA_Line__c"] in there else {"ReturnOrderId": order_id}
            parts.append(self._keyed(f"line{place}", "ReturnOrderLineItem", "RMA_Line__c", {**line, **parent}))
        waiting = iter(parts)
        while batch := list(islice(waiting, _MOST)):
            [first, *_] = self._org.together("return_order", _resolved(batch, order_id), **told)
            if batch[0] is order and order_id.startswith("@"):
                order_id = str(first["id"])
        return str(order_id)

    def _keyed(self, part: str, sobject: str, field: str, record: Mapping[str, Any]) -> Record:
        """Return the part that changes the record with an external id, or creates it."""
        body = dict(record)
        [name] = self._named([field])
        place = f"{sobject}/{name}/{quote(str(body.pop(field)), safe='')}"
        return self._part(part, place, body)

    def _part(self, name: str, place: str, body: Mapping[str, Any]) -> Record:
        url = f"/services/data/{self._adapter.manifest['api_version']}/sobjects/{place}"
        return {"method": "PATCH", "url": url, "referenceId": name, "body": to_org(dict(body), self._adapter.tenant)}

    # ------------------------------------------------------------ proofs

    def _proof(self, record: Record, agreed: Collection[str], where: str) -> Sequence[Problem]:
        held = self._held("read", where)
        if held is None:
            return [Problem("not_as_sent", "the return order is not there under its number", native="/RMA_Number__c")]
        self._adapter.check_record("return_order", held)
        return _differences(_due(record, held, agreed), held)


def _agreed_to_whole(return_: Return) -> frozenset[str]:
    """Return the keys of the lines of which all that is asked for is agreed to."""
    whole = (line.line_id for line in return_.lines if line.authorized == line.requested)
    return frozenset(line_key(return_.number, line) for line in whole)


def _due(record: Record, held: Record | None, agreed: Collection[str]) -> Record:
    """Return the record as it is to be held: of a line that is agreed to whole, less may have been expected before."""
    lines = held[_LINES]["records"] if held else ()
    less = {line["RMA_Line__c"] for line in lines if line["QuantityExpected"] is not None}.intersection(agreed)
    rows = [
        {"QuantityExpected": line["QuantityReturned"], **line} if line["RMA_Line__c"] in less else line
        for line in record[_LINES]["records"]
    ]
    return {**record, _LINES: {**record[_LINES], "records": rows}}


def _resolved(batch: list[Record], order_id: str) -> list[Record]:
    """Return the parts of a later composite with the id that the first one told."""
    made = [dict(part) for part in batch]
    for part in made:
        if "ReturnOrderId" in part["body"]:
            part["body"] = {**part["body"], "ReturnOrderId": order_id}
    return made


def _differences(record: Mapping[str, Any], held: Mapping[str, Any]) -> list[Problem]:
    return differences(normal(record), normal(held), keys=_KEYS)


def _moment(text: str) -> Any:  # noqa: ANN401 - what sorts
    return moment(text) if text else moment("1970-01-01T00:00:00Z")
