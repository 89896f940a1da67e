"""The condition language of lists: `q=tranDate ON_OR_AFTER "11/22/2026" AND (total GREATER 5 OR memo EMPTY)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from openreturns_adapters.netsuite.simulator._kinds import Field, Kind
from openreturns_adapters.netsuite.simulator._problems import Refused, parameter
from openreturns_adapters.netsuite.simulator._store import Record, Ref, Store
from openreturns_adapters.netsuite.simulator._views import facts

__all__ = ["Dates", "filtered"]

Test = Callable[[Record], bool]

_token = re.compile(r'\s*(?:"((?:[^"\\]|\\.)*)"|([()\[\],])|([^\s()\[\],"]+))')
_DEEPEST = 40


@dataclass(frozen=True)
class Dates:
    """How the integration user writes dates: a preference of the user, as in filters, never ISO."""

    preference: str = "MM/DD/YYYY"

    @property
    def pattern(self) -> str:
        """Return the preference as strptime has it."""
        codes = {"YYYY": "%Y", "Mon": "%b", "MM": "%m", "DD": "%d", "M": "%m", "D": "%d"}
        return re.sub("|".join(codes), lambda found: codes[found[0]], self.preference)

    def read(self, text: str) -> tuple[str, bool]:
        """Return a day, or a moment (true), as records have it. Raises ValueError."""
        for pattern in (f"{self.pattern} %I:%M %p", f"{self.pattern} %H:%M"):
            try:
                return datetime.strptime(text, pattern).strftime("%Y-%m-%dT%H:%M:00Z"), True  # noqa: DTZ007 - no zone in it
            except ValueError:
                continue
        found: date = datetime.strptime(text, self.pattern).date()  # noqa: DTZ007 - as above
        return found.isoformat(), False


def filtered(store: Store, kind: Kind, records: list[Record], q: str, dates: Dates) -> list[Record]:
    """Return the records that fit. Raises Refused for a condition that is none."""
    if not q.strip():
        return records
    test = _Parser(store, kind, q, dates).whole()
    return [record for record in records if test(record)]


def _bad(text: str) -> Refused:
    return parameter("q", f"Invalid query expression: {text[:200]}")


class _Parser:
    def __init__(self, store: Store, kind: Kind, q: str, dates: Dates) -> None:
        self._store = store
        self._kind = kind
        self._dates = dates
        self._words: list[tuple[str, str]] = []
        self._at = 0
        self._depth = 0
        place, q = 0, q.rstrip()
        while place < len(q):
            found = _token.match(q, place)
            if found is None:
                raise _bad(f"unexpected text at {place + 1}")
            quoted, mark, word = found.groups()
            text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else mark or word
            self._words.append(("text" if quoted is not None else "mark" if mark else "word", text))
            place = found.end()

    def whole(self) -> Test:
        test = self._either()
        if self._at < len(self._words):
            raise _bad(f"unexpected {self._words[self._at][1]}")
        return test

    def _either(self) -> Test:
        tests = [self._both()]
        while self._take("word", "OR"):
            tests.append(self._both())
        return tests[0] if len(tests) == 1 else lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("word", "AND"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self._take("mark", "("):
            self._depth += 1
            if self._depth > _DEEPEST:
                raise _bad("too many parentheses")
            test = self._either()
            if not self._take("mark", ")"):
                raise _bad("a closing parenthesis is missing")
            self._depth -= 1
            return test
        name = self._next("word")
        known = self._kind.fields.find(name)
        if known is None or known.holds == "detail":
            raise _bad(f"the field {name} cannot be used")
        return self._condition(known, self._next("word").upper())

    def _condition(self, known: Field, word: str) -> Test:
        plain, no = (word.removesuffix("_NOT"), True) if word.endswith("_NOT") else (word, False)
        if plain == "EMPTY":
            return lambda record: (self._of(record, known) in (None, "")) != no
        operators = _OPERATORS[_FAMILY[known.holds]]
        if plain not in operators:
            raise _bad(f"the operator {word} cannot be used with the field {known.name}")
        many = plain in ("BETWEEN", "WITHIN", "ANY_OF")
        texts = self._many() if many else [self._next()]
        if plain in ("BETWEEN", "WITHIN") and len(texts) != 2:
            raise _bad(f"{word} needs two values")
        values = [self._value(known, text) for text in texts]
        check = operators[plain]

        def test(record: Record) -> bool:
            found = self._of(record, known)
            if found is None or found == "":
                return no
            return check(found, values) != no

        return test

    def _many(self) -> list[str]:
        closed = self._take("mark", "[")
        texts = [self._next()]
        while self._take("mark", ","):
            texts.append(self._next())
        if closed and not self._take("mark", "]"):
            raise _bad("a closing bracket is missing")
        return texts

    def _value(self, known: Field, text: str) -> Any:  # noqa: ANN401 - of the field's kind
        family = _FAMILY[known.holds]
        try:
            if family == "number":
                value = Decimal(text)
                if not value.is_finite():
                    raise ValueError
                return value
            if family == "date":
                return self._dates.read(text)[0]
            if family == "bool":
                return {"true": True, "false": False, "T": True, "F": False}[text]
        except (InvalidOperation, ValueError, KeyError):
            raise _bad(f"{text[:60]} is no value of the field {known.name}") from None
        return text

    def _of(self, record: Record, known: Field) -> Any:  # noqa: ANN401 - of the field's kind
        value = facts(self._store, record).get(known.name)
        if isinstance(value, Ref):
            return value.id
        return value

    def _take(self, sort: str, text: str) -> bool:
        here = self._words[self._at] if self._at < len(self._words) else ("", "")
        if here[0] == sort and here[1].upper() == text:
            self._at += 1
            return True
        return False

    def _next(self, sort: str = "") -> str:
        if self._at >= len(self._words):
            raise _bad("it ends too early")
        found, text = self._words[self._at]
        if found == "mark" or (sort and found != sort):
            raise _bad(f"unexpected {text}")
        self._at += 1
        return text


def _day(found: str, value: str) -> str:
    """Return as much of a moment as it is compared with."""
    return found[: len(value)]


Check = Callable[[Any, Sequence[Any]], bool]

_TEXT: dict[str, Check] = {
    "IS": lambda found, to: str(found).lower() == to[0].lower(),
    "CONTAIN": lambda found, to: to[0].lower() in str(found).lower(),
    "START_WITH": lambda found, to: str(found).lower().startswith(to[0].lower()),
    "END_WITH": lambda found, to: str(found).lower().endswith(to[0].lower()),
    "ANY_OF": lambda found, to: str(found) in to,
}
_NUMBER: dict[str, Check] = {
    "EQUAL": lambda found, to: found == to[0],
    "GREATER": lambda found, to: found > to[0],
    "GREATER_OR_EQUAL": lambda found, to: found >= to[0],
    "LESS": lambda found, to: found < to[0],
    "LESS_OR_EQUAL": lambda found, to: found <= to[0],
    "BETWEEN": lambda found, to: to[0] <= found <= to[1],
    "WITHIN": lambda found, to: to[0] <= found <= to[1],
    "ANY_OF": lambda found, to: found in to,
}
_DATE: dict[str, Check] = {
    "ON": lambda found, to: _day(found, to[0]) == to[0],
    "AFTER": lambda found, to: _day(found, to[0]) > to[0],
    "BEFORE": lambda found, to: _day(found, to[0]) < to[0],
    "ON_OR_AFTER": lambda found, to: _day(found, to[0]) >= to[0],
    "ON_OR_BEFORE": lambda found, to: _day(found, to[0]) <= to[0],
    "WITHIN": lambda found, to: to[0] <= _day(found, to[0]) and _day(found, to[1]) <= to[1],
}
_OPERATORS: dict[str, dict[str, Check]] = {
    "text": _TEXT,
    "number": _NUMBER,
    "date": _DATE,
    "bool": {"IS": lambda found, to: found == to[0]},
    "key": {"ANY_OF": _TEXT["ANY_OF"], "IS": _TEXT["IS"], "EQUAL": _TEXT["IS"]},
}
_FAMILY = {
    "text": "text",
    "int": "number",
    "number": "number",
    "money": "number",
    "date": "date",
    "moment": "date",
    "bool": "bool",
    "ref": "key",
    "enum": "key",
}
