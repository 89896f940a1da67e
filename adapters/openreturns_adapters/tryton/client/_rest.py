"""Reads over Tryton's REST: nested records in one call, pages to the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from openreturns.errors import ContractError
from openreturns.transport import Client

from openreturns_adapters.tryton.client._wire import decoded, domain

__all__ = ["Rest"]

Record = dict[str, Any]
_PAGE = 100


class Rest:
    """One application key at one database."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def one(self, verb: str, model: str, number: int, fields: Sequence[str]) -> Record:
        """Return one record. Raises RejectedError (kind `not_found`)."""
        params = [("f", name) for name in fields]
        answer = self._client.request(
            verb, "GET", "/rest/model/{model}/{id}", at={"model": model, "id": str(number)}, params=params
        )
        found: Record = decoded(answer.json)
        return found

    def find(self, verb: str, model: str, conditions: object, fields: Sequence[str]) -> Iterator[Record]:
        """Yield all records that match, oldest first, page by page."""
        seen = 0
        while True:
            params = [("d", domain(conditions)), ("o", domain([["id", "ASC"]])), ("s", str(_PAGE)), ("p", str(seen))]
            params += [("f", name) for name in fields]
            answer = self._client.request(verb, "GET", "/rest/model/{model}", at={"model": model}, params=params)
            if not isinstance(answer.json, list):
                raise ContractError(f"{verb}: a search of {model} answered no list", kind="contract_drift")
            yield from decoded(answer.json)
            seen += len(answer.json)
            if len(answer.json) < _PAGE:
                return
