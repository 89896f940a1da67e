"""NetSuite as the ERP: what may come back, RMAs, item receipts, stock moves and credit memos, over SuiteTalk REST."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from openreturns import Adapter
from openreturns.errors import ContractError, MappingError, Problem, RejectedError
from openreturns.idempotency import Done, Outcome, Rejected, act, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, EligibleLine, Erp
from openreturns.readback import differences, proven
from openreturns.transport import SYSTEM, Answer, Auth, Budget, Client, OAuth1, Throttled, Time

from openreturns_adapters.netsuite.client._jobs import followed, later
from openreturns_adapters.netsuite.client._refusals import explain
from openreturns_adapters.netsuite.eligibility import Sale, eligible
from openreturns_adapters.netsuite.held import is_ahead_of_goods, on_lines_of, said

__all__ = ["NetSuite"]

# A canonical document's kind, as a reference names it -> the record and our contract of it.
_RECORDS = {
    "return": ("returnAuthorization", "return_authorization"),
    "credit": ("creditMemo", "credit_memo"),
    "adjustment": ("inventoryAdjustment", "inventory_adjustment"),
}
_FEED = ("return", "credit", "adjustment")
_PAGE = 100
# Misspelled fields are an error and not dropped in silence, as they would be without this.
_STRICT = {"X-NetSuite-PropertyNameValidation": "Error", "X-NetSuite-PropertyValueValidation": "Error"}
# A memo made from an RMA starts with all that came back: what is not creditable is left out only if told so.
_ONLY_THESE = {"replace": "item"}
# Overload shows as a refused login: one is believed, two in a row are a wrong token.
_THROTTLED = (Throttled(429), Throttled(401, "INVALID_LOGIN", times=1))


class NetSuite(Erp):
    """One NetSuite account.

    `consumer_key`, `consumer_secret`, `token` and `token_secret` are those of token-based authentication (or
    credentials of another kind as `auth`, such as `transport.ClientAssertion`); `base_url` (up to `/services/rest`)
    points at another host than the account's own; `options` are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        consumer_key: str = "",
        consumer_secret: str = "",
        token: str = "",
        token_secret: str = "",
        auth: Auth | None = None,
        base_url: str = "",
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        account = str(adapter.tenant.setting("account_id"))
        if auth is None and not (consumer_key and consumer_secret and token and token_secret):
            raise MappingError("NetSuite needs keys and secrets of a consumer and a token, or auth", kind="setting")
        host = account.lower().replace("_", "-")
        self._adapter = adapter
        self._sleep = time.sleep
        self._client = Client(
            base_url or adapter.manifest["base_url"].format(account=host),
            vendor=adapter.name,
            account=account,
            auth=auth
            or OAuth1(
                consumer_key=consumer_key,
                consumer_secret=consumer_secret,
                token=token,
                token_secret=token_secret,
                realm=account,
                time=time,
            ),
            throttled=_THROTTLED,
            explain=explain,
            headers=_STRICT,
            time=time,
            **{"budget": Budget(concurrent=adapter.manifest["rate_limit"]["concurrent"]), **options},
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ------------------------------------------------------------ verbs

    def check_eligibility(self, return_: Return) -> Sequence[EligibleLine]:
        """Return what of each line may come back, by its original invoice and what other RMAs already took."""
        sales: dict[str, Sale] = {}
        for number in dict.fromkeys(line.original_invoice.id for line in return_.lines if line.original_invoice):
            invoice = self._by_number("invoice", number)
            if invoice is not None:
                sales[number] = Sale(invoice, self._returns_of(invoice))
        return eligible(return_, sales, self._adapter.tenant)

    def authorize(self, return_: Return) -> Outcome:
        """Record the RMA, under the return's number as its external id."""
        [written] = self._adapter.write(return_, "return_authorization")
        return self._put("authorize", return_, written.record)

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Close every line of an RMA, which closes the RMA. NetSuite's REST records have no cancel."""
        once = key("netsuite", ref.id, "cancel")
        lines = [one["line"] for one in self._get(ref)["item"]["items"]]
        body = {"item": {"items": [{"line": line, "isClosed": True} for line in lines]}}

        def close() -> DocumentRef:
            self._call("cancel", "PATCH", "/record/v1/returnAuthorization/{id}", {"id": ref.id}, body, once)
            return ref

        outcome = act(close, None, self._adapter.rule("cancel"), key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._closed(done.ref))

    def receive(self, return_: Return) -> Sequence[Outcome]:
        """Record the receipts of a return, one item receipt a delivery, each under its receipt id."""
        rma = self._rma(return_.number)
        return [
            self._transform("receive", rma, "itemReceipt", written.record, return_)
            for written in self._adapter.write(return_, "item_receipt")
        ]

    def post_adjustment(self, adjustment: Adjustment) -> Outcome:
        """Move stock. NetSuite wants a record an offset account: all are made, or the first that is not is told."""
        outcome: Outcome | None = None
        for written in self._adapter.write(adjustment, "inventory_adjustment"):
            outcome = self._put("post_adjustment", adjustment, written.record)
            if not isinstance(outcome, Done):
                return outcome
        return outcome or Rejected((Problem("nothing", "the adjustment moves nothing"),), "nothing")

    def issue_credit(self, credit: Credit) -> Outcome:
        """Record the credit memo, made from the RMA that its reference names.

        One that is ahead of its goods is the account's to allow: see the setting `refund_in_advance`.
        """
        returns = [ref.id for ref in credit.refs or () if ref.type == "return"]
        if len(returns) != 1:
            problem = Problem("no_return", "a credit memo is made from one RMA", "/refs")
            raise RejectedError("the credit names no single return", kind="validation", problems=[problem])
        rma = self._rma(returns[0])
        [written] = self._adapter.write(credit, "credit_memo")
        outcome = self._transform("issue_credit", rma, "creditMemo", written.record, credit)
        return self._explained(outcome, returns[0], written.record) if isinstance(outcome, Rejected) else outcome

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return an RMA, credit memo or adjustment by NetSuite's internal id."""
        _, contract = self._record(ref.type)
        return self._adapter.document(contract, self._get(ref))

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the RMAs, credit memos and adjustments changed since a moment, oldest first.

        A filter knows days only (in the integration user's date format), so more is asked for and sifted. A record
        whose moment cannot be read is told of as well: reading it fails, and no other. One that is gone is not.
        """
        day = _day(since.astimezone(UTC) - timedelta(days=1), str(self._adapter.tenant.setting("date_format")))
        found = []
        for kind in _FEED:
            for number in self._ids(_RECORDS[kind][0], f'lastModifiedDate ON_OR_AFTER "{day}"'):
                ref = DocumentRef.model_validate({"type": kind, "id": number, "system": self._adapter.name})
                change = self._changed(ref, since)
                if change is not None:
                    found.append(change)
        yield from sorted(found, key=lambda change: change.at)

    def _changed(self, ref: DocumentRef, since: datetime) -> Change | None:
        try:
            record = self._get(ref)
        except RejectedError as error:
            if error.kind != "not_found":
                raise
            return None  # deleted since it was listed
        try:
            at = datetime.fromisoformat(record["lastModifiedDate"])
            return Change(ref, at) if at >= since else None
        except (KeyError, TypeError, ValueError):
            return Change(ref, since, f"{ref.type}/{ref.id}@unread")

    # ------------------------------------------------------------ writes

    def _put(self, verb: str, document: Return | Adjustment, record: Mapping[str, Any]) -> Outcome:
        """Upsert a record under its own external id: a repeat changes nothing."""
        kind = _kind(document)
        native, _ = _RECORDS[kind]
        number = str(record["externalId"])
        once = key("netsuite", number, verb, document.meta.revision)

        def write() -> DocumentRef:
            path, at = f"/record/v1/{native}/eid:{{eid}}", {"eid": number}
            answer = self._call(verb, "PUT", path, at, record, once, document)
            return self._made(kind, answer)

        outcome = act(write, lambda: self._found(kind, number), self._adapter.rule(verb), key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._as_sent(done.ref, native, record))

    def _transform(
        self, verb: str, rma: Mapping[str, Any], target: str, record: Mapping[str, Any], document: Return | Credit
    ) -> Outcome:
        """Make a record from an RMA. A transform is no upsert: look for its external id before, and after a doubt."""
        record = on_lines_of(rma, record)
        number = str(record["externalId"])
        once = key("netsuite", number, verb, document.meta.revision)
        kind, only = ("credit", _ONLY_THESE) if target == "creditMemo" else ("other", {})

        def write() -> DocumentRef:
            path = f"/record/v1/returnAuthorization/{{id}}/!transform/{target}"
            at = {"id": str(rma["id"])}
            return self._made(kind, self._call(verb, "POST", path, at, record, once, document, only))

        def look() -> DocumentRef | None:
            return self._found(kind, number, target)

        outcome = act(write, look, self._adapter.rule(verb), key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._as_sent(done.ref, target, record))

    def _explained(self, refused: Rejected, number: str, record: Mapping[str, Any]) -> Rejected:
        """Say of a refusal if it is for goods that have not come: NetSuite says that the reference is invalid."""
        if self._adapter.tenant.setting("refund_in_advance") or not is_ahead_of_goods(self._rma(number), record):
            return refused
        said = "it is ahead of its goods, which an account with the preference Refund in Advance of Return takes only"
        return Rejected((*refused.problems, Problem("ahead_of_goods", said, "/lines")), refused.kind)

    # ------------------------------------------------------------ calls

    def _call(
        self,
        verb: str,
        method: str,
        path: str,
        at: Mapping[str, str],
        record: Mapping[str, Any],
        once: str,
        document: Return | Adjustment | Credit | None = None,
        params: Mapping[str, str] | None = None,
    ) -> Answer:
        told: dict[str, Any] = {"correlation_id": (document.meta.correlation_id if document else "") or ""}
        most = self._adapter.tenant.setting("async_lines")
        waits = not most or max(len(_lines(record)), 1) < most
        answer = self._client.request(
            verb,
            method,
            path,
            at=at,
            params=params or {},
            json=record,
            headers={} if waits else later(once),
            idempotency=self._adapter.rule(verb) if waits else "native",  # a job has a key of its own
            key=once,
            accepts=() if waits else {400},
            expects="any",
            **told,
        )
        if waits:
            return answer
        return followed(self._client, verb, answer, self._sleep, once=once, told=told)

    def _made(self, kind: str, answer: Answer) -> DocumentRef:
        """Return the reference of what was made: NetSuite answers with its address and nothing else."""
        number = urlsplit(answer.headers.get("location", "")).path.rpartition("/")[2]
        if not number:
            raise ContractError("NetSuite answered without the address of the record", kind="contract_drift")
        return DocumentRef.model_validate({"type": kind, "id": number, "system": self._adapter.name})

    def _record(self, kind: str) -> tuple[str, str]:
        if kind not in _RECORDS:
            message = f"NetSuite keeps no {kind}; it keeps: {', '.join(_RECORDS)}"
            raise RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])
        return _RECORDS[kind]

    def _get(self, ref: DocumentRef) -> Mapping[str, Any]:
        return self._whole(self._record(ref.type)[0], ref.id)

    def _whole(self, native: str, number: str) -> dict[str, Any]:
        path = f"/record/v1/{native}/{{id}}"
        answer = self._client.request("read", "GET", path, at={"id": number}, params={"expandSubResources": "true"})
        record: dict[str, Any] = answer.json
        return record

    def _found(self, kind: str, number: str, native: str = "") -> DocumentRef | None:
        """Return the record under an external id."""
        path = f"/record/v1/{native or _RECORDS[kind][0]}/eid:{{eid}}"
        answer = self._client.request("look_up", "GET", path, at={"eid": number}, accepts={404})
        if answer.status == 404:
            return None
        return DocumentRef.model_validate({"type": kind, "id": str(answer.json["id"]), "system": self._adapter.name})

    def _rma(self, number: str) -> Mapping[str, Any]:
        """Return the RMA of a return, with its lines."""
        path, params = "/record/v1/returnAuthorization/eid:{eid}", {"expandSubResources": "true"}
        answer = self._client.request("look_up", "GET", path, at={"eid": number}, params=params, accepts={404})
        if answer.status == 404:
            message = f"NetSuite has no returnAuthorization with the external id {number}"
            raise RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])
        record: Mapping[str, Any] = answer.json
        return record

    def _by_number(self, native: str, number: str) -> dict[str, Any] | None:
        ids = list(self._ids(native, f'tranId IS "{_quotable(number)}"'))
        return self._whole(native, ids[0]) if ids else None

    def _returns_of(self, invoice: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return the RMAs made from an invoice or from its sales order."""
        origins = [invoice["id"], *([invoice["createdFrom"]["id"]] if "createdFrom" in invoice else [])]
        native, q = "returnAuthorization", f"createdFrom ANY_OF [{', '.join(map(str, origins))}]"
        return [self._whole(native, number) for number in self._ids(native, q)]

    def _ids(self, native: str, q: str) -> Iterator[str]:
        """Yield the internal ids of a filtered list, page by page; refuses a list that ends before its total."""
        seen = 0
        while True:
            params = {"q": q, "limit": str(_PAGE), "offset": str(seen)}
            page = self._client.request("list", "GET", f"/record/v1/{native}", params=params).json
            yield from (str(item["id"]) for item in page["items"])
            seen += len(page["items"])
            if not page["hasMore"]:
                break
            if not page["items"]:
                raise ContractError(f"a list of {native} ended before its end", kind="contract_drift")
        if seen < page["totalResults"]:
            raise ContractError(f"a list of {native} had {seen} of {page['totalResults']}", kind="contract_drift")

    # ------------------------------------------------------------ proofs

    def _as_sent(self, ref: DocumentRef, native: str, sent: Mapping[str, Any]) -> Sequence[Problem]:
        return differences(said(sent), said(self._whole(native, ref.id)))

    def _closed(self, ref: DocumentRef) -> Sequence[Problem]:
        status = self.read(ref).status
        if status in {"closed", "cancelled"}:
            return ()
        return [Problem("not_as_sent", f"the RMA is {status}, not closed", native="/status")]


def _lines(record: Mapping[str, Any]) -> Sequence[Any]:
    """Return the lines of a record as it is sent, whatever their list is called."""
    return next((one["items"] for one in record.values() if isinstance(one, Mapping) and "items" in one), ())


def _kind(document: Return | Adjustment) -> str:
    return "return" if isinstance(document, Return) else "adjustment"


def _quotable(text: str) -> str:
    """Return text that may stand between quotes in a filter. Raises RejectedError for text that may not."""
    if not re.fullmatch(r"[^\"\\]{1,255}", text):
        raise RejectedError("a number with a quote or backslash cannot be looked for", kind="validation")
    return text


def _day(moment: datetime, form: str) -> str:
    """Return a day in the date format of the integration user, such as MM/DD/YYYY or D.M.YYYY."""
    parts = {"YYYY": f"{moment:%Y}", "MM": f"{moment:%m}", "DD": f"{moment:%d}"}
    parts |= {"M": str(moment.month), "D": str(moment.day)}
    return re.sub("YYYY|MM|DD|M|D", lambda found: parts[found[0]], form)
