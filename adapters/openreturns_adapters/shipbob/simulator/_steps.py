"""What happens in the warehouse and no client can call: goods go out, come back, are looked at, are done."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from openreturns_adapters.shipbob.simulator._access import Access
from openreturns_adapters.shipbob.simulator._account import Account, Item, Line, Return, Shipment, Taken
from openreturns_adapters.shipbob.simulator._returns import Returns
from openreturns_adapters.shipbob.simulator._webhooks import Webhooks

__all__ = ["Warehouse"]

Record = dict[str, Any]

_STORY = Path(__file__).with_name("story.toml")
_RECEIVED = 1000  # units more than were shipped, of every item and lot, in the warehouse that shipped
_ACTIONS = ("Restock", "Quarantine", "Dispose")


class Warehouse:
    """The vendor's side. Each step returns what a person there would see; wrong steps raise ValueError."""

    def __init__(self, account: Account, returns: Returns, channel: int, fee: Decimal, rts_fee: Decimal) -> None:
        self._account = account
        self._returns = returns
        self._channel = channel
        self._fees = {"Regular": (fee, "ReturnProcessingFee"), "ReturnToSender": (rts_fee, "ReturnToSenderFee")}

    def steps(self, access: Access, webhooks: Webhooks) -> Mapping[str, Callable[..., Any]]:
        """Return every step by its name."""
        return {
            "ship": self.ship,
            "arrive": self.arrive,
            "process": self.process,
            "complete": self.complete,
            "carry_out": self.carry_out,
            "send_back": self.send_back,
            "move_time": self.move_time,
            "authorize": lambda **given: {"code": access.authorize(**given)},
            "expire_tokens": lambda: {"expired": access.expire()},
            "rotate_secret": webhooks.rotate,
            "disable_webhook": webhooks.disable,
        }

    def seed(self) -> Record:
        """Fill the account with the demo's warehouses, goods and shipments; a second time changes nothing."""
        account, story = self._account, tomllib.loads(_STORY.read_text("utf-8"))
        for row in story["fulfillment_centers"]:
            account.centers.setdefault(row.pop("id"), row)
        for row in story["items"]:
            account.items.setdefault(row["id"], Item(**row))
        for row in story["shipments"]:
            if row["id"] not in account.shipments:
                self._supply(row["center"], row["goods"])
                account.shipped(Shipment(**{**row, "goods": tuple(map(tuple, row["goods"]))}))
        return {
            "channel_id": self._channel,
            "fulfillment_centers": sorted(account.centers),
            "items": len(account.items),
            "shipments": sorted(account.shipments),
            "returns": len(account.returns),
        }

    def _supply(self, center: int, goods: Sequence[Sequence[int]]) -> None:
        for item, units in goods:
            for lot in self._account.items[item].lots or (None,):
                self._account.book("Receiving", item, center, units + _RECEIVED, lot=lot)

    def ship(self, customer: str, order: str, goods: Mapping[str, int], center: int = 22) -> Record:
        """Send goods (units by inventory number) to a customer; return the shipment's number."""
        account = self._account
        units = {int(item): count for item, count in goods.items()}
        for count in units.values():
            _check_units(count)
        unknown = [item for item in units if item not in account.items]
        if unknown or center not in account.centers:
            raise ValueError(f"the account has no {'inventory' if unknown else 'warehouse'} {unknown or center}")
        number = max(account.shipments, default=123_080_000) + 1
        self._supply(center, list(units.items()))
        account.shipped(Shipment(number, order, customer, center, f"1Z999AA0{number:010}", tuple(units.items())))
        return {"shipment_id": number}

    def arrive(self, id: int) -> Record:
        """Let the parcel reach the dock."""
        return self._moved(id, "Arrived")

    def process(self, id: int, actions: Sequence[Mapping[str, Any]]) -> Record:
        """Do something with units: `{"inventory_id", "action", "quantity", "reason", "image_url", "lot_number"}`.

        More units than announced may turn up; an item that was not announced cannot.
        """
        returned = self._return(id)
        found = [(self._line(returned, given), _taken(given), given.get("lot_number")) for given in actions]
        returned.move("Processing", self._account.clock.text())
        for line, taken, lot in found:
            if lot:
                line.lot, line.lot_date = lot, self._account.items[line.item].lots.get(lot, line.lot_date)
            self._account.took(returned, line, taken)
        self._returns.tell("return.updated", returned)
        return self._returns.newer(returned)

    def complete(self, id: int) -> Record:
        """Finish a return and charge for it, a fee a line."""
        return self._moved(id, "Completed", "return.completed", charge=True)

    def carry_out(self, id: int) -> Record:
        """Let everything arrive and be done as asked, to the end; what was left to the item is restocked."""
        returned = self._return(id)
        self.arrive(id)
        actions = [
            {
                "inventory_id": line.item,
                "action": "Restock" if line.requested == "Default" else line.requested,
                "quantity": line.quantity,
            }
            for line in returned.lines
        ]
        self.process(id, actions)
        return self.complete(id)

    def send_back(self, shipment_id: int) -> Record:
        """Let a shipment come back undelivered: a return that nobody announced."""
        account = self._account
        shipment = account.shipments.get(shipment_id)
        if shipment is None:
            raise ValueError(f"there is no shipment {shipment_id}")
        lines = [Line(item, units) for item, units in shipment.goods]
        returned = Return(next(account.numbers), self._channel, f"RTS-{shipment_id}", shipment.center, lines)
        returned.shipment_id, returned.shipment, returned.kind = shipment_id, shipment, "ReturnToSender"
        self._returns.accept(returned)
        return self._returns.newer(returned)

    def move_time(self, seconds: int) -> Record:
        """Let time pass: tokens end, limits recover, old secrets stop to sign."""
        self._account.clock.move(timedelta(seconds=seconds))
        return {"now": self._account.clock.text()}

    def _moved(self, id: int, status: str, topic: str = "return.updated", *, charge: bool = False) -> Record:
        returned = self._return(id)
        returned.move(status, self._account.clock.text())
        if charge:
            fee, kind = self._fees[returned.kind]
            returned.fees.append((fee * len(returned.lines), kind))
        self._returns.tell(topic, returned)
        return self._returns.newer(returned)

    def _return(self, id: int) -> Return:
        if id not in self._account.returns:
            raise ValueError(f"there is no return {id}")
        return self._account.returns[id]

    def _line(self, returned: Return, given: Mapping[str, Any]) -> Line:
        lines = [line for line in returned.lines if line.item == given["inventory_id"]]
        if not lines:
            raise ValueError(f"return {returned.id} has no inventory {given['inventory_id']}")
        return lines[0]


def _taken(given: Mapping[str, Any]) -> Taken:
    if given["action"] not in _ACTIONS:
        raise ValueError(f"an action is one of {', '.join(_ACTIONS)}")
    _check_units(given["quantity"])
    return Taken(given["action"], given["quantity"], given.get("reason"), given.get("image_url"))


def _check_units(count: object) -> None:
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"there is no such number of units as {count}")
