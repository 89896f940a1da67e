"""Processes that are forked from one that has all modules: quick to start, and really killed."""

from __future__ import annotations

import ctypes
import faulthandler
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Child", "ends_with_parent", "forked"]

_PR_SET_PDEATHSIG = 1


def ends_with_parent(how: signal.Signals = signal.SIGKILL) -> None:
    """Have the system end this process when its parent is gone, however that went."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, how)


@dataclass
class Child:
    """A child: its process id, and how it ended, a negative number for a signal, once that is known."""

    id: int
    ended: int | None = None

    def over(self) -> bool:
        """Say whether it has ended."""
        if self.ended is None:
            known, status = os.waitpid(self.id, os.WNOHANG)
            self.ended = os.waitstatus_to_exitcode(status) if known else None
        return self.ended is not None

    def wait(self, seconds: float) -> int:
        """Return how it ended; raise TimeoutError if it does not."""
        end = time.monotonic() + seconds
        while not self.over():
            if time.monotonic() > end:
                self.send(signal.SIGUSR1)  # where it stands is said in the log
                time.sleep(0.5)
                raise TimeoutError(f"process {self.id} does not end")
            time.sleep(0.01)
        assert self.ended is not None
        return self.ended

    def stands_still(self) -> bool:
        """Say whether it was stopped."""
        return Path(f"/proc/{self.id}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def send(self, what: signal.Signals) -> None:
        """Send it a signal, while it is there."""
        if not self.over():
            os.kill(self.id, what)


def forked(run: Callable[[], object], log: Path) -> Child:
    """Run a function in a child, all that it says in a file. Only for a process of one thread, without open SQLite."""
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child:
        return Child(child)
    ended = 1
    try:
        ends_with_parent()
        faulthandler.register(signal.SIGUSR1)
        with log.open("ab") as said:
            os.dup2(said.fileno(), 1)
            os.dup2(said.fileno(), 2)
        run()
        ended = 0
    except BaseException:  # noqa: BLE001 - it is said, and the child ends with 1
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(ended)
