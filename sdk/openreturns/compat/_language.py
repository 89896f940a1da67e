"""Sets of texts, and what is in them.

Patterns, lengths and lists of words become one algebra with and, or, not; a question is answered by following
derivatives (Brzozowski 1964; Owens, Reppy, Turon 2009) breadth first, so the example found is a shortest one and
counted repeats such as `.{1,255}` cost a step a character.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Final

from openreturns.compat._pattern import ALL, Ranges, Tree, UnsupportedPattern, invert, parse

__all__ = ["Language", "Undecided", "every", "length", "nothing", "pattern", "some", "word"]

_STATES: Final = 6000
_UNASKED: Final = object()
_PREFERRED: Final = "a0A-_ .x1"


class Undecided(Exception):  # noqa: N818 - an outcome, not a failure
    """The question is too large to answer."""


class Language:
    """A set of texts. Equal ones made alike are the same object; combine with `&`, `|` and `~`."""

    __slots__ = ("_cuts", "_derived", "_found", "empty_text", "kind", "parts")
    _made: dict[tuple[object, ...], Language] = {}  # noqa: RUF012 - every language there is, so that equal ones are one

    kind: str
    parts: tuple[object, ...]
    empty_text: bool

    @classmethod
    def make(cls, kind: str, *parts: object) -> Language:
        """Return the one language of this kind and parts."""
        key = (kind, *parts)
        found = cls._made.get(key)
        if found is None:
            found = object.__new__(cls)
            found.kind, found.parts = kind, parts
            found.empty_text = _holds_empty(kind, parts)
            found._cuts = None
            found._derived = {}
            found._found = _UNASKED
            cls._made[key] = found
        return found

    _cuts: frozenset[int] | None
    _derived: dict[int, Language]
    _found: object
    """What `example` found, asked for once."""

    def __and__(self, other: Language) -> Language:
        return _joined("and", (self, other))

    def __or__(self, other: Language) -> Language:
        return _joined("or", (self, other))

    def __invert__(self) -> Language:
        if self.kind == "not":
            inner = self.parts[0]
            assert isinstance(inner, Language)
            return inner
        return Language.make("not", self)

    def example(self) -> str | None:
        """Return a shortest text of the set, or None where it is empty. Raises Undecided."""
        if isinstance(self._found, Undecided):
            raise self._found
        if self._found is _UNASKED:
            try:
                self._found = self._search()
            except Undecided as outcome:
                self._found = outcome
                raise
        return self._found  # type: ignore[return-value]  # asked by now

    def _search(self) -> str | None:
        if self.empty_text:
            return ""
        seen, level = {self}, [(self, "")]
        while level:
            following = []
            for state, text in level:
                for char in _representatives(state):
                    reached = _derive(state, char)
                    if reached is _NOTHING or reached in seen:
                        continue
                    if reached.empty_text:
                        return text + chr(char)
                    seen.add(reached)
                    following.append((reached, text + chr(char)))
                if len(seen) > _STATES:
                    raise Undecided(f"more than {_STATES} states")
            level = following
        return None

    def all_of_few(self, limit: int) -> list[str] | None:
        """Return all texts of the set where there are no more than `limit`, else None. Raises Undecided."""
        found: list[str] = []
        left = self
        while len(found) <= limit:
            text = left.example()
            if text is None:
                return found
            found.append(text)
            left = left & ~word(text)
        return None

    def within(self, other: Language) -> bool:
        """Return whether every text of this set is in the other one. Raises Undecided."""
        return (self & ~other).example() is None


def _holds_empty(kind: str, parts: tuple[object, ...]) -> bool:
    inner = [part.empty_text for part in parts if isinstance(part, Language)]
    if kind == "not":
        return not inner[0]
    if kind == "or":
        return any(inner)
    if kind == "repeat":
        return parts[1] == 0 or inner[0]
    return kind == "empty" or (kind in {"and", "then"} and all(inner))


_NOTHING: Final = Language.make("set", ())
_EVERY: Final = Language.make("not", _NOTHING)
_EMPTY: Final = Language.make("empty")
_ANY: Final = Language.make("set", ALL)


def nothing() -> Language:
    """Return the set without a text."""
    return _NOTHING


def every() -> Language:
    """Return the set of all texts."""
    return _EVERY


def _joined(kind: str, given: Iterable[Language]) -> Language:
    """Return an `and` or `or`, with what makes no difference left out."""
    neutral, absorbing = (_EVERY, _NOTHING) if kind == "and" else (_NOTHING, _EVERY)
    parts: dict[Language, None] = {}
    for one in given:
        inner = one.parts if one.kind == kind else (one,)
        parts.update((part, None) for part in inner if isinstance(part, Language) and part is not neutral)
    if absorbing in parts or any(part.kind == "not" and part.parts[0] in parts for part in parts):
        return absorbing
    if len(parts) == 1:
        return next(iter(parts))
    return Language.make(kind, *sorted(parts, key=id)) if parts else neutral


def some(parts: Iterable[Language]) -> Language:
    """Return the texts that are in at least one of the sets."""
    return _joined("or", parts)


def _then(first: Language, second: Language) -> Language:
    if first is _NOTHING or second is _NOTHING:
        return _NOTHING
    if first is _EMPTY:
        return second
    if second is _EMPTY:
        return first
    if first.kind == "then":  # to the right, so that equal ones are built alike
        head, tail = first.parts
        assert isinstance(head, Language)
        assert isinstance(tail, Language)
        return _then(head, _then(tail, second))
    return _EVERY if first is second is _EVERY else Language.make("then", first, second)


def _repeat(inner: Language, low: int, high: int | None) -> Language:
    if high == 0 or inner in (_EMPTY, _NOTHING):
        return _EMPTY if high == 0 or low == 0 or inner is _EMPTY else _NOTHING
    if (low, high) == (1, 1):
        return inner
    if inner is _ANY and low == 0 and high is None:
        return _EVERY
    return Language.make("repeat", inner, 0 if inner.empty_text else low, high)


def _derive(state: Language, char: int) -> Language:
    """Return what may follow the character: the texts t for which char + t is in the set."""
    if state.kind == "repeat" and state.parts[0] is _ANY:
        char = 0  # whatever it is
    found = state._derived.get(char)
    if found is None:
        found = state._derived[char] = _derivative(state, char)
    return found


def _derivative(state: Language, char: int) -> Language:
    parts = [part for part in state.parts if isinstance(part, Language)]
    if state.kind == "set":
        ranges: Ranges = state.parts[0]  # type: ignore[assignment]  # a set has ranges
        return _EMPTY if any(low <= char <= high for low, high in ranges) else _NOTHING
    if state.kind == "not":
        return ~_derive(parts[0], char)
    if state.kind in {"and", "or"}:
        return _joined(state.kind, (_derive(part, char) for part in parts))
    if state.kind == "then":
        first = _then(_derive(parts[0], char), parts[1])
        return first | _derive(parts[1], char) if parts[0].empty_text else first
    if state.kind == "repeat":
        _, low, high = state.parts
        assert isinstance(low, int)
        rest = _repeat(parts[0], max(low - 1, 0), None if high is None else int(str(high)) - 1)
        return _then(_derive(parts[0], char), rest)
    return _NOTHING


def _boundaries(state: Language) -> frozenset[int]:
    """Return the code points at which another derivative may begin."""
    if state._cuts is None:
        parts = [part for part in state.parts if isinstance(part, Language)]
        if state.kind == "set":
            ranges: Ranges = state.parts[0]  # type: ignore[assignment]  # a set has ranges
            state._cuts = frozenset(point for low, high in ranges for point in (low, high + 1))
        elif state.kind == "then" and not parts[0].empty_text:
            state._cuts = _boundaries(parts[0])
        else:
            state._cuts = frozenset().union(*(_boundaries(part) for part in parts))
    return state._cuts


def _representatives(state: Language) -> list[int]:
    """Return one character of each stretch in which all behave alike, readable ones first."""
    points = sorted({0, *_boundaries(state), 0x110000})
    chosen = []
    for low, high in pairwise(points):
        readable = next((ord(c) for c in _PREFERRED if low <= ord(c) < high), None)
        printable = max(low, 0x21) if low < 0x7F and high > 0x21 else low
        char = readable if readable is not None else printable
        if 0xD800 <= char <= 0xDFFF:
            char = 0xE000
        if char < high:
            chosen.append((not 0x20 <= char < 0x7F, char))
    return list(_unlike(state, [char for _, char in sorted(chosen)]).values())


def _unlike(state: Language, chars: list[int]) -> dict[object, int]:
    """Return one character for each way to go on: what leads every part to the same place is the same."""
    parts = [part for part in state.parts if isinstance(part, Language)] if state.kind in {"and", "or"} else [state]
    ways: dict[object, int] = {}
    for char in chars:
        ways.setdefault(tuple(_derive(part, char) for part in parts), char)
    return ways


def word(text: str) -> Language:
    """Return the set of this one text."""
    found = _EMPTY
    for char in reversed(text):
        found = _then(Language.make("set", ((ord(char), ord(char)),)), found)
    return found


def length(low: int, high: int | None) -> Language:
    """Return the texts of so many characters."""
    return _repeat(_ANY, low, high)


@cache
def pattern(text: str, *, lines: str = "\n") -> Language:
    """Return the texts in which the pattern is found. `lines` are the characters that a dot does not match.

    Engines disagree about the dot: ECMA 262 excludes four line ends, others only the line feed.
    Raises UnsupportedPattern.
    """
    tree = parse(text)
    dot = Language.make("set", invert(tuple((ord(c), ord(c)) for c in sorted(lines))))
    found = _compile(tree, _EVERY, dot, start=True)
    if _asks(tree, "start") is None:
        return _then(_EVERY, found)
    return found | _then(_ANY, _then(_EVERY, _compile(tree, _EVERY, dot, start=False)))


def _asks(tree: object, kind: str) -> bool | None:
    if not isinstance(tree, tuple):
        return None
    return True if tree[:1] == (kind,) else next((True for part in tree if _asks(part, kind)), None)


def _compile(tree: Tree, rest: Language, dot: Language, *, start: bool) -> Language:
    """Return the texts that match the tree and then the rest; `start` says whether nothing stands before."""
    kind = tree[0]
    if kind == "start":
        return rest if start else _NOTHING
    if kind == "end":
        return rest & _EMPTY
    if kind == "or":
        return some(_compile(branch, rest, dot, start=start) for branch in _trees(tree[1]))
    if kind in {"ahead", "not_ahead"}:
        seen = _compile(_tree(tree[1]), _EVERY, dot, start=start)
        return rest & (seen if kind == "ahead" else ~seen)
    if kind == "seq":
        return _sequence(_trees(tree[1]), rest, dot, start=start)
    if kind == "repeat":
        return _repeated(tree, rest, dot, start=start)
    return _then(dot if kind == "dot" else Language.make("set", tree[1]), rest)


def _sequence(terms: tuple[Tree, ...], rest: Language, dot: Language, *, start: bool) -> Language:
    if not terms:
        return rest
    first, *others = terms
    tail = tuple(others)
    if not any(_asks(term, "start") for term in tail):
        return _compile(first, _sequence(tail, rest, dot, start=False), dot, start=start)
    if first[0] in {"start", "end", "ahead", "not_ahead"}:
        return _compile(first, _sequence(tail, rest, dot, start=start), dot, start=start)
    if _compile(first, _EMPTY, dot, start=start).empty_text:
        raise UnsupportedPattern("a start (^) behind something that may be empty is not supported")
    return _compile(first, _sequence(tail, rest, dot, start=False), dot, start=start)


def _repeated(tree: Tree, rest: Language, dot: Language, *, start: bool) -> Language:
    inner, low, high = _tree(tree[1]), tree[2], tree[3]
    assert isinstance(low, int)
    if any(_asks(inner, kind) for kind in ("start", "end", "ahead", "not_ahead")):
        if (low, high) != (0, 1):
            raise UnsupportedPattern("an assertion within a repetition is not supported")
        return rest | _compile(inner, rest, dot, start=start)
    once = _compile(inner, _EMPTY, dot, start=start)
    return _then(_repeat(once, low, None if high is None else int(str(high))), rest)


def _tree(value: object) -> Tree:
    assert isinstance(value, tuple)
    return value


def _trees(value: object) -> tuple[Tree, ...]:
    return tuple(_tree(one) for one in _tree(value))
