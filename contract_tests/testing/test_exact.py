"""What is held apart: a check of exactness passes only where two values were compared, and one of them was taken."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from openreturns.testing import candidate, run
from openreturns.testing._apart import apart

HERE = Path(__file__).parents[1]
APART = "openreturns.testing._exact.apart"
CHECKS = ("DIGITS_KEPT", "SIGNS_KEPT", "CURRENCIES_KEPT", "UNITS_KEPT", "MOMENTS_KEPT")


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("name", ["adobe_commerce", "netsuite"])
def test_what_passes_has_compared_something(name: str, check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    def counted(*given: Any, **more: Any) -> bool:
        nonlocal taken
        found = apart(*given, **more)
        taken += found
        return found

    monkeypatch.setattr(APART, counted)
    for result in run(candidate(name, HERE / name, cases=40), ids=[check]):
        assert (result.ending, taken > 0) == ("passed", True), (result.case, result.why)
        taken = 0


@pytest.mark.parametrize("check", CHECKS)
def test_where_nothing_is_taken_nothing_has_passed(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(APART, lambda *_, **__: False)
    found = list(run(candidate("netsuite", HERE / "netsuite", cases=5), ids=[check]))
    assert {result.ending for result in found} == {"not run"}
    assert all("values.toml needs" in result.why for result in found)


def test_a_number_that_reaches_nothing_is_no_case() -> None:
    """The fees of the warehouse are the only decimals that it tells, and they are ignored."""
    [floats] = run(candidate("shipbob", HERE / "shipbob", cases=5), ids=["FLOATS_UNDERSTOOD"])
    assert (floats.ending, floats.why) == ("not applicable", "no decimal number reaches the other side")
    cases = {result.case for result in run(candidate("shipbob", HERE / "shipbob", cases=5), ids=["DIGITS_KEPT"])}
    assert cases == {"return_create-return.out"}
