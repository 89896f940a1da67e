"""A part of SuiteQL: SELECT columns FROM tables joined on equal columns, WHERE, ORDER BY."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cmp_to_key, partial
from typing import Any

from openreturns_adapters.netsuite.simulator._filters import Dates
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused
from openreturns_adapters.netsuite.simulator._tables import Row, Tables, Value
from openreturns_adapters.netsuite.simulator._views import double

__all__ = ["query"]

Rows = dict[str, Row]
"""One row of the joined tables, by alias."""
Term = Callable[[Rows], Value]
Truth = bool | None
"""As in SQL: what is compared with nothing is neither true nor false."""
Test = Callable[[Rows], Truth]

_token = re.compile(r"\s*(?:'((?:[^']|'')*)'|(\d+(?:\.\d+)?)|([A-Za-z_]\w*)|(<>|!=|<=|>=|\|\||[-=<>(),.*]))", re.ASCII)
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_FORMATS = {"YYYY": "%Y", "MM": "%m", "DD": "%d", "HH24": "%H", "MI": "%M", "SS": "%S"}
_RESERVED = {"from", "where", "order", "join", "inner", "on", "and", "or", "as", "not", "in", "like", "is", "between"}
_DEEPEST = 40


def query(tables: Tables, text: str, dates: Dates) -> list[dict[str, str]]:
    """Return the rows that a query asks for; every value is text, what is empty is left out."""
    return _Query(tables, text, dates).run()


def _bad(text: str) -> Refused:
    said = f"Invalid search query. Detailed unprocessed description follows. Search error occurred: {text[:200]}."
    return Refused([Detail(said, "INVALID_PARAMETER")])


class _Query:
    def __init__(self, tables: Tables, text: str, dates: Dates) -> None:
        self._tables = tables
        self._dates = dates
        self._words: list[tuple[str, str]] = []
        self._at = 0
        self._depth = 0
        self._sources: dict[str, list[Row]] = {}
        place, text = 0, text.rstrip().rstrip(";").rstrip()
        while place < len(text):
            found = _token.match(text, place)
            if found is None:
                raise _bad(f"unexpected text at {place + 1}")
            kinds = ("text", "number", "name", "mark")
            [(sort, word)] = [(k, w) for k, w in zip(kinds, found.groups(), strict=True) if w is not None]
            self._words.append((sort, word.replace("''", "'") if sort == "text" else word))
            place = found.end()

    def run(self) -> list[dict[str, str]]:
        self._word("select")
        start = self._at
        while self._at < len(self._words) and not self._is("from"):
            self._at += 1  # the columns are read when the tables are known
        self._word("from")
        joined = self._from()
        test = self._either() if self._took("where") else None
        order = self._order()
        if self._at < len(self._words):
            raise _bad(f"unexpected {self._words[self._at][1]}")
        columns = self._columns(start)
        rows = [row for row in joined if test is None or test(row)]
        for term, down in reversed(order):
            rows.sort(key=cmp_to_key(partial(_by, term)), reverse=down)
        return [{name: self._text(v) for name, term in columns if (v := term(row)) is not None} for row in rows]

    # --- the parts ----------------------------------------------------------------------------------------------

    def _from(self) -> list[Rows]:
        alias = self._table()
        joined: list[Rows] = [{alias: row} for row in self._sources[alias]]
        while self._took("inner") or self._is("join"):
            self._word("join")
            other = self._table()
            self._word("on")
            left, right = self._column(), None
            self._mark("=")
            right = self._column()
            joined = self._join(joined, other, left, right)
        return joined

    def _join(self, rows: list[Rows], alias: str, left: tuple[str, str], right: tuple[str, str]) -> list[Rows]:
        if left[0] == alias:
            left, right = right, left
        if right[0] != alias or left[0] == alias:
            raise _bad("a join is on a column of each side")
        index: dict[Value, list[Row]] = {}
        for row in self._sources[alias]:
            index.setdefault(row.get(right[1]), []).append(row)
        return [
            {**row, alias: other}
            for row in rows
            if (key := row[left[0]].get(left[1])) is not None
            for other in index.get(key, ())
        ]

    def _table(self) -> str:
        name = self._name()
        rows = self._tables.rows(name)
        if rows is None:
            raise _bad(f"Record '{name}' was not found")
        if self._took("as") or (self._sort() == "name" and self._words[self._at][1].lower() not in _RESERVED):
            alias = self._name()
        else:
            alias = name
        if alias in self._sources:
            raise _bad(f"{alias} is there twice")
        self._sources[alias] = rows
        return alias

    def _columns(self, start: int) -> list[tuple[str, Term]]:
        after, self._at = self._at, start
        columns: list[tuple[str, Term]] = []
        while True:
            if self._took("*"):
                names = {name: alias for alias, rows in self._sources.items() for row in rows[:1] for name in row}
                columns += [(name, _get(alias, name)) for name, alias in names.items()]
            else:
                name = self._words[self._at][1].lower() if self._at < len(self._words) else ""
                term, found = self._term()
                columns.append((self._alias() or found or name, term))
            if not self._took(","):
                break
        if not self._is("from"):
            raise _bad("unexpected text among the columns")
        self._at = after
        return columns

    def _alias(self) -> str:
        if self._took("as"):
            return self._name()
        plain = self._sort() == "name" and self._words[self._at][1].lower() not in _RESERVED
        return self._name() if plain else ""

    def _order(self) -> list[tuple[Term, bool]]:
        terms: list[tuple[Term, bool]] = []
        if self._took("order"):
            self._word("by")
            while True:
                term, _ = self._term()
                down = self._took("desc")
                if not down:
                    self._took("asc")
                terms.append((term, down))
                if not self._took(","):
                    break
        return terms

    # --- conditions ---------------------------------------------------------------------------------------------

    def _either(self) -> Test:
        tests = [self._both()]
        while self._took("or"):
            tests.append(self._both())
        return lambda row: _any([test(row) for test in tests])

    def _both(self) -> Test:
        tests = [self._one()]
        while self._took("and"):
            tests.append(self._one())
        return lambda row: _not(_any([_not(test(row)) for test in tests]))

    def _one(self) -> Test:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _bad("too deep")
        try:
            if self._took("not"):
                test = self._one()
                return lambda row: _not(test(row))
            if self._took("("):
                test = self._either()
                self._mark(")")
                return test
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Test:
        term, _ = self._term()
        if self._took("is"):
            no = self._took("not")
            self._word("null")
            return lambda row: (term(row) is None) != no
        no = self._took("not")
        test = self._listed(term)
        if test is not None:
            return (lambda row: _not(test(row))) if no else test
        found = self._words[self._at][1] if self._at < len(self._words) else ""
        if no or found not in _COMPARED:
            raise _bad(f"unexpected {found or 'end'}")
        self._at += 1
        other, _ = self._term()
        return lambda row: self._compared(found, term(row), other(row))

    def _listed(self, term: Term) -> Test | None:
        """Return a condition that may have NOT before it, or None where there is another one."""
        if self._took("in"):
            values = self._many()
            return lambda row: _any([self._compared("=", term(row), value(row)) for value in values])
        if self._took("between"):
            low, _ = self._term()
            self._word("and")
            high, _ = self._term()
            return lambda row: _not(
                _any([self._compared(">", low(row), term(row)), self._compared(">", term(row), high(row))])
            )
        if self._took("like"):
            pattern, _ = self._term()
            return lambda row: _like(term(row), pattern(row))
        return None

    def _many(self) -> list[Term]:
        self._mark("(")
        values = [self._term()[0]]
        while self._took(","):
            values.append(self._term()[0])
        self._mark(")")
        return values

    def _compared(self, sign: str, one: Value, other: Value) -> Truth:
        if one is None or other is None:
            return None
        one, other = self._alike(one, other)
        return _COMPARED[sign](one, other)

    def _alike(self, one: Any, other: Any) -> tuple[Any, Any]:  # noqa: ANN401 - two values
        """Return two values as one kind: text that stands beside a number or a date is read as one."""
        try:
            if isinstance(one, str) and not isinstance(other, str):
                other, one = self._alike(other, one)
            elif isinstance(other, str) and isinstance(one, Decimal):
                other = Decimal(other)
            elif isinstance(other, str) and isinstance(one, date):
                other = date.fromisoformat(self._dates.read(other)[0][:10])
        except (ValueError, InvalidOperation):
            raise _bad("Invalid or unsupported value") from None
        if isinstance(one, date) and isinstance(other, date):
            both = isinstance(one, datetime) and isinstance(other, datetime)
            one, other = (one, other) if both else (_day(one), _day(other))
        if type(one) is not type(other):
            raise _bad("Values of different kinds cannot be compared")
        return one, other

    # --- terms --------------------------------------------------------------------------------------------------

    def _term(self) -> tuple[Term, str]:
        sort = self._sort()
        if sort == "text":
            text = self._take()
            return (lambda row: text), ""
        negative = self._took("-")
        if self._sort() == "number":
            number = Decimal(self._take()) * (-1 if negative else 1)
            return (lambda row: number), ""
        if sort != "name":
            raise _bad("a value is missing")
        word = self._words[self._at][1].lower()
        if word in ("to_date", "to_timestamp") and self._words[self._at + 1 : self._at + 2] == [("mark", "(")]:
            moment = self._moment(timed=word == "to_timestamp")
            return (lambda row: moment), ""
        if word in ("upper", "lower") and self._words[self._at + 1 : self._at + 2] == [("mark", "(")]:
            self._at += 2
            inner, name = self._term()
            self._mark(")")
            change = str.upper if word == "upper" else str.lower
            return (lambda row: change(v) if isinstance(v := inner(row), str) else v), name
        alias, name = self._column()
        return _get(alias, name), name

    def _moment(self, *, timed: bool) -> date:
        self._at += 2
        text, pattern = self._take("text"), ""
        self._mark(",")
        pattern = self._take("text").upper()
        self._mark(")")
        for word, code in _FORMATS.items():
            pattern = pattern.replace(word, code)
        try:
            found = datetime.strptime(text, pattern).replace(tzinfo=UTC)
        except ValueError:
            raise _bad("Invalid date") from None
        return found if timed else found.date()

    def _column(self) -> tuple[str, str]:
        first = self._name()
        if self._took("."):
            if first not in self._sources:
                raise _bad(f"Field '{first}' was not found")
            return first, self._known(first, self._name())
        for alias, rows in self._sources.items():
            if rows and any(first in row for row in rows):
                return alias, first
        if any(not rows for rows in self._sources.values()):
            return next(alias for alias, rows in self._sources.items() if not rows), first
        raise _bad(f"Field '{first}' was not found")

    def _known(self, alias: str, name: str) -> str:
        rows = self._sources[alias]
        if rows and not any(name in row for row in rows):
            raise _bad(f"Field '{name}' was not found")
        return name

    def _text(self, value: Value) -> str:
        if isinstance(value, Decimal):
            short = double(value)
            return f"{short.to_integral_value():f}" if short == short.to_integral_value() else f"{short:f}"
        if isinstance(value, date):
            return value.strftime(self._dates.pattern)
        return str(value)

    # --- words --------------------------------------------------------------------------------------------------

    def _sort(self) -> str:
        return self._words[self._at][0] if self._at < len(self._words) else ""

    def _is(self, word: str) -> bool:
        here = self._words[self._at] if self._at < len(self._words) else ("", "")
        return here[0] in ("name", "mark") and here[1].lower() == word

    def _took(self, word: str) -> bool:
        if self._is(word):
            self._at += 1
            return True
        return False

    def _take(self, sort: str = "") -> str:
        if self._at >= len(self._words) or (sort and self._sort() != sort):
            raise _bad("Invalid or unsupported search")
        self._at += 1
        return self._words[self._at - 1][1]

    def _word(self, word: str) -> None:
        if not self._took(word):
            raise _bad(f"{word.upper()} is missing")

    _mark = _word

    def _name(self) -> str:
        return self._take("name").lower()


def _by(term: Term, one: Rows, other: Rows) -> int:
    """Compare two rows by a term."""
    return _order(term(one), term(other))


def _get(alias: str, name: str) -> Term:
    return lambda row: row[alias].get(name)


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _any(truths: list[Truth]) -> Truth:
    return True if True in truths else None if None in truths else False


def _not(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _like(value: Value, pattern: Value) -> Truth:
    if not isinstance(value, str) or not isinstance(pattern, str):
        return None
    parts = [".*" if mark == "%" else "." if mark == "_" else re.escape(mark) for mark in pattern]
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def _order(one: Value, other: Value) -> int:
    """Return which comes first; what is empty comes last."""
    if one is None or other is None:
        return (one is None) - (other is None)
    first, second = _sortable(one), _sortable(other)
    return (first > second) - (first < second)


def _sortable(value: Value) -> tuple[int, Decimal, str]:
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return (0, Decimal(value), "")
    if isinstance(value, Decimal):
        return (0, value, "")
    return (1, Decimal(0), value.isoformat() if isinstance(value, date) else str(value))
