"""Lists that come in pages: all of it, or an error that says what is missing; never a loop without an end.

Each function yields the elements as they come. One that finds out at the end that there are fewer than the
vendor announced raises RetryableError (kind `incomplete`): what was yielded is right, and not all there is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from openreturns.errors import ContractError, RetryableError
from openreturns.transport._client import Client
from openreturns.transport._message import Answer

__all__ = ["by_address", "by_cursor", "by_link", "by_offset", "by_page", "walk"]

S = TypeVar("S", str, int)

Items = Callable[[Answer], Sequence[Any]]
Total = Callable[[Answer], int | None] | None


def walk(
    fetch: Callable[[S], Answer], first: S, following: Callable[[S, Answer, int], S | None], items: Items, total: Total
) -> Iterator[Any]:
    """Yield the elements of all pages.

    `fetch` gets the page at a place, `following(place, answer, count)` says which place comes after a page of
    `count` elements, None after the last; `total` is how many the vendor says there are in all.

    Raises ContractError (kind `contract_drift`) when a place or a page comes again.
    """
    place: S | None = first
    been, before, seen, announced = set[S](), b"", 0, None
    while place is not None:
        if place in been:
            raise ContractError("the list of pages leads in a circle", kind="contract_drift")
        been.add(place)
        answer = fetch(place)
        found = items(answer)
        if found and answer.content == before:
            raise ContractError(
                "the same page came twice: the vendor does not know our way to page", kind="contract_drift"
            )
        before = answer.content
        yield from found
        seen += len(found)
        announced = total(answer) if total else None
        place = following(place, answer, len(found))
    if announced is not None and seen < announced:
        message = f"the list has {announced} elements and {seen} of them came"
        raise RetryableError(message, retry_after=1.0, kind="incomplete")


def by_cursor(
    fetch: Callable[[str], Answer], *, items: Items, cursor: Callable[[Answer], str | None], total: Total = None
) -> Iterator[Any]:
    """Yield the elements of pages that each name the next one's cursor; `fetch` gets "" for the first."""
    return walk(fetch, "", lambda _, answer, __: cursor(answer) or None, items, total)


def by_offset(
    fetch: Callable[[int], Answer], *, items: Items, total: Total = None, more: Callable[[Answer], bool] | None = None
) -> Iterator[Any]:
    """Yield the elements of pages that start after so many elements, until the vendor says so or a page is empty."""

    def following(offset: int, answer: Answer, count: int) -> int | None:
        return offset + count if count and _goes_on(answer, offset + count, total, more) else None

    return walk(fetch, 0, following, items, total)


def by_page(
    fetch: Callable[[int], Answer],
    *,
    items: Items,
    total: Total = None,
    more: Callable[[Answer], bool] | None = None,
    first: int = 1,
) -> Iterator[Any]:
    """Yield the elements of numbered pages, until the vendor says so or a page is empty."""
    seen = 0

    def following(page: int, answer: Answer, count: int) -> int | None:
        nonlocal seen
        seen += count
        return page + 1 if count and _goes_on(answer, seen, total, more) else None

    return walk(fetch, first, following, items, total)


def _goes_on(answer: Answer, seen: int, total: Total, more: Callable[[Answer], bool] | None) -> bool:
    if more is not None:
        return more(answer)
    announced = total(answer) if total else None
    return announced is None or seen < announced


def by_address(
    client: Client,
    verb: str,
    path: str,
    *,
    items: Items,
    following: Callable[[Answer], str | None],
    total: Total = None,
    **given: Any,  # noqa: ANN401 - what Client.request takes
) -> Iterator[Any]:
    """Yield the elements of pages that each name the next one's address, whole or from the host's root.

    `given` is for the first request; of it the next ones keep the headers, as the address has all the rest.
    Raises ContractError (kind `contract_drift`) for an address on another host.
    """
    later = {name: value for name, value in given.items() if name not in {"params", "at"}}

    def fetch(address: str) -> Answer:
        if not address:
            return client.request(verb, "GET", path, **given)
        return client.request(verb, "GET", client.address(address), **later)

    return walk(fetch, "", lambda _, answer, __: following(answer) or None, items, total)


def by_link(
    client: Client,
    verb: str,
    path: str,
    *,
    items: Items,
    total: Total = None,
    **given: Any,  # noqa: ANN401 - see above
) -> Iterator[Any]:
    """Yield the elements of pages that name the next one in a Link header (RFC 8288)."""
    return by_address(client, verb, path, items=items, following=_next_link, total=total, **given)


def _next_link(answer: Answer) -> str | None:
    for target, parameters in re.findall(r"<([^>]*)>([^<]*)", answer.headers.get("link", "")):
        relation = re.search(r";\s*rel\s*=\s*(?:\"([^\"]*)\"|([^\s;,]+))", parameters, re.IGNORECASE)
        if relation and "next" in (relation[1] or relation[2] or "").lower().split():
            return str(target)
    return None
