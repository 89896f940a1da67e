"""What the mappings share: fields of the contract that no record of Tryton has."""

from typing import Any

from openreturns.mapping import dropped

__all__ = ["ITEM", "META", "MOVED", "PARTY", "gaps"]

META = tuple(
    dropped(f"meta.{name}", "Tryton has its own, or it is about the message and not the record")
    for name in (
        "schema",
        "documentId",
        "revision",
        "sourceSystem",
        "sourceId",
        "issuedAt",
        "correlationId",
        "causationId",
        "idempotencyKey",
        "test",
    )
)

ITEM = ("gtin", "customerSku", "vendorSku", "description", "serials", "expiryDate")
"""What of an item Tryton knows by the product and its lot."""

MOVED = tuple(name for name in ITEM if name != "serials")
"""The same where goods move: serial numbers are refused there."""

PARTY = ("name", "identifiers", "taxId", "address", "email", "phone")
"""What of a party Tryton knows by the party's code."""

RETURN_LINE = [
    "lines[].item.sku",
    "lines[].item.lot",
    "lines[].requested",
    "lines[].authorized",
    "lines[].expected",
    "lines[].received",
    "lines[].rejected",
    "lines[].reason",
    "lines[].requestedResolution",
    "lines[].unitPrice",
    "lines[].originalInvoice",
    "lines[].originalOrder",
    "lines[].replacement",
    "lines[].receipts",
    "lines[].note",
    "lines[].extensions",
]
"""All of a return's line but the item's other names."""


def gaps(reason: str, *paths: str) -> tuple[Any, ...]:
    """Return paths that are dropped for one reason."""
    return tuple(dropped(path, reason) for path in paths)
