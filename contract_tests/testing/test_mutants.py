"""The kit finds defects: each one that is planted is found by the check that should find it."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

import pytest
from openreturns import adapter
from openreturns.testing import CHECKS, Candidate, Evidence, Result
from openreturns.testing._run import cases_of, tried
from tabulate import tabulate
from testing.mutants import MUTANTS
from testing.planting import Mutant

TESTS = Path(__file__).parents[1]
RUNS = 4  # a defect that is there shows at once; the suites of the adapters look longer
FOUND: dict[str, tuple[str, str, str, str]] = {}


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Print who found what, with `pytest -s`."""
    yield
    print()
    print(tabulate(FOUND.values(), headers=("defect", "adapter", "found by", "which says")))


@cache
def sound(name: str, killer: str, select: str) -> bool:
    """Whether the adapter as it is passes what a planted defect must not."""
    candidate = Candidate(adapter(name), Evidence(name, TESTS / name))
    found = list(results(candidate, killer, select))
    return bool(found) and all(one.ending == "passed" for one in found)


def results(candidate: Candidate, killer: str, select: str) -> Iterator[Result]:
    check = CHECKS[killer]
    found = cases_of(candidate, check)
    if isinstance(found, Result):
        yield found
        return
    yield from (tried(candidate, check, case) for case in found if fnmatchcase(case.name, select))


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_planted_defect_is_found_by_its_check(mutant: Mutant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openreturns.testing._done.RUNS", RUNS)
    assert sound(mutant.adapter, mutant.killer, mutant.select)
    planted = mutant.plant(adapter(mutant.adapter), monkeypatch)
    candidate = Candidate(planted, Evidence(mutant.adapter, TESTS / mutant.adapter))
    failed = next((one for one in results(candidate, mutant.killer, mutant.select) if one.ending == "failed"), None)
    assert failed is not None, f"{mutant.killer} does not find it"
    said = failed.told(candidate)
    assert mutant.killer in said
    assert f"--check {mutant.killer}" in said
    FOUND[mutant.name] = (mutant.name, mutant.adapter, mutant.killer, failed.why.splitlines()[0][:80])


def test_there_are_enough_defects_and_each_has_its_own_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40


def test_every_check_finds_some_defect() -> None:
    beyond = {check.id for check in CHECKS.values() if check.level == "live"}  # a real system is not in the suite
    assert set(CHECKS) - beyond == {mutant.killer for mutant in MUTANTS}
