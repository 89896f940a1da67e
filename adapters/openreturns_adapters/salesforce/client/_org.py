"""The calls that are made to an org: queries, upserts by external id, changes by record id, composites."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from openreturns.errors import ContractError, Problem, RejectedError
from openreturns.transport import Client
from openreturns.transport.pages import by_address

from openreturns_adapters.salesforce.client._errors import refusal, refused_part
from openreturns_adapters.salesforce.ids import is_id

__all__ = ["Org", "moment", "normal", "quoted", "select"]

Record = dict[str, Any]

_DRIFT = {"INVALID_FIELD", "INVALID_TYPE"}


class Org:
    """One org, as its REST API offers it. Records are as the org has them; names of fields too."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def ask(self, verb: str, query: str) -> list[Record]:
        """Return all records of a query.

        Raises ContractError (kind `contract_drift`), naming the field, where the org does not know one.
        """
        try:
            found = by_address(
                self._client,
                verb,
                "/query",
                params={"q": query},
                items=lambda answer: answer.json["records"],
                following=lambda answer: answer.json.get("nextRecordsUrl"),
                total=lambda answer: answer.json["totalSize"],
            )
            return list(found)
        except RejectedError as error:
            if error.vendor_code not in _DRIFT:
                raise refusal(error) from None
            drift = ContractError(str(error.args[0]), kind="contract_drift", problems=error.problems)
            drift.status, drift.vendor_code = error.status, error.vendor_code
            drift.correlation_id = error.correlation_id
            raise drift from None

    def one(self, verb: str, query: str) -> Record | None:
        """Return the one record of a query, or None. Raises RejectedError (kind `conflict`) for several."""
        found = self.ask(verb, query)
        if len(found) > 1:
            message = f"salesforce {verb}: {len(found)} records where there must be one"
            raise RejectedError(message, kind="conflict", problems=[Problem("several", message)])
        return found[0] if found else None

    def upsert(
        self,
        verb: str,
        sobject: str,
        field: str,
        value: str,
        body: Mapping[str, Any],
        *,
        only_update: bool,
        **told: Any,  # noqa: ANN401 - what Client.request takes
    ) -> str:
        """Change the record with this external id, or create it; return its id, empty if the org does not tell it."""
        place = {"sobject": sobject, "field": field, "value": value}
        params = {"updateOnly": True} if only_update else {}
        path = "/sobjects/{sobject}/{field}/{value}"
        try:
            answer = self._client.request(
                verb, "PATCH", path, at=place, params=params, json=body, idempotency="native", accepts={300}, **told
            )
        except RejectedError as error:
            raise refusal(error) from None
        if answer.status == 300:
            message = f"several records of {sobject} have this {field}; nothing was written"
            refused = RejectedError(
                message, kind="conflict", problems=[Problem("several", message, native=f"/{field}")]
            )
            refused.status = 300
            raise refused
        return str(answer.json["id"]) if answer.json else ""

    def change(
        self,
        verb: str,
        sobject: str,
        record_id: str,
        body: Mapping[str, Any],
        **told: Any,  # noqa: ANN401 - as above
    ) -> str:
        """Change the record with this id, and return the id."""
        place = {"sobject": sobject, "id": record_id}
        try:
            self._client.request(
                verb, "PATCH", "/sobjects/{sobject}/{id}", at=place, json=body, idempotency="native", **told
            )
        except RejectedError as error:
            raise refusal(error) from None
        return record_id

    def together(
        self,
        verb: str,
        parts: Sequence[Mapping[str, Any]],
        **told: Any,  # noqa: ANN401 - as above
    ) -> list[Record]:
        """Make several calls that each repeat harmlessly in one, all or none of them, and return their bodies.

        The answer is 200 whatever became of them. Raises the error of the part that failed.
        """
        body = {"allOrNone": True, "compositeRequest": list(parts)}
        answer = self._client.request(verb, "POST", "/composite", json=body, idempotency="native", **told)
        answers: list[Record] = answer.json["compositeResponse"]
        failed = [part for part in answers if int(part["httpStatusCode"]) >= 300]
        if failed:
            # The others say PROCESSING_HALTED, and not why.
            raise refused_part(next((part for part in failed if not _halted(part)), failed[0]))
        if len(answers) != len(parts):
            raise ContractError("a composite answered other parts than were sent", kind="contract_drift")
        return [part["body"] or {} for part in answers]


def _halted(part: Mapping[str, Any]) -> bool:
    body = part["body"]
    return isinstance(body, list) and body[0].get("errorCode") == "PROCESSING_HALTED"


def select(fields: Iterable[str], sobject: str, where: str = "", order: str = "") -> str:
    """Return a query. Values in `where` are `quoted`; names are the contract's or a tenant's checked setting."""
    condition = f" WHERE {where}" if where else ""
    sorting = f" ORDER BY {order}" if order else ""
    return f"SELECT {', '.join(fields)} FROM {sobject}{condition}{sorting}"  # noqa: S608 - see above


def quoted(text: str) -> str:
    """Return a text as SOQL quotes it."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def moment(text: str) -> datetime:
    """Return a moment as the vendor writes it, `2026-11-22T12:00:00.000+0000`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def normal(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value in the one spelling that can be compared: moments in UTC, ids in 15 characters."""
    if isinstance(value, Mapping):
        return {name: normal(one) for name, one in value.items()}
    if isinstance(value, list):
        return [normal(one) for one in value]
    if not isinstance(value, str):
        return value
    if is_id(value):
        return value[:15]
    try:
        return moment(value).isoformat() if "T" in value and value[:4].isdecimal() else value
    except ValueError:
        return value
