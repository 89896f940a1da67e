"""What the live tests share: one server of each kind, and a copy of the prepared data for each test."""

from __future__ import annotations

import itertools
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from live.connect import roundup_client, tryton_client
from live.servers import ADMIN, Roundup, Tryton, prepared_database, prepared_tracker, running
from live.shop import Shop
from live.verbs import Clients

HERE = Path(__file__).parent
_numbers = itertools.count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.live)


@pytest.fixture(scope="session")
def tryton(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tryton]:
    with running(Tryton(tmp_path_factory.mktemp("tryton") / "server", prepared_database())) as server:
        yield server


@pytest.fixture
def database(tryton: Tryton) -> Iterator[str]:
    name = tryton.database(f"t{next(_numbers)}")
    yield name
    tryton.drop(name)


@pytest.fixture(scope="session")
def tracker() -> Iterator[Roundup]:
    # Not below pytest's folder, which nobody else may enter.
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Roundup(Path(folder) / "tracker", prepared_tracker())) as server,
    ):
        yield server


@pytest.fixture
def desk(tracker: Roundup) -> Iterator[httpx.Client]:
    """The tracker as a person's client sees it."""
    with httpx.Client(base_url=f"{tracker.url}/rest/data/", auth=ADMIN) as found:
        yield found


@pytest.fixture
def clients(tryton: Tryton, database: str, tracker: Roundup, desk: httpx.Client) -> Iterator[Clients]:
    with ExitStack() as stack:
        erp, wms = (stack.enter_context(tryton_client(tryton, database, role)) for role in ("erp", "wms"))
        crm = stack.enter_context(roundup_client(tracker))
        rpc = tryton.user(database, "integration")
        yield Clients(erp, wms, Shop(rpc, tryton.ids), crm, desk)
        rpc.close()
