"""The reverse flow, by the process over Tryton as ERP and warehouse, Roundup as service desk, AvaTax's simulator.

Each return ends with the stock, the ledger, the tax and the case as they must be; all four are asked for by clients
of the tests' own, and nothing is taken from our records.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from clients.verbs import Connected, connected
from live.carrying import carried, inline
from live.scenarios import SCENARIOS, Scenario
from live.servers import Tryton
from live.verbs import Clients
from openreturns.testing._at import NO_WAIT


@pytest.fixture(scope="module")
def avatax() -> Iterator[Connected]:
    with connected("avatax", time=NO_WAIT) as found:
        yield found


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_stock_ledger_tax_and_case_end_as_they_must(
    clients: Clients, avatax: Connected, tryton: Tryton, database: str, scenario: Scenario
) -> None:
    number = f"RMA-{uuid.uuid4().hex[:10]}"
    with inline(clients, avatax.client, thrice=scenario.happening == "duplicate") as process:
        ended = carried(process, clients, avatax.api, tryton, database, scenario, number)
    assert ended.differences(scenario) == []
