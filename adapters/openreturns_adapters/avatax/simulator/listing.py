"""The vendor's little query language: `$filter`, `$orderBy`, and what a list looks at when it is not told."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from openreturns_adapters.avatax.simulator.checking import day
from openreturns_adapters.avatax.simulator.models import DEFINITIONS
from openreturns_adapters.avatax.simulator.problems import fault

__all__ = ["matching", "ordered"]

Model = dict[str, Any]
Test = Callable[[Model], bool]

_LATELY = timedelta(days=30)
_WORD = re.compile(r"\s*('(?:[^']|'')*'|[(),]|[^\s(),']+)")
_NOT_FILTERED = frozenset({"exchangeRateCurrencyCode", "totalDiscount", "deliveryTerms"})


def _kind(schema: Mapping[str, Any]) -> str:
    return str(schema.get("format", schema["type"]))


_FIELDS = {
    name.lower(): (name, _kind(schema))
    for name, schema in DEFINITIONS["TransactionModel"]["properties"].items()
    if schema.get("type") != "array" and name not in _NOT_FILTERED
}

_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "gte": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
    "lte": lambda a, b: bool(a <= b),
    "startswith": lambda a, b: str(a).startswith(str(b)),
    "endswith": lambda a, b: str(a).endswith(str(b)),
    "contains": lambda a, b: str(b) in str(a),
}


_DEEPEST = 20  # parentheses within parentheses


def _words(text: str) -> list[str]:
    """Return the words, quoted texts and marks of a filter. Raises Refused for a quote without an end."""
    found, place, end = [], 0, len(text.rstrip())
    while place < end:
        word = _WORD.match(text, place)
        if word is None:
            raise _malformed("A quote is not closed.")
        found.append(word[1])
        place = word.end()
    return found


class _Filter:
    """A filter being read, word by word."""

    def __init__(self, text: str) -> None:
        self._words = _words(text)
        self._place = 0
        self._depth = 0
        self.fields: set[str] = set()

    def whole(self) -> Test:
        """Return the test that the whole text says."""
        test = self._either()
        if self._place < len(self._words):
            raise _malformed("There is more behind the last criterion.")
        return test

    def _next(self) -> str:
        if self._place >= len(self._words):
            raise _malformed("It ends too early.")
        self._place += 1
        return str(self._words[self._place - 1])

    def _at(self, word: str) -> bool:
        return self._place < len(self._words) and self._words[self._place].lower() == word

    def _either(self) -> Test:
        tests = [self._both()]
        while self._at("or"):
            self._next()
            tests.append(self._both())
        return lambda document: any(test(document) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._at("and"):
            self._next()
            tests.append(self._one())
        return lambda document: all(test(document) for test in tests)

    def _one(self) -> Test:
        if self._at("("):
            return self._inside()
        name, kind = _field(self._next(), "$filter")
        self.fields.add(name)
        operator = self._next().lower()
        if operator == "between":
            low = self._value(kind)
            self._word_and()
            high = self._value(kind)
            return lambda document: name in document and low <= _as(document[name], kind) <= high
        if operator == "in":
            known = self._values(kind)
            return lambda document: name in document and _as(document[name], kind) in known
        if operator == "is":
            return self._null(name)
        compare = _COMPARED.get(operator)
        if compare is None:
            raise _malformed(f"There is no operator {operator!r}.")
        value = self._value(kind)
        return lambda document: name in document and compare(_as(document[name], kind), value)

    def _inside(self) -> Test:
        self._next()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _malformed("It is nested too deep.")
        test = self._either()
        if self._next() != ")":
            raise _malformed("A parenthesis is not closed.")
        self._depth -= 1
        return test

    def _null(self, name: str) -> Test:
        words = [self._next().lower()]
        if words == ["not"]:
            words.append(self._next().lower())
        if words[-1] != "null":
            raise _malformed("Something is null or is not null.")
        wanted = len(words) == 1
        return lambda document: (name not in document) is wanted

    def _word_and(self) -> None:
        if self._next().lower() != "and":
            raise _malformed("Something is between one value and another.")

    def _value(self, kind: str) -> Any:  # noqa: ANN401 - of the field's kind
        return _as(self._next(), kind)

    def _values(self, kind: str) -> list[Any]:
        if self._next() != "(":
            raise _malformed("The values stand in parentheses.")
        found = [self._value(kind)]
        while (mark := self._next()) == ",":
            found.append(self._value(kind))
        if mark != ")":
            raise _malformed("A parenthesis is not closed.")
        return found


def _malformed(said: str) -> Exception:
    return fault("MalformedFilterException", said, "$filter")


def _field(word: str, parameter: str) -> tuple[str, str]:
    found = _FIELDS.get(word.lower())
    if found is None:
        raise fault("InvalidQueryField", "There is no such field.", parameter)
    return found


def _as(value: Any, kind: str) -> Any:  # noqa: ANN401 - of the field's kind
    """Return a value as what it is compared by. Raises Refused for text that is not of the kind."""
    if not isinstance(value, str):
        return value
    text = value[1:-1].replace("''", "'") if value.startswith("'") else value
    read = {"date": day, "integer": _number, "number": _number, "boolean": _boolean}.get(kind, str)
    found = read(text)
    if found is None:
        raise fault("InvalidQueryValue", f"The field takes a value of kind {kind}.", "$filter")
    return found


def _number(text: str) -> Decimal | None:
    return Decimal(text) if re.fullmatch(r"-?[0-9]{1,20}(\.[0-9]{1,10})?", text) else None


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def matching(documents: list[Model], text: str, today: date) -> list[Model]:
    """Return the documents that a filter is true of; without a word about `date` those of the last 30 days."""
    read = _Filter(text) if text.strip() else None
    test: Test = read.whole() if read else lambda document: True
    fields = read.fields if read else set()
    since = (today - _LATELY).isoformat()
    return [document for document in documents if test(document) and ("date" in fields or document["date"] >= since)]


def ordered(documents: list[Model], text: str) -> list[Model]:
    """Return documents in the order asked for; by number where none is."""
    found = sorted(documents, key=lambda document: document["id"])
    for part in reversed([part.split() for part in text.split(",") if part.strip()]):
        name, kind = _field(part[0], "$orderBy")
        if len(part) > 2 or (len(part) == 2 and part[1].lower() not in ("asc", "desc")):
            raise fault("MalformedFilterException", "An order is a field, and ASC or DESC.", "$orderBy")

        def key(document: Model, name: str = name, kind: str = kind) -> tuple[bool, Any]:
            return name in document, _as(document[name], kind) if name in document else 0

        found.sort(key=key, reverse=part[-1].lower() == "desc")
    return found
