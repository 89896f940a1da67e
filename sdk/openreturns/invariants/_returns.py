"""Rules inside a Return: the quantities of its lines, and the answer to the request."""

from __future__ import annotations

from collections.abc import Iterator

from openreturns.invariants._exact import shown, total
from openreturns.invariants._parts import Finding, Parts
from openreturns.invariants._rule import Options
from openreturns.models import ExpectedReceipt, Quantity, Return, ReturnLine

__all__ = ["authorization_is_whole", "parcels_are_tracked", "quantities_follow_each_other"]

_EXPLAINS = ("over", "unannounced", "wrong_item")


def quantities_follow_each_other(parts: Parts, _: Options) -> Iterator[Finding]:
    """RT1. Quantities in another unit are left to Q2."""
    for at, line in parts.of(ReturnLine):
        agreed = _counted(line, line.authorized) or line.requested
        coming = _counted(line, line.expected)
        if agreed.value > line.requested.value:
            yield f"{at}/authorized", f"{shown(agreed.value)} authorised of {shown(line.requested.value)} requested"
        if coming is not None and coming.value > agreed.value:
            yield f"{at}/expected", f"{shown(coming.value)} expected of {shown(agreed.value)} agreed"
        yield from _received(at, line, coming or agreed)


def _received(at: str, line: ReturnLine, limit: Quantity) -> Iterator[Finding]:
    receipts = line.receipts or ()
    if any(receipt.quantity.uom != line.requested.uom for receipt in receipts):
        return
    counted = total(receipt.quantity for receipt in receipts)
    stated = _counted(line, line.received)
    if stated is not None and receipts and stated.value != counted:
        yield f"{at}/received", f"{shown(stated.value)} received, the receipts add up to {shown(counted)}"
    came = (stated.value if stated else counted) + total([_counted(line, line.rejected)])
    if came > limit.value and not any(receipt.discrepancy in _EXPLAINS for receipt in receipts):
        what = "received and rejected" if line.rejected else "received"
        yield f"{at}/received", f"{shown(came)} {what} of {shown(limit.value)} expected, and no receipt says over"


def _counted(line: ReturnLine, quantity: Quantity | None) -> Quantity | None:
    return quantity if quantity is not None and quantity.uom == line.requested.uom else None


def parcels_are_tracked(parts: Parts, _: Options) -> Iterator[Finding]:
    """RT3. Who knows no parcels, as version 1.0, still has the number of each."""
    for at, expected in parts.of(ExpectedReceipt):
        known = set(expected.tracking_numbers or ())
        for place, parcel in enumerate(expected.parcels or ()):
            if parcel.tracking_number not in known:
                yield f"{at}/parcels/{place}/trackingNumber", "is not among the tracking numbers"


def authorization_is_whole(parts: Parts, _: Options) -> Iterator[Finding]:
    """RT2."""
    for _at, document in parts.of(Return):
        given = document.authorization
        if given is None:
            continue
        if given.decision == "declined" and given.decline_reason is None:
            yield "/authorization", "a declined return needs a declineReason"
        if (given.decision == "declined") != (document.status == "declined"):
            yield "/status", f"is {document.status}, the decision is {given.decision}"
        if given.expires_at is not None and given.decided_at is not None and given.expires_at < given.decided_at:
            yield "/authorization/expiresAt", "is before the decision"
