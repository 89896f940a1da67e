"""A client that Python programs talk to NetSuite with works with the simulator as with the vendor."""

from __future__ import annotations

from typing import Any

import pytest
from openreturns.sandbox import serving
from openreturns_adapters.netsuite.simulator import simulator
from simulators.peered import told_by

TOLD: dict[str, dict[str, Any]] = {
    "logins": {"wrong": [401, "INVALID_LOGIN"]},
    "records": {
        "transformed": 204,
        "read": ["peer-1", True, True],
        "patched": "from the peer",
        "again": [400, "DUP_RCRD"],
        "misspelled": [400, "INVALID_CONTENT"],
        "missing": [404, "NONEXISTENT_ID"],
        "deleted": None,
    },
    "queries": {"pages": [2, True, 0, 2], "malformed": [400, "INVALID_PARAMETER"], "schema": "object"},
}


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What the client printed."""
    vendor = simulator()
    vendor.vendor.seed()
    with serving([vendor]) as at:
        return told_by("netsuite_client.py", at["netsuite"].removesuffix(vendor.vendor.base))


@pytest.mark.parametrize("what", TOLD)
def test_the_client_is_answered_as_by_the_vendor(what: str, told: dict[str, Any]) -> None:
    assert told[what] == TOLD[what]
