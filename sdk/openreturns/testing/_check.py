"""What a check is, and the three ways in which one ends without having passed."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

if TYPE_CHECKING:
    from openreturns.testing._candidate import Candidate

__all__ = ["LEVELS", "Case", "Check", "CheckFailure", "Inapplicable", "Level", "NoEvidence", "Over", "table"]

Level = Literal["documents", "vendor", "live"]
LEVELS: tuple[Level, ...] = get_args(Level)


class CheckFailure(AssertionError):  # noqa: N818 - it is what a check tells, not an error of the kit
    """What an adapter does wrong: where on both sides, with which value, in the smallest document that shows it.

    `canonical` and `native` are JSON pointers (or field paths, where no document is concerned).
    """

    def __init__(
        self, said: str, *, canonical: str = "", native: str = "", value: object = None, document: object = None
    ) -> None:
        super().__init__(said)
        self.said = said
        self.canonical = canonical
        self.native = native
        self.value = value
        self.document = document


class NoEvidence(Exception):  # noqa: N818 - no error: the check did not run
    """The check cannot run, because nobody gave what it needs; the level is not reached without it."""


class Inapplicable(Exception):  # noqa: N818 - no error: the manifest says that there is no such thing
    """The adapter declares that it has nothing of the kind that the check is about, and where it says so."""


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a check runs over: its name, by which it can be selected, and what the check is given."""

    name: str
    given: tuple[Any, ...] = field(default=(), repr=False)


Over = Callable[["Candidate"], Iterable[Case]]
"""Gives the cases of a check; raises NoEvidence or Inapplicable where there can be none."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that every adapter must prove.

    `id` is stable and never used again for something else. `over` gives the cases, `prove` is called with the
    candidate and what each case gives, and raises CheckFailure. `says` is a sentence that is true of a good
    adapter, `means` what follows where it is not, `fix` what to do then.
    """

    id: str
    level: Level
    over: Over = field(repr=False)
    prove: Callable[..., None] = field(repr=False)
    says: str = field(repr=False)
    means: str = field(repr=False)
    fix: str = field(repr=False)


def table(level: Level, rows: Mapping[str, tuple[Over, Callable[..., None]]]) -> tuple[Check, ...]:
    """Return the checks of a level; their words are in `checks.toml`."""
    words = _words()
    return tuple(Check(one, level, over, prove, **words[one]) for one, (over, prove) in rows.items())


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(Path(__file__).with_name("checks.toml").read_text("utf-8"))
