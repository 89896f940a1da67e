"""Texts and numbers that are likely to tell two schemas apart: those about which they say something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from openreturns.compat import _facts as facts
from openreturns.compat._facts import Conjunction
from openreturns.compat._language import Language, Undecided, every, length, some, word

__all__ = ["OF_KIND", "exact_texts", "example", "numbers", "padded", "simple_texts"]

_LONGEST: Final = 20_000
_SPELLED_OUT: Final = 300  # by more than so many characters, a pattern is not asked for a text of just that length
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


def padded(language: Language, size: int) -> Iterator[str]:
    """Yield texts of a length that may be in a language: its shortest one, drawn out at its end."""
    yield from (char * size for char in "a0A")
    for text in example(language):
        if text and len(text) <= size:
            yield from (text + char * (size - len(text)) for char in dict.fromkeys((text[-1], "a", "0")))


def simple_texts(old: Conjunction, hints: list[Any]) -> Iterator[str]:
    """Yield texts that cost little: of the lengths and formats that schemas speak of, and some for no reason."""
    limits = {int(one[key]) for one in hints for key in ("minLength", "maxLength") if key in one}
    sizes = sorted({at for limit in limits for at in (limit - 1, limit, limit + 1) if 0 <= at <= _LONGEST})
    inside = facts.texts(old, "\n")
    yield from (text for size in sizes for text in padded(inside, size))
    yield from (text for one in hints for text in _BY_FORMAT.get(str(one.get("format", "")), ()))
    yield from ("", "a", "0", "A", "-", "a b", "é", "ab", "x", "\n", "2026-13-45", "a" * 12)


def exact_texts(old: Conjunction, new: Conjunction, hints: list[Any]) -> Iterator[str]:
    """Yield texts of `old`: those beyond what `new`, and the patterns and lengths about it, admit first."""
    inside = facts.texts(old, "\n")
    yield from example(inside)
    yield from example(inside & ~facts.texts(new, "\n"))
    patterns = {one["pattern"] for one in hints if "pattern" in one}
    for pattern in sorted(patterns):
        yield from example(inside & ~(facts.known_language(pattern, "\n") or every()))
    limits = {int(one[key]) for one in hints for key in ("minLength", "maxLength") if key in one}
    for size in sorted({at for limit in limits for at in (limit - 1, limit, limit + 1) if 0 <= at <= _SPELLED_OUT}):
        yield from example(inside & length(size, size))
    yield from example(inside & length(12, None))
    for text in ("", "a", "0"):
        yield from example(inside & ~word(text))
    known = [text for one in hints for text in _BY_FORMAT.get(str(one.get("format", "")), ())]
    yield from example(inside & length(1, None) & ~some(word(text) for text in known))


def numbers(hints: list[Any], *, whole: bool) -> Iterator[int | Decimal]:
    """Yield numbers at the bounds that schemas speak of and beside them, whole ones or others."""
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


def example(language: Language) -> Iterator[str]:
    """Yield a text of a language, if there is one and it is found."""
    try:
        found = language.example()
    except (Undecided, RecursionError):
        return
    if found is not None:
        yield found
