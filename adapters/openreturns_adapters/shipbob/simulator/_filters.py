"""What a list of returns can be asked for: filters by words, numbers and moments, and orders to sort by."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from openreturns_adapters.shipbob.simulator._account import Return

__all__ = ["SORTS", "matching", "moment"]

Of = Callable[[Return], Iterable[Any]]
Keeps = Callable[[Return], bool]


def matching(returns: Iterable[Return], asked: Mapping[str, Any]) -> list[Return]:
    """Return those that every filter asked for lets through. Raises ValueError for what is no moment."""
    wanted = [_FILTERS[name](value) for name, value in asked.items() if name in _FILTERS and value]
    return [one for one in returns if all(keeps(one) for keeps in wanted)]


def moment(text: str) -> datetime:
    """Return the moment of a text; one without a zone is meant in UTC."""
    read = datetime.fromisoformat(text.upper())
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _plain(word: object) -> str:
    return str(word).replace(" ", "").lower()


def _exact(word: object) -> str:
    return str(word).strip()


def _one_of(of: Of, same: Callable[[object], str] = _exact) -> Callable[[str], Keeps]:
    """Return a filter by a list with commas; a word that holds a comma itself is found as well."""

    def asked(text: str) -> Keeps:
        wanted = {same(part) for part in (*text.split(","), text)}
        return lambda one: any(same(value) in wanted for value in of(one) if value is not None)

    return asked


def _since(of: Callable[[Return], str | None]) -> Callable[[str], Keeps]:
    def asked(text: str) -> Keeps:
        start = moment(text)
        return lambda one: (when := of(one)) is not None and moment(when) >= start

    return asked


def _until(of: Callable[[Return], str | None]) -> Callable[[str], Keeps]:
    def asked(text: str) -> Keeps:
        end = moment(text)
        return lambda one: (when := of(one)) is not None and moment(when) <= end

    return asked


def _inserted(one: Return) -> str:
    return one.history[0][1]


def _completed(one: Return) -> str | None:
    return one.at("Completed")


_FILTERS: Mapping[str, Callable[[str], Keeps]] = {
    "Ids": _one_of(lambda one: [one.id]),
    "ReferenceIds": _one_of(lambda one: [one.reference]),
    "Status": _one_of(lambda one: [one.status], _plain),
    "FulfillmentCenterIds": _one_of(lambda one: [one.center]),
    "TrackingNumbers": _one_of(lambda one: [one.tracking]),
    "OriginalShipmentIds": _one_of(lambda one: [one.shipment_id]),
    "InventoryIds": _one_of(lambda one: [line.item for line in one.lines]),
    "ReturnTypes": _one_of(lambda one: [one.kind], _plain),
    "ReturnActions": _one_of(lambda one: [line.requested for line in one.lines], _plain),
    "StoreOrderIds": _one_of(lambda one: [one.shipment.order] if one.shipment else []),
    "StartDate": _since(_inserted),
    "EndDate": _until(_inserted),
    "CompletedStartDate": _since(_completed),
    "CompletedEndDate": _until(_completed),
}

SORTS: Mapping[str, Callable[[Return], Any]] = {
    "Id": lambda one: one.id,
    "ReferenceId": lambda one: one.reference,
    "Status": lambda one: one.status,
    "InsertDate": _inserted,
    "CompletedDate": lambda one: _completed(one) or "",
}
