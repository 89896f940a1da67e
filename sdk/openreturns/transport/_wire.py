"""The one module that knows the HTTP library: send, read the answer within limits, and say what went wrong how far.

What matters to a caller is whether the request may have reached the other system: `NotSent` or `NoAnswer`.
"""

from __future__ import annotations

import ssl
import threading
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import httpx

from openreturns.transport._address import is_this_machine
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._quiet import quiet
from openreturns.transport._time import Time

__all__ = ["NoAnswer", "NotSent", "TooLarge", "Trust", "Wire"]

Trust = Path | str | ssl.SSLContext | None

# Idle connections are given up before servers do: a request must not meet a connection that is just being closed.
_KEEP_ALIVE_SECONDS = 4.0

_NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,
    httpx.InvalidURL,
)


class NotSent(Exception):  # noqa: N818 - never leaves this package
    """The other system cannot have seen the request. `lasting`: trying again cannot help."""

    def __init__(self, why: str, kind: str, *, lasting: bool = False) -> None:
        super().__init__(why)
        self.kind = kind
        self.lasting = lasting


class NoAnswer(Exception):  # noqa: N818 - never leaves this package
    """The request went out, at least in part, and no whole answer came. `status` is 0 if not even that came."""

    def __init__(self, why: str, kind: str, status: int = 0) -> None:
        super().__init__(why)
        self.kind = kind
        self.status = status


class TooLarge(NoAnswer):
    """The answer is larger than we want to hold; it was cut off."""


@dataclass(frozen=True, slots=True)
class Within:
    """How long sending may take, in seconds, and until when (monotonic); how many bytes the answer may have."""

    connect: float
    read: float
    deadline: float
    size: int


class Wire:
    """Connections to one place. Safe to share between threads.

    The library's own client is left out: it keeps cookies, follows, signs and logs, none of which is wanted here,
    and takes as long for it as all of this package does.
    """

    def __init__(self, trust: Trust, time: Time) -> None:
        self._time = time
        self._trusted = _trusted(trust)
        self._ways: dict[str, httpx.HTTPTransport] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            ways = {id(way): way for way in self._ways.values()}
            self._ways.clear()
        for way in ways.values():
            way.close()

    def send(self, outgoing: Outgoing, within: Within) -> Answer:
        """Send and return the answer, whatever its status; its body unpacked, not yet parsed.

        Raises NotSent, NoAnswer or TooLarge.
        """
        left = within.deadline - self._time.monotonic()
        if left <= 0:
            raise NotSent("no time is left", "timeout")
        connect, each = min(within.connect, left), min(within.read, left)
        try:
            _check(outgoing.headers)
            request = httpx.Request(
                outgoing.method,
                outgoing.url,
                headers=outgoing.headers,
                content=outgoing.content,
                extensions={"timeout": {"connect": connect, "read": each, "write": each, "pool": each}},
            )
            with quiet(), closing(self._way(outgoing.url).handle_request(request)) as response:
                return self._read(response, within)
        except _NEVER_SENT as error:
            raise _not_sent(error) from None  # the library's own words may quote a header
        except httpx.TimeoutException:
            raise NoAnswer("no answer in time", "timeout") from None
        except httpx.HTTPError:
            raise NoAnswer("the connection ended before the answer did", "unavailable") from None

    def _way(self, url: str) -> httpx.HTTPTransport:
        """Return the connections to an address: through a proxy, if the environment names one for it."""
        place = url[: url.find("/", 8)]
        way = self._ways.get(place)
        if way is None:
            with self._lock:
                way = self._ways[place] = self._ways.get(place) or self._made(_proxy_of(url))
        return way

    def _made(self, proxy: str | None) -> httpx.HTTPTransport:
        limits = httpx.Limits(max_connections=None, keepalive_expiry=_KEEP_ALIVE_SECONDS)
        return httpx.HTTPTransport(verify=self._trusted, trust_env=False, limits=limits, proxy=proxy)

    def _read(self, response: httpx.Response, within: Within) -> Answer:
        headers = _headers(response)
        status = response.status_code
        parts, size = [], 0
        try:
            for part in _unpacked(response, headers.get("content-encoding", "").strip().lower(), within.size):
                size += len(part)
                if size > within.size:
                    raise TooLarge(f"the answer has more than {within.size:,} bytes", "size", status)
                if self._time.monotonic() > within.deadline:
                    raise NoAnswer("the answer did not end in time", "timeout", status)
                parts.append(part)
        except _Garbled as garbled:
            return Answer(status, headers, garbled=str(garbled))
        return Answer(status, headers, b"".join(parts))


