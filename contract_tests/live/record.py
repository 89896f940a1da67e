"""Record anew, at real servers, the cassettes that verbs.toml of our live adapters names: make record."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from live.base_data import password
from live.servers import ADMIN, Roundup, Tryton, prepared_database, prepared_tracker, running
from live.shop import Shop
from openreturns.testing import candidate
from openreturns.testing._tapes import act
from openreturns.testing.cassettes import recording

TESTS = Path(__file__).parents[1]


def recorded(name: str, connection: Mapping[str, str], seed: Mapping[str, str]) -> None:
    """Do what each row says at a real system, and keep what was said."""
    ours = candidate(name, TESTS / name)
    for row in ours.evidence.verbs["cassette"]:
        told = {**row, "seed": {**row.get("seed", {}), **seed}}
        path, more = TESTS / name / row["file"], {key: row.get(key, ()) for key in ("personal", "paths", "volatile")}
        with recording(path, adapter=ours.configured, story=row["story"], **more):
            act(ours, told, connection)
        print(f"{path.relative_to(TESTS.parent)}: seed {dict(seed)}, address {connection['base_url']}")


def main() -> None:
    """Start both servers and record at each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        tracker: Any = stack.enter_context(running(Roundup(folder / "tracker", prepared_tracker())))
        recorded("roundup", {"base_url": tracker.url, "login": ADMIN[0], "password": ADMIN[1]}, {})
        server: Any = stack.enter_context(running(Tryton(folder / "tryton", prepared_database())))
        database = server.database("recorded")
        sold = Shop(server.user(database, "integration"), server.ids).sell(("pump", "50", "120.5"))
        connection = {
            "base_url": f"{server.url}/{database}",
            "login": "integration",
            "password": password("integration"),
            "application_key": server.ids["keys"]["integration"],
        }
        recorded("tryton", connection, {"sale": sold.number, "line": str(sold.lines[0])})


if __name__ == "__main__":
    main()
