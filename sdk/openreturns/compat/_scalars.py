"""Texts and numbers that are likely to tell two schemas apart: those about which they say something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import Undecided, every, length, some, word

__all__ = ["OF_KIND", "example", "numbers", "texts_of"]

_BY_FORMAT: Final[Mapping[str, tuple[str, ...]]] = {
    "date": ("2026-01-31", "2024-02-29"),
    "date-time": ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5+01:00"),
    "time": ("12:00:00Z", "12:00:00.5+01:00"),
    "duration": ("P1D", "PT5M"),
    "email": ("a@example.org",),
    "idn-email": ("ä@example.org", "a@example.org"),
    "hostname": ("example.org", "a"),
    "idn-hostname": ("bücher.example", "example.org"),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1", "::"),
    "uri": ("https://example.org/a", "urn:a:b"),
    "uri-reference": ("/a", "", "https://example.org/a"),
    "iri": ("https://example.org/ä", "https://example.org/a"),
    "iri-reference": ("/ä", "/a", ""),
    "uri-template": ("/{a}", "/a"),
    "uuid": ("123e4567-e89b-12d3-a456-426614174000", "123E4567-E89B-12D3-A456-426614174000"),
    "json-pointer": ("", "/a"),
    "relative-json-pointer": ("0", "1/a"),
    "regex": ("a", "^a+$"),
}
OF_KIND: Final[Mapping[str, tuple[Any, ...]]] = {
    "null": (None,),
    "boolean": (True, False),
    "integer": (0, 1, -1, 2),
    "fraction": (Decimal("0.5"), Decimal("-0.5"), Decimal("1.25")),
    "string": ("", "a", "0"),
    "array": ([],),
    "object": ({},),
}


def texts_of(old: Conjunction, new: Conjunction, hints: list[Any]) -> Iterator[str]:
    inside = facts.texts(old, "\n")
    limits = {int(one[key]) for one in hints for key in ("minLength", "maxLength") if key in one}
    patterns = [facts.known_language(one["pattern"], "\n") or every() for one in hints if "pattern" in one]
    formats = [one["format"] for one in hints if one.get("format") in _BY_FORMAT]
    for wanted in (inside & ~facts.texts(new, "\n"), *(inside & ~one for one in patterns), inside):
        yield from example(wanted)
    for size in sorted({at for limit in limits for at in (limit - 1, limit, limit + 1) if 0 <= at <= 20_000}):
        yield from example(inside & length(size, size))
    known = [text for name in formats for text in _BY_FORMAT[name]]
    yield from known
    for text in (*known, "", "a", "0", "A", "-", "a b", "é", "ab", "x", "\n", "2026-13-45"):
        yield from example(inside & ~word(text))
        yield text
    yield from example(inside & length(12, None))
    yield from example(inside & length(1, None) & ~some(word(text) for text in known))


def numbers(hints: list[Any], *, whole: bool) -> Iterator[int | Decimal]:
    limits = {
        Fraction(str(one[key]))
        for one in hints
        for key in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum")
        if key in one
    }
    steps = {Fraction(str(one["multipleOf"])) for one in hints if "multipleOf" in one} or {Fraction(1)}
    near = {Fraction(0), *limits}
    for step in sorted(steps | {Fraction(1), Fraction(1, 2), Fraction(1, 1000)}):
        found = {at + step * times for at in near for times in (-2, -1, 0, 1, 2)}
        found |= {(at // step + more) * step for at in near for more in (-1, 0, 1, 2)}
        for other in steps:
            found |= {(at // (step * other) + 1) * step * other for at in near}
        for value in sorted(found, key=lambda one: (abs(one), one)):
            if (value.denominator == 1) == whole:
                yield int(value) if whole else Decimal(value.numerator) / Decimal(value.denominator)


def example(language: Any) -> Iterator[str]:  # noqa: ANN401 - a language
    try:
        found = language.example()
    except (Undecided, RecursionError):
        return
    if found is not None:
        yield found
