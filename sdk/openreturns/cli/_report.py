"""What is told about a record: the line that keeps a rejected one, and the lines for people or machines."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from traceback import walk_tb
from typing import Any

import click

from openreturns._json import dump
from openreturns.cli._input import Source
from openreturns.errors import OpenReturnsError, Problem

__all__ = ["Refused", "fail", "kept", "say", "told"]


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that could not be translated, and why: the parts of the error that another process can be sent."""

    error: str
    kind: str
    message: str
    problems: tuple[Problem, ...]

    @classmethod
    def by(cls, error: Exception) -> Refused:
        """Return the refusal that an error is; one that nobody expected is of the kind `internal`.

        Of that only its class and place are told: its words may hold values of the record.
        """
        name = type(error).__name__
        if isinstance(error, OpenReturnsError):
            return cls(name, error.kind, str(error.args[0]), error.problems)
        message = f"{name} in {_raised_in(error)}: a defect of the adapter or of openreturns, please report it"
        return cls(name, "internal", message, ())

    @property
    def reasons(self) -> tuple[Problem, ...]:
        """Its problems; a refusal without any is one itself."""
        return self.problems or (Problem(self.kind, self.message),)

    def __str__(self) -> str:
        """Return what the error says."""
        return str(OpenReturnsError(self.message, problems=self.problems))


def _raised_in(error: Exception) -> str:
    """Return the module and line that raised an error."""
    *_, (frame, line) = walk_tb(error.__traceback__)
    return f"{frame.f_globals.get('__name__')}, line {line}"


def kept(source: Source, refused: Refused) -> bytes:
    """Return the line that keeps a rejected record: where it stood, every reason, and the record itself."""
    row = told(source, refused)
    try:
        row["record"] = source.data.decode("utf-8")
    except UnicodeDecodeError:
        row["record_base64"] = b64encode(source.data).decode("ascii")
    return dump(row) + b"\n"


def told(source: Source, refused: Refused) -> dict[str, Any]:
    """Return where a rejected record stood and every reason; nothing of the record, which may name a person."""
    row: dict[str, Any] = {
        "source": source.name,
        "line": source.line,
        "error": refused.error,
        "kind": refused.kind,
        "message": refused.message,
        "problems": [problem.to_dict() for problem in refused.problems],
    }
    if refused.kind in ("size", "unreadable"):
        row["whole_in"] = source.kept or source.name  # here is its start only
    return row


def say(source: Source, problem: Problem, *, as_json: bool, err: bool = False, **more: object) -> None:
    """Print one problem of a record: a line for people, or a JSON object."""
    if as_json:
        click.echo(dump({"source": source.name, "line": source.line, **problem.to_dict(), **more}), err=err)
    else:
        noted = "".join(f", {name.replace('_', ' ')}" for name in more)
        click.echo(f"{source.place}: {problem.code} {problem}{noted}", err=err)


def fail(message: str, *, as_json: bool) -> None:
    """Print on standard error what ended the command before its end."""
    click.echo(dump({"error": message}) if as_json else f"error: {message}", err=True)
