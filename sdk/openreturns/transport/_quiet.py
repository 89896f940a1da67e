"""Libraries log whole addresses, headers and what they sign. For our calls our own line takes the place of that."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["quiet"]

_TELLTALES = (
    "httpx",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "oauthlib.oauth1.rfc5849",
    "oauthlib.oauth1.rfc5849.signature",
)
_ours: ContextVar[bool] = ContextVar("ours", default=False)


@contextmanager
def quiet() -> Iterator[None]:
    """Keep what the libraries say during the block out of every log; what others do with them is not touched."""
    before = _ours.set(True)
    try:
        yield
    finally:
        _ours.reset(before)


def _not_ours(record: logging.LogRecord) -> bool:
    return not _ours.get()


for _name in _TELLTALES:
    logging.getLogger(_name).addFilter(_not_ours)
