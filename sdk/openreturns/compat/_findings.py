"""What a comparison found: verdicts, findings, and what of them a team lives with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Final, Literal, TypeAlias

from openreturns.compat._rules import Direction
from openreturns.compat._settings import Settings

__all__ = ["MISSING", "PROVEN", "Answer", "Finding", "Report", "Verdict", "accept", "fingerprint", "message", "once"]

Answer: TypeAlias = Literal["compatible", "breaking", "undecided"]
MISSING: Final = object()
PROVEN = "; makes no document invalid"
"""What the message of a finding ends with whose outcome is `holds`; its rule may count it as an error all the same."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for one document in one direction; `witness` is a document that is no longer valid."""

    document: str
    direction: Direction
    answer: Answer
    witness: object = MISSING

    @property
    def shown(self) -> bool:
        """Whether a document shows it."""
        return self.witness is not MISSING


@dataclass(frozen=True, slots=True)
class Finding:
    """One change under its rule, as one direction sees it.

    `outcome` is `breaks` (shown by `witness`, or by its rule alone), `holds` (proven harmless), `undecided`, or
    `told` where schemas decide nothing. `where` is file and line of the new schema, `pointer` the place in that
    file; what is gone is found at `was_where`.
    """

    rule: str
    severity: str
    document: str
    at: str
    message: str
    direction: str
    outcome: str
    where: tuple[str, int]
    pointer: str
    was_where: tuple[str, int]
    was: object = None
    now: object = None
    witness: object = MISSING
    accepted: str = ""
    fingerprint: str = ""

    @property
    def shown(self) -> bool:
        """Whether a document shows it."""
        return self.witness is not MISSING

    @property
    def counts(self) -> bool:
        """Whether it makes a run fail."""
        return self.severity == "error" and not self.accepted


@dataclass
class Report:
    """All that a comparison found."""

    old: str
    new: str
    settings: Settings
    verdicts: list[Verdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether any finding is an error that nobody accepted."""
        return any(finding.counts for finding in self.findings)

    def answer(self) -> Answer:
        """Return the verdict on everything together, whatever rules are left out."""
        answers = {verdict.answer for verdict in self.verdicts}
        return "breaking" if "breaking" in answers else "undecided" if "undecided" in answers else "compatible"


def message(sentence: str, was: object, now: object, said: str, outcome: str) -> str:
    change = {
        (True, True): f": {_say(was)} -> {_say(now)}",
        (True, False): f": {_say(was)}",
        (False, True): f": {_say(now)}",
        (False, False): "",
    }[was is not None, now is not None]
    more = f" ({said})" if said else ""
    proven = PROVEN if outcome == "holds" else ""
    return f"{sentence.removesuffix('.')}{change}{more}{proven}".removesuffix(".") + "."


def _say(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_say(inner)}" for key, inner in value.items() if inner is not None) or "nothing"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_say, value[:8])) + (", ..." if len(value) > 8 else "")
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else f"{value}"


def fingerprint(finding: Finding) -> str:
    said = (finding.rule, finding.direction, finding.document, finding.at, repr(finding.was), repr(finding.now))
    return sha256("\n".join(said).encode()).hexdigest()[:12]


def once(findings: list[Finding]) -> list[Finding]:
    """Return each finding once, the graver one of two that say the same."""
    order = {"error": 0, "warn": 1, "info": 2}
    found: dict[object, Finding] = {}
    for one in sorted(findings, key=lambda one: order[one.severity]):
        told = one.outcome == "told"
        found.setdefault((one.rule, one.where, one.pointer, one.at, repr(one.was), "" if told else one.direction), one)
    kept = list(found.values())
    shown = {(one.rule, one.where, one.pointer, one.at) for one in kept if one.outcome != "told"}
    return [one for one in kept if one.outcome != "told" or (one.rule, one.where, one.pointer, one.at) not in shown]


def accept(report: Report, today: date) -> None:
    given = {one.fingerprint: one for one in report.settings.accepted}
    found = {one.fingerprint for one in report.findings}
    for fingerprint in given.keys() - found:
        report.notes.append(f"the accepted finding {fingerprint} is not there any more; take it out")
    for place, one in enumerate(report.findings):
        accepted = given.get(one.fingerprint)
        if accepted is None:
            continue
        if accepted.expires < today:
            report.notes.append(f"the acceptance of {one.fingerprint} ended on {accepted.expires}")
            continue
        report.findings[place] = replace(one, accepted=f"{accepted.reason} (until {accepted.expires})")
