"""Pages as ShipBob links them: by number, with the addresses of the first, last, next and previous page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["numbered", "page"]


def page(rows: Sequence[Any], url: str, cursor: int, size: int, *, name: str = "items", key: str = "Cursor") -> Any:  # noqa: ANN401 - JSON
    """Return page `cursor` (from 1) of rows with links that keep the rest of the question."""
    last = max(1, -(-len(rows) // size))
    links = {
        "first": 1,
        "last": last,
        "next": cursor + 1 if cursor < last else None,
        "prev": min(cursor - 1, last) if cursor > 1 else None,
    }
    shown = {link: number and _linked(url, key, number) for link, number in links.items()}
    return {name: list(rows[(cursor - 1) * size : cursor * size]), **shown}


def numbered(rows: Sequence[Any], cursor: str | None, size: int) -> Any:  # noqa: ANN401 - JSON
    """Return a page of the older lists, whose `next` and `prev` are cursors and no addresses."""
    at = int(cursor or 1)
    last = max(1, -(-len(rows) // size))
    return {
        "items": list(rows[(at - 1) * size : at * size]),
        "next": str(at + 1) if at < last else None,
        "prev": str(min(at - 1, last)) if at > 1 else None,
    }


def _linked(url: str, key: str, number: int) -> str:
    parts = urlsplit(url)
    asked = [(name, value) for name, value in parse_qsl(parts.query, keep_blank_values=True) if name != key]
    return urlunsplit(parts._replace(query=urlencode([*asked, (key, number)]), fragment=""))
