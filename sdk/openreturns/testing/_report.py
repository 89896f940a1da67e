"""A report as a table."""

from __future__ import annotations

from collections import Counter

from openreturns.testing._run import Report

__all__ = ["summary"]


def summary(report: Report) -> list[dict[str, object]]:
    """Return a row a check: how many of its cases passed, and if not all, how the worst of them ended and why."""
    rows: dict[str, dict[str, object]] = {}
    for check_id in dict.fromkeys(result.check.id for result in report.results):
        results = [result for result in report.results if result.check.id == check_id]
        count = Counter(result.ending for result in results)
        worst = next(e for e in ("failed", "not run", "not applicable", "passed") if count[e])
        why = next((result.why for result in results if result.ending == worst), "")
        rows[check_id] = {
            "check": check_id,
            "level": results[0].check.level,
            "passed": f"{count['passed']}/{len(results)}",
            "": worst,
            "why": why.splitlines()[0][:60] if why else "",
        }
    return list(rows.values())
