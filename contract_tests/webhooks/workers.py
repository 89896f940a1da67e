"""Workers in processes of their own, on one file of events: what they applied is in a log that they share."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier, Event
from pathlib import Path

from openreturns.webhooks import Event as Received
from openreturns.webhooks import FileStore, Inbox

SPAWN = get_context("spawn")  # nothing is shared but the file
PATIENCE = 120.0


def work_until_nothing_waits(folder: Path, together: Barrier) -> None:
    """Apply all there is; the first event only when the other worker has one in hand too."""
    store, begun = FileStore(folder / "inbox.sqlite"), False
    with (folder / "applied").open("ab", buffering=0) as log:

        def apply(event: Received) -> None:
            nonlocal begun
            if not begun:
                together.wait(PATIENCE)
                begun = True
            log.write(f"{os.getpid()} {event.entity} {event.revision} {event.id}\n".encode())

        inbox = Inbox(store)
        while store.waiting():
            if not inbox.work(apply).applied:
                time.sleep(0.001)
    store.close()


def hang_in_the_first(folder: Path, begun: Event) -> None:
    """Take an event in hand, say so, and never come back."""

    def apply(event: Received) -> None:
        begun.set()
        signal.pause()

    Inbox(FileStore(folder / "inbox.sqlite")).work(apply)


def add_to_each(files: Sequence[Path], name: str, together: Barrier) -> None:
    """Open each file at the same moment as the others do, and add an event."""
    for file in files:
        together.wait(PATIENCE)
        store = FileStore(file)
        store.add(Received("acme", name, "return/1", 1))
        store.close()


@contextmanager
def killed_at_the_end(processes: Sequence[BaseProcess]) -> Iterator[None]:
    """Start processes, which are gone at the end of the block."""
    try:
        for process in processes:
            process.start()
        yield
    finally:
        for process in processes:
            if process.pid is not None:
                process.kill()
                process.join()
