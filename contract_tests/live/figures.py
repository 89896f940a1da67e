"""What the live servers let us measure, printed: `make bench-live`. No test times anything."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from live.crowd import CLIENTS, sold, through
from live.servers import Tryton, prepared_database, running
from live.shop import Shop
from openreturns.transport._wire import Wire

RETURNS = 100


class Waiting:
    """How long threads wait for the server: the time inside the one call that sends."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.calls = 0
        self._lock = threading.Lock()
        self._send = Wire.send

    def __enter__(self) -> Waiting:
        outer = self

        def send(wire: Wire, *given: Any) -> Any:
            began = time.monotonic()
            try:
                return outer._send(wire, *given)
            finally:
                with outer._lock:
                    outer.seconds += time.monotonic() - began
                    outer.calls += 1

        Wire.send = send  # type: ignore[method-assign,assignment] # counted meanwhile
        return self

    def __exit__(self, *_: object) -> None:
        Wire.send = self._send  # type: ignore[method-assign] # as before


def first_answer(server: Tryton) -> float:
    """Seconds from a copy of the prepared database to the first answer of it."""
    began = time.monotonic()
    server.user(server.database("first"), "integration").close()
    return time.monotonic() - began


def main(returns: int = RETURNS) -> int:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Tryton(Path(folder) / "server", prepared_database())) as server,
    ):
        print(f"prepared copy to first answer: {first_answer(server):.2f} s (at most 5)", flush=True)
        shop = Shop(server.user(server.database("many"), "integration"), server.ids)
        sales = sold(shop, returns)
        with Waiting() as waiting:
            crowd = through(server, "many", shop, sales, returns)
    ours = 1 - waiting.seconds / crowd.seconds / CLIENTS
    each = waiting.calls / returns
    print(f"{returns} returns, {CLIENTS} clients at once: {crowd.seconds:.0f} s, {each:.0f} calls a return")
    print(f"duplicates: {crowd.duplicates} (0), lost: {crowd.lost} (0)")
    print(f"our share of the clients' time: {100 * ours:.1f} % (at most 20)")
    for said in crowd.differences():
        print(f"  {said}")
    return 1 if crowd.differences() else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
