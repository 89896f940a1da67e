"""The vendor's own client for Python works with the simulator as with the vendor."""

from __future__ import annotations

from typing import Any

import pytest
from openreturns.sandbox import serving
from openreturns_adapters.avatax.simulator import simulator
from simulators.peered import told_by

TOLD: dict[str, dict[str, Any]] = {
    "logins": {"ping": True, "wrong": False, "refused": [401, "AuthenticationException"]},
    "documents": {
        "created": [201, "Committed", "peer/INV+1"],
        "read": [True, True, True],
        "again": [400, "TransactionIsCommitted"],
        "missing": [404, "EntityNotFoundError"],
    },
    "returns": {
        "returned": ["Committed", True, True],
        "refunded": [201, "ReturnInvoice", True],
        "voided": [200, "Cancelled"],
        "voided again": 400,
    },
    "drafts": {"saved": "Saved", "committed": "Committed", "adjusted": [201, 2], "listed": True},
    "wrong": {"no lines": [400, "MissingLine"]},
}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the client printed."""
    vendor = simulator()
    vendor.vendor.seed()
    with serving([vendor]) as at:
        return told_by("avatax_client.py", at["avatax"].removesuffix(vendor.vendor.base))


@pytest.mark.parametrize("what", TOLD)
def test_the_client_is_answered_as_by_the_vendor(what: str, told: dict[str, Any]) -> None:
    assert told[what] == TOLD[what]
