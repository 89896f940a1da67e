"""Strategies made of a schema: the few shapes that our contracts have, written out as plain draws.

The portable subset that contracts are written in needs no general tool: objects, lists, closed lists of words,
text by form or pattern, exact numbers, references, and null where a vendor sends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from hypothesis import strategies as st

from openreturns.testing.strategies._choices import Choices
from openreturns.testing.strategies._words import EXTENSIONS, LETTERS

__all__ = ["Words", "from_schema"]

Schema: TypeAlias = Mapping[str, Any]
Words: TypeAlias = Mapping[str, Sequence[Any]]
"""By field path, such as `lines[].sku`, the values that a field mostly has."""

_TEXTS = (
    "41",
    "A1",
    "Ünïcödé-№7",
    "a b",
    'O\'Neill <Sons> & "Co"',
    "株式会社",
    "مضخة",
    "🔧",
    "0007",
    "1e5",
    "null",
    "-0.0",
    "NaN",
    "  blanks  ",
    "two\nlines",
    "\\u0000",
    "",
    "x" * 300,
)
_FORMS: Mapping[str, tuple[str, ...]] = {
    "date-time": (
        "2026-10-05T14:12:00Z",
        "2026-10-05T14:12:00.5Z",
        "2026-02-28T23:59:59.1234567Z",
        "2026-10-25T02:30:00+02:00",
        "2024-02-29T00:00:00-11:30",
    ),
    "date": ("2026-10-05", "2024-02-29", "1999-12-31"),
    "uri": ("https://vendor.example/1", "https://vendor.example/%C3%A9?x=1&y=#a"),
    "email": ("someone@example.com",),
}
_WHOLE = (1, 0, 2, 7, 41, 100, 4096, 2**31 - 1, 2**53 + 1)
# Digits that a binary float would lose, and those a careless reader would.
_EXACT = tuple(
    map(Decimal, ("1", "0", "12.5", "12.50", "0.1", "100", "19.99", "1E+2", "1234567.891234", "90071992547409.93"))
)
_FEW, _HALF = 0, 1
_DEEPEST = 6

Made: TypeAlias = Callable[["_Drawing"], Any]


class _Drawing(Choices):
    """One record while it is drawn: how much of what is optional it has."""

    def __init__(self, draw: st.DrawFn) -> None:
        super().__init__(draw)
        self.density = self.place(3)
        self.depth = 0

    def optional(self) -> bool:
        """Return whether an optional field is there."""
        if self.depth > _DEEPEST or self.density == _FEW:
            return False
        return self.density != _HALF or self.flip()

    def pick(self, known: Sequence[Any], other: Made | None) -> Any:  # noqa: ANN401 - any JSON value
        """Return one of the values, or seldom something else."""
        size = len(known)
        place = self.place(size + (size // 7 + 1 if other else 0))
        return known[place] if place < size or other is None else other(self)


def from_schema(
    schema: Schema, *, words: Words | None = None, strange: bool = True, nulls: bool = True
) -> st.SearchStrategy[Any]:
    """Return a strategy for what a self-contained schema accepts: exact numbers, every form, long and odd texts.

    `words` says which values fields mostly have, by path; with `strange` false they have no others, and a field with
    `x-known-values` only those. `nulls` false leaves out null where it is allowed. A third of the records have only
    what is required, a third everything. Raises ValueError for a schema outside the portable subset.
    """
    return _drawn(_Maker(schema, words or {}, strange, nulls).make(schema, "", ()))


@st.composite
def _drawn(draw: st.DrawFn, make: Made) -> Any:  # noqa: ANN401 - any JSON value
    return make(_Drawing(draw))


class _Maker:
    """Makes of each part of a schema, once, the function that draws it."""

    def __init__(self, root: Schema, words: Words, strange: bool, nulls: bool) -> None:
        self.root, self.words, self.strange, self.nulls = root, words, strange, nulls

    def make(self, node: Schema, at: str, inside: tuple[str, ...]) -> Made:
        """Return what draws a part; `inside` are the definitions it stands in."""
        node, name = self._resolved(node)
        if name and name in inside:  # a definition that contains itself is made when it is drawn
            return lambda drawing: self._deeper(node, at, drawing)
        made = self._bare(node, at, (*inside, name) if name else inside)
        if self.words.get(at):
            made = self._known(tuple(self.words[at]), made)
        if "null" in _types(node) and self.nulls:
            return lambda drawing: None if drawing.rarely() else made(drawing)
        return made

    def _known(self, known: Sequence[Any], other: Made) -> Made:
        return _picked(known, other if self.strange else None)

    def _deeper(self, node: Schema, at: str, drawing: _Drawing) -> Any:  # noqa: ANN401 - any JSON value
        drawing.depth += 1
        try:
            return self._bare(node, at, ())(drawing)
        finally:
            drawing.depth -= 1

    def _resolved(self, node: Schema) -> tuple[Schema, str]:
        name = ""
        while "$ref" in node:
            name = str(node["$ref"]).rsplit("/", 1)[-1]
            node = {**self.root["$defs"][name], **{key: value for key, value in node.items() if key != "$ref"}}
        return node, name

    def _bare(self, node: Schema, at: str, inside: tuple[str, ...]) -> Made:
        """Return what draws a part that is not null."""
        beyond = _BEYOND & node.keys()
        if beyond:
            raise ValueError(f"{at or 'the schema'} uses {', '.join(sorted(beyond))}: not in the portable subset")
        if "enum" in node or "const" in node:
            allowed = tuple(value for value in node.get("enum", [node.get("const")]) if value is not None)
            return _picked(allowed)
        kinds = [kind for kind in _types(node) if kind != "null"]
        if kinds == ["object"] or (not kinds and "properties" in node):
            return self._object(node, at, inside)
        if kinds == ["array"]:
            return self._list(node, at, inside)
        several: dict[str, Callable[[], Made]] = {
            "object": lambda: self._object(node, at, inside),
            "array": lambda: self._list(node, at, inside),
        }
        made = [
            several[kind]() if kind in several else _SCALARS[kind](node)
            for kind in kinds or ("string", "integer", "boolean")
        ]
        plain = made[0] if len(made) == 1 else lambda drawing: drawing.pick(made, None)(drawing)
        known = tuple(node.get("x-known-values", ()))
        return self._known(known, plain) if known else plain

    def _object(self, node: Schema, at: str, inside: tuple[str, ...]) -> Made:
        if "properties" not in node and node.get("additionalProperties", True) is not False:
            return lambda drawing: dict(drawing.pick(_MAPS, None))
        required = frozenset(node.get("required", ()))
        fields = [
            (name, name in required, self.make(inner, f"{at}.{name}" if at else name, inside))
            for name, inner in node.get("properties", {}).items()
        ]

        def draw(drawing: _Drawing) -> dict[str, Any]:
            return {name: made(drawing) for name, needed, made in fields if needed or drawing.optional()}

        return draw

    def _list(self, node: Schema, at: str, inside: tuple[str, ...]) -> Made:
        element = self.make(
            node.get("items", {}), f"{at}[]" if "properties" in self._resolved(node.get("items", {}))[0] else at, inside
        )
        least, most = node.get("minItems", 0), node.get("maxItems", 3)

        def draw(drawing: _Drawing) -> list[Any]:
            made: list[Any] = []
            while len(made) < least or (len(made) < most and _more(drawing, len(made))):
                made.append(drawing.apart(element, drawing))
            return made

        return draw


_MAPS = ({}, *EXTENSIONS)
_BEYOND = frozenset(
    {"allOf", "anyOf", "oneOf", "not", "if", "contains", "prefixItems", "patternProperties", "multipleOf"}
)


def _more(drawing: _Drawing, there: int) -> bool:
    """Whether a list has one more: most lists have one or two, some none."""
    return drawing.depth <= _DEEPEST and (drawing.place(8) > 0 if there == 0 else drawing.flip())


def _picked(known: Sequence[Any], other: Made | None = None) -> Made:
    return lambda drawing: drawing.pick(known, other)


def _drawn_from(strategy: st.SearchStrategy[Any]) -> Made:
    return lambda drawing: drawing.draw(strategy)


def _types(node: Schema) -> tuple[str, ...]:
    listed = node.get("type", ())
    return (listed,) if isinstance(listed, str) else tuple(listed)


def _text(node: Schema) -> Made:
    least, most = node.get("minLength", 0), node.get("maxLength", 1000)
    pattern = re.compile(node["pattern"]) if "pattern" in node else None

    def fits(text: str) -> bool:
        return least <= len(text) <= most and (pattern is None or pattern.search(text) is not None)

    if node.get("format") in _FORMS:
        return _picked([text for text in _FORMS[node["format"]] if fits(text)])
    if pattern is not None:
        return _drawn_from(st.from_regex(pattern, fullmatch=True).filter(fits))
    anything = _drawn_from(st.text(LETTERS, min_size=least, max_size=max(least, min(20, most))))
    return _picked([text for text in _TEXTS if fits(text)], anything)


def _integer(node: Schema) -> Made:
    least, most = node.get("minimum", -(2**31)), node.get("maximum", 2**63 - 1)
    known = [number for number in (*_WHOLE, -1) if least <= number <= most]
    return _picked(known, _drawn_from(st.integers(max(least, -100), min(most, max(least, 10_000)))))


def _number(node: Schema) -> Made:
    least, most = node.get("minimum"), node.get("maximum")

    def fits(number: Decimal) -> bool:
        return (least is None or number >= least) and (most is None or number <= most)

    scaled = st.integers(0 if least is not None else -99_999, 999_999).map(lambda whole: Decimal(whole).scaleb(-2))
    return _picked([number for number in (*_EXACT, Decimal("-12.5")) if fits(number)], _drawn_from(scaled.filter(fits)))


_SCALARS: Mapping[str, Callable[[Schema], Made]] = {
    "string": _text,
    "integer": _integer,
    "number": _number,
    "boolean": lambda node: Choices.flip,
}
