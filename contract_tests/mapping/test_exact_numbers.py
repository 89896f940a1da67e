"""No digit of a vendor's number is lost in silence, in a codec or a function: what the contract cannot hold is told."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openreturns import Adapter, adapter
from openreturns.decimals import exactly
from openreturns.errors import OpenReturnsError

HERE = Path(__file__).parents[1]
FINE = Decimal("1E-40")  # far beyond the 28 digits that Python reckons with


def records() -> list[Any]:
    return list(_records())


def _records() -> Iterator[Any]:
    for name in ("shipbob", "netsuite", "salesforce", "avatax", "tryton"):
        for path in sorted((HERE / name).glob("*.json")):
            record = json.loads(path.read_text("utf-8"), parse_float=Decimal)
            if isinstance(record, dict) and {"native", "native_type"} <= record.keys():
                yield pytest.param(record["native_type"], record["native"], id=f"{name}-{path.stem}")


def numbers(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Decimal]]:
    """Every number with a fraction in a record, with its place."""
    if isinstance(value, Decimal):
        yield at, value
    elif isinstance(value, Mapping | list):
        for name, inner in value.items() if isinstance(value, Mapping) else enumerate(value):
            yield from numbers(inner, (*at, name))


def changed(value: Any, at: tuple[Any, ...], to: Decimal) -> Any:
    if not at:
        return to
    first, *rest = at
    if isinstance(value, list):
        return [changed(one, tuple(rest), to) if place == first else one for place, one in enumerate(value)]
    return {**value, first: changed(value[first], tuple(rest), to)}


def read(vendor: Adapter, native: str, record: Any) -> Any:
    """The document, or None where the record is refused."""
    try:
        return vendor.read(native, record).document.to_dict()
    except OpenReturnsError:
        return None


@pytest.mark.parametrize(("native_type", "record"), records())
def test_a_digit_beyond_what_the_contract_holds_is_never_dropped(native_type: str, record: Any) -> None:
    """A place where 0.01 more makes another document is read: there the finest more is refused, or changes it too."""
    name, _, native = native_type.partition(".")
    vendor = adapter(name, tomllib.loads((HERE / name / "tenant.toml").read_text("utf-8"))[name])
    plain = read(vendor, native, record)
    lost = []
    for at, number in numbers(record):
        with exactly():
            more, finest = number + Decimal("0.01"), number + FINE
        seen = read(vendor, native, changed(record, at, more))
        if plain is not None and seen not in (None, plain):
            lost += [at] if read(vendor, native, changed(record, at, finest)) == plain else []
    assert lost == []
