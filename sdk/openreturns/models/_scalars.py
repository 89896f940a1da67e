"""Scalar types that Python's own cannot hold exactly: decimals, moments, days and extension fields.

Each is one spelling of a definition in `schemas/1.0.0/common.schema.json`, checked by Rust before Python
sees it, and written back as the very text that was read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Self, SupportsIndex, TypeAlias

from pydantic import Field, GetCoreSchemaHandler, Strict, StrictBool, StrictInt, StrictStr
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

__all__ = [
    "Date",
    "DecimalString",
    "ExtensionValue",
    "Extensions",
    "FrozenMap",
    "Moment",
    "SignedDecimalString",
    "Timestamp",
]

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


class FrozenMap(Mapping[str, Any]):
    """A JSON object that cannot be changed, nor anything in it."""

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Any]) -> None:
        self._items = {key: _freeze(value) for key, value in items.items()}

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return f"FrozenMap({', '.join(self._items)})"  # the values may name a person

    def __reduce__(self) -> tuple[type[FrozenMap], tuple[dict[str, Any]]]:
        return FrozenMap, (self._items,)


def _freeze(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return FrozenMap(value)
    return tuple(map(_freeze, value)) if isinstance(value, list | tuple) else value


def _thaw(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {key: _thaw(item) for key, item in value.items()}
    return [_thaw(item) for item in value] if isinstance(value, list | tuple) else value


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
        )


if TYPE_CHECKING:  # checkers follow no alias that contains itself
    _Fields: TypeAlias = dict[str, Any]
else:
    _Json = TypeAliasType(
        "_Json",
        Annotated[StrictStr, Field(max_length=10_000)]
        | StrictBool
        | Annotated[StrictInt, Field(ge=-_EXACT_INTEGER, le=_EXACT_INTEGER)]
        | Annotated[list["_Json"], Strict()]
        | Annotated[dict[StrictStr, "_Json"], Strict()],
    )
    _Fields = dict[Annotated[StrictStr, Field(pattern=_EXTENSION_KEY, max_length=255)], _Json]


class _Extensions:
    """Extension fields: checked by Rust, frozen in Python; no null and no fraction at any depth."""

    @staticmethod
    def __get_pydantic_core_schema__(source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        frozen = core_schema.no_info_after_validator_function(FrozenMap, handler.generate_schema(_Fields))
        return core_schema.json_or_python_schema(
            json_schema=frozen,
            python_schema=core_schema.no_info_before_validator_function(_thaw, frozen),
            serialization=core_schema.plain_serializer_function_ser_schema(_thaw),
        )


ExtensionValue: TypeAlias = str | bool | int | Sequence[Any] | Mapping[str, Any]

DecimalString = Annotated[Decimal, _Written(_DECIMAL, Decimal, _decimal_text)]
SignedDecimalString = Annotated[Decimal, _Written(_SIGNED_DECIMAL, Decimal, _decimal_text)]
Timestamp = Annotated[datetime, _Written(f"^{_DAY}T{_TIME}$", Moment.parse, _moment_text)]
Date = Annotated[date, _Written(f"^{_DAY}$", date.fromisoformat, _day_text)]
Extensions = Annotated[Mapping[str, ExtensionValue], _Extensions]
