"""The patterns of JSON Schema (ECMA 262) as trees; what a finite automaton cannot hold is refused by name."""

from __future__ import annotations

from typing import Final, TypeAlias

__all__ = ["ALL", "DOT", "Ranges", "Tree", "UnsupportedPattern", "invert", "parse"]

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Code points, as sorted inclusive ranges that do not touch."""

Tree: TypeAlias = tuple[object, ...]
"""("set", ranges) | ("dot",) | ("seq", trees) | ("or", trees) | ("repeat", tree, low, high) | ("start",) | ("end",)
| ("ahead", tree) | ("not_ahead", tree)"""

_LAST: Final = 0x10FFFF
_SURROGATES: Final = (0xD800, 0xDFFF)  # no JSON text holds half a pair
DOT: Final[Tree] = ("dot",)


class UnsupportedPattern(ValueError):  # noqa: N818 - says what the pattern is
    """A pattern uses something that is no regular language, or that engines disagree about."""


def _union(ranges: list[tuple[int, int]]) -> Ranges:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return tuple(merged)


def invert(ranges: Ranges) -> Ranges:
    """Return every other code point that text can hold."""
    outside, start = [], 0
    for low, high in _union([*ranges, _SURROGATES]):
        if start < low:
            outside.append((start, low - 1))
        start = high + 1
    if start <= _LAST:
        outside.append((start, _LAST))
    return tuple(outside)


ALL: Final = invert(())
_DIGIT: Final = ((0x30, 0x39),)
_WORD: Final = ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A))
_BLANKS: Final = ((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029))
_SPACE: Final = _union([*_BLANKS, (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)])
_CLASSES: Final = {
    "d": _DIGIT,
    "D": invert(_DIGIT),
    "w": _WORD,
    "W": invert(_WORD),
    "s": _SPACE,
    "S": invert(_SPACE),
}
_CONTROL: Final = {"t": 9, "n": 10, "v": 11, "f": 12, "r": 13}
_SYNTAX: Final = frozenset("^$\\.*+?()[]{}|/-")


def parse(pattern: str) -> Tree:
    """Return the tree of a pattern. Raises UnsupportedPattern, which says what is not supported."""
    reader = _Reader(pattern)
    tree = reader.alternatives()
    if reader.more():
        raise UnsupportedPattern(f"{pattern!r}: {reader.peek()!r} at {reader.at} has no partner")
    return tree


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def more(self) -> bool:
        return self.at < len(self.text)

    def peek(self, size: int = 1) -> str:
        return self.text[self.at : self.at + size]

    def take(self, wanted: str = "") -> str:
        taken = self.peek(len(wanted) or 1)
        if not taken or (wanted and taken != wanted):
            raise UnsupportedPattern(f"{self.text!r}: {wanted or 'more'!r} is missing at {self.at}")
        self.at += len(taken)
        return taken

    def skip(self, wanted: str) -> bool:
        found = self.peek(len(wanted)) == wanted
        self.at += len(wanted) if found else 0
        return found

    def unsupported(self, what: str) -> UnsupportedPattern:
        return UnsupportedPattern(f"{self.text!r}: {what} at {self.at} is not supported")

    def alternatives(self) -> Tree:
        branches = [self.sequence()]
        while self.skip("|"):
            branches.append(self.sequence())
        return branches[0] if len(branches) == 1 else ("or", tuple(branches))

    def sequence(self) -> Tree:
        terms: list[Tree] = []
        while self.more() and self.peek() not in "|)":
            terms.append(self.quantified(self.atom()))
        return terms[0] if len(terms) == 1 else ("seq", tuple(terms))

    def quantified(self, tree: Tree) -> Tree:
        mark = self.peek()
        if not mark or mark not in "*+?{":
            return tree
        self.take()
        low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(mark) or self.bounds()
        self.skip("?")  # lazy or not, the same texts match
        if self.peek() and self.peek() in "*+?{":
            raise self.unsupported("a quantifier of a quantifier")
        if tree[0] in {"start", "end", "ahead", "not_ahead"}:
            raise self.unsupported("a quantifier of an assertion")
        return ("repeat", tree, low, high)

    def bounds(self) -> tuple[int, int | None]:
        low = self.number()
        high: int | None = low
        if self.skip(","):
            high = None if self.peek() == "}" else self.number()
        self.take("}")
        if high is not None and high < low:
            raise self.unsupported("a range that runs backwards")
        return low, high

    def number(self) -> int:
        digits = ""
        while self.peek().isascii() and self.peek().isdigit():
            digits += self.take()
        if not digits:
            raise self.unsupported("a brace without a number")
        return int(digits)

    def atom(self) -> Tree:
        char = self.take()
        if char == "(":
            return self.group()
        if char == "[":
            return ("set", self.bracket())
        if char == "\\":
            return ("set", self.escaped(inside=False))
        if char in "*+?{}":
            raise self.unsupported(f"a bare {char!r}")
        return {".": DOT, "^": ("start",), "$": ("end",)}.get(char) or ("set", ((ord(char), ord(char)),))

    def group(self) -> Tree:
        kind = ""
        if self.skip("?"):
            kind = next((kind for kind in (":", "=", "!") if self.skip(kind)), "")
            if not kind and self.peek() == "<" and self.peek(2) not in {"<=", "<!"}:
                while self.take() != ">":
                    pass
            elif not kind:
                raise self.unsupported("a group of this kind")
        tree = self.alternatives()
        self.take(")")
        return {"=": ("ahead", tree), "!": ("not_ahead", tree)}.get(kind, tree)

    def bracket(self) -> Ranges:
        negated = self.skip("^")
        ranges: list[tuple[int, int]] = []
        if self.peek() == "]":
            raise self.unsupported("an empty set")
        while not self.skip("]"):
            if self.peek(2) in {"[:", "&&", "--", "~~"}:
                raise self.unsupported("a set in a set")
            first = self.member()
            if self.peek() == "-" and self.peek(2) not in {"-]", "-"}:
                self.take()
                last = self.member()
                if len(first) != 1 or len(last) != 1 or first[0][0] != first[0][1] or last[0][0] != last[0][1]:
                    raise self.unsupported("a range between sets")
                first = ((first[0][0], last[0][0]),)
                if first[0][0] > first[0][1]:
                    raise self.unsupported("a range that runs backwards")
            ranges.extend(first)
        return invert(_union(ranges)) if negated else _union(ranges)

    def member(self) -> Ranges:
        char = self.take()
        return self.escaped(inside=True) if char == "\\" else ((ord(char), ord(char)),)

    def escaped(self, *, inside: bool) -> Ranges:
        char = self.take()
        if char in _CLASSES:
            return _CLASSES[char]
        if char in _CONTROL:
            return ((_CONTROL[char],) * 2,)
        if char in {"x", "u"} and self.peek() != "{":
            digits = "".join(self.take() for _ in range(2 if char == "x" else 4))
            try:
                return ((int(digits, 16),) * 2,)
            except ValueError:
                raise self.unsupported(f"the escape \\{char}{digits}") from None
        if char in _SYNTAX or not char.isascii() or not (char.isalnum() or char == "_"):
            return ((ord(char),) * 2,)
        raise self.unsupported(f"the escape \\{char}{' in a set' if inside else ''}")
