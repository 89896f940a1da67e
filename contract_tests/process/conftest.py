"""What tests of the process share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from process import postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a new database, of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/returns.sqlite"
        return
    with postgres.running() as server:
        yield server.database()
