"""What is said in drawn documents: texts, ids and coded reasons, the plain ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from hypothesis import strategies as st

from openreturns._schemas import code_list

__all__ = [
    "ATTACHMENTS",
    "EXTENSIONS",
    "LETTERS",
    "NOTES",
    "PEOPLE",
    "TEXTS",
    "below",
    "coded",
    "codes",
    "drawn_text",
]

# No blanks of any kind, no control characters, nothing unassigned: what every kind of text in the contract takes.
LETTERS = st.characters(exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"))
_IDS = (
    "A1",
    "0007",
    "a b",
    "Ünïcödé-№7",
    "x" * 255,
    "1e5",
    "null",
    "true",
    "-0.0",
    "2026-02-30",
    "=SUM(A1)",
    "{{x}}",
    "%s%n",
    "<b>&amp;</b>",
    "'; DROP TABLE--",
    "../../etc",
    "日本",
    "🔧",
    "\\u0000",
    "ﬁ",
)
_TEXTS = ("Box torn", "gebroken, niet te repareren", "  two  blanks  ", "«Düse» défectueuse — voir photo", *_IDS)
_NOTES = ("See photo.", "first line\nsecond line\n\tthird", "\r\n", "😀" * 300, *_TEXTS)


@cache
def below(limit: int) -> st.SearchStrategy[int]:
    """Return the strategy for a place in a list; made once a length, as making it costs more than drawing from it."""
    return st.integers(0, limit - 1)


def drawn_text(known: Sequence[str], *, most: int = 20) -> st.SearchStrategy[str]:
    """Return mostly words that systems really send or that break systems, and sometimes anything at all."""
    return st.one_of(st.sampled_from(known), st.sampled_from(known), st.text(LETTERS, min_size=1, max_size=most))


IDS = drawn_text(_IDS)
TEXTS = drawn_text(_TEXTS)
NOTES = drawn_text(_NOTES)
# Who asks, inspects and approves are different people: some rules are about that.
PEOPLE: Mapping[str, tuple[str, ...]] = {
    "asks": ("clerk-1", "Zoë", "sys:portal"),
    "inspects": ("inspector-1", "José Ñ."),
    "approves": ("boss-1", "müller@example", "CFO"),
}
ATTACHMENTS: tuple[dict[str, Any], ...] = (
    {"uri": "https://files.example/1.jpg"},
    {"uri": "urn:uuid:2f1e", "mediaType": "image/jpeg", "sha256": "0f" * 32},
    {"uri": "https://files.example/b%C3%BCro?x=1&y=%20", "mediaType": "application/pdf"},
)
EXTENSIONS: tuple[dict[str, Any], ...] = (
    {"com.example.field": "41"},
    {"com.example.deep": {"list": [1, True, "x", []], "empty": {}}},
    {"net.a-b.c_d": 9007199254740991, "org.example.flag": False},
)
_SOURCES: tuple[dict[str, Any], ...] = (
    {"scheme": "erp", "value": "17"},
    {"scheme": "x12:1293", "value": "RG", "label": "Régularisation"},
)


def codes(list_: str) -> tuple[str, ...]:
    """Return the codes of a code list of the contract, in its order."""
    return tuple(row["code"] for row in code_list(list_)["values"])


def coded(list_: str) -> tuple[dict[str, Any], ...]:
    """Return every code of a list as an object: alone, with the other system's word, and with a note."""
    alone = tuple({"code": code} for code in codes(list_) if code != "other")
    known = codes(list_)
    return (
        *alone,
        *({"code": code, "source": _SOURCES[n % len(_SOURCES)]} for n, code in enumerate(known)),
        *({"code": code, "note": _NOTES[n % len(_NOTES)]} for n, code in enumerate(known)),
    )
