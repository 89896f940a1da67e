"""Scalar types that Python's own cannot hold exactly: decimals, moments, days and extension fields.

Each is one spelling of a definition in `schemas/1.0.0/common.schema.json`, checked by Rust before Python
sees it, and written back as the very text that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, Self, SupportsIndex, TypeAlias

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, Strict, StrictBool, StrictInt, StrictStr
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

__all__ = [
    "PLAIN",
    "Date",
    "DecimalString",
    "ExtensionValue",
    "Extensions",
    "FrozenMap",
    "Moment",
    "SignedDecimalString",
    "Timestamp",
]

PLAIN = "openreturns.plain"
"""Where a scalar's schema keeps the function that reads JSON which was checked before."""

_DECIMAL = r"^(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?$"
_SIGNED_DECIMAL = (
    r"^((0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?|-([1-9][0-9]{0,14}(\.[0-9]{1,6})?|0\.([1-9][0-9]{0,5}"
    r"|0[1-9][0-9]{0,4}|00[1-9][0-9]{0,3}|000[1-9][0-9]{0,2}|0000[1-9][0-9]?|00000[1-9])))$"
)
_DAY = r"[12][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"
_EXTENSION_KEY = r"^[a-z0-9-]+(\.[a-z0-9_-]+)+$"
_EXACT_INTEGER = 2**53 - 1


class Moment(datetime):
    """A `datetime` with its offset that remembers how it was written, so it is written the same way again.

    Compares and calculates like any `datetime`; `str()` gives the RFC 3339 text.
    """

    __slots__ = ("_wire",)
    _wire: str

    @classmethod
    @lru_cache(maxsize=1024)  # the lines of a document share their moments
    def parse(cls, text: str) -> Self:
        """Return the moment an RFC 3339 text means. Raises ValueError for a day that does not exist."""
        moment = cls.fromisoformat(text)
        moment._wire = text
        return moment

    def __str__(self) -> str:
        try:
            return self._wire
        except AttributeError:  # the result of arithmetic was never written
            return _rfc3339(self)

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Callable[[str], Moment], tuple[str]]:
        return Moment.parse, (str(self),)


class FrozenMap(dict[str, Any]):
    """A JSON object that cannot be changed, nor anything in it: its lists are tuples, its objects FrozenMaps."""

    __slots__ = ()

    def __hash__(self) -> int:  # type: ignore[override] # a dict has none; this one never changes
        return hash(frozenset(self.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({', '.join(self)})"  # the values may name a person

    def __reduce__(self) -> tuple[type[FrozenMap], tuple[dict[str, Any]]]:
        return FrozenMap, (dict(self),)

    def __or__(self, other: Mapping[str, Any]) -> dict[str, Any]:  # type: ignore[override] # nor is its union frozen
        return {**self, **other}

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise TypeError("extension fields cannot be changed; make a new document with replace()")

    __setitem__ = __delitem__ = __ior__ = _refuse
    clear = pop = popitem = setdefault = update = _refuse


def _frozen(fields: dict[str, Any]) -> FrozenMap:
    """Return JSON as it is kept here, given as Python's dict and list."""
    for value in fields.values():
        if isinstance(value, (dict, list)):
            return FrozenMap({key: _frozen_value(value) for key, value in fields.items()})
    return FrozenMap(fields)


def _frozen_value(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, dict):
        return _frozen(value)
    return tuple(map(_frozen_value, value)) if isinstance(value, list) else value


def _plain(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value in the types that JSON is read into here: dict and tuple."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _rfc3339(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a moment needs its offset from UTC; this one has none")
    text = moment.isoformat()
    return f"{text[:-6]}Z" if text.endswith("+00:00") else text


def _decimal_text(value: object) -> object:
    return format(value, "f") if isinstance(value, Decimal) else value


def _moment_text(value: object) -> object:
    if isinstance(value, Moment):
        return str(value)
    return _rfc3339(value) if isinstance(value, datetime) else value


def _day_text(value: object) -> object:
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value


@dataclass(frozen=True, slots=True)
class _Written:
    """A value that is text on the wire and something richer in Python.

    `pattern` is the text's form, `read` turns it into the value, `write` turns what a Python caller gives
    into the text (anything it does not know it hands on, to be refused as "not a string").
    """

    pattern: str
    read: Callable[[str], object]
    write: Callable[[object], object]

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        text = core_schema.str_schema(pattern=self.pattern, strict=True)
        wire = core_schema.no_info_after_validator_function(self.read, text)
        return core_schema.json_or_python_schema(
            json_schema=wire,
            python_schema=core_schema.no_info_before_validator_function(self.write, wire),
            serialization=core_schema.to_string_ser_schema(),
            metadata={PLAIN: self.read},
        )


if TYPE_CHECKING:  # checkers follow no alias that contains itself
    _Fields: TypeAlias = dict[str, Any]
else:
    _Json = TypeAliasType(
        "_Json",
        Annotated[
            Annotated[StrictStr, Field(max_length=10_000)]
            | StrictBool
            | Annotated[StrictInt, Field(ge=-_EXACT_INTEGER, le=_EXACT_INTEGER)]
            | Annotated[tuple["_Json", ...], Strict()]
            | Annotated[dict[StrictStr, "_Json"], Strict(), AfterValidator(FrozenMap)],
            Field(union_mode="left_to_right"),
        ],
    )
    _Fields = dict[Annotated[StrictStr, Field(pattern=_EXTENSION_KEY, max_length=255)], _Json]


class _Extensions:
    """Extension fields: checked by Rust, frozen in Python; no null and no fraction at any depth."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        frozen = core_schema.no_info_after_validator_function(FrozenMap, handler.generate_schema(_Fields))
        return core_schema.json_or_python_schema(
            json_schema=frozen,
            python_schema=core_schema.no_info_before_validator_function(_plain, frozen),
            metadata={PLAIN: _frozen},
        )


ExtensionValue: TypeAlias = str | bool | int | Sequence[Any] | Mapping[str, Any]

_decimal = lru_cache(maxsize=1024)(Decimal)  # most quantities are small, and a decimal never changes

DecimalString = Annotated[Decimal, _Written(_DECIMAL, _decimal, _decimal_text)]
SignedDecimalString = Annotated[Decimal, _Written(_SIGNED_DECIMAL, _decimal, _decimal_text)]
Timestamp = Annotated[datetime, _Written(f"^{_DAY}T{_TIME}$", Moment.parse, _moment_text)]
Date = Annotated[date, _Written(f"^{_DAY}$", date.fromisoformat, _day_text)]
Extensions = Annotated[Mapping[str, ExtensionValue], _Extensions]
