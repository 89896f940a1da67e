"""Calls of Tryton's JSON-RPC: a model's method with the user's context, buttons, wizards."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from openreturns.errors import ContractError
from openreturns.transport import Client, Idempotency

from openreturns_adapters.tryton.client._errors import Warned, refuse
from openreturns_adapters.tryton.client._wire import decoded

__all__ = ["Call", "Rpc", "Step"]

Record = dict[str, Any]
Step = tuple[str, Callable[[Any], Record]]
"""A state of a wizard, and what makes the values of its form from the answer before."""


@dataclass
class Call:
    """What a call is part of: the verb, its key, the case it belongs to, and what a repeat of it does.

    `accepts` are names of warnings that this call is right about; `wrote` tells whether the verb changed anything.
    """

    verb: str
    key: str = ""
    correlation: str = ""
    rule: Idempotency = "safe"
    accepts: frozenset[str] = frozenset()
    wrote: bool = False

    def writing(self, rule: Idempotency) -> Call:
        """Return the same for a call that changes something."""
        self.wrote = True
        return replace(self, rule=rule)


class Rpc:
    """One user at one database. `accepted` are the names of warnings that are answered yes."""

    def __init__(self, client: Client, accepted: Sequence[str]) -> None:
        self._client = client
        self._accepted = frozenset(accepted)
        self._numbers = itertools.count(1)
        self._context: Record = {}

    def context(self) -> Record:
        """Return the user's context, which every call carries: without the company, nothing can be made.

        The language is English: refusals are told apart by their words.
        """
        if not self._context:
            found = self._ask("model.res.user.get_preferences", [True, {}], Call("context"))
            self._context = {**found, "language": "en"}
        return self._context

    def call(self, how: Call, model: str, method: str, *params: object, context: Mapping[str, Any] = {}) -> Any:  # noqa: ANN401 - any JSON value
        """Return what a model's method answers. Raises what a client's request raises, and RejectedError.

        A warning that is accepted is answered, and the call made once more: nothing was done the first time.
        """
        given = [*params, {**self.context(), **context}]
        while True:
            try:
                return self._ask(f"model.{model}.{method}", given, how)
            except Warned as warned:
                if not (self._accepted | how.accepts) & set(warned.name.split(".")):
                    raise
                skip = [warned.name, False, self.context()]
                self._ask("model.res.user.warning.skip", skip, how.writing("native"))

    def read(self, how: Call, model: str, number: int, *fields: str) -> Record:
        """Return fields of one record, as it is now for this user."""
        rows = self.call(how, model, "read", [number], list(fields))
        if not rows:
            raise ContractError(f"{how.verb}: {model} answered without the record", kind="contract_drift")
        found: Record = rows[0]
        return found

    def search(self, how: Call, model: str, domain: Sequence[object], fields: Sequence[str]) -> list[Record]:
        """Return fields of all records that match, oldest first."""
        found: list[Record] = self.call(
            how, model, "search_read", list(domain), 0, None, [["id", "ASC"]], ["id", *fields]
        )
        return found

    def wizard(self, how: Call, name: str, context: Mapping[str, Any], steps: Sequence[Step]) -> Any:  # noqa: ANN401 - any JSON value
        """Run a wizard through states, each with the values of its form; return the last answer."""
        given = {**self.context(), **context}
        session, start, _ = self._ask(f"wizard.{name}.create", [given], how)
        try:
            answer = self._ask(f"wizard.{name}.execute", [session, {}, start, given], how)
            for state, values in steps:
                answer = self._ask(f"wizard.{name}.execute", [session, values(answer), state, given], how)
            return answer
        finally:
            self._ask(f"wizard.{name}.delete", [session, given], how.writing("native"))

    def _ask(self, method: str, params: Sequence[object], how: Call) -> Any:  # noqa: ANN401 - any JSON value
        answer = self._client.request(
            how.verb,
            "POST",
            "/rpc/",
            json={"id": next(self._numbers), "method": method, "params": params},
            idempotency=how.rule,
            key=how.key,
            correlation_id=how.correlation,
        )
        body = answer.json
        if not isinstance(body, dict) or not {"result", "error"} & body.keys():
            raise ContractError(f"{how.verb}: {method} answered neither a result nor an error", kind="contract_drift")
        if "error" in body:
            refuse(body["error"], f"{self._client.vendor} {how.verb}: {method}")
        return decoded(body["result"])
