"""What Tryton's refusals mean: by the kind that the server gives, and where it gives one kind for many, by its words.

An answer of JSON-RPC with an error has the status 200, and nothing of the request was done: the server takes the
whole transaction back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NoReturn

from openreturns.errors import ContractError, Problem, RejectedError
from openreturns.transport import Answer

__all__ = ["Warned", "explain", "refuse", "words"]

# The words are asked for in English (the context's language), whatever the user's own is.
_KINDS = (
    ("auth", re.compile(r"not allowed|You are not allowed to access|is not allowed\b")),
    ("not_found", re.compile(r"trying to read records|don't exist|does not exist")),
    ("business_rule", re.compile(r"^You can not call|^To continue|cannot|can not|because")),
)
# A value may be a person's name or address: what is quoted is told only if it looks like the name of a field, a
# model, a button or a number of a document.
_QUOTED = re.compile(r'"([^"]*)"')
_TELLABLE = re.compile(r"[\w./#\[\]-]{1,40}( [\w./-]{1,20}){0,3}")
_LONGEST = 300


class Warned(RejectedError):  # noqa: N818 - it is what the server says
    """Tryton wants a warning, which has a name, to be answered first."""

    def __init__(self, name: str, said: str) -> None:
        message = words(said)
        super().__init__(message, kind="needs_confirmation", problems=[Problem("needs_confirmation", message)])
        self.name = name
        self.vendor_code = name.rpartition(".")[2]


def words(said: object) -> str:
    """Return the server's words without what may name a person."""
    text = _QUOTED.sub(lambda found: f'"{found[1]}"' if _TELLABLE.fullmatch(found[1]) else '"…"', str(said))
    return text[:_LONGEST]


def refuse(error: Sequence[Any], said: str) -> NoReturn:
    """Raise what an error of JSON-RPC means: its first part is the kind, the rest are words.

    A kind that is none of the five is a mistake inside the server, or in what it was asked.
    """
    kind = str(error[0])
    rest = error[1] if len(error) > 1 else ""
    if kind == "UserWarning":
        name, message = (str(part) for part in rest[:2])
        raise Warned(name, message)
    if kind == "ConcurrencyException":
        message = "somebody else changed the record meanwhile"
        raise RejectedError(f"{said}: {message}", kind="conflict", problems=[Problem("conflict", words(rest))])
    if kind == "LoginException":
        raise RejectedError(f"{said}: the password was not taken", kind="auth", problems=[Problem("auth", "login")])
    if kind == "UserError":
        message = words(rest[0] if isinstance(rest, list) and rest else rest)
        found = next((name for name, pattern in _KINDS if pattern.search(message)), "validation")
        more = words(rest[1]) if isinstance(rest, list) and len(rest) > 1 and rest[1] else ""
        problems = [Problem(kind, f"{message} {more}".strip())]
        raise _told(RejectedError(f"{said}: {message}", kind=found, problems=problems), kind)
    # The words of a mistake may be anything; its kind is the name of an exception or of what was missing.
    message = f"{said}: the server failed ({words(kind)})"
    raise _told(ContractError(message, kind="contract_drift", problems=[Problem("internal", words(kind))]), "internal")


def _told(error: Any, code: str) -> Any:  # noqa: ANN401 - any of our errors
    error.vendor_code, error.status = code, 200
    return error


def explain(answer: Answer) -> Sequence[Problem]:
    """Return what REST says is wrong: of errors that are a person's to know it has the words."""
    return [
        Problem("UserError", f"{words(answer.json['message'])} {words(answer.json.get('description') or '')}".strip())
    ]
