"""SOQL, as much of it as integrations use: text in, a checked query out that only has to be run."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from openreturns_adapters.salesforce.simulator._dates import span
from openreturns_adapters.salesforce.simulator._errors import Refused
from openreturns_adapters.salesforce.simulator._ids import key
from openreturns_adapters.salesforce.simulator._metadata import Field, SObject
from openreturns_adapters.salesforce.simulator._values import moment

__all__ = ["Order", "Path", "Query", "in_order", "parse_query"]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<text>'(?:[^'\\]|\\.)*')
  | (?P<moment>\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?)
  | (?P<number>[+-]?\d+(?:\.\d+)?)
  | (?P<word>[A-Za-z_][\w.]*(?::\d+)?)
  | (?P<sign><=|>=|!=|<>|=|<|>|\(|\)|,)
    )""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_CLAUSES = {"FROM", "WHERE", "ORDER", "LIMIT", "OFFSET", "SELECT"}
_SIGNS = {"=", "!=", "<>", "<", "<=", ">", ">="}
_MAX_LENGTH = 100_000
_DEEPEST = 20

Row = Mapping[str, Any]
Parents = Callable[[Field, Row], Row | None]
Test = Callable[[Row, Parents], bool]


@dataclass(frozen=True)
class Path:
    """A field of the object or of its parents: `Account.Name`."""

    parents: tuple[Field, ...]
    field: Field

    def value(self, row: Row, parents: Parents) -> Any:  # noqa: ANN401 - any kept value
        """Return the value of a row, None where a parent is missing."""
        found: Row | None = row
        for step in self.parents:
            found = parents(step, found) if found is not None else None
        return None if found is None else found[self.field.name]


@dataclass(frozen=True)
class Order:
    """One term of ORDER BY."""

    path: Path
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True)
class Query:
    """A checked query. `link` is the field through which the rows of an inner query belong to their parent."""

    sobject: SObject
    fields: tuple[Path, ...] = ()
    inner: tuple[tuple[str, Query], ...] = ()
    counting: bool = False
    where: Test | None = None
    order: tuple[Order, ...] = ()
    limit: int | None = None
    offset: int = 0
    link: Field | None = None


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    place: int


def parse_query(text: str, objects: Mapping[str, SObject], now: datetime) -> Query:
    """Return the query that a text says. Raises Refused as the vendor refuses what it cannot run."""
    if len(text) > _MAX_LENGTH:
        raise Refused("QUERY_TOO_COMPLICATED", "The SOQL statement is longer than 100,000 characters.")
    reader = _Reader(text, objects, now)
    query = reader.query(None)
    reader.expect_end()
    return query


class _Reader:
    def __init__(self, text: str, objects: Mapping[str, SObject], now: datetime) -> None:
        self._text = text
        self._objects = objects
        self._now = now
        self._tokens = self._split(text)
        self._at = 0
        self._depth = 0

    # Words

    def _split(self, text: str) -> list[_Token]:
        tokens, place = [], 0
        end = len(text.rstrip())
        while place < end:
            found = _TOKEN.match(text, place)
            if found is None or not found.lastgroup:
                self._malformed(f"unexpected token: '{text[place:].strip()[:20]}'")
            tokens.append(_Token(found.lastgroup, found[found.lastgroup], found.start(found.lastgroup)))
            place = found.end()
        return [*tokens, _Token("end", "<EOF>", len(text))]

    @property
    def _next(self) -> _Token:
        return self._tokens[self._at]

    def _take(self) -> _Token:
        token = self._next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def _is(self, *words: str) -> bool:
        """Whether the next words are these; upper and lower case are one."""
        ahead = self._tokens[self._at : self._at + len(words)]
        return [t.text.upper() for t in ahead if t.kind in ("word", "sign")] == list(words)

    def _skip(self, *words: str) -> bool:
        if self._is(*words):
            self._at += len(words)
            return True
        return False

    def _expect(self, *words: str) -> None:
        if not self._skip(*words):
            self._unexpected()

    def _unexpected(self) -> NoReturn:
        self._malformed(f"unexpected token: '{self._next.text[:40]}'")

    def _malformed(self, message: str) -> NoReturn:
        raise Refused("MALFORMED_QUERY", message)

    def expect_end(self) -> None:
        """Raise Refused if anything follows."""
        if self._next.kind != "end":
            self._unexpected()

    # Clauses

    def query(self, parent: SObject | None) -> Query:
        """Read one query; an inner one of `parent` selects from a child relationship."""
        self._expect("SELECT")
        start = self._at
        while not self._is("FROM"):  # what is selected can be checked once it is known from what
            if self._is("("):
                self._skip_parentheses()
            elif self._next.kind == "end":
                self._unexpected()
            else:
                self._take()
        self._expect("FROM")
        query = self._from(parent)
        after, self._at = self._at, start
        query = self._select(query, inner=parent is not None)
        self._expect("FROM")
        self._at = after
        if self._skip("WHERE"):
            query = replace(query, where=self._any_of(query.sobject))
        return self._tail(query)

    def _tail(self, query: Query) -> Query:
        if self._skip("ORDER", "BY"):
            terms = [self._order(query.sobject)]
            while self._skip(","):
                terms.append(self._order(query.sobject))
            query = replace(query, order=tuple(terms))
        if self._skip("LIMIT"):
            query = replace(query, limit=self._count())
        if self._skip("OFFSET"):
            query = replace(query, offset=self._count())
            if query.offset > 2000:
                raise Refused("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        return query

    def _skip_parentheses(self) -> None:
        self._expect("(")
        depth = 1
        while depth:
            token = self._take()
            if token.kind == "end":
                self._malformed("unexpected token: '<EOF>'")
            depth += (token.text == "(") - (token.text == ")")

    def _count(self) -> int:
        token = self._next
        if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 9:
            self._unexpected()
        self._take()
        return int(token.text)

    def _from(self, parent: SObject | None) -> Query:
        token = self._next
        if token.kind != "word":
            self._unexpected()
        self._take()
        if parent is None:
            found = next((o for o in self._objects.values() if o.name.lower() == token.text.lower()), None)
            if found is not None:
                return Query(found)
        for child in self._objects.values() if parent else ():
            for field in child.fields.values():
                if parent and parent.name in field.to and field.child.lower() == token.text.lower():
                    return Query(child, link=field)
        what = "Didn't understand relationship" if parent else "sObject type"
        rest = "in FROM part of query call." if parent else "is not supported."
        raise Refused("INVALID_TYPE", f"{self._place(token)}{what} '{token.text}' {rest}")

    def _select(self, query: Query, *, inner: bool) -> Query:
        if self._skip("COUNT", "(", ")"):
            return replace(query, counting=True)
        fields, inside = [], []
        while True:
            if self._is("(") and not inner:
                self._expect("(")
                child = self.query(query.sobject)
                self._expect(")")
                inside.append((child.link.child if child.link else "", child))
            else:
                fields.append(self._path(query.sobject))
            if not self._skip(","):
                break
        return replace(query, fields=tuple(fields), inner=tuple(inside))

    def _order(self, sobject: SObject) -> Order:
        token = self._next
        path = self._path(sobject)
        if path.field.type == "textarea":
            raise Refused(
                "INVALID_FIELD", f"{self._place(token)}field '{token.text}' can not be sorted in a query call"
            )
        descending = self._skip("DESC")
        if not descending:
            self._skip("ASC")
        nulls_last = self._skip("NULLS", "LAST")
        if not nulls_last:
            self._skip("NULLS", "FIRST")
        return Order(path, descending, nulls_last)

    def _path(self, sobject: SObject) -> Path:
        token = self._next
        if token.kind != "word" or ":" in token.text or token.text.upper() in _CLAUSES:
            self._unexpected()
        self._take()
        *names, last = token.text.split(".")
        if names and names[0].lower() == sobject.name.lower():
            names = names[1:]
        at, parents = sobject, []
        for name in names:
            step = next((f for f in at.fields.values() if f.parent and f.parent.lower() == name.lower()), None)
            if step is None or step.to[0] not in self._objects:
                message = f"Didn't understand relationship '{name}' in field path."
                raise Refused("INVALID_FIELD", self._place(token) + message)
            parents.append(step)
            at = self._objects[step.to[0]]
        field = at.field(last)
        if field is None:
            message = (
                f"No such column '{last}' on entity '{at.name}'. If you are attempting to use a custom field, be sure "
                "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for "
                "the appropriate names."
            )
            raise Refused("INVALID_FIELD", self._place(token) + message)
        return Path(tuple(parents), field)

    def _place(self, token: _Token) -> str:
        """Return how the vendor shows the place of an error."""
        row = self._text.count("\n", 0, token.place) + 1
        column = token.place - (self._text.rfind("\n", 0, token.place) + 1) + 1
        return f"\n{self._text[max(0, token.place - 40) : token.place + 40]}\nERROR at Row:{row}:Column:{column}\n"

    # Conditions

    def _any_of(self, sobject: SObject) -> Test:
        """Read conditions joined by AND or by OR; the vendor wants parentheses where both are."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Refused("QUERY_TOO_COMPLICATED", "The condition is nested too deeply.")
        tests = [self._condition(sobject)]
        word = "OR" if self._is("OR") else "AND"
        while self._skip(word):
            tests.append(self._condition(sobject))
        if self._is("AND") or self._is("OR"):
            self._unexpected()
        self._depth -= 1
        together = any if word == "OR" else all
        return lambda row, parents: together(test(row, parents) for test in tests)

    def _condition(self, sobject: SObject) -> Test:
        if self._skip("NOT"):
            negated = self._condition(sobject)
            return lambda row, parents: not negated(row, parents)
        if self._skip("("):
            inside = self._any_of(sobject)
            self._expect(")")
            return inside
        token = self._next
        path = self._path(sobject)
        if path.field.type == "textarea":
            message = f"field '{path.field.name}' can not be filtered in a query call"
            raise Refused("INVALID_FIELD", self._place(token) + message)
        compare = self._comparison(path.field)
        return lambda row, parents: compare(_comparable(path.field, path.value(row, parents)))

    def _comparison(self, field: Field) -> Callable[[Any], bool]:
        if self._skip("LIKE"):
            token = self._next
            if token.kind != "text":
                self._unexpected()
            if field.type in ("id", "reference"):
                raise Refused("INVALID_FIELD", f"{self._place(token)}invalid operator on id field")
            self._literal(field)
            return _like(token.text[1:-1])
        negative = self._skip("NOT", "IN")
        if negative or self._skip("IN"):
            self._expect("(")
            tests = [_equal(self._literal(field))]
            while self._skip(","):
                tests.append(_equal(self._literal(field)))
            self._expect(")")
            return lambda value: any(test(value) for test in tests) is not negative
        sign = self._next.text
        if self._next.kind != "sign" or sign not in _SIGNS:
            self._unexpected()
        self._take()
        return _signed(sign, self._literal(field))

    def _literal(self, field: Field) -> Any:  # noqa: ANN401 - any kept value
        """Read a value to compare with, and hold it to the type of the field."""
        token = self._take()
        word = token.text.lower()
        if token.kind == "word" and word == "null":
            return None
        if token.kind == "text":
            text = re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[1]), token.text[1:-1], flags=re.DOTALL)
            return self._of_type(field, token, text, "string", "id", "reference", "picklist", "email", "phone")
        if token.kind == "number":
            return self._of_type(field, token, Decimal(token.text), "double", "currency", "int")
        if token.kind == "word" and word in ("true", "false"):
            return self._of_type(field, token, word == "true", "boolean")
        if token.kind == "moment":
            return self._moment(field, token)
        literal = span(token.text, self._now) if token.kind == "word" else None
        if literal is None:
            self._malformed(f"unexpected token: '{token.text[:40]}'")
        days = (literal[0].date(), literal[1].date()) if field.type == "date" else literal
        return self._of_type(field, token, days, "date", "datetime")

    def _moment(self, field: Field, token: _Token) -> date | datetime:
        try:
            found = moment(token.text) if "T" in token.text else date.fromisoformat(token.text)
        except ValueError:
            found = None
        if found is None:
            self._malformed(f"line 1:{token.place} no viable alternative at character '{token.text[:1]}'")
        kept: date | datetime = self._of_type(
            field, token, found, "datetime" if isinstance(found, datetime) else "date"
        )
        return kept

    def _of_type(self, field: Field, token: _Token, value: Any, *types: str) -> Any:  # noqa: ANN401 - any kept value
        if field.type not in types:
            quoted = (
                "and should be enclosed in quotes" if field.type in ("string", "picklist", "id", "reference") else ""
            )
            message = f"value of filter criterion for field '{field.name}' must be of type {field.type} {quoted}"
            raise Refused("INVALID_FIELD", self._place(token) + message.strip())
        return _comparable(field, value)


