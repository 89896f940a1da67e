"""The two shapes of a return: V1, the answer of POST and PUT, and the newer one, the answer of GET."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from openreturns_adapters.shipbob.simulator._account import Account, Line, Return

__all__ = ["Spelling", "newer", "v1"]

Record = dict[str, Any]


@dataclass(frozen=True)
class Spelling:
    """How the vendor writes words of which its own documents show two spellings."""

    spaced_status: bool = False
    spaced_history: bool = True
    return_to_sender: str = "ReturnToSender"

    def status(self, word: str, *, spaced: bool) -> str:
        """Return a status in one or several words."""
        return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", word) if spaced else word

    def kind(self, word: str) -> str:
        """Return the type of a return."""
        return self.return_to_sender if word == "ReturnToSender" else word


def v1(account: Account, channels: Mapping[int, str], spelling: Spelling, returned: Return) -> Record:
    """Return the older shape."""
    return {
        **_common(account, channels, spelling, returned),
        "status": returned.status,
        "invoice_amount": _invoiced(returned),
        "inventory": [_item(account, line) for line in returned.lines],
    }


def newer(account: Account, channels: Mapping[int, str], spelling: Spelling, returned: Return) -> Record:
    """Return the shape with dates, history, lots and barcodes."""
    invoiced = _invoiced(returned)
    return {
        **_common(account, channels, spelling, returned),
        "status": spelling.status(returned.status, spaced=spelling.spaced_status),
        "awaiting_arrival_date": returned.at("AwaitingArrival"),
        "arrived_date": returned.at("Arrived"),
        "processing_date": returned.at("Processing"),
        "cancelled_date": returned.at("Cancelled"),
        "status_history": [
            {"status": spelling.status(status, spaced=spelling.spaced_history), "timestamp": when}
            for status, when in returned.history
        ],
        "shipment_tracking_number": returned.shipment.tracking if returned.shipment else None,
        "invoice": None if invoiced is None else {"amount": invoiced, "currency_code": "USD"},
        "inventory": [{**_item(account, line), **_goods(account, line)} for line in returned.lines],
    }


def _common(account: Account, channels: Mapping[int, str], spelling: Spelling, returned: Return) -> Record:
    shipment = returned.shipment
    return {
        "id": returned.id,
        "reference_id": returned.reference,
        "return_type": spelling.kind(returned.kind),
        "insert_date": returned.history[0][1],
        "completed_date": returned.at("Completed"),
        "customer_name": shipment.customer if shipment else None,
        "channel": {"id": returned.channel, "name": channels[returned.channel]},
        "fulfillment_center": {"id": returned.center, "name": account.centers[returned.center]["name"]},
        "store_order_id": shipment.order if shipment else None,
        "original_shipment_id": returned.shipment_id,
        "tracking_number": returned.tracking,
        "transactions": [{"amount": amount, "transaction_type": kind} for amount, kind in returned.fees],
    }


def _invoiced(returned: Return) -> Decimal | None:
    return sum((amount for amount, _ in returned.fees), Decimal(0)) if returned.fees else None


def _item(account: Account, line: Line) -> Record:
    return {
        "id": line.item,
        "name": account.items[line.item].name,
        "quantity": line.quantity,
        "action_requested": {
            "action": line.requested,
            "action_type": "InventoryDefault" if line.requested == "Default" else "Override",
            "instructions": None,
        },
        "action_taken": [
            {
                "action": taken.action,
                "action_reason": taken.reason,
                "quantity_processed": taken.quantity,
                "image_url": taken.image,
            }
            for taken in line.taken
        ],
    }


def _goods(account: Account, line: Line) -> Record:
    item = account.items[line.item]
    lot = {"number": line.lot, "expiration": line.lot_date, "minimumShelfLife": item.shelf_life}
    return {
        "sku": item.sku,
        "barcodes": [item.barcode] if item.barcode else [],
        "lot_information": lot if line.lot or line.lot_date else None,
    }
