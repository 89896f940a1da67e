"""AvaTax as the tax engine: what tax a credit gives back, recorded once under the credit's own number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from openreturns import Adapter
from openreturns.decimals import exactly
from openreturns.errors import MappingError, Problem, RejectedError
from openreturns.idempotency import Outcome, act, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Money, Return
from openreturns.ports import Change, Tax, TaxQuote
from openreturns.readback import differences, proven
from openreturns.transport import SYSTEM, Answer, Auth, Basic, Client, Throttled, Time

from openreturns_adapters.avatax.functions.recording import tax_method
from openreturns_adapters.avatax.refund import Refund, gives_tax_only, refund_of

__all__ = ["AvaTax", "path_code"]

_WHOLE = {"$include": "Lines,Details,Summary,Addresses"}
_AS_CREDIT = {"documentType": "ReturnInvoice"}
# Characters that a code in a path is not taken with, and what stands for them.
# Source: developer.avalara.com, "Document codes in URLs".
_CODED = {"%": "_-ava25-_", "/": "_-ava2f-_", "+": "_-ava2b-_", "?": "_-ava3f-_", "#": "_-ava23-_"}


class AvaTax(Tax):
    """One company in an AvaTax account.

    `account_id` and `license_key` are the account's (or credentials of another kind as `auth`, such as
    `transport.Bearer`); `base_url` (up to `/api/v2`) points at another environment, such as the sandbox; `options`
    are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        account_id: str = "",
        license_key: str = "",
        auth: Auth | None = None,
        base_url: str = "",
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        if auth is None and not (account_id and license_key):
            raise MappingError("AvaTax needs an account_id and a license_key, or auth", kind="setting")
        self._adapter = adapter
        self._company = str(adapter.tenant.setting("company_code"))
        self._sleep = time.sleep
        self._client = Client(
            base_url or adapter.manifest["base_url"],
            vendor=adapter.name,
            auth=auth or Basic(account_id, license_key),
            throttled=(Throttled(429), Throttled(503)),
            explain=_explain,
            time=time,
            **options,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ------------------------------------------------------------ verbs

    def quote(self, credit: Credit) -> TaxQuote:
        """Return the tax of a credit; nothing is recorded (a ReturnOrder is an estimate).

        Raises MappingError for a credit of tax alone: AvaTax estimates the tax of amounts.
        """
        if gives_tax_only(credit):
            raise _tax_alone("AvaTax estimates no tax where there is no amount")
        [written] = self._adapter.write(credit, "transaction_create")
        estimate = {**written.record, "type": "ReturnOrder"}
        estimate.pop("commit", None)
        answer = self._client.request(
            "quote", "POST", "/transactions/create", params=_WHOLE, json=estimate, idempotency="safe"
        )
        # An estimate and a record differ by their type only; the mapping reads records.
        read = self._adapter.document("transaction", {**answer.json, "type": "ReturnInvoice"})
        assert isinstance(read, Credit)  # the mapping's own document
        ref = DocumentRef(type="tax_transaction", id=str(written.record["code"]), system=self._adapter.name)
        return TaxQuote(tuple(read.taxes or ()), read.totals.tax, ref, tax_method(written.record))

    def commit(self, credit: Credit) -> Outcome:
        """Record the tax of a credit: as a refund where it is one of the recorded sale, else by its own lines.

        A refund (of whole lines, of a percentage, of the tax only) gives back the tax that was charged; some
        pieces of a line are taxed by the law of the day of the sale, which the mapping sends as a tax date.

        Raises MappingError for a credit of tax alone that is not all the tax of one sale: there is no such refund.
        """
        [written] = self._adapter.write(credit, "transaction_create")
        code = str(written.record["code"])
        once, rule = key("avatax", code, "commit", credit.meta.revision), self._adapter.rule("commit")
        sale = self._sale(credit)
        refund = refund_of(credit, sale) if sale else None
        if refund is None and gives_tax_only(credit):
            raise _tax_alone("AvaTax gives the tax alone back of a whole committed sale, all of it")

        def write() -> DocumentRef:
            if refund and sale:
                path = "/companies/{company}/transactions/{code}/refund"
                at = {"company": path_code(self._company), "code": path_code(str(sale["code"]))}
                params, body = {"documentType": "SalesInvoice", **_WHOLE}, refund.model
            else:
                path, at, params = "/transactions/create", {}, _WHOLE
                body = {**written.record, "commit": True}
            answer = self._client.request(
                "commit",
                "POST",
                path,
                at=at,
                params=params,
                json=body,
                idempotency=rule,
                key=once,
                correlation_id=credit.meta.correlation_id or "",
            )
            return self._ref(answer.json["code"])

        outcome = act(write, lambda: self._recorded(code, "Committed"), rule, key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._as_recorded(done.ref, written.record, refund, credit.totals.tax))

    def void(self, credit: Credit) -> Outcome:
        """Take back what was recorded for a credit, whatever has become of that: only its number is needed."""
        code = credit.number
        once, rule = key("avatax", code, "void", credit.meta.revision), self._adapter.rule("void")

        def write() -> DocumentRef:
            path = "/companies/{company}/transactions/{code}/void"
            at, body = self._place(code), {"code": "DocVoided"}
            self._client.request("void", "POST", path, at=at, params=_AS_CREDIT, json=body, idempotency=rule, key=once)
            return self._ref(code)

        outcome = act(write, lambda: self._recorded(code, "Cancelled"), rule, key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._has_status(done.ref, "Cancelled"))

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return what was recorded under a credit's number."""
        record = self._get(ref.id)
        if record is None:
            message = f"AvaTax has no ReturnInvoice {ref.id}"
            raise RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])
        return self._adapter.document("transaction", record)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the recorded credits modified since a moment, oldest first."""
        moment = since.astimezone(UTC)
        path, at = "/companies/{company}/transactions", {"company": path_code(self._company)}
        params = {"$filter": f"modifiedDate ge {moment:%Y-%m-%dT%H:%M:%SZ} and date ge 1900-01-01", "$orderBy": "id"}
        found, seen = [], set()
        answer = self._client.request("list", "GET", path, at=at, params=params)
        while True:
            for record in answer.json["value"]:
                if record["type"] == "ReturnInvoice":
                    when = datetime.fromisoformat(record["modifiedDate"])
                    found.append(Change(self._ref(record["code"]), when if when.tzinfo else when.replace(tzinfo=UTC)))
            address = answer.json.get("@nextLink")
            if not address or address in seen:
                break
            seen.add(address)
            answer = self._client.request("list", "GET", address)
        yield from sorted((one for one in found if one.at >= moment), key=lambda change: change.at)

    # ------------------------------------------------------------ calls

    def _ref(self, code: object) -> DocumentRef:
        return DocumentRef(type="credit", id=str(code), system=self._adapter.name)

    def _place(self, code: str) -> dict[str, str]:
        return {"company": path_code(self._company), "code": path_code(code)}

    def _get(self, code: str, document_type: str = "ReturnInvoice") -> Mapping[str, Any] | None:
        answer = self._client.request(
            "read",
            "GET",
            "/companies/{company}/transactions/{code}",
            at=self._place(code),
            params={"documentType": document_type, **_WHOLE},
            accepts={404},
        )
        record: Mapping[str, Any] | None = answer.json if answer.status != 404 else None
        return record

    def _recorded(self, code: str, status: str) -> DocumentRef | None:
        record = self._get(code)
        return self._ref(code) if record is not None and record["status"] == status else None

    def _sale(self, credit: Credit) -> Mapping[str, Any] | None:
        """Return the committed sale that all lines of a credit come from, if there is one such."""
        invoices = {line.original_invoice.id for line in credit.lines if line.original_invoice}
        if len(invoices) != 1 or any(line.original_invoice is None for line in credit.lines):
            return None
        sale = self._get(invoices.pop(), "SalesInvoice")
        return sale if sale is not None and sale["status"] == "Committed" else None

    # ------------------------------------------------------------ proofs

    def _as_recorded(
        self, ref: DocumentRef, sent: Mapping[str, Any], refund: Refund | None, tax: Money
    ) -> Sequence[Problem]:
        """Compare the recorded goods with those sent: what and how many of them, their net value, tax and state.

        The tax is the engine's own; what the customer gets back is the credit's. One without the other is told.
        """
        held = self._get(ref.id) or {}
        with exactly():
            total = sum((Decimal(line["amount"]) for line in sent["lines"]), Decimal(0))
        expected = {"status": "Committed", "code": sent["code"], "totalAmount": total}
        expected["totalTax"] = tax.amount.copy_negate()
        expected["currencyCode"] = sent.get("currencyCode")
        goods = [{"lineNumber": one["number"], "quantity": one.get("quantity")} for one in sent["lines"]]
        expected |= refund.made if refund else {"lines": [_told(one) for one in goods]}
        return differences(_told(expected), held, keys={"lines": "lineNumber"})

    def _has_status(self, ref: DocumentRef, status: str) -> Sequence[Problem]:
        return differences({"status": status}, self._get(ref.id) or {})


def _told(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if value is not None}


def _tax_alone(said: str) -> MappingError:
    problem = Problem("tax_only", said, "/totals/tax", "/refundType")
    return MappingError("AvaTax has no transaction for this tax alone", kind="translation", problems=[problem])


def path_code(code: str) -> str:
    """Return a company or document code as it stands in a path."""
    return "".join(_CODED.get(character, character) for character in code)


def _explain(answer: Answer) -> Sequence[Problem]:
    """Return the error's details; its message may repeat an address, so only codes and sentences of the list."""
    error = answer.json["error"]
    details = error.get("details") or [error]
    return [Problem(str(one.get("code", error["code"])), str(one.get("message", ""))[:200]) for one in details]
