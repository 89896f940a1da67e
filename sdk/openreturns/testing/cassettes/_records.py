"""Vendors' records among the exchanges of a cassette, by the contracts of an adapter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from openreturns.adapters import Adapter
from openreturns.testing.cassettes._exchange import Cassette

__all__ = ["native_of", "records_of"]

_TELLING = 3  # an object with fewer fields fits contracts by chance


def records_of(cassette: Cassette, adapter: Adapter) -> Iterator[tuple[str, Any]]:
    """Yield the vendor's records in the answers of a cassette, each with the name of its contract.

    An exchange says of which contract the records are (`native`) and where they stand (`at`); recording with the
    adapter fills that in, and it may be put right by hand.
    """
    for exchange in cassette.exchanges:
        if exchange.native and "json" in exchange.response:
            for record in _at(exchange.response["json"], exchange.at.split("/")[1:]):
                yield exchange.native, record


def _at(value: Any, steps: list[str]) -> Iterator[Any]:  # noqa: ANN401 - any JSON value
    if not steps:
        yield value
    elif steps[0] == "*":
        for inner in value if isinstance(value, list) else ():
            yield from _at(inner, steps[1:])
    elif isinstance(value, Mapping) and steps[0] in value:
        yield from _at(value[steps[0]], steps[1:])


def native_of(adapter: Adapter | None, body: Any) -> tuple[str, str]:  # noqa: ANN401 - any JSON value
    """Return the contract that the records of an answer keep and where they are; nothing where none or several fit."""
    natives = sorted({mapping.native for mapping in adapter.mappings if "in" in mapping.directions}) if adapter else []
    for at in _places(body):
        records = list(_at(body, at.split("/")[1:]))
        if adapter is None or not records or not all(isinstance(r, Mapping) and len(r) >= _TELLING for r in records):
            continue
        fitting = [native for native in natives if all(adapter.contract(native).is_valid(r) for r in records)]
        if len(fitting) == 1:
            return fitting[0], at
    return "", ""


def _places(body: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    """Yield where records may be: the body, its elements, those of its lists, and its members."""
    yield ""
    if isinstance(body, list):
        yield "/*"
    elif isinstance(body, Mapping):
        for name, value in body.items():
            if isinstance(value, list):
                yield f"/{name}/*"
            elif isinstance(value, Mapping):
                yield f"/{name}"
