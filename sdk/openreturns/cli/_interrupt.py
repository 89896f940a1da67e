"""Ctrl-C and SIGTERM between records, not inside one: what was written is whole, and counted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeVar

__all__ = ["STOPS", "CtrlC", "deaf", "stoppable"]

STOPS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


@contextmanager
def stoppable() -> Iterator[None]:
    """Let SIGTERM do what Ctrl-C does, where whoever started us has not decided what it does."""
    mine = threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    if mine:
        signal.signal(signal.SIGTERM, _as_ctrl_c)
    try:
        yield
    finally:
        if mine and signal.getsignal(signal.SIGTERM) is _as_ctrl_c:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _as_ctrl_c(number: int, frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # who ends us may send it to us and to our group, as `timeout` does
    hear = signal.getsignal(signal.SIGINT)
    if not callable(hear):  # Ctrl-C is not for us, as in the background of a script
        raise KeyboardInterrupt
    hear(number, frame)


class CtrlC:
    """Lets Ctrl-C wait until the record at hand is done and counted; a second one does not wait.

    Raised in the middle it might be lost, in an import or a callback, and the run go on. So it is raised at once only
    while input is awaited, which may be for ever.
    """

    def __init__(self) -> None:
        self._awaiting = self._heard = False

    @contextmanager
    def heard(self) -> Iterator[CtrlC]:
        """Hear Ctrl-C this way until the end of the block."""
        before = signal.signal(signal.SIGINT, self._hear)
        try:
            yield self
        finally:
            signal.signal(signal.SIGINT, before)

    def awaited(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, of which each may have to be waited for. Raises KeyboardInterrupt meanwhile."""
        rest = iter(items)
        while True:
            self._awaiting = True
            try:
                item = next(rest)
            except StopIteration:
                return
            finally:
                self._awaiting = False
            yield item

    def between(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items. Raises KeyboardInterrupt when one is done with, where Ctrl-C was heard."""
        for item in items:
            yield item
            if self._heard:
                raise KeyboardInterrupt

    def _hear(self, *_: object) -> None:
        again, self._heard = self._heard, True
        if again or self._awaiting:
            raise KeyboardInterrupt


@contextmanager
def deaf() -> Iterator[None]:
    """Start processes here that hear neither, not even while they start: they are for the one with the summary.

    That one hears them at the end of the block; on a system that cannot let a signal wait, not at all.
    """
    if not hasattr(signal, "pthread_sigmask"):
        before = {one: signal.signal(one, signal.SIG_IGN) for one in STOPS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # processes and threads started here inherit it
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
