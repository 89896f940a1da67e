"""A list that comes in pages comes whole and once, or says that it did not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import respx
from openreturns.errors import ContractError, RetryableError
from openreturns.transport import Answer
from openreturns.transport.pages import by_address, by_cursor, by_link, by_offset, by_page
from transport.made import BASE, client

ALL = list(range(10))


def items(answer: Answer) -> list[Any]:
    return list(answer.json["items"])


def total(answer: Answer) -> int | None:
    announced = answer.json.get("total")
    return None if announced is None else int(announced)


def page(start: int, size: int = 4, **more: Any) -> dict[str, Any]:
    return {"items": ALL[start : start + size], **more}


class Listing:
    """A vendor's list: whatever the query asks for, in each of the ways there are to page."""

    def __init__(self, mock: respx.MockRouter, **said: Any) -> None:
        self.said = said
        self.ours = client()
        self.asked: list[str] = []
        mock.get(url__startswith=f"{BASE}/list").mock(side_effect=self.answer)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url.query.decode())
        query = dict(request.url.params)
        start = int(query.get("cursor") or query.get("offset") or 4 * (int(query.get("page", 1)) - 1))
        after = start + 4
        body = page(start, more=after < 10, **self.said)
        headers = {}
        if after < 10:
            body |= {"next": str(after), "address": f"/api/list?cursor={after}"}
            first, following = f"<{BASE}/list?cursor=0>", f"<{BASE}/list?cursor={after}>"
            headers = {"Link": f'{first}; rel="first", {following}; title="a, b"; rel="last next"'}
        return httpx.Response(200, json=body, headers=headers)

    def fetch(self, **params: Any) -> Answer:
        return self.ours.request("list", "GET", "/list", params=params)


WAYS = {
    "cursor": lambda the: by_cursor(lambda at: the.fetch(cursor=at), items=items, cursor=lambda a: a.json.get("next")),
    "offset until empty": lambda the: by_offset(lambda at: the.fetch(offset=at), items=items),
    "offset until the total": lambda the: by_offset(lambda at: the.fetch(offset=at), items=items, total=total),
    "offset until told": lambda the: by_offset(
        lambda at: the.fetch(offset=at), items=items, more=lambda a: a.json["more"]
    ),
    "page until empty": lambda the: by_page(lambda at: the.fetch(page=at), items=items),
    "page until the total": lambda the: by_page(lambda at: the.fetch(page=at), items=items, total=total),
    "page until told": lambda the: by_page(lambda at: the.fetch(page=at), items=items, more=lambda a: a.json["more"]),
    "address": lambda the: by_address(
        the.ours, "list", "/list", items=items, following=lambda a: a.json.get("address"), params={"cursor": 0}
    ),
    "link": lambda the: by_link(the.ours, "list", "/list", items=items, total=total, params={"cursor": 0}),
}


@pytest.mark.parametrize("way", WAYS)
def test_every_element_comes_once_and_in_order(way: str, respx_mock: respx.MockRouter) -> None:
    listing = Listing(respx_mock, total=10)
    assert list(WAYS[way](listing)) == ALL
    assert len(listing.asked) == (4 if "empty" in way else 3)


@pytest.mark.parametrize("way", ["offset until the total", "page until the total", "link"])
def test_fewer_than_announced_is_told_after_what_there_is(way: str, respx_mock: respx.MockRouter) -> None:
    elements = WAYS[way](Listing(respx_mock, total=11))
    assert [next(elements) for _ in ALL] == ALL
    with pytest.raises(RetryableError, match="has 11 elements and 10 of them came") as caught:
        next(elements)
    assert caught.value.kind == "incomplete"


def endless(answer: Answer) -> Iterator[Any]:
    return by_cursor(lambda at: answer, items=items, cursor=lambda a: a.json["next"])


def said(body: dict[str, Any], content: bytes = b"") -> Answer:
    return Answer(200, json=body, content=content)


def test_a_cursor_that_comes_again_is_an_error_and_not_a_loop() -> None:
    with pytest.raises(ContractError, match="in a circle"):
        list(endless(said({"items": [], "next": "same"})))


@pytest.mark.parametrize("way", [by_offset, by_page])
def test_a_vendor_that_always_gives_the_first_page_is_found_out(way: Any) -> None:
    with pytest.raises(ContractError, match="the same page came twice"):
        list(way(lambda at: said({"items": [1]}, b'{"items":[1]}'), items=items))


@pytest.mark.parametrize(
    "target", ["https://evil.example/list?cursor=4", "//evil.example/list", "https://vendor.example:8443/list"]
)
def test_credentials_follow_no_address_to_another_host(target: str, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"{BASE}/list").respond(200, json={"items": [1], "next": target})
    pages = by_address(client(), "list", "/list", items=items, following=lambda a: a.json["next"])
    assert next(pages) == 1
    with pytest.raises(ContractError, match="another place"):
        next(pages)
    assert len(respx_mock.calls) == 1


LINKS = {
    "": None,
    '</list?c=2>; rel="next"': "/list?c=2",
    "</list?c=2>; rel=next": "/list?c=2",
    '</list?c=1>; rel="prev", </list?c=3>; rel="next"': "/list?c=3",
    '</list?c=1,2>; REL="Next"': "/list?c=1,2",
    '</list>; rel="nextish"': None,
    '</list>; title="rel=next"': None,
    "nonsense": None,
}


@pytest.mark.parametrize("link", LINKS)
def test_what_a_link_header_names_next(link: str, respx_mock: respx.MockRouter) -> None:
    first = respx_mock.get(f"{BASE}/list").respond(200, json={"items": [1]}, headers={"Link": link})
    second = respx_mock.get(f"https://vendor.example{LINKS[link] or '/none'}").respond(200, json={"items": [2]})
    assert list(by_link(client(), "list", "/list", items=items)) == ([1, 2] if LINKS[link] else [1])
    assert (first.call_count, second.call_count) == (1, 1 if LINKS[link] else 0)
    respx_mock.routes.clear()
