"""What happened to a return, who did it and why: a chain of entries that shows when one was changed or taken out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openreturns.errors import Problem
from openreturns.process import seals
from openreturns.process._values import digest, moment
from openreturns.process.store import Store

__all__ = ["Entry", "story", "verify"]

_FIRST = "0" * 64


@dataclass(frozen=True)
class Entry:
    """One line of a return's story: when, what, by whom, and what is known of it."""

    place: int
    at: datetime
    kind: str
    by: str
    told: dict[str, Any]
    steps: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What each key that was given out before stands for."""
    before: str = field(default="", repr=False)
    """The stage that the return was in."""

    @property
    def event(self) -> dict[str, Any]:
        """The event of the entry as it came in; empty where it is about a command."""
        body = self.told.get("body")
        found: dict[str, Any] = json.loads(body) if body else {}
        return found

    @property
    def sentence(self) -> str:
        """The entry in words, without anything personal."""
        if self.kind == "command.given":
            return f"{self.told['system']} is asked to {_step(self.told)}"
        if self.kind == "event.kept":
            return f"{self.told['type']} changed nothing: {self.told['code']}, {self.told['reason']}"
        if self.kind == "commands.finished":
            results = (_result(one, self.steps.get(one["key"], one["key"])) for one in self.event["results"])
            moved = (f"now {self.stage}",) if self.stage != self.before else ()
            return "; ".join((*results, *moved))
        return f"{self.kind}, now {self.stage}"

    @property
    def stage(self) -> str:
        """The stage that the return was in then."""
        stage: str = self.told.get("stage", self.before)
        return stage


def story(store: Store, number: str) -> tuple[Entry, ...]:
    """Return the whole story of a return, in the order it was written."""
    rows = [(row, json.loads(row.body)) for row in store.audit(number)]
    steps = {told["key"]: _step(told) for row, told in rows if row.kind == "command.given"}
    entries: list[Entry] = []
    for row, told in rows:
        before = entries[-1].stage if entries else ""
        entries.append(Entry(row.place, moment(row.at), row.kind, row.by, told, steps, before))
    return tuple(entries)


def _step(told: Mapping[str, Any]) -> str:
    return f"{told['step']} {told['subject']}".strip()


def verify(store: Store, head: str = "") -> Iterator[Problem]:
    """Yield what is wrong: an entry that was changed, put in or taken out, a chain that was cut short or is gone.

    `head` is one that was known before (`seals.head`): nothing that it seals may be other than it was.
    """
    yield from seals.broken(store, head)
    for number, count, last in store.chains():
        place, held = 0, _FIRST
        for place, row in enumerate(store.audit(number), 1):
            held = digest(held, number, str(place), str(row.at), row.kind, row.by, row.body)
            if row.place != place or row.hash != held:
                yield Problem("audit", f"entry {row.place} of {number} is not what was written", f"/{number}/{place}")
                break
        else:
            if (place, held) != (count, last):
                yield Problem("audit", f"{number} has {place} of {count} entries", f"/{number}/{place}")


def _result(one: Mapping[str, Any], step: str) -> str:
    why = f" ({one['kind']})" if one.get("kind") else ""
    ref = f" as {one['ref']['system']} {one['ref']['type']} {one['ref']['id']}" if one.get("ref") else ""
    return f"{step} is {one['status']}{why}{ref}"
