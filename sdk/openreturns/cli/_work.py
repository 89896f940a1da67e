"""Translate records in this process or in several: one outcome a record, in the order they came."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Set
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import active_children, get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeAlias

from openreturns._schemas import VERSION
from openreturns.cli._input import Source
from openreturns.cli._interrupt import STOPS, deaf
from openreturns.cli._report import Refused
from openreturns.cli._slots import Place, Slots
from openreturns.route import Route

__all__ = ["Joined", "Noted", "Outcome", "Way", "outcomes"]

# A chunk is worth sending to another process, and only a few of them are held at a time.
_CHUNK_RECORDS = 200
_CHUNK_BYTES = 512 * 1024
_CHUNKS_AHEAD = 3


@dataclass(frozen=True, slots=True)
class Way:
    """What makes a route, in a form that another process can be given."""

    source: str
    target: str
    tenants: Mapping[str, Mapping[str, Any]]
    via: str | None = None
    tolerant: bool = False
    pin: str = VERSION

    def route(self) -> Route:
        """Return the route. Raises MappingError where there is no way."""
        return Route(self.source, self.target, self.tenants, self.via, tolerant=self.tolerant, pin=self.pin)


@dataclass(frozen=True, slots=True)
class Noted:
    """Records that something is to be said about: what they lost, what to look at, what was set aside."""

    records: list[bytes]
    notes: dict[str, list[dict[str, object]]] = field(default_factory=dict)


Outcome: TypeAlias = Noted | Refused


@dataclass(frozen=True, slots=True)
class Joined:
    """What several records became, nothing being to be said about any: each record made is a line."""

    read: int
    documents: int
    lines: bytes | memoryview


Done: TypeAlias = Joined | tuple[Source, Outcome]


def outcomes(
    way: Way, route: Route, sources: Iterable[Source], jobs: int = 1, *, join: bool = False
) -> Generator[Done]:
    """Yield every record with its outcome, in order, holding few at a time; joined where asked and possible.

    `route` is the way's, made already. Raises BrokenProcessPool where a process was ended from outside.
    """
    return _here(route, sources) if jobs == 1 else _elsewhere(way, sources, jobs, join)


def _here(route: Route, sources: Iterable[Source]) -> Generator[Done]:
    for source in sources:
        yield source, Refused.by(source.error) if source.error else _translated(route, source.data)


def _translated(route: Route, data: bytes) -> Outcome:
    try:
        made = route.run(data)
    except Exception as error:  # noqa: BLE001 - a defect in some function costs one record, not the run
        return Refused.by(error)
    notes = {
        "losses": [problem.to_dict() for problem in made.losses],
        "findings": [problem.to_dict() for problem in made.findings],
        "set_aside": [aside.to_dict() for aside in made.set_aside],
    }
    return Noted(made.records, {name: rows for name, rows in notes.items() if rows})


_Chunk: TypeAlias = list[Source]


class _Lines(NamedTuple):
    read: int
    documents: int
    lines: bytes | Place


# Nearly all records have nothing to be said about them: bare bytes are cheap to send, and one piece cheaper.
_Sent: TypeAlias = _Lines | list[list[bytes] | Outcome]


def _elsewhere(way: Way, sources: Iterable[Source], jobs: int, join: bool) -> Generator[Done]:
    copied = _may_be_copied()
    slots = Slots(jobs * _CHUNKS_AHEAD if copied else 0)
    pool = ProcessPoolExecutor(jobs, get_context("fork") if copied else _anew(), _start, (way, slots))
    waiting: deque[tuple[_Chunk, Place | None, Future[_Sent]]] = deque()
    others = set(active_children())
    try:
        for chunk in _chunks(sources):
            good = [source.data for source in chunk if not source.error]
            place = slots.put(good)
            with _all_or_none(others), deaf():  # processes may be started now
                future = pool.submit(_work, place or good, join and len(good) == len(chunk))
            waiting.append((chunk, place, future))
            if len(waiting) >= jobs * _CHUNKS_AHEAD:
                yield from _merged(slots, *waiting.popleft())
        while waiting:
            yield from _merged(slots, *waiting.popleft())
    except BrokenProcessPool:
        _kill(others)
        raise
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _all_or_none(others: Set[BaseProcess]) -> Iterator[None]:
    try:
        yield
    except OSError:
        _kill(others)
        raise


def _kill(others: Set[BaseProcess]) -> None:
    """Kill the processes beside `others`: the pool, asking them by SIGTERM at most, would wait for them for ever."""
    for process in set(active_children()) - others:
        process.kill()


def _may_be_copied() -> bool:
    """Tell whether this process may be copied, the quickest start: not where a thread of it may hold a lock.

    Elsewhere than on Linux the system's own libraries have threads (docs.python.org, multiprocessing).
    """
    return sys.platform == "linux" and threading.active_count() == 1


def _anew() -> BaseContext:
    """Return how processes are started that are no copies of this one."""
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])  # imported once for all of them
    return context


def _chunks(sources: Iterable[Source]) -> Iterator[_Chunk]:
    chunk: _Chunk = []
    size = 0
    for source in sources:
        chunk.append(source)
        size += len(source.data)
        if len(chunk) == _CHUNK_RECORDS or size >= _CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _merged(slots: Slots, chunk: _Chunk, place: Place | None, future: Future[_Sent]) -> Generator[Done]:
    result = future.result()
    if isinstance(result, _Lines):
        lines = result.lines
        yield Joined(result.read, result.documents, slots.seen(lines) if isinstance(lines, Place) else lines)
    else:
        sent = iter(result)
        for source in chunk:
            if source.error:
                yield source, Refused.by(source.error)
            else:
                one = next(sent)
                yield source, Noted(one) if isinstance(one, list) else one
    if place:
        slots.free(place)


# In the worker process: its one route, made when it starts, and the slots.
_route: Route
_slots: Slots


def _start(way: Way, slots: Slots) -> None:
    global _route, _slots  # a pool has no other way to give a worker something to keep
    for one in STOPS:
        signal.signal(one, signal.SIG_IGN)  # where that they are not heard is not inherited
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _route, _slots = way.route(), slots


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to take the result


def _work(chunk: list[bytes] | Place, join: bool) -> _Sent:
    records = _slots.taken(chunk) if isinstance(chunk, Place) else chunk
    done = [_translated(_route, data) for data in records]
    made = [one.records for one in done if isinstance(one, Noted) and not one.notes]
    if join and len(made) == len(done):
        lines = list(chain.from_iterable(made))
        ended = [piece for line in lines for piece in (line, b"\n")]
        place = _slots.fill(chunk.slot, ended) if isinstance(chunk, Place) else None
        return _Lines(len(done), len(lines), place or b"".join(ended))
    return [one.records if isinstance(one, Noted) and not one.notes else one for one in done]
