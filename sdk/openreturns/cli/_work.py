"""Translate records in this process or in several: one outcome a record, in the order they came."""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import chain
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from typing import Any, TypeAlias

from openreturns._schemas import VERSION
from openreturns.cli._input import Source
from openreturns.cli._interrupt import deaf
from openreturns.cli._report import Refused
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
    lines: bytes


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
# Nearly all records have nothing to be said about them: bare bytes are cheap to send, and one piece cheaper.
_Sent: TypeAlias = Joined | list[list[bytes] | Outcome]


def _elsewhere(way: Way, sources: Iterable[Source], jobs: int, join: bool) -> Generator[Done]:
    pool = ProcessPoolExecutor(jobs, _context(), _start, (way,))
    waiting: deque[tuple[_Chunk, Future[_Sent]]] = deque()
    try:
        for chunk in _chunks(sources):
            good = [source.data for source in chunk if not source.error]
            with deaf():  # a process may be started now
                future = pool.submit(_work, good, join and len(good) == len(chunk))
            waiting.append((chunk, future))
            if len(waiting) >= jobs * _CHUNKS_AHEAD:
                yield from _merged(*waiting.popleft())
        while waiting:
            yield from _merged(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _context() -> BaseContext:
    """Return how processes are started: never as copies of this one, whose threads may hold locks."""
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


def _merged(chunk: _Chunk, future: Future[_Sent]) -> Generator[Done]:
    result = future.result()
    if isinstance(result, Joined):
        yield result
        return
    sent = iter(result)
    for source in chunk:
        if source.error:
            yield source, Refused.by(source.error)
        else:
            one = next(sent)
            yield source, Noted(one) if isinstance(one, list) else one


# In the worker process: its one route, made when it starts.
_route: Route


def _start(way: Way) -> None:
    global _route  # a pool has no other way to give a worker something to keep
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # where it is not inherited
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _route = way.route()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)  # nobody is left to take the result


def _work(records: list[bytes], join: bool) -> _Sent:
    done = [_translated(_route, data) for data in records]
    made = [one.records for one in done if isinstance(one, Noted) and not one.notes]
    if join and len(made) == len(done):
        lines = list(chain.from_iterable(made))
        return Joined(len(done), len(lines), b"".join([line + b"\n" for line in lines]))
    return [one.records if isinstance(one, Noted) and not one.notes else one for one in done]
