"""Carries notices from the outbox to their targets: a file, webhooks, a broker. A dead target holds up no other."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from openreturns.process.jobs import Jobs
from openreturns.process.outbox import Outbox, Refusal, Waiting
from openreturns.process.targets import NotTaken, Target

__all__ = ["Relay"]

_BATCH = 100


class Relay:
    """Relays notices to targets, by their names. Any number of relays may run: a target is one's at a time.

    What was sent is written down afterwards: if the relay dies in between, it is sent again, with the same id.
    """

    def __init__(self, outbox: Outbox, targets: Mapping[str, Target], jobs: Jobs, batch: int = _BATCH) -> None:
        self._outbox, self._targets, self._jobs, self._batch = outbox, targets, jobs, batch

    def once(self, now: datetime) -> int:
        """Send each target what waits for it, one batch; return how many notices were taken."""
        return sum(self._turn(name, target, now) for name, target in self._targets.items())

    def _turn(self, name: str, target: Target, now: datetime) -> int:
        waiting = self._outbox.waiting(name, now, self._batch)
        if not waiting or not self._jobs.claim(job_of(name), now):
            return 0
        waiting = self._outbox.waiting(name, now, self._batch)  # as it is now that nobody else sends
        sent, refused, down = _send(target, waiting)
        self._outbox.mark(name, sent, refused, now, self._targets)
        if down:
            self._jobs.failed(job_of(name), down, now)
        else:
            self._jobs.done(job_of(name), now)
        return len(sent)


def job_of(target: str) -> str:
    """Return the name of a target's job."""
    return f"relay/{target}"


def _send(target: Target, waiting: list[Waiting]) -> tuple[list[Waiting], list[Refusal], str]:
    """Send notices in their order; return those that were taken, those refused, and why the target takes none."""
    sent: list[Waiting] = []
    refused: dict[str, Refusal] = {}
    try:
        for one in waiting:
            if one.number in refused:
                continue
            try:
                target.send(one.event)
            except (
                LookupError,
                ValidationError,
            ) as error:  # it stops no other
                refused[one.number] = Refusal(one, f"it is no event: {type(error).__name__}")
            except NotTaken as error:
                if error.down:
                    raise
                refused[one.number] = Refusal(one, str(error))
            else:
                sent.append(one)
        target.flush()
    except NotTaken as error:
        return ([] if error.lost else sent), [*refused.values()], str(error)
    return sent, [*refused.values()], ""
