"""How many documents and records the strategies of the contract kit draw in a second."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy
from openreturns import adapter
from openreturns.testing.strategies import cases, records

_DRAWS = 1_000
_ONLY_DRAWING = settings(
    max_examples=_DRAWS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def a_second(strategy: SearchStrategy[Any]) -> float:
    """Return how many values a strategy draws in a second of processor time, for a test that does nothing."""

    @_ONLY_DRAWING
    @given(strategy)
    def draw(_: object) -> None:
        """Do nothing."""

    start = time.process_time()
    draw()
    return _DRAWS / (time.process_time() - start)


def rows() -> Iterator[tuple[str, float, float, bool]]:
    """Yield name, figure, limit and whether the limit is an upper one."""
    yield "whole cases drawn in a second", a_second(cases()), 100, False
    yield "ShipBob's returns drawn in a second", a_second(records(adapter("shipbob"), "return")), 50, False