def _comparable(field: Field, value: Any) -> Any:  # noqa: ANN401 - any kept value
    """Return what is compared: ids by their first 15 characters, text without regard to case."""
    if isinstance(value, str):
        return key(value) if field.type in ("id", "reference") else value.casefold()
    return value


def _like(text: str) -> Callable[[Any], bool]:
    parts = [""]
    for char in re.findall(r"\\.|.", text, re.DOTALL):
        if char == "%":
            parts.append("")
        elif char == "_":
            parts[-1] += "."
        else:
            parts[-1] += re.escape(_ESCAPES.get(char[1:], char[-1]).casefold())
    # Between two % the first place that fits is taken for good (an atomic group), so that no pattern takes long.
    first, *others = parts
    middle = "".join(f"(?>.*?{one})" for one in others[:-1])
    matcher = re.compile(first + middle + (f".*{others[-1]}" if others else ""), re.DOTALL)
    return lambda value: isinstance(value, str) and matcher.fullmatch(value) is not None


def _equal(wanted: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - any kept value
    if isinstance(wanted, tuple):
        return lambda value: value is not None and wanted[0] <= value < wanted[1]
    return lambda value: bool(value == wanted)


def _signed(sign: str, wanted: Any) -> Callable[[Any], bool]:  # noqa: ANN401 - any kept value
    equal = _equal(wanted)
    if sign == "=":
        return equal
    if sign in ("!=", "<>"):
        return lambda value: not equal(value)
    low, high = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    spans = isinstance(wanted, tuple)
    tests: Mapping[str, Callable[[Any], bool]] = {
        "<": lambda value: value < low,
        "<=": lambda value: value < high if spans else value <= high,
        ">": lambda value: value >= high if spans else value > high,
        ">=": lambda value: value >= low,
    }
    test = tests[sign]
    return lambda value: value is not None and wanted is not None and test(value)


def in_order(rows: Sequence[Row], order: Sequence[Order], parents: Parents) -> list[Row]:
    """Return rows sorted; what is missing comes first unless the query says otherwise."""
    sorted_rows = list(rows)
    for term in reversed(order):
        values = [(_comparable(term.path.field, term.path.value(row, parents)), row) for row in sorted_rows]
        there = sorted((v for v in values if v[0] is not None), key=lambda v: v[0], reverse=term.descending)
        missing = [v for v in values if v[0] is None]
        sorted_rows = [row for _, row in ((*there, *missing) if term.nulls_last else (*missing, *there))]
    return sorted_rows
