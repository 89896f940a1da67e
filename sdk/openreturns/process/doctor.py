"""Is any return lost? Each is finished, waits with a deadline, is being worked on, or is in dead letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from openreturns.errors import Problem
from openreturns.process import audit
from openreturns.process._values import moment
from openreturns.process.state import TERMINAL
from openreturns.process.store import Store

__all__ = ["Health", "examine"]

_LEASES = 4  # within which what is left over is taken up
_LONGEST = timedelta(minutes=30)  # that a command may take, with its waits for room and for an answer


@dataclass(frozen=True)
class Health:
    """Where every return is, and what is wrong. `counts` add up to `total`, or `problems` says what does not.

    What is not known, because its request could not be decided on or it was never asked for, is in dead letters.
    """

    total: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...] = field(default=())

    @property
    def sound(self) -> bool:
        """Whether nothing is lost and nothing is wrong."""
        return not self.problems and sum(self.counts.values()) == self.total


def examine(store: Store, now: datetime, *, lease: timedelta, more: Iterable[Problem] = ()) -> Health:
    """Return where every return is. One that is nowhere is a problem, with what is known of it.

    `lease` is how long a worker may be silent. Work in the hands of one that is gone is taken over, and a deadline
    that passed is let pass, within a few of them: what is older is a problem. `more` are those that are no return's.
    """
    counts = dict.fromkeys(("finished", "waiting", "running", "dead_letter"), 0)
    rows, before = store.board(), now - _LEASES * lease
    problems = [*more, *audit.verify(store), *_not_worked_on(store, rows, now, lease)]
    stranded = {one.number for one in store.stranded()}
    unknown = stranded - {row.number for row in rows}
    counts["dead_letter"] += len(unknown)
    for row in rows:
        place = "dead_letter" if row.number in stranded else _place(row)
        if place:
            counts[place] += 1
        else:
            problems.append(Problem("lost", f"{row.number} is {row.stage}, waits for nothing and has no deadline"))
        if row.deadline is not None and max(moment(row.deadline), moment(row.updated)) < before:
            since = moment(row.deadline).isoformat(timespec="seconds")
            problems.append(
                Problem("overdue", f"{row.number} is {row.stage}, and nobody let its deadline pass: {since}")
            )
    problems += [
        Problem("not_decided", f"the event {id_} of {number} was accepted and is not decided on")
        for number, id_ in store.received(before)
    ]
    return Health(len(rows) + len(unknown), counts, tuple(problems))


def _place(row: Any) -> str:  # noqa: ANN401 - a return's row
    if row.dead:
        return "dead_letter"
    if row.running:
        return "running"
    if row.stage in TERMINAL:
        return "finished"
    return "waiting" if row.deadline is not None else ""


def _not_worked_on(store: Store, rows: Sequence[Any], now: datetime, lease: timedelta) -> Iterator[Problem]:
    """Yield what was given out and is in nobody's hands, or for too long in somebody's."""
    open_, alive = store.in_hand(), store.alive(lease)
    for one in open_:
        what, since = f"{one.step} {one.subject}".strip() + f" of {one.number}", now - moment(one.given)
        if one.worker not in alive and since > _LEASES * lease:
            yield Problem("nobody_works", f"{what} was given out to {one.worker or 'somebody'}, who does not live")
        elif since > _LONGEST:
            yield Problem(
                "takes_too_long", f"{what} was given out to {one.worker} {since // timedelta(minutes=1)} minutes ago"
            )
    known = {one.number for one in open_}
    for row in rows:
        if row.running and row.number not in known and now - moment(row.updated) > _LEASES * lease:
            yield Problem("nobody_works", f"{row.number} has commands given out that are nowhere")
