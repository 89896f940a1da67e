"""Verbs in action: which document they are given, what has to be done before, and how one waits for the outcome.

`verbs.toml` beside an adapter's test file:

    [simulator]                  # how the simulated vendor is made, beyond its defaults
    page_size = 3

    [forgetful]                  # and where it is told something twice: as little help as the vendor may be

    [unproven]                   # names of numbers that are sent and need not be held as sent, and why
    revision = "a receipt that was taken keeps its own"

    [settings]                   # of the tenant, beyond tenant.toml and the manifest's sandbox

    [[verb]]
    name = "announce"            # the verb of the port, and how other rows call this one
    document = "verbs/return.json"
    write = "POST /return"       # the call at the vendor that does it; several in a list

    [[verb]]
    name = "cancel"
    on = "announce"              # is given the reference that `announce` left
    write = "POST /return/*:cancel"

A row may also have `verb` (where its name is not the verb's), `role`, `after` (rows that come before), `as` (the
class of `openreturns.models` that the document is, where it is none of the four), and `steps` (what happens at the
vendor before: `{ step = "arrive", return_id = "{announce}" }`). In documents and steps `{n}` is the number of the run
in six digits, `{seed.PATH}` what the vendor said of its first data, and `{announce}` the id that a row left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openreturns import models
from openreturns._json import parse
from openreturns.errors import MappingError
from openreturns.idempotency import Done, Outcome, Unknown
from openreturns.models import DocumentRef
from openreturns.testing._at import At, at_vendor, clients
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, NoEvidence
from openreturns.testing._recorded import document_of

__all__ = ["Run", "Verb", "row", "rows", "settled", "verbs", "writes"]

_KEYS = frozenset({"name", "verb", "role", "document", "as", "on", "after", "steps", "write"})
_PLACEHOLDER = re.compile(r"\{([A-Za-z0-9_.-]+)\}")
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Verb:
    """One row of verbs.toml."""

    name: str
    verb: str
    role: str
    document: str = ""
    kind: str = ""
    on: str = ""
    after: tuple[str, ...] = ()
    steps: tuple[Mapping[str, Any], ...] = field(default=(), hash=False)
    write: tuple[str, ...] = ()


def rows(candidate: Candidate) -> Mapping[str, Verb]:
    """Return the rows of verbs.toml by name. Raises NoEvidence without any, MappingError for a wrong one."""
    listed = candidate.evidence.verbs.get("verb", ())
    if not listed:
        raise NoEvidence("there is no verbs.toml that says how to act at the vendor")
    first = next(iter(clients(candidate)))
    found = {}
    for told in listed:
        strange = sorted(set(told) - _KEYS)
        if strange or "name" not in told:
            raise MappingError(
                f"verbs.toml: a verb has {', '.join(sorted(_KEYS))}, not {strange or told}", kind="setting"
            )
        found[told["name"]] = Verb(
            name=told["name"],
            verb=told.get("verb", told["name"]),
            role=told.get("role", first),
            document=told.get("document", ""),
            kind=told.get("as", ""),
            on=told.get("on", ""),
            after=tuple(_listed(told.get("after", ()))),
            steps=tuple(told.get("steps", ())),
            write=tuple(_listed(told.get("write", ()))),
        )
    return found


def _listed(value: Any) -> Sequence[str]:
    return (value,) if isinstance(value, str) else value


def row(candidate: Candidate, name: str) -> Verb:
    """Return a row by name. Raises NoEvidence where there is none."""
    found = rows(candidate).get(name)
    if found is None:
        raise NoEvidence(f"verbs.toml has no row {name!r}")
    return found


def verbs(candidate: Candidate) -> Iterator[Case]:
    """Yield each row of verbs.toml."""
    yield from (Case(one.name, (one,)) for one in rows(candidate).values())


def writes(candidate: Candidate) -> Iterator[Case]:
    """Yield each row that changes something at the vendor."""
    found = [one for one in rows(candidate).values() if one.write]
    if not found:
        raise NoEvidence("no row of verbs.toml says which call changes something (write)")
    yield from (Case(one.name, (one,)) for one in found)


class Run:
    """One numbered run of verbs at a vendor: every row is done once, and what it left is remembered."""

    def __init__(self, candidate: Candidate, at: At, number: int) -> None:
        self.candidate = candidate
        self.at = at
        self.number = number
        self._left: dict[str, Any] = {}

    def prepare(self, verb: Verb) -> None:
        """Do what has to be done before a verb."""
        for name in dict.fromkeys((*verb.after, *((verb.on,) if verb.on else ()))):
            self.done(row(self.candidate, name))
        for told in verb.steps:
            given = {name: self._filled(value) for name, value in told.items() if name != "step"}
            self.at.simulator.step(told["step"], **given)

    def act(self, verb: Verb) -> Any:
        """Do a verb, whatever had to be done before being done; return what it returns.

        Of several outcomes the first that is not Done is returned, or the first.
        """
        returned = getattr(self.at.client, verb.verb)(self.subject(verb))
        if verb.write and isinstance(returned, Sequence):
            return next((one for one in returned if not isinstance(one, Done)), returned[0])
        return returned

    def done(self, verb: Verb) -> Any:
        """Do a verb and what has to come before, once a run. Raises CheckFailure where it is not done."""
        if verb.name not in self._left:
            self.prepare(verb)
            outcome = settled(self, verb) if verb.write else self.act(verb)
            if verb.write and not isinstance(outcome, Done):
                raise CheckFailure(f"{verb.name} is not done: {told(outcome)}", document=self.document(verb))
            self._left[verb.name] = outcome.ref if isinstance(outcome, Done) else outcome
        return self._left[verb.name]

    def subject(self, verb: Verb) -> Any:
        """Return what a verb is given."""
        if verb.on:
            left = self.done(row(self.candidate, verb.on))
            if not isinstance(left, DocumentRef):
                raise NoEvidence(f"the row {verb.on!r} leaves no reference for {verb.name!r}")
            return left
        data = self.document(verb)
        return getattr(models, verb.kind).model_validate(data) if verb.kind else document_of(data)

    def document(self, verb: Verb) -> Any:
        """Return the document that a verb is given, as plain data; None for one that is given a reference."""
        if verb.on:
            return None
        folder = self.candidate.evidence.folder
        if folder is None or not verb.document:
            raise NoEvidence(f"verbs.toml: {verb.name!r} has no document")
        text = (folder / verb.document).read_text("utf-8")
        return parse(_PLACEHOLDER.sub(lambda found: self._value(found[1]), text))

    def _filled(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._filled(one) for one in value]
        if isinstance(value, dict):
            return {name: self._filled(one) for name, one in value.items()}
        if not isinstance(value, str):
            return value
        text = _PLACEHOLDER.sub(lambda found: self._value(found[1]), value)
        return int(text) if text != value and text.isdigit() else text

    def _value(self, name: str) -> str:
        if name == "n":
            return f"{self.number:06}"
        if name.startswith("seed."):
            value: Any = self.at.seeded
            for step in name.split(".")[1:]:
                value = value[step]
            return str(value)
        left = self._left.get(name)
        if not isinstance(left, DocumentRef):
            raise NoEvidence(f"verbs.toml: {{{name}}} is neither n, seed.PATH, nor a row done before")
        return left.id


def settled(run: Run, verb: Verb) -> Outcome:
    """Do what a caller does: an outcome that nobody knows is asked for again."""
    outcome: Outcome = run.act(verb)
    for _ in range(_ATTEMPTS - 1):
        if not isinstance(outcome, Unknown):
            break
        outcome = run.act(verb)
    return outcome


def told(outcome: object) -> str:
    """Return an outcome as a person reads it."""
    problems = getattr(outcome, "problems", ())
    return f"{type(outcome).__name__}: {'; '.join(map(str, problems))}" if problems else str(outcome)


def at(candidate: Candidate, verb: Verb, **options: Any) -> Any:
    """Serve the vendor and connect the client that has a verb."""
    return at_vendor(candidate, verb.role, **options)
