"""What the live tests share: one server of each kind, and a copy of the prepared data for each test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from live.servers import Roundup, Tryton, prepared_database, prepared_tracker, running

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
def tracker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Roundup]:
    with running(Roundup(tmp_path_factory.mktemp("roundup") / "tracker", prepared_tracker())) as server:
        yield server
