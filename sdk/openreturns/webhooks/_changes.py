"""One account's changes, whichever way they come: told by webhooks, found by polling, each followed by a read."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from openreturns.webhooks._feed import Polled, Seen, poll
from openreturns.webhooks._inbox import Inbox, Worked, revision_of
from openreturns.webhooks._stores import Event
from openreturns.webhooks._verify import Received

if TYPE_CHECKING:
    from openreturns.models import Document, DocumentRef
    from openreturns.ports import Change, Port  # a webhook is verified and kept without either

__all__ = ["Feed"]

log = logging.getLogger("openreturns.feed")


class Feed:
    """What changes at one account, kept in an inbox until it is applied.

    `source` says whose ids these are, where you have several accounts of one vendor. `overlap` is how much later
    than the moment it bears a change may show at the vendor, `grain` the smallest step of its moments: a record may
    change once more within the one that a poll fell into, and bear the same. What an event or a list says of a
    record is a hint: only what is read again is handed on. Each event that was looked at is a line of the logger
    `openreturns.feed`, at `INFO`, or `WARNING` where it failed.
    """

    def __init__(
        self,
        port: Port,
        inbox: Inbox,
        source: str,
        *,
        secrets: Sequence[str] = (),
        overlap: timedelta = timedelta(minutes=10),
        grain: timedelta = timedelta(seconds=1),
    ) -> None:
        self._port = port
        self._inbox = inbox
        self._source = source
        self._secrets = secrets
        self._overlap = overlap
        self._grain = grain

    def hear(self, received: Received) -> bool:
        """Keep what a webhook says has changed; return False if it had been kept before. Then answer 2xx.

        Raises as `Port.hear`: RejectedError (kind `auth`) for one that is not genuine.
        """
        return self._keep(self._port.hear(received, self._secrets))

    def poll(self, since: datetime, seen: Seen = frozenset(), *, now: datetime) -> Polled[Change]:
        """Ask what changed since a moment, and keep what is new; go on with the result's `since` and `seen`.

        What changed only just now comes once more with the next poll, where the vendor's moments are all there is to
        tell changes apart by; an `event_id` tells them apart itself, and is kept once.
        """
        polled = poll(
            self._port.changes, since, overlap=self._overlap, seen=seen, key=_told, at=lambda one: one.at, now=now
        )
        settled = now - self._grain
        kept = [one for one in polled.new if self._listed(one, "" if one.at < settled else f"~{revision_of(now)}")]
        return replace(polled, new=tuple(kept), seen=frozenset(one for one in polled.seen if one[1] < settled))

    def work(self, apply: Callable[[DocumentRef, Document], None]) -> Worked:
        """Read again what changed, hand it on, and say what became of each event; one may come to `apply` twice."""

        def read_again(event: Event) -> None:
            ref = self._ref(event)
            apply(ref, self._port.read(ref))

        worked = self._inbox.work(read_again)
        failed = [event for event, _ in worked.failed]
        for verdict, events in (("applied", worked.applied), ("superseded", worked.superseded), ("failed", failed)):
            level = logging.WARNING if verdict == "failed" else logging.INFO
            for event in events:
                log.log(level, "source=%s entity=%s event=%s %s", event.source, event.entity, event.id, verdict)
        return worked

    def _keep(self, change: Change, again: str = "", at_least: int = 0) -> bool:
        entity, revision = _named(change), revision_of(change.at)
        event_id = change.event_id or f"{entity}@{revision}{again}"
        return self._inbox.receive(Event(self._source, event_id, entity, max(revision, at_least)))

    def _listed(self, change: Change, again: str) -> bool:
        """Keep what a list says; one with an id is no older than what was applied, whatever moment it bears."""
        newest = self._inbox.newest(self._source, _named(change)) if change.event_id else None
        return self._keep(change, again, newest or 0)

    def _ref(self, event: Event) -> DocumentRef:
        from openreturns.models import DocumentRef

        kind, _, number = event.entity.partition("/")
        return DocumentRef.model_validate({"type": kind, "id": number, "system": self._source})


def _told(change: Change) -> tuple[str, str]:
    return _named(change), change.event_id


def _named(change: Change) -> str:
    return f"{change.ref.type}/{change.ref.id}"
