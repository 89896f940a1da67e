"""Telling a broker: NATS, through FastStream. Needs `openreturns[broker]`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from functools import partial
from typing import Any

from faststream.nats import NatsBroker

from openreturns.errors import MappingError
from openreturns.notices import MEDIA_TYPE, PREFIX, CloudEvent
from openreturns.process.targets import NotTaken

__all__ = ["Broker"]

_ACKNOWLEDGED = 5.0  # seconds that the server may take


class Broker:
    """A NATS server, through FastStream: each event to the subject of its type, with its id to know it again by.

    With a `stream` an event is taken once JetStream has it, which keeps an id once within its window; without, once
    it is sent. Raises MappingError (kind `setting`) for the address of another broker.
    """

    def __init__(self, url: str, stream: str = "") -> None:
        if not url.startswith(("nats://", "tls://")):
            raise MappingError("the address of a broker starts with nats:// or tls://", kind="setting")
        once: dict[str, Any] = {"allow_reconnect": False, "max_reconnect_attempts": 1, "reconnect_time_wait": 0}
        self._new = partial(NatsBroker, url, connect_timeout=5, logger=None, **once)  # the relay tries again itself
        self._stream, self._loop = stream, asyncio.Runner()
        self._broker = self._new()
        self._client: Any = None  # NATS's own, while there is a connection

    def send(self, event: CloudEvent) -> None:
        """Publish an event."""
        self._call(self._publish(event))

    def flush(self) -> None:
        """Wait until the server has what was sent."""
        if self._client is not None:
            self._call(self._client.flush(timeout=int(_ACKNOWLEDGED)))

    def close(self) -> None:
        """Close the connection."""
        self._loop.run(self._disconnect())
        self._loop.close()

    async def _publish(self, event: CloudEvent) -> None:
        if self._client is None:
            self._broker = self._new()
            self._client = await self._broker.connect()
        await self._broker.publish(
            event.to_json(),
            subject=event.type.removeprefix(PREFIX.partition(".")[0] + "."),
            headers={"content-type": MEDIA_TYPE, "Nats-Msg-Id": event.id},
            stream=self._stream or None,
            timeout=_ACKNOWLEDGED if self._stream else None,
        )

    def _call(self, call: Coroutine[Any, Any, None]) -> None:
        try:
            self._loop.run(asyncio.wait_for(call, 3 * _ACKNOWLEDGED))
        except Exception as error:
            self._loop.run(self._disconnect())
            raise NotTaken(f"the broker: {type(error).__name__}", lost=True) from error

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await client.close()
