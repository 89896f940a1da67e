"""What is said in drawn documents: texts, ids and coded reasons, the plain ones first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

from openreturns._schemas import code_list

__all__ = [
    "ANYTHING",
    "ATTACHMENTS",
    "EXTENSIONS",
    "IDS",
    "LETTERS",
    "NOTES",
    "PEOPLE",
    "TEXTS",
    "coded",
    "codes",
]

# No blanks of any kind, no control characters, nothing unassigned: what every kind of text in the contract takes.
LETTERS = st.characters(exclude_categories=("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"))
IDS = (
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
TEXTS = ("Box torn", "gebroken, niet te repareren", "  two  blanks  ", "«Düse» défectueuse — voir photo", *IDS)
NOTES = ("See photo.", "first line\nsecond line\n\tthird", "\r\n", "😀" * 300, *TEXTS)


ANYTHING = st.text(LETTERS, min_size=1, max_size=20)
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
        *({"code": code, "note": NOTES[n % len(NOTES)]} for n, code in enumerate(known)),
    )
