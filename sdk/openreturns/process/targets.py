"""Where notices go: lines of a file, and signed webhooks. For a broker see `openreturns.process.broker`."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from time import time
from typing import Any, Protocol

import httpx

from openreturns.notices import MEDIA_TYPE, CloudEvent
from openreturns.transport._address import checked
from openreturns.webhooks import signed

__all__ = ["Lines", "NotTaken", "Target", "Webhook"]

_CONTENT = frozenset({400, 413, 422})  # a receiver's no to this event; any other failure is the receiver's own
_TIMEOUT = 15.0


class NotTaken(Exception):  # noqa: N818 - an answer of the target's, never raised beyond the relay
    """A target did not take an event. `down`: it takes none now; `lost`: nor did it keep those it just took."""

    def __init__(self, why: str, *, down: bool = True, lost: bool = False) -> None:
        super().__init__(why)
        self.down, self.lost = down, lost


class Target(Protocol):
    """Takes events. One that was sent counts as taken once `flush` has returned."""

    def send(self, event: CloudEvent) -> None:
        """Send an event. Raises NotTaken."""
        ...

    def flush(self) -> None:
        """Make sure that what was sent is kept. Raises NotTaken."""
        ...

    def close(self) -> None:
        """Let go of connections and files."""
        ...


class Lines:
    """A file of JSON lines, one an event, appended to. What a crash tore off is cut off, and written anew."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._written: list[bytes] = []

    def send(self, event: CloudEvent) -> None:
        """Keep an event until the lines are written."""
        self._written.append(event.to_json() + b"\n")

    def flush(self) -> None:
        """Append the lines; they are on the disk when this returns."""
        lines, self._written = self._written, []
        try:
            with self._path.open("a+b") as file:
                _whole(file)
                file.write(b"".join(lines))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NotTaken(f"{self._path}: {error.strerror}", lost=True) from error

    def close(self) -> None:
        """Nothing is open between two writings."""


def _whole(file: Any) -> None:  # noqa: ANN401 - a binary file
    """Cut off the part of a line at the end, if there is one."""
    end = file.seek(0, os.SEEK_END)
    size = end
    while size:
        start = max(size - 65536, 0)
        file.seek(start)
        found = file.read(size - start).rfind(b"\n")
        if found >= 0:
            size = start + found + 1
            break
        size = start
    if size < end:
        file.truncate(size)


class Webhook:
    """A receiver of webhooks, signed by Standard Webhooks 1.0: `webhook-id` is the event's id, the same each time.

    Raises MappingError (kind `setting`) for an address that is not https (but on this machine), or without a usable
    secret.
    """

    def __init__(
        self,
        url: str,
        secrets: Sequence[str],
        *,
        client: httpx.Client | None = None,
        now: Callable[[], float] = time,
    ) -> None:
        self._url, self._secrets, self._now = checked(url, "the address of a webhook"), secrets, now
        signed("", b"", secrets, now=0)
        self._client = client or httpx.Client(timeout=_TIMEOUT, follow_redirects=False)

    def send(self, event: CloudEvent) -> None:
        """Send an event; it is taken if the answer is 2xx."""
        body = event.to_json()
        trace = {"traceparent": event.traceparent} if event.traceparent else {}
        headers = {"content-type": MEDIA_TYPE, **signed(event.id, body, self._secrets, now=self._now()), **trace}
        try:
            answer = self._client.post(self._url, content=body, headers=headers)
        except httpx.HTTPError as error:
            raise NotTaken(type(error).__name__) from error
        if not answer.is_success:
            raise NotTaken(f"status {answer.status_code}", down=answer.status_code not in _CONTENT)

    def flush(self) -> None:
        """Each was answered."""

    def close(self) -> None:
        """Close the connections."""
        self._client.close()
