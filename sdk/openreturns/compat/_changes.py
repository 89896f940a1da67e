"""What changed from one version to another, document by document, and by how much the version must be raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openreturns.compat._compare import compare
from openreturns.compat._due import bump
from openreturns.compat._findings import PROVEN, Finding
from openreturns.compat._rules import RULES
from openreturns.compat._settings import Settings
from openreturns.compat._source import Source

__all__ = ["Changes", "changes"]

_SAID = {"major": "breaks readers or writers", "minor": "adds; tolerant readers go on", "patch": "changes no document"}


@dataclass
class Changes:
    """The changes of a set of schemas by document, and the size of the version they ask for."""

    old: str
    new: str
    needed: str
    documents: dict[str, list[Finding]] = field(default_factory=dict)

    def markdown(self) -> str:
        """Return a section for a changelog; a line that breaks begins with **Breaking**."""
        lines = [f"### Schemas: a {self.needed} version ({_SAID[self.needed]})", ""]
        for document, found in self.documents.items():
            lines += [f"- `{document}`" if document else "- All documents", *(f"  - {_line(one)}" for one in found)]
        return "\n".join(lines if self.documents else [*lines, "- Nothing changed."])


def _line(one: Finding) -> str:
    broken = "**Breaking** " if one.outcome in {"breaks", "undecided"} and one.direction == "backward" else ""
    told = (
        RULES[one.rule].sentence if one.rule == "DESCRIPTION_CHANGED" else one.message
    )  # words are long, and no change
    said = told.replace(PROVEN, "")
    return f"{broken}{f'`{one.at}`: ' if one.at else ''}{said}"


def changes(old: Source, new: Source) -> Changes:
    """Return what changed. Raises ContractError as `compare`."""
    report = compare(old, new, Settings("full", use=("VALIDITY", "MEANING")))
    told: dict[str, list[Finding]] = {}
    for one in _each_once(report.findings):
        told.setdefault(one.document, []).append(one)
    order = sorted(told)
    return Changes(old.label, new.label, bump(old, new), {name: sorted(told[name], key=_place) for name in order})


def _each_once(findings: list[Finding]) -> Iterator[Finding]:
    """Yield each change once, as the direction sees it in which it breaks, or else backward."""
    grave = {"breaks": 0, "undecided": 1, "holds": 2, "told": 3}
    seen: set[tuple[str, ...]] = set()
    for one in sorted(
        findings, key=lambda one: (one.direction != "backward" and one.outcome != "breaks", grave[one.outcome])
    ):
        key = (one.rule, one.document, one.at, repr(one.was), repr(one.now))
        if key not in seen:
            seen.add(key)
            yield one


def _place(one: Finding) -> tuple[str, str]:
    return one.at, one.rule
