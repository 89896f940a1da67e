"""A vendor's words and our codes: which means which, with a score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from openreturns_codegen.adapter.vocabulary import spoken, vocabulary

__all__ = ["Crossed", "crosswalk"]

_SURE = 0.75
"""From this score on a word is taken for another spelling of one that is known: expected is nearly rejected, at 0.6."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """A vendor's word, the code that it most likely means, and how sure that is (0 to 1)."""

    word: str
    code: str
    score: float

    @property
    def sure(self) -> bool:
        """Whether the word is read as the code at once; else a person says what it means."""
        return self.score >= _SURE


def crosswalk(table: str, words: Sequence[str]) -> tuple[Crossed, ...]:
    """Return each of a vendor's words with the code of a list (`return_status`) that it means."""
    meant = {spoken(said): code for code, listed in vocabulary()["codes"].get(table, {}).items() for said in listed}
    return tuple(_crossed(word, meant) for word in words) if meant else ()


def _crossed(word: str, meant: dict[str, str]) -> Crossed:
    said = spoken(word.replace("_x0020_", " "))
    if said in meant:
        return Crossed(word, meant[said], 1.0)
    best = max(meant, key=lambda one: (fuzz.token_sort_ratio(said, one), one))
    return Crossed(word, meant[best], round(fuzz.token_sort_ratio(said, best) / 100 * 0.8, 2))
