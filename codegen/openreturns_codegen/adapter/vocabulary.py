"""The words of the trade: how names fall into words, which words mean the same, which name a person."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["is_personal", "said_of", "spoken", "vocabulary", "words"]

_PARTS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\W\d_A-Z]+|[A-Z]+|[0-9]+")


@cache
def vocabulary() -> Mapping[str, Any]:
    """Return the word lists of words.toml."""
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text("utf-8"))


@cache
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name: `rmaLine_No` is rma, line, number. Spellings of one word are made one."""
    same: Mapping[str, str] = vocabulary()["spellings"]
    found: list[str] = []
    for part in _PARTS.findall(name):
        word = part.lower()
        found += same.get(word, word).split()
    return tuple(_singular(word) for word in found)


def _singular(word: str) -> str:
    if word in vocabulary()["generic"]["whole"]:
        return word
    if len(word) > 3 and word.endswith("ies"):
        return word[:-3] + "y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def spoken(name: str) -> str:
    """Return a name as words with spaces."""
    return " ".join(words(name))


@cache
def is_personal(path: str) -> bool:
    """Whether a field names or reaches a person, by its name."""
    *above, name = path.split(".")
    said = words(name)
    inside = {word for step in above for word in words(step)}
    named = set(said)
    lists: Mapping[str, Sequence[str]] = vocabulary()["personal"]
    return bool(
        named & set(lists["always"])
        or ("name" in named and (named | inside) & set(lists["named"]))
        or ((named | inside) & set(lists["places"]) and named & set(lists["place"]))
        or ("to" in named and named & set(lists["named"]) and named & set(lists["place"]))
    )


@cache
def said_of(document: str, without: str = "") -> Mapping[str, tuple[str, ...]]:
    """Return by canonical path what systems call it; not what only the system `without` taught."""
    found: dict[str, list[str]] = {}
    for part, table in vocabulary()["fields"].items():
        if part != without:
            for scope in ("any", document):
                for path, said in table.get(scope, {}).items():
                    found.setdefault(path, []).extend(said)
    return {
        path: tuple(dict.fromkeys(("~" if one[0] == "~" else "") + spoken(one) for one in said))
        for path, said in found.items()
    }
