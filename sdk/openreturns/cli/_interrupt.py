"""Ctrl-C between records, not inside one: what was written is whole, and counted."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["CtrlC", "deaf"]


class CtrlC:
    """Lets Ctrl-C wait until the record at hand is written and counted; a second one does not wait."""

    def __init__(self) -> None:
        self._inside = self._heard = False

    @contextmanager
    def heard(self) -> Iterator[CtrlC]:
        """Hear Ctrl-C this way until the end of the block."""
        before = signal.signal(signal.SIGINT, self._hear)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)

    def __enter__(self) -> None:
        self._inside = True

    def __exit__(self, *_: object) -> None:
        self._inside = False
        if self._heard:
            raise KeyboardInterrupt

    def _hear(self, *_: object) -> None:
        if self._heard or not self._inside:
            raise KeyboardInterrupt
        self._heard = True


@contextmanager
def deaf() -> Iterator[None]:
    """Start processes here that do not hear Ctrl-C, not even while they start: it is for the one with the summary.

    That one hears it at the end of the block; on a system that cannot let a signal wait, not at all.
    """
    if not hasattr(signal, "pthread_sigmask"):
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # processes and threads started here inherit it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
