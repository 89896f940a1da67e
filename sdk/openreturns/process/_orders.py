"""What others do for a return: the replacement orders and vendor claims that it calls for, or calls for no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openreturns.models import DispositionLine, DispositionSplit, ReturnLine
from openreturns.process.policy import Route
from openreturns.process.state import ProcessState

__all__ = ["is_ordered_by_erp", "not_wanted_orders", "replaced", "wanted_orders"]


def is_ordered_by_erp(route: Route) -> bool:
    """Say whether the ERP orders what is sent instead, and not somebody who is told."""
    return bool(route.erp) and route.replacements == "erp"


def replaced(state: ProcessState) -> Iterator[ReturnLine]:
    """Yield the lines of which something is to be sent instead by now."""
    return_ = state.return_
    if return_.status not in {"requested", "declined"} and not state.ending:
        early = return_.type == "replacement_in_advance"
        for line in return_.lines:
            if line.replacement is not None and (early or line.received is not None):
                yield line


def wanted_orders(state: ProcessState) -> Iterator[tuple[str, str, dict[str, object]]]:
    """Yield the replacement orders and vendor claims that a return calls for: kind, subject, what is known of it."""
    for line in replaced(state):
        if line.replacement is not None:
            yield "replacement", line.line_id, line.replacement.to_dict()
    for disposition in state.standing:
        for inspected, split in _splits(disposition.lines):
            if split.disposition.code == "return_to_vendor":
                subject = f"{disposition.meta.document_id}/{inspected.line_id}/{split.split_id}"
                data = {"quantity": split.quantity.to_dict(), "item": inspected.item.to_dict()}
                yield "vendor_claim", subject, data | ({"vendorId": split.vendor.id} if split.vendor else {})


def _splits(lines: Sequence[DispositionLine]) -> Iterator[tuple[DispositionLine, DispositionSplit]]:
    return ((line, split) for line in lines for split in line.splits)


def not_wanted_orders(state: ProcessState, route: Route) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the replacements that were asked for of a return that has ended without goods: line, what is known of it.

    One that the ERP was to order and has not is nobody's to take back.
    """
    status = state.return_.status
    for line in state.return_.lines if status in {"cancelled", "expired"} else ():
        if line.replacement is None or f"replacement/{line.line_id}" not in state.asked:
            continue
        if line.replacement.order is not None or not is_ordered_by_erp(route):
            yield line.line_id, {**line.replacement.to_dict(), "status": status}
