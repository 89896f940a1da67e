"""Several clients at once at one server: nothing is made twice, nothing is lost. `make bench-live` has a hundred."""

from __future__ import annotations

from live.crowd import sold, through
from live.servers import Tryton
from live.shop import Shop

RETURNS = 12


def test_returns_by_four_clients_at_once_are_each_done_once(tryton: Tryton, database: str) -> None:
    rpc = tryton.user(database, "integration")
    shop = Shop(rpc, tryton.ids)
    crowd = through(tryton, database, shop, sold(shop, RETURNS), RETURNS)
    assert crowd.differences() == []
    assert all(len(found) == RETURNS for found in crowd.records.values())
    rpc.close()
