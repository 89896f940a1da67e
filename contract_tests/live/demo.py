"""Returns through a live ERP and service desk: `make demo ERP=tryton`.

Starts Tryton and Roundup on this machine and AvaTax's simulator, carries each kind of return from the request to its
end, and prints what each system holds of it, asked of the system; 1 if two hold something else.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import httpx
from clients.verbs import NO_WAIT, connected
from live.carrying import Ended, carried
from live.connect import roundup_client, tryton_client
from live.scenarios import SCENARIOS, Scenario
from live.servers import ADMIN, Roundup, Tryton, prepared_database, prepared_tracker, running
from live.shop import Shop
from live.verbs import Clients
from tabulate import tabulate


def main() -> int:
    rows: list[list[str]] = []
    wrong: dict[str, list[str]] = {}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(running(Tryton(folder / "tryton", prepared_database())))
        desk = stack.enter_context(running(Roundup(folder / "tracker", prepared_tracker())))
        tax = stack.enter_context(connected("avatax", time=NO_WAIT))
        database = server.database("demo")
        erp, wms = (stack.enter_context(tryton_client(server, database, role)) for role in ("erp", "wms"))
        clients = Clients(
            erp,
            wms,
            Shop(server.user(database, "integration"), server.ids),
            stack.enter_context(roundup_client(desk)),
            stack.enter_context(httpx.Client(base_url=f"{desk.url}/rest/data/", auth=ADMIN)),
        )
        for place, scenario in enumerate(SCENARIOS, 1):
            number = f"RMA-2026-{place:04}"
            ended = carried(clients, tax.client, tax.api, server, database, scenario, number)
            wrong |= {number: problems} if (problems := ended.differences(scenario)) else {}
            rows.append(_row(number, scenario, ended))
            print(f"{number}: {scenario.name}", file=sys.stderr)
    heads = ["RMA", "what happens", "stock at Tryton", "ledger", "credit", "tax", "recorded at AvaTax", "case"]
    print(tabulate(rows, heads, disable_numparse=True))
    for number, problems in wrong.items():
        print(f"- {number}", *problems, sep="\n    ")
    print(f"\n{len(rows)} returns, {len(rows) - len(wrong)} held alike by all systems")
    return 1 if wrong else 0


def _row(number: str, scenario: Scenario, ended: Ended) -> list[str]:
    stock = ", ".join(f"{amount:+f} {sku} {place}" for (place, sku, _), amount in sorted(ended.stock.items()))
    net, tax = (sum(one[at] for one in ended.booked.values()) for at in (0, 1))
    there = sum(sum(one) for one in ended.recorded.values())
    return [number, scenario.name, stock, f"{-ended.back:f}", f"{net}", f"{tax}", f"{there}", ", ".join(ended.cases)]


if __name__ == "__main__":
    sys.exit(main())
