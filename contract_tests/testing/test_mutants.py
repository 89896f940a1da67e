"""The kit finds defects: each one that is planted is found by the check that should find it."""

from __future__ import annotations

import re
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
    _tells_what_a_person_has_to_know(failed, candidate)
    FOUND[mutant.name] = (mutant.name, mutant.adapter, mutant.killer, failed.why.splitlines()[0][:80])


def _tells_what_a_person_has_to_know(failed: Result, candidate: Candidate) -> None:
    """Check, both places, value, smallest document, fix, and one command; of what there is no document, none."""
    check, failure, said = failed.check, failed.failure, failed.told(candidate)
    told = dict(ROW.findall(said))
    assert said.startswith(f"{candidate.name} fails {check.id} ({failed.case}): {check.says}")
    assert told["fix"] == check.fix
    assert f"contract {candidate.name} --check {check.id} --select" in told["again"]
    assert told["again"].endswith("--seed 0 --cases 100")
    assert failure is not None
    if check.id in OF_A_FIELD:
        assert failure.canonical or failure.native
        assert check.id in ONE_PLACE or (failure.canonical and failure.native), said
        assert "value" in told or check.id in NO_VALUE
    if check.id in OF_A_DOCUMENT:
        assert told["document"]


ROW = re.compile(r"^  (found|canonical|vendor|value|document|fix|again) +(.+)$", re.MULTILINE)
OF_A_DOCUMENT = {
    *("CANONICAL_FIELDS_KEPT", "VENDOR_FIELDS_KEPT", "LOSSES_TOLD", "LOSSES_TRUE", "ENGINES_AGREE", "RECORDS_READ"),
    *(
        "RECORDS_WRITTEN",
        "DOCUMENTS_RETURN",
        "RECORDS_RETURN",
        "WORDS_UNKNOWN_TOLD",
        "FIELDS_UNKNOWN_TOLD",
        "ANY_TAKEN",
    ),
    *("FIELDS_MISSING_TAKEN", "NULLS_TAKEN", "LISTS_EMPTY_TAKEN", "DIGITS_KEPT", "SIGNS_KEPT", "CURRENCIES_KEPT"),
    *("MOMENTS_KEPT", "UNITS_KEPT", "LOTS_REFUSED", "PERSONAL_HIDDEN", "TRANSLATION_REPEATABLE"),
    *("TRANSLATION_SHAREABLE", "CODECS_REVERSIBLE", "TAPES_READ"),
}
OF_A_FIELD = OF_A_DOCUMENT - {"ANY_TAKEN", "TAPES_READ"}  # what breaks may be about the whole document
# A field that is lost reaches no other place, and one that nobody knows comes from none.
ONE_PLACE = {"LOSSES_TOLD", "LOSSES_TRUE", "FIELDS_UNKNOWN_TOLD"}

NO_VALUE = {"FIELDS_MISSING_TAKEN", "NULLS_TAKEN"}  # none is what is wrong


def test_there_are_enough_defects_and_each_has_its_own_name() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 40


def test_every_check_finds_some_defect() -> None:
    beyond = {check.id for check in CHECKS.values() if check.level == "live"}  # a real system is not in the suite
    assert set(CHECKS) - beyond == {mutant.killer for mutant in MUTANTS}
