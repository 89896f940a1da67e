"""Goods by their numbers: qualifiers (235) and numbers in pairs, lots and serial numbers beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.x12.codecs import holds

__all__ = ["Numbers", "lots_once"]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

_FIELDS = ("sku", "gtin", "customerSku", "vendorSku")


def _kind(field: str, value: str) -> str:
    """Return the entry of the table `item` for a number: a GTIN has a qualifier for each of its lengths."""
    return f"gtin{len(value)}" if field == "gtin" else field


_UPC = ""
"""Stands for the qualifier of a UPC in an element of its own."""


def _is(qualifier: str, number: str, field: str, env: Environment) -> bool:
    """Whether a number is of that kind. Raises ValueError for a GTIN that is not as long as its qualifier says."""
    code = env.code("item", qualifier) if qualifier else "gtin12"
    if not code.startswith("gtin"):
        return code == field
    if field == "gtin" and len(number) != int(code.removeprefix("gtin")):
        raise ValueError(f"a number of {len(number)} digits is qualified as one of {code.removeprefix('gtin')}")
    return field == "gtin"


class Numbers:
    """The pairs of qualifier and number in one segment, by the element numbers of their qualifiers.

    `upc` is the element that holds a UPC of twelve digits without a qualifier; `lots` says that lot and serial number
    are pairs here too.
    """

    def __init__(self, segment: str, places: Sequence[int], *, upc: int = 0, lots: bool = False) -> None:
        self.segment, self.places, self.upc, self.lots = segment, tuple(places), upc, lots

    @property
    def paths(self) -> list[str]:
        """All elements that pairs are read from."""
        pairs = [n for place in self.places for n in (place, place + 1)]
        return [f"{self.segment}.{self._name(n)}" for n in [*pairs, *([self.upc] if self.upc else [])]]

    def _name(self, number: int) -> str:
        return f"{self.segment}{number:02}"

    # --- reading ----------------------------------------------------------------------------------------------

    def _said(self, scope: Record) -> Iterator[tuple[str, str]]:
        segment = scope.get(self.segment) or {}
        for place in self.places:
            qualifier, number = segment.get(self._name(place)), segment.get(self._name(place + 1))
            if qualifier and number:
                yield qualifier, number
        if self.upc and segment.get(self._name(self.upc)):
            yield _UPC, segment[self._name(self.upc)]

    def read(self, field: str) -> Function:
        """Make the function that returns one number of the goods."""

        def find(scope: Record, env: Environment) -> str | None:
            found = [number for qualifier, number in self._said(scope) if _is(qualifier, number, field, env)]
            if len(set(found)) > 1:
                raise ValueError(f"{len(set(found))} numbers of one kind ({field}) are given for the same goods")
            return found[0] if found else None

        return find

    def serials(self, scope: Record, env: Environment) -> list[str] | None:
        """Return the serial numbers."""
        return [number for qualifier, number in self._said(scope) if _is(qualifier, number, "serial", env)] or None

    # --- writing ----------------------------------------------------------------------------------------------

    def _pairs(self, item: Record, env: Environment) -> list[tuple[str, str]]:
        table = env.tenant.table("item")
        found = [(table.word(_kind(name, item[name])), item[name]) for name in _FIELDS if item.get(name)]
        if self.upc:
            found = [pair for pair in found if pair[0] != table.word("gtin12")]  # it has an element of its own
        if self.lots:
            found += [(table.word("lot"), item["lot"])] if item.get("lot") else []
            found += [(table.word("serial"), serial) for serial in item.get("serials") or ()]
        if len(found) > len(self.places):
            raise ValueError(f"the goods have {len(found)} numbers, and {self.segment} has room for {len(self.places)}")
        return found

    def write(self, number: int) -> Function:
        """Make the function that returns one element of the pairs."""
        row, second = next((n, at != number) for n, at in enumerate(self.places) if number in (at, at + 1))

        def fill(scope: Record, env: Environment) -> str | None:
            item = scope.get("item") or {}
            pairs = self._pairs(item, env)
            if not pairs and not row:
                raise ValueError("goods without any number cannot be named in X12")
            if row >= len(pairs):
                return None
            return holds(pairs[row][1], (48, 48, 80), env) if second else pairs[row][0]

        return fill

    def write_upc(self, scope: Record, env: Environment) -> str | None:
        """Return the UPC, where the GTIN is one."""
        gtin = (scope.get("item") or {}).get("gtin")
        return gtin if gtin and len(gtin) == 12 else None


def lots_once(scope: Record, env: Environment) -> str | None:
    """Return the lot of the goods as far as X12 keeps it: twelve characters, no more."""
    lot: str | None = (scope.get("item") or {}).get("lot")
    if lot and len(lot) > 12:
        raise ValueError(f"the lot has {len(lot)} characters, and X12 holds 12")
    return lot
