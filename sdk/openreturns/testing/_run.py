"""Run checks over an adapter and say of each case how it ended."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from importlib.metadata import version
from typing import Literal

from openreturns._json import dump
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import LEVELS, Case, Check, CheckFailure, Inapplicable, Level, NoEvidence
from openreturns.testing._checks import CHECKS
from openreturns.testing._smallest import raised

__all__ = ["Report", "Result", "cases_of", "chosen", "run", "tried"]

Ending = Literal["passed", "failed", "not run", "not applicable"]

_DOCUMENT = 1_200  # characters of a failing document that are shown


@dataclass(frozen=True, slots=True)
class Result:
    """How one case of one check ended, and if it did not pass, why."""

    check: Check
    case: str
    ending: Ending
    why: str = ""
    failure: CheckFailure | None = field(default=None, repr=False)

    def told(self, candidate: Candidate) -> str:
        """Return what a person has to know: the check, both places, the value, the document, the fix, the command."""
        failure = self.failure
        lines = [f"{candidate.name} fails {self.check.id} ({self.case}): {self.check.says}"]
        rows: list[tuple[str, str]] = [("found", self.why)]
        if failure is not None:
            rows += [("canonical", failure.canonical or "-"), ("vendor", failure.native or "-")]
            rows += [("value", _shown(failure.value))] if failure.value is not None else []
            rows += [("document", _shown(failure.document))] if failure.document is not None else []
        rows += [("fix", self.check.fix), ("again", self.again(candidate))]
        return "\n".join([*lines, *(f"  {name:<10}{text}" for name, text in rows)])

    def again(self, candidate: Candidate) -> str:
        """Return the command that runs this case again."""
        words = ["openreturns", "contract", candidate.name, "--check", self.check.id, "--select", self.case]
        folder = candidate.evidence.folder
        words += ["--evidence", str(folder)] if folder else []
        words += ["--seed", str(candidate.seed), "--cases", str(candidate.cases)]
        return shlex.join(words)


def _shown(value: object) -> str:
    try:
        text = dump(value).decode("utf-8")
    except (TypeError, ValueError):
        text = repr(value)
    return text if len(text) <= _DOCUMENT else f"{text[:_DOCUMENT]}... ({len(text)} characters)"


@dataclass(frozen=True)
class Report:
    """What became of all cases of one adapter, up to the level that was asked for."""

    candidate: Candidate
    level: Level
    results: Sequence[Result]

    @property
    def failed(self) -> list[Result]:
        """The cases that failed."""
        return [result for result in self.results if result.ending == "failed"]

    def reached(self) -> Level | None:
        """Return the highest level of which, and of those below, every check ran and passed; None for none.

        A check that did not run is no pass. One that the adapter's own manifest says it has nothing for does not
        count, as long as some other check of the level passed.
        """
        reached: Level | None = None
        for level in LEVELS[: LEVELS.index(self.level) + 1]:
            endings = {result.ending for result in self.results if result.check.level == level}
            if "passed" not in endings or endings & {"failed", "not run"}:
                break
            reached = level
        return reached

    @property
    def versions(self) -> dict[str, str]:
        """What was held against what: the version of the schemas, of the vendor's API, and of the kit."""
        documents = {mapping.canonical for mapping in self.candidate.mappings}
        return {
            "schema": _schema_version(documents),
            "vendor_api": str(self.candidate.manifest["api_version"]),
            "openreturns": version("openreturns"),
        }


def _schema_version(documents: Iterable[str]) -> str:
    from openreturns._schemas import folder

    return folder().name


def chosen(level: Level, ids: Sequence[str] = ()) -> tuple[Check, ...]:
    """Return the checks up to a level, or those of some ids. Raises KeyError for an id there is not."""
    if ids:
        return tuple(CHECKS[one] for one in ids)
    upto = LEVELS[: LEVELS.index(level) + 1]
    return tuple(check for check in CHECKS.values() if check.level in upto)


def cases_of(candidate: Candidate, check: Check) -> list[Case] | Result:
    """Return the cases of a check, or how it ends for want of any."""
    try:
        found = list(check.over(candidate))
    except Inapplicable as reason:
        return Result(check, "", "not applicable", str(reason))
    except NoEvidence as reason:
        return Result(check, "", "not run", str(reason))
    except ImportError as error:
        return Result(check, "", "not run", _not_installed(error))
    return found or Result(check, "", "not run", "there is nothing to run it over")


def tried(candidate: Candidate, check: Check, case: Case) -> Result:
    """Run one case."""
    try:
        check.prove(candidate, *case.given)
    except CheckFailure as failure:
        return Result(check, case.name, "failed", failure.said, failure)
    except NoEvidence as reason:
        return Result(check, case.name, "not run", str(reason))
    except ImportError as error:
        return Result(check, case.name, "not run", _not_installed(error))
    except Exception as error:  # noqa: BLE001 - whatever the adapter raises is the adapter's
        told = raised(error)
        return Result(check, case.name, "failed", told.said, told)
    return Result(check, case.name, "passed")


def _not_installed(error: ImportError) -> str:
    return f"something that it needs is not installed: {error}"


def run(
    candidate: Candidate, level: Level = "vendor", *, ids: Sequence[str] = (), select: str = "*"
) -> Iterator[Result]:
    """Yield how each case of each check ends: those up to a level, or of some ids, whose names match."""
    for check in chosen(level, ids):
        found = cases_of(candidate, check)
        if isinstance(found, Result):
            yield found
            continue
        yield from (tried(candidate, check, case) for case in found if fnmatchcase(case.name, select))
