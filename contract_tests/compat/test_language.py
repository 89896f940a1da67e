"""Languages of patterns: what is in them is what the validator finds, and one lies within another or does not."""

from __future__ import annotations

import random

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.compat._language import Undecided, every, length, pattern, word
from openreturns.compat._pattern import UnsupportedPattern


@pytest.mark.parametrize(
    ("narrow", "wide", "example"),
    [
        ("^[A-Z]{3}$", "^[A-Z]{2,3}$", None),
        ("^[A-Z]{2,3}$", "^[A-Z]{3}$", "AA"),
        ("^.{1,255}$", "^.{1,256}$", None),
        ("^.{0,4000}$", "^.{0,4001}$", None),
        ("^(?=.*[0-9])(?=.*[a-z]).{8,64}$", "[0-9]", None),
        ("^(?!x).*$", "^[^x]", ""),
        ("^a|b$", "^(a|b)$", "aa"),
        (r"^\d+$", "^[0-9]+$", None),
        (r"^\w$", "^[a-z]$", "0"),
        ("a$", "^a", "0a"),
        (r"^[\u0041-\x43]$", "^[ABC]$", None),
    ],
)
def test_within(narrow: str, wide: str, example: str | None) -> None:
    found = (pattern(narrow) & ~pattern(wide)).example()
    assert (found is None) == (example is None)
    assert example is None or len(found or "") == len(example)


@pytest.mark.parametrize(
    "text", [r"(a)\1", r"\bword", r"\p{L}", "(?<=a)b", "a++", "(?:(?=a))*", "(?i)a", "a{1,b}", "(a", "[b-a]"]
)
def test_what_no_automaton_holds_is_refused(text: str) -> None:
    with pytest.raises(UnsupportedPattern):
        pattern(text)


def test_too_large_a_question_is_not_answered() -> None:
    with pytest.raises(Undecided):
        pattern("^(a|b)*a(a|b){14}$").within(pattern("^(a|b)*a(a|b){13}$"))


def test_a_dot_means_what_it_is_told_to_mean() -> None:
    assert (pattern("^.$") & word("\r")).example() == "\r"
    assert (pattern("^.$", lines="\n\r") & word("\r")).example() is None


def test_lengths() -> None:
    assert (length(3, 3) & ~word("abc")).example() not in {None, "abc"}
    assert every().within(length(0, None))


_ATOMS = st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", r"\d", r"\w", r"\S", "^", "$", ""])
_PATTERNS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda two: f"({two[0]}|{two[1]})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}", "{2,}", "*?"])).map(
            lambda two: f"(?:{two[0]}){two[1]}"
        ),
        inner.map(lambda one: f"(?={one})"),
        inner.map(lambda one: f"(?!{one})"),
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(_PATTERNS, st.integers(0, 2**32))
def test_a_text_is_in_the_language_where_the_validator_finds_the_pattern(text: str, seed: int) -> None:
    try:
        language = pattern(text)
        validator = jsonschema_rs.Draft202012Validator({"pattern": text})
    except (UnsupportedPattern, ValueError):
        return
    pick = random.Random(seed)
    for _ in range(15):
        tried = "".join(pick.choice("abc0\n ") for _ in range(pick.randrange(6)))
        assert ((language & word(tried)).example() is not None) == validator.is_valid(tried), (text, tried)
