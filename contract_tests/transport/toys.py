"""A vendor made for the tests: notes that are written once or twice, and lies about bodies. Served over real HTTP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from openreturns.sandbox import Answer, Call, Operation, Reply, Simulator, Vendor

OPERATION = {"answers": {200: Answer("done")}}


@dataclass
class Toy:
    """Notes by key, each with how often it was written; replies to be given; what every call carried."""

    notes: dict[str, int] = field(default_factory=dict)
    says: dict[str, Reply] = field(default_factory=dict)
    refuse: Callable[[Call], Reply | None] = lambda call: None
    heard: list[Call] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reset(self) -> None:
        self.__init__()  # type: ignore[misc] # all fields as at the start

    def write(self, call: Call) -> Reply:
        key = call.path["key"]
        self.notes[key] = self.notes.get(key, 0) + 1
        return Reply(201, {"id": key})

    def put(self, call: Call) -> Reply:
        self.notes[call.path["key"]] = 1
        return Reply(200, {"id": call.path["key"]})

    def read(self, call: Call) -> Reply:
        key = call.path["key"]
        return Reply(200, {"id": key}) if key in self.notes else problem(404, "no such note")

    def say(self, call: Call) -> Reply:
        return self.says[call.path["what"]]

    def let_in(self, operation: Operation, call: Call) -> Reply | None:
        with self.lock:
            self.heard.append(call)
        return None if operation.open else self.refuse(call)

    def simulator(self, *more: Operation) -> Simulator:
        operations = (
            Operation("POST", "/notes/{key}", self.write, "write, again and again", {201: Answer("done")}),
            Operation("PUT", "/notes/{key}", self.put, "write, once", {200: Answer("done")}),
            Operation("GET", "/notes/{key}", self.read, "read", {200: Answer("there"), 404: Answer("not there")}),
            Operation("GET", "/say/{what}", self.say, "say", {200: Answer("said")}),
            Operation("POST", "/say/{what}", self.say, "say", {200: Answer("said")}),
            *more,
        )
        return Simulator(
            Vendor(
                name="toy",
                title="Toy",
                version="1",
                base="/api",
                operations=operations,
                security={},
                definitions={},
                refuse=self.let_in,
                problem=problem,
                seed=dict,
                steps={},
            )
        )


def problem(status: int, message: str) -> Reply:
    body: Mapping[str, Any] = {"status": status, "message": message}
    return Reply(status, body)


@contextmanager
def raw_server(
    meanwhile: Callable[[int], None] = lambda running: None, *, family: socket.AddressFamily = socket.AF_INET
) -> Iterator[tuple[int, list[bytes]]]:
    """A server that says {} to everything; yields its port and what it heard.

    `meanwhile` is called during each request, with the number of those under way.
    """
    heard: list[bytes] = []
    running: list[int] = [0]
    lock = threading.Lock()

    def serve(peer: socket.socket) -> None:
        with peer:
            while said := peer.recv(65536):
                with lock:
                    heard.append(said)
                    running[0] += 1
                    now = running[0]
                meanwhile(now)
                with lock:
                    running[0] -= 1
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")

    def accept(server: socket.socket) -> None:
        while True:
            try:
                peer, _ = server.accept()
            except OSError:  # closed
                return
            threading.Thread(target=serve, args=(peer,), daemon=True).start()

    host = "::1" if family is socket.AF_INET6 else "127.0.0.1"
    with socket.create_server((host, 0), family=family) as server:
        accepting = threading.Thread(target=accept, args=(server,), daemon=True)
        accepting.start()
        yield server.getsockname()[1], heard
        server.shutdown(socket.SHUT_RDWR)
        accepting.join()
