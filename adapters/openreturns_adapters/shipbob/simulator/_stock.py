"""The account, its warehouses and its stock, as a client sees them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from openreturns.sandbox import Reply

from openreturns_adapters.shipbob.simulator._account import Account, Item
from openreturns_adapters.shipbob.simulator._answers import problem_details
from openreturns_adapters.shipbob.simulator._filters import moment
from openreturns_adapters.shipbob.simulator._given import Given
from openreturns_adapters.shipbob.simulator._paging import numbered, page
from openreturns_adapters.shipbob.simulator._returns import Channel

__all__ = ["Stock"]

Record = dict[str, Any]


class Stock:
    """The operations that only read."""

    def __init__(self, account: Account, channels: Mapping[int, Channel], page_size: int) -> None:
        self._account = account
        self._channels = channels
        self._page_size = page_size

    def channels(self, given: Given) -> Reply:
        """List the sales channels with their scopes."""
        rows = [
            {"id": id_, "name": one.name, "application_name": one.application, "scopes": list(one.scopes)}
            for id_, one in self._channels.items()
        ]
        size = given.query.get("RecordsPerPage", self._page_size)
        return Reply(200, numbered(rows, given.query.get("Cursor"), size))

    def centers(self, given: Given) -> Reply:
        """List the warehouses."""
        empty = {"address2": None, "phone_number": None, "email": None, "country": "US"}
        return Reply(200, [{"id": id_, **empty, **one} for id_, one in self._account.centers.items()])

    def levels(self, given: Given) -> Reply:
        """List how much there is of each item."""
        asked = given.query
        rows = [_level(self._account, item) for item in self._account.items.values() if _is_asked_for(item, asked)]
        rows.sort(key=_LEVEL_SORTS[asked.get("SortBy", "InventoryId")])
        return Reply(200, page(rows, given.url, asked.get("Cursor", 1), asked.get("PageSize", self._page_size)))

    def level(self, given: Given) -> Reply:
        """Tell how much there is of one item."""
        item = self._account.items.get(given.path["inventoryId"])
        return Reply(200, _level(self._account, item)) if item else _unknown(given)

    def lots(self, given: Given) -> Reply:
        """Tell how much there is of one item, by lot and warehouse."""
        item = self._account.items.get(given.path["inventoryId"])
        if item is None:
            return _unknown(given)
        held = {lot for one, _, lot, _ in self._account.stock if one == item.id}
        lots = [_lot(self._account, item, lot) for lot in sorted(held, key=lambda lot: lot or "")]
        return Reply(200, {"inventory_id": item.id, "name": item.name, "sku": item.sku, "lots": lots})

    def history(self, given: Given) -> Reply:
        """List the movements of stock in a warehouse, the oldest first."""
        body = given.body
        try:
            start, end = (moment(body[name]) if body.get(name) else None for name in ("start_date", "end_date"))
        except ValueError as error:
            return problem_details(400, f"{error}.")
        rows = [
            one
            for one in self._account.movements
            if (one["increment"] or one["decrement"])["facility_id"] == body["facility_id"]
            and (not body.get("inventory_ids") or one["inventory_id"] in body["inventory_ids"])
            and (not body.get("event_category") or one["event_category"] == body["event_category"])
            and (start is None or moment(one["event_datetime"]) >= start)
            and (end is None or moment(one["event_datetime"]) <= end)
        ]
        cursor = given.query.get("cursor") or body.get("cursor") or 1
        return Reply(200, page(rows, given.url, cursor, self._page_size, name="data", key="cursor"))


def _is_asked_for(item: Item, asked: Mapping[str, Any]) -> bool:
    ids = asked.get("InventoryIds", "")
    text = asked.get("SearchBy", "").lower()
    return (
        (not ids or str(item.id) in ids.split(","))
        and (text in item.name.lower() or text in item.sku.lower())
        and asked.get("IsActive", True)
        and not asked.get("IsDigital", False)
    )


def _level(account: Account, item: Item) -> Record:
    on_hand, held = account.on_hand(item.id), account.on_hand(item.id, status="Quarantined")
    return {
        "inventory_id": item.id,
        "name": item.name,
        "sku": item.sku,
        "total_on_hand_quantity": on_hand,
        "total_sellable_quantity": on_hand - held,
        "total_fulfillable_quantity": on_hand - held,  # nothing is committed: what is ordered here is shipped
        "total_committed_quantity": 0,
        "total_awaiting_quantity": 0,
        "total_backordered_quantity": 0,
        "total_exception_quantity": held,
        "total_internal_transfer_quantity": 0,
    }


def _lot(account: Account, item: Item, lot: str | None) -> Record:
    places = {center for one, center, which, _ in account.stock if one == item.id and which == lot}
    return {
        "lot_number": lot,
        "lot_date": item.lots.get(lot or ""),
        **_quantities(account, item, lot, sorted(places)),
        "locations": [
            {"location_id": place, "name": account.centers[place]["name"], **_quantities(account, item, lot, [place])}
            for place in sorted(places)
        ],
    }


def _quantities(account: Account, item: Item, lot: str | None, centers: Iterable[int]) -> Record:
    centers = list(centers)
    on_hand = sum(account.on_hand(item.id, lot=lot, center=one) for one in centers)
    held = sum(account.on_hand(item.id, lot=lot, center=one, status="Quarantined") for one in centers)
    return {
        "on_hand_quantity": on_hand,
        "fulfillable_quantity": on_hand - held,
        "committed_quantity": 0,
        "awaiting_quantity": 0,
        "internal_transfer_quantity": 0,
    }


def _unknown(given: Given) -> Reply:
    return problem_details(400, f"Inventory {given.path['inventoryId']} does not exist.")


_LEVEL_SORTS: Mapping[str, Any] = {
    "InventoryId": lambda row: row["inventory_id"],
    "Name": lambda row: (row["name"], row["inventory_id"]),
    "Sku": lambda row: (row["sku"], row["inventory_id"]),
}
