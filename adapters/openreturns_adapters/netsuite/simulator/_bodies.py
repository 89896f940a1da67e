"""What is sent, read as the fields' kinds say: typed values and lines, or everything that is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from openreturns_adapters.netsuite.simulator._kinds import ASSIGNMENT, DETAIL, ENUMS, Field, Fields, Kind
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused, invalid, unknown
from openreturns_adapters.netsuite.simulator._store import Line, Store

__all__ = ["NUMBER_LIMIT", "Given", "Reading"]

NUMBER_LIMIT = 10**15
"""Beyond it a double cannot tell cents apart."""

_DECIMALS = 10
_DIGITS = 28  # as many as Decimal reckons with
_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_CUSTOM = ("custbody", "custcol", "custrecord")
_NOTHING: Any = object()


@dataclass
class Given:
    """What was sent. A value of None empties its field."""

    values: dict[str, Any] = field(default_factory=dict)
    lists: dict[str, list[Line]] = field(default_factory=dict)
    external: str | None = None


@dataclass(frozen=True)
class Reading:
    """How bodies are read: whether wrong names and wrong values are refused, and the account's own fields."""

    store: Store
    names: bool
    """Whether a name that no field has is refused, rather than passed over."""
    values: bool
    """Whether a value that its field cannot hold is refused, rather than passed over."""
    custom: Mapping[str, str] | None
    """What the account's custom fields hold; None: it has whichever one is asked for."""

    def read(self, kind: Kind, body: object) -> Given:
        """Return what a body says of a record. Raises Refused with everything that is wrong."""
        wrong: list[Detail] = []
        given = Given()
        if not isinstance(body, dict):
            raise Refused([invalid("body", "")])
        for name, value in body.items():
            listed = kind.list_named(name)
            if listed:
                lines = self._list(kind.lists[listed], listed, value, wrong)
                if lines is not None:
                    given.lists[listed] = lines
            else:
                self._one(kind.fields, name, name, value, given.values, wrong)
        if wrong:
            raise Refused(wrong)
        if "externalId" in given.values:
            given.external = given.values.pop("externalId") or ""
        return given

    def _one(
        self, fields: Fields, name: str, path: str, value: object, into: dict[str, Any], wrong: list[Detail]
    ) -> None:
        known = fields.find(name)
        if known is None and name.startswith(_CUSTOM) and (self.custom is None or name in self.custom):
            if self.custom is None:
                into[name] = value  # whatever it is: nobody said what it holds
                return
            known = Field(name, self.custom[name], longest=4000)
        if known is None:
            if self.names and name != "links":
                wrong.append(Detail(f"Unknown reference or field '{name[:100]}'.", "INVALID_CONTENT", path))
        elif not known.own:
            found = self._value(known, path, value, wrong)
            if found is not _NOTHING:
                into[known.name] = found

    def _list(self, fields: Fields, path: str, value: object, wrong: list[Detail]) -> list[Line] | None:
        items = value.get("items") if isinstance(value, dict) else None
        if not isinstance(items, list):
            if self.values:
                wrong.append(invalid(path.rpartition(".")[2], path))
            return None
        lines: list[Line] = []
        for place, item in enumerate(items):
            where = f"{path}.items[{place}]"
            line: Line = {"#": where}
            if not isinstance(item, dict):
                wrong.append(invalid("items", where))
                continue
            for name, one in item.items():
                self._one(fields, name, f"{where}.{name}", one, line, wrong)
            lines.append(line)
        return lines

    def _value(self, known: Field, path: str, value: object, wrong: list[Detail]) -> Any:  # noqa: ANN401 - any kind
        if value is None:
            return None
        if known.holds == "ref":
            return self._reference(known, path, value, wrong)
        if known.holds == "detail":
            return self._detail(path, value, wrong)
        read = _READERS[known.holds](known, value)
        if read is None:
            if self.values:
                wrong.append(invalid(known.name, path))
            return _NOTHING
        if known.holds == "text" and len(str(read)) > known.longest:
            text = f"The field {known.name} contained more than the maximum number ( {known.longest} ) of characters"
            wrong.append(Detail(f"Error while accessing a resource. {text} allowed.", "USER_ERROR", path))
        return read

    def _reference(self, known: Field, path: str, value: object, wrong: list[Detail]) -> object:
        asked = value if isinstance(value, dict) else {"id": value}
        id, external = _key(asked.get("id")), _key(asked.get("externalId"))
        if id.startswith("eid:"):
            id, external = "", id.removeprefix("eid:")
        if not id and not external:
            if self.values:
                wrong.append(invalid(known.name, path))
            return _NOTHING
        found = self.store.find(known.of, id, external)
        if found is None:
            wrong.append(unknown((id or external)[:100], known.name, path))
            return _NOTHING
        return found.ref

    def _detail(self, path: str, value: object, wrong: list[Detail]) -> object:
        if not isinstance(value, dict):
            if self.values:
                wrong.append(invalid("inventoryDetail", path))
            return _NOTHING
        detail: dict[str, Any] = {"assigned": []}
        for name, one in value.items():
            if name == "inventoryAssignment":
                lines = self._list(ASSIGNMENT, f"{path}.{name}", one, wrong)
                detail["assigned"] = [
                    {n: v for n, v in line.items() if v is not None and n != "#"} for line in lines or []
                ]
            else:
                self._one(DETAIL, name, f"{path}.{name}", one, detail, wrong)
        return detail


def _key(value: object) -> str:
    """Return an id as text; samples of the vendor have numbers too."""
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _text(_: Field, value: object) -> str | None:
    return value if isinstance(value, str) else None


def _whole(_: Field, value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) < 2**63 else None


def _number(_: Field, value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) < NUMBER_LIMIT else None
    if len(value.as_tuple().digits) > _DIGITS or abs(value) >= NUMBER_LIMIT:
        return None
    kept = value.normalize()
    return kept if -int(kept.as_tuple().exponent) <= _DECIMALS else None


def _flag(_: Field, value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _day(_: Field, value: object) -> str | None:
    try:
        if isinstance(value, str) and _date(value):
            return date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    return None


def _word(known: Field, value: object) -> str | None:
    word = value.get("id") if isinstance(value, dict) else value
    return word if isinstance(word, str) and word in ENUMS[known.of[0]] else None


_READERS = {
    "text": _text,
    "int": _whole,
    "number": _number,
    "money": _number,
    "bool": _flag,
    "date": _day,
    "moment": _text,
    "enum": _word,
}
