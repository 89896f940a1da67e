"""Recording and replaying, as transports of httpx, and in place of those that adapters' clients make themselves."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import httpx

from openreturns.adapters import Adapter
from openreturns.testing.cassettes._exchange import (
    Cassette,
    CassetteError,
    Exchange,
    origin_of,
    read,
    request_of,
    response_of,
    sent_back,
    write,
)
from openreturns.testing.cassettes._match import differences, resource
from openreturns.testing.cassettes._records import native_of
from openreturns.testing.cassettes._redact import Redaction, redaction_of

__all__ = ["Player", "Recorder", "recording", "replaying"]

Send: TypeAlias = Callable[[httpx.Request], httpx.Response]

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Recorder(httpx.BaseTransport):
    """A transport that passes requests on and keeps what was said, redacted. Safe to share between threads."""

    def __init__(
        self,
        inner: httpx.BaseTransport | None = None,
        *,
        redaction: Redaction | None = None,
        adapter: Adapter | None = None,
    ) -> None:
        self.redaction = redaction or redaction_of(adapter)
        self.exchanges: list[Exchange] = []
        self._inner = inner or httpx.HTTPTransport()
        self._adapter, self._lock = adapter, threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request on, and keep it with its answer, or with the kind of error where none came."""
        return self.keeping(self._inner.handle_request, request)

    def keeping(self, send: Send, request: httpx.Request) -> httpx.Response:
        """Send a request, and keep the exchange."""
        request.read()
        try:
            with closing(send(request)) as response:
                content = response.read()
        except httpx.TransportError as error:
            self._keep(request, type(error).__name__)
            raise
        self._keep(request, response)
        # The body was read and unpacked; it goes on as if it had come that way.
        headers = [(n, v) for n, v in response.headers.multi_items() if n.lower() not in _OF_THE_WAY]
        stream = httpx.ByteStream(content)
        return httpx.Response(response.status_code, headers=headers, stream=stream, request=request)

    def _keep(self, request: httpx.Request, answer: httpx.Response | str) -> None:
        with self._lock:
            asked = request_of(request, self.redaction)
            said = (
                {"failure": answer}
                if isinstance(answer, str)
                else response_of(answer, self.redaction, origin_of(request))
            )
            self.exchanges.append(Exchange(asked, said, *native_of(self._adapter, said.get("json"))))


_OF_THE_WAY = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def _weight(difference: str) -> int:
    """Return how far a difference takes two requests apart: another address most, another value least."""
    if difference.startswith(("method", "path")):
        return 5
    return 2 if difference.endswith(("not sent", "not recorded")) else 1


class Player(httpx.BaseTransport):
    """A transport that answers from a cassette and never from a network. Safe to share between threads.

    Requests that mean the same are answered in the order they were recorded, whatever others come between;
    with `again`, a read that has had all its answers gets the last one once more. `unmatched` is what was said of
    requests without an answer, which a client may have taken for a lost one.
    """

    def __init__(
        self,
        cassette: Cassette,
        *,
        redaction: Redaction | None = None,
        adapter: Adapter | None = None,
        again: bool = False,
    ) -> None:
        self.cassette = cassette
        self.unmatched: list[str] = []
        self._redaction = redaction or redaction_of(adapter)
        self._again = again
        self._played: set[int] = set()
        self._lock = threading.Lock()

    @property
    def unplayed(self) -> tuple[Exchange, ...]:
        """The exchanges that nobody has asked for."""
        return tuple(one for place, one in enumerate(self.cassette.exchanges) if place not in self._played)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Return the recorded answer. Raises CassetteError, with the nearest exchange, where there is none."""
        with self._lock:
            sent = request_of(request, self._redaction)
            known = [place for place, one in enumerate(self.cassette.exchanges) if not self._differs(one, sent)]
            left = [place for place in known if place not in self._played]
            if not left and known and self._again and request.method in _READS:
                left = known[-1:]
            if not left:
                self.unmatched.append(self._unmatched(sent, len(known)))
                raise CassetteError(self.unmatched[-1])
            self._played.add(left[0])
        return sent_back(self.cassette.exchanges[left[0]].response, request)

    def _differs(self, exchange: Exchange, sent: Mapping[str, Any]) -> list[str]:
        return differences(exchange.request, sent, self.cassette.paths, self.cassette.volatile)

    def _unmatched(self, sent: Mapping[str, Any], known: int) -> str:
        about = resource(sent, self.cassette.paths)
        said = [f"the cassette {self.cassette.name} has no answer to {about}"]
        if known:
            return f"{said[0]} any more: {known} recorded, all of them played"
        ranked = sorted(
            (sum(map(_weight, wrong)), place, wrong)
            for place, one in enumerate(self.cassette.exchanges)
            if (wrong := self._differs(one, sent))
        )
        if ranked:
            _, place, wrong = ranked[0]
            played = " (played already)" if place in self._played else ""
            nearest = resource(self.cassette.exchanges[place].request, self.cassette.paths)
            said.append(f"  nearest: exchange {place + 1}, {nearest}{played}")
            said += [f"  differs at {one}" for one in wrong[:8]]
            said += [f"  and {len(wrong) - 8} more"] if len(wrong) > 8 else []
        return "\n".join(said)


@contextmanager
def recording(
    path: Path | str,
    *,
    adapter: Adapter | None = None,
    story: str = "",
    personal: Sequence[str] = (),
    paths: Sequence[str] = (),
    volatile: Sequence[str] = (),
) -> Iterator[Recorder]:
    """Record every exchange over httpx, of any client and thread, and write the cassette at the end.

    Secrets, and personal data by the adapter's contracts, by the names in `personal` and by their form, are taken
    out before anything is kept. Nothing is written if the block raises, or if something would get into the file
    that was taken out elsewhere (CassetteError). `paths` and `volatile`: see Cassette.
    """
    recorder = Recorder(redaction=redaction_of(adapter, personal), adapter=adapter)
    send = httpx.HTTPTransport.handle_request
    with _instead(lambda way, request: recorder.keeping(partial(send, way), request)):
        yield recorder
    told = Cassette(Path(path).stem, tuple(recorder.exchanges), story, tuple(paths), tuple(volatile))
    write(told, path, recorder.redaction)


@contextmanager
def replaying(
    source: Cassette | Path | str,
    *,
    adapter: Adapter | None = None,
    personal: Sequence[str] = (),
    again: bool = False,
) -> Iterator[Player]:
    """Answer every request over httpx, of any client and thread, from a cassette; nothing reaches a network.

    `adapter` and `personal` must be those of the recording: what is sent is redacted the same way before it is
    compared. Raises CassetteError for a request that was not recorded.
    """
    cassette = source if isinstance(source, Cassette) else read(source)
    player = Player(cassette, redaction=redaction_of(adapter, personal), again=again)
    with _instead(lambda way, request: player.handle_request(request)):
        yield player


@contextmanager
def _instead(handle: Callable[[httpx.HTTPTransport, httpx.Request], httpx.Response]) -> Iterator[None]:
    """Have every connection of httpx handle its requests this way, and as before afterwards."""
    before = httpx.HTTPTransport.handle_request
    httpx.HTTPTransport.handle_request = handle  # type: ignore[method-assign, assignment] # for a while
    try:
        yield
    finally:
        httpx.HTTPTransport.handle_request = before  # type: ignore[method-assign] # as before