def _proxy_of(url: str) -> str | None:
    """Return the proxy that the environment names for an address, `HTTPS_PROXY` say, unless `NO_PROXY` has it.

    What is for this machine stays on it: it may be plain http, credentials and all.
    """
    parts, named = urlsplit(url), getproxies()
    proxy = named.get(parts.scheme) or named.get("all")
    host = parts.hostname or ""
    if not proxy or is_this_machine(host) or proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _headers(response: httpx.Response) -> dict[str, str]:
    """Return the headers by their names in lower case; those that come several times as one, as RFC 9110 has it."""
    headers: dict[str, str] = {}
    for raw, said in response.headers.raw:
        name, value = raw.decode("latin-1").lower(), said.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _check(headers: Mapping[str, str]) -> None:
    """Refuse what HTTP cannot carry, such as a key with the end of its line; named, never quoted."""
    for name, value in headers.items():
        if not value.isascii() or not value.isprintable() or value != value.strip():
            raise NotSent(
                f"the header {name} holds a character that HTTP does not allow there", "setting", lasting=True
            )


_PACKED = b"\x1f\x8b"  # RFC 1952, 2.3.1


class _Garbled(Exception):  # noqa: N818 - never leaves this module
    """The body is not what its headers say."""


def _unpacked(response: httpx.Response, encoding: str, limit: int) -> Iterator[bytes]:
    """Yield the body, never much more than `limit` bytes of it: a small packed body may unpack to gigabytes."""
    if encoding in {"", "identity"}:
        yield from response.iter_raw()
        return
    if encoding not in {"gzip", "x-gzip"}:
        raise _Garbled("its body is packed in a way that was not asked for")
    unpack, given, plain = zlib.decompressobj(wbits=31), 0, False
    try:
        for part in response.iter_raw():
            # Some servers say so of every long body, packed or not; what starts otherwise is taken as it is.
            plain = plain or (not given and not part.startswith(_PACKED[: len(part)]))
            given += len(part)
            yield part if plain else unpack.decompress(part, limit + 1)
    except zlib.error:
        raise _Garbled("its body is not packed the way it says") from None
    if given and not plain and (not unpack.eof or unpack.unused_data):
        raise _Garbled("its packed body has no proper end")


def _not_sent(error: Exception) -> NotSent:
    cause: BaseException | None = error
    while cause:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NotSent("its certificate is not trusted", "auth", lasting=True)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol | httpx.InvalidURL):
        return NotSent("the request cannot be written as HTTP", "setting", lasting=True)
    kind = "timeout" if isinstance(error, httpx.TimeoutException) else "unavailable"
    return NotSent("no connection", kind)


@cache  # reading all authorities takes longer than most requests
def _usual() -> ssl.SSLContext:
    return httpx.create_ssl_context()


def _trusted(trust: Trust) -> ssl.SSLContext:
    """Return what decides which certificates count. There is no way to ask for none."""
    if trust is None:
        return _usual()
    if isinstance(trust, ssl.SSLContext):
        if trust.verify_mode is not ssl.CERT_REQUIRED or not trust.check_hostname:
            raise ValueError("the SSLContext does not verify certificates and host names")
        return trust
    if isinstance(trust, str | Path):
        return ssl.create_default_context(cafile=trust)
    raise TypeError("trust is a file of certificates or an SSLContext; verification cannot be switched off")
