"""The checks as tests: what an adapter's test file calls."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from openreturns.testing._candidate import Candidate, candidate
from openreturns.testing._check import Case, Check, Level
from openreturns.testing._run import Result, cases_of, chosen, tried

__all__ = ["contract_suite"]


def contract_suite(
    name: str, *, level: Level = "vendor", folder: Path | None = None, seed: int = 0, cases: int = 25
) -> type[Any]:
    """Return a class of pytest tests: one a case of each check up to a level.

        from openreturns.testing import contract_suite

        TestAcme = contract_suite("acme")

    The evidence is looked for beside the file that calls this, or in `folder`; what is drawn is drawn from `seed`,
    `cases` of each kind. A check without the evidence it
    needs fails: it is not skipped. Raises MappingError for an adapter that is not installed.
    """
    import pytest  # only a test file calls this

    subject = candidate(name, folder or Path(sys._getframe(1).f_code.co_filename).parent, seed=seed, cases=cases)
    rows = [
        pytest.param(check, case, id=f"{check.id}[{case.name}]" if isinstance(case, Case) else check.id)
        for check in chosen(level)
        for case in _cases(subject, check)
    ]

    class Suite:
        @pytest.mark.parametrize(("check", "case"), rows)
        def test_contract(self, check: Check, case: Case | Result) -> None:
            result = tried(subject, check, case) if isinstance(case, Case) else case
            if result.ending != "passed":
                cause = result.failure.__cause__ if result.failure else None
                raise AssertionError(result.told(subject)) from cause

    Suite.__name__ = Suite.__qualname__ = f"Test{name.title().replace('_', '')}"
    Suite.__module__ = sys._getframe(1).f_globals.get("__name__", __name__)
    return Suite


def _cases(subject: Candidate, check: Check) -> list[Case] | list[Result]:
    found = cases_of(subject, check)
    if isinstance(found, list):
        return found
    return [] if found.ending == "not applicable" else [found]
