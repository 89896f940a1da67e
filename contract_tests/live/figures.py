"""What the live servers let us measure, printed: `make bench-live`. No test times anything."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from live.connect import tryton_client
from live.servers import Tryton, prepared_database, running
from live.shop import Shop
from live.story import PUMP, credit, disposition, received, return_of
from live.verbs import done
from openreturns.transport._wire import Wire

RETURNS, CLIENTS, SALES = 100, 4, 10


class Waiting:
    """How long each thread waits for the server: the time inside the one call that sends."""

    def __init__(self) -> None:
        self.seconds = 0.0
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

        Wire.send = send  # type: ignore[method-assign,assignment] # counted meanwhile
        return self

    def __exit__(self, *_: object) -> None:
        Wire.send = self._send  # type: ignore[method-assign] # as before


def first_answer(server: Tryton) -> float:
    """Seconds from a copy of the prepared database to the first answer of it."""
    began = time.monotonic()
    server.user(server.database("first"), "integration").close()
    return time.monotonic() - began


def carried(server: Tryton, number: int, sold: Any) -> None:
    """Take one return from the request to its credit."""
    name = f"RMA-{number:04}"
    asked = return_of(sold, name, (PUMP, "2", "120.50"))
    with tryton_client(server, "many", "erp") as erp, tryton_client(server, "many", "wms") as wms:
        done(erp.authorize(asked))
        for outcome in erp.receive(received(asked, "RCV-1", "2")):
            done(outcome)
        splits = (("1", PUMP, "restock", "1"), ("1", PUMP, "quarantine", "1"))
        done(wms.put_away(disposition(name, "RCV-1", *splits)))
        done(erp.issue_credit(credit(asked, f"CM-{number:04}", ("1", "2"))))


def main(returns: int = RETURNS) -> None:
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Tryton(Path(folder) / "server", prepared_database())) as server,
    ):
        print(f"prepared copy to first answer: {first_answer(server):.2f} s (at most 5)")
        shop = Shop(server.user(server.database("many"), "integration"), server.ids)
        sales = [shop.sell(("pump", f"{2 * returns // SALES + 2}", "120.5")) for _ in range(SALES)]
        began = time.monotonic()
        with Waiting() as waiting, ThreadPoolExecutor(CLIENTS) as pool:
            jobs = [pool.submit(carried, server, number, sales[number % SALES]) for number in range(returns)]
            lost = [job.exception() for job in jobs if job.exception()]
        wall = (time.monotonic() - began) * CLIENTS
        complaints = shop.rpc.find("sale.complaint", [["state", "=", "done"]], ["reference"])
        credits = shop.rpc.find(
            "account.invoice", [["reference", "like", "CM-%"], ["state", "=", "posted"]], ["reference"]
        )
        names = [{one["reference"] for one in rows} for rows in (complaints, credits)]
        print(f"{returns} returns, {CLIENTS} clients at once: {wall / CLIENTS:.0f} s, {len(lost)} refused")
        print(f"duplicates: {len(complaints) + len(credits) - sum(map(len, names))} (0)")
        print(f"lost: {2 * returns - sum(map(len, names))} (0)")
        print(f"our share of the clients' time: {100 * (1 - waiting.seconds / wall):.1f} % (at most 20)")
        for error in lost[:3]:
            print(f"  {type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
