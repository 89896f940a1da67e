"""The servers that simulators' tests share: starting one takes longer than a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from simulators.netsuite_account import Served, served, theatre


@pytest.fixture(scope="session")
def netsuite_stage() -> Iterator[None]:
    with theatre():
        yield


@pytest.fixture
def netsuite(netsuite_stage: None) -> Iterator[Served]:
    with served() as one:
        yield one
