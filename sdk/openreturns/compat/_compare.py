"""Two sets of schemas compared: a verdict for each document, and every finding with the document that shows it."""

from __future__ import annotations

from datetime import date

from openreturns.compat._decide import Comparison
from openreturns.compat._due import due
from openreturns.compat._findings import Report, accept, once
from openreturns.compat._rules import Direction
from openreturns.compat._settings import Settings
from openreturns.compat._source import Source

__all__ = ["compare"]


def compare(old: Source, new: Source, settings: Settings | None = None, *, today: date | None = None) -> Report:
    """Return what a change from one set of schemas to another breaks.

    BACKWARD asks whether everything valid under `old` is valid under `new`, FORWARD the reverse, FULL both. With a
    tolerant reader, the side that reads takes members nobody has heard of. Raises ContractError as `read_set`.
    """
    chosen = settings or Settings()
    report = Report(old.label, new.label, chosen)
    directions: tuple[Direction, ...] = ("backward", "forward")
    for direction in directions:
        if chosen.compat in (direction, "full"):
            Comparison(old, new, direction, chosen, report).run()
    due(old, new, report)
    report.findings = once(report.findings)
    accept(report, today or date.today())  # noqa: DTZ011 - an acceptance ends with a day, wherever one is
    order = {"error": 0, "warn": 1, "info": 2}
    report.findings.sort(key=lambda one: (order[one.severity], one.where, one.at, one.rule))
    return report
