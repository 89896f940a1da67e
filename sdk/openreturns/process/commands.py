"""Doing a command: the verb of a port is called, and whatever comes of it is a result. No error gets past here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from openreturns.decimals import exactly
from openreturns.errors import (
    ContractError,
    MappingError,
    OpenReturnsError,
    OutcomeUnknownError,
    RejectedError,
    RetryableError,
)
from openreturns.idempotency import Done, Rejected, Rule, Unknown
from openreturns.models import Return
from openreturns.ports import EligibleLine, Port, Standing, TaxQuote
from openreturns.process.events import Result, ResultStatus
from openreturns.process.state import Command
from openreturns.readback import NOT_AS_SENT

__all__ = ["DEFECT", "NOT_ASKED", "QUESTIONS", "execute"]

NOT_ASKED = "not_asked"  # the kind of a result of a system that was left alone: it counts as no try

DEFECT = "defect"  # the kind of a result of an adapter that failed as none should: where it did, nobody knows

QUESTIONS = frozenset({"check_eligibility", "standing", "quote"})


def execute(command: Command, port: Port, rule: Rule = "none") -> Result:
    """Return what came of a command.

    `rule` is the verb's idempotency as the adapter's manifest declares it: an unknown outcome of a verb that is
    `none` is for a person, any other may be given again, because adapters look before they write.
    """
    try:
        with exactly():
            return _Answered(command.key, rule)(_call(command, port))
    except RetryableError as error:
        return _failed(command, "later", error, retry_after=max(int(error.retry_after), 1))
    except OutcomeUnknownError as error:
        return _failed(command, "unknown", error, kind=rule)
    except RejectedError as error:
        if error.kind == "unsupported" and command.verb in QUESTIONS:
            return Result(key=command.key, status="done", kind="unsupported")  # nobody to ask: a person decides
        return _failed(command, "rejected", error)
    except ContractError as error:
        torn = error.status > 0 and command.verb in QUESTIONS  # asked again, it may come whole
        return _failed(command, "later" if torn else "poison", error)
    except MappingError as error:
        return _failed(command, "poison", error)
    except Exception as error:  # noqa: BLE001 - a defect in one adapter may not stop the others
        return Result(key=command.key, status="poison", kind=DEFECT, problems=(type(error).__name__,))


def _call(command: Command, port: Port) -> object:
    verb: Callable[[Any], object] = getattr(port, command.verb)
    if command.verb == "standing":
        assert isinstance(command.document, Return)  # the step's own subject
        return verb(command.document.customer)
    return verb(command.document if command.document is not None else command.ref)


def _failed(
    command: Command,
    status: ResultStatus,
    error: OpenReturnsError,
    *,
    kind: str = "",
    retry_after: int | None = None,
) -> Result:
    problems = tuple(f"{one.code}: {one.message}" for one in error.problems) or (str(error.args[0]),)
    return Result(key=command.key, status=status, kind=kind or error.kind, problems=problems, retry_after=retry_after)


def _said(answer: Rejected) -> tuple[str, ...]:
    return tuple(f"{one.code}: {one.message}" for one in answer.problems)


class _Answered:
    """Turns what a verb returns into a result."""

    def __init__(self, key: str, rule: Rule) -> None:
        self._key, self._rule = key, rule

    def __call__(self, answer: object) -> Result:
        if isinstance(answer, Done):
            return Result(key=self._key, status="done", ref=answer.ref, repeated=answer.repeated)
        if isinstance(answer, Rejected) and answer.kind == NOT_AS_SENT:
            # What was read back may be older than what was written: it is looked at again, by who looks first.
            if self._rule == "none":
                return Result(key=self._key, status="unknown", kind=self._rule, problems=_said(answer))
            return Result(key=self._key, status="later", kind=NOT_AS_SENT, problems=_said(answer), retry_after=1)
        if isinstance(answer, Rejected):
            return Result(key=self._key, status="rejected", kind=answer.kind, problems=_said(answer))
        if isinstance(answer, Unknown):
            return Result(key=self._key, status="unknown", kind=self._rule)
        if isinstance(answer, Standing):
            return self._told({"good": answer.good, "reason": answer.reason})
        if isinstance(answer, TaxQuote):
            return self._told(_quoted(answer))
        assert isinstance(answer, Sequence)  # the ports' own answers
        if answer and not isinstance(answer[0], EligibleLine):
            return self._worst([self(one) for one in answer])
        return self._told([_eligible(one) for one in answer])

    def _told(self, answer: object) -> Result:
        return Result(key=self._key, status="done", answer=json.dumps(answer, ensure_ascii=False))

    def _worst(self, results: Sequence[Result]) -> Result:
        """Return what came of several: done if all are, else the first that is not."""
        return next((one for one in results if one.status != "done"), results[-1])


def _quoted(quote: TaxQuote) -> dict[str, object]:
    said: dict[str, object] = {"taxes": [one.to_dict() for one in quote.taxes]}
    said |= {"total": quote.total.to_dict()} if quote.total else {}
    said |= {"ref": quote.ref.to_dict()} if quote.ref else {}
    return said | ({"method": quote.method} if quote.method else {})


def _eligible(line: EligibleLine) -> dict[str, object]:
    said: dict[str, object] = {"lineId": line.line_id, "returnable": line.returnable.to_dict()}
    said |= {"unitPrice": line.unit_price.to_dict()} if line.unit_price else {}
    said |= {"priceBase": line.price_base.to_dict()} if line.price_base else {}
    said |= {"original": line.original.to_dict()} if line.original else {}
    return said | ({"reason": line.reason} if line.reason else {})
