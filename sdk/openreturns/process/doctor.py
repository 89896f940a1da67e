"""Is any return lost? Each is finished, waits with a deadline, is being worked on, or is in dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from openreturns.errors import Problem
from openreturns.process import audit
from openreturns.process._values import moment
from openreturns.process.state import TERMINAL
from openreturns.process.store import Store

__all__ = ["Health", "examine"]


@dataclass(frozen=True)
class Health:
    """Where every return is, and what is wrong. `counts` add up to `total`, or `problems` says what does not."""

    total: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether nothing is lost and nothing is wrong."""
        return not self.problems and sum(self.counts.values()) == self.total


def examine(store: Store, now: datetime, *, lease: timedelta) -> Health:
    """Return where every return is. One that is nowhere is a problem, with what is known of it.

    `lease` is how long a worker may be silent; work that was given out waits for a live one no longer than that
    before another takes it over.
    """
    counts = dict.fromkeys(("finished", "waiting", "running", "dead_letter"), 0)
    problems = list(audit.verify(store))
    alive = store.alive(lease)
    rows = store.board()
    for row in rows:
        if row.dead:
            counts["dead_letter"] += 1
        elif row.running:
            counts["running"] += 1
            if not alive and now - moment(row.updated) > lease:
                problems.append(Problem("nobody_works", f"{row.number} has commands given out and no worker lives"))
        elif row.stage in TERMINAL:
            counts["finished"] += 1
        elif row.deadline is not None:
            counts["waiting"] += 1
        else:
            problems.append(Problem("lost", f"{row.number} is {row.stage}, waits for nothing and has no deadline"))
    problems += [
        Problem("not_decided", f"the event {id_} of {number} was accepted and is not decided on")
        for number, id_ in store.received(now - 4 * lease)
    ]
    return Health(len(rows), counts, tuple(problems))
