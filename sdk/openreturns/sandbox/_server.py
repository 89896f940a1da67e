"""Serve simulators on loopback, each on a port of its own, from a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

import uvicorn

from openreturns.sandbox._simulator import Simulator

__all__ = ["serving"]


@contextmanager
def serving(
    simulators: Sequence[Simulator], *, ports: Sequence[int] = (), certificate: tuple[Path, Path] | None = None
) -> Iterator[dict[str, str]]:
    """Serve each simulator until the block ends; yield its base address by its name.

    Without `ports` free ones are taken. `certificate` (certificate file, key file) makes the addresses https.
    """
    with ExitStack() as stack:
        addresses = {}
        for place, simulator in enumerate(simulators):
            port = ports[place] if ports else 0
            address = stack.enter_context(_served(simulator, port, certificate))
            addresses[simulator.name] = address + simulator.vendor.base
        yield addresses


@contextmanager
def _served(simulator: Simulator, port: int, certificate: tuple[Path, Path] | None) -> Iterator[str]:
    # Said to be TCP, or asyncio leaves Nagle on and every answer waits 40 ms for an acknowledgement.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(("127.0.0.1", port))
    except OSError:
        listening.close()
        raise
    settings: dict[str, str] = (
        {"ssl_certfile": str(certificate[0]), "ssl_keyfile": str(certificate[1])} if certificate else {}
    )
    config = uvicorn.Config(simulator.app, log_level="critical", lifespan="off", access_log=False, **settings)  # type: ignore[arg-type] # by name
    server = _Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError(f"the {simulator.name} simulator did not start")
            time.sleep(0.005)
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.end()
        thread.join(timeout=10)
        listening.close()


class _Server(uvicorn.Server):
    """Ends when it is told to and its calls are answered, where uvicorn looks every tenth second and waits another."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await super().startup(sockets)

    async def main_loop(self) -> None:
        ticks = count()
        while not await self.on_tick(next(ticks)):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._told.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks)

    def end(self) -> None:
        self.should_exit = True
        with suppress(RuntimeError):  # it has ended by itself
            self._loop.call_soon_threadsafe(self._told.set)
