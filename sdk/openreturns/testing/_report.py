"""What became of an adapter's checks, for people, for CI, and for its page: table, JUnit, JSON, Markdown, badge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from tabulate import tabulate

from openreturns.testing._check import LEVELS
from openreturns.testing._run import Report, Result

__all__ = ["badge", "data", "junit", "page", "summary"]

_WORST = ("failed", "not run", "not applicable", "passed")
_COLOURS = {"live": "#2c7a4b", "vendor": "#3f9d63", "documents": "#b58900", "none": "#b3361e"}


def _by_check(report: Report) -> dict[str, list[Result]]:
    found: dict[str, list[Result]] = {}
    for result in report.results:
        found.setdefault(result.check.id, []).append(result)
    return found


def _worst(results: Sequence[Result]) -> Result:
    return min(results, key=lambda result: _WORST.index(result.ending))


def _passed(results: Sequence[Result]) -> str:
    return f"{sum(result.ending == 'passed' for result in results)}/{len(results)}"


def summary(report: Report) -> list[dict[str, object]]:
    """Return a row a check: how many of its cases passed, and if not all, how the worst of them ended and why."""
    rows: list[dict[str, object]] = []
    for name, results in _by_check(report).items():
        worst = _worst(results)
        why = worst.why.splitlines()[0][:60] if worst.why else ""
        level, passed = worst.check.level, _passed(results)
        rows.append({"check": name, "level": level, "passed": passed, "": worst.ending, "why": why})
    return rows


def data(report: Report) -> dict[str, Any]:
    """Return the whole report as plain data: the versions, the level reached, every case."""
    return {
        "adapter": report.candidate.name,
        "versions": report.versions,
        "asked": report.level,
        "reached": report.reached(),
        "cases": [_case(result, report) for result in report.results],
    }


def _case(result: Result, report: Report) -> dict[str, Any]:
    told: dict[str, Any] = {"check": result.check.id, "level": result.check.level, "case": result.case}
    told |= {"ending": result.ending, **({"why": result.why} if result.why else {})}
    failure = result.failure
    if failure is not None:
        told |= {"canonical": failure.canonical, "native": failure.native, "value": str(failure.value)}
        told |= {"fix": result.check.fix, "again": result.again(report.candidate)}
    return told


def junit(report: Report) -> str:
    """Return the report as JUnit XML: a case that did not run is an error, one that does not apply is skipped."""
    suite = ElementTree.Element("testsuite", name=f"openreturns contract {report.candidate.name}")
    count = Counter(result.ending for result in report.results)
    suite.attrib |= {"tests": str(len(report.results)), "failures": str(count["failed"])}
    suite.attrib |= {"errors": str(count["not run"]), "skipped": str(count["not applicable"])}
    for result in report.results:
        at = f"{report.candidate.name}.{result.check.level}.{result.check.id}"
        case = ElementTree.SubElement(suite, "testcase", classname=at, name=result.case or result.check.id)
        kind = {"failed": "failure", "not run": "error", "not applicable": "skipped"}.get(result.ending)
        if kind:
            said = ElementTree.SubElement(case, kind, message=result.why.splitlines()[0] if result.why else "")
            said.text = result.told(report.candidate) if result.failure else result.why
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode") + "\n"


def page(report: Report) -> str:
    """Return the adapter's conformance page in Markdown."""
    candidate, versions = report.candidate, report.versions
    lines = [f"# {candidate.manifest['title']}: what is proven", ""]
    lines += [f"Level **{report.reached() or 'none'}**: canonical schema {versions['schema']},"]
    lines += [f"{candidate.manifest['title']} {versions['vendor_api']}, openreturns {versions['openreturns']}.", ""]
    for level in LEVELS:
        rows = [
            [
                name,
                results[0].check.says,
                f"{sum(one.ending == 'passed' for one in results)}/{len(results)}",
                _end(results),
            ]
            for name, results in _by_check(report).items()
            if results[0].check.level == level
        ]
        if rows:
            lines += [f"## Level {level}", ""]
            lines += [tabulate(rows, headers=("check", "proves", "passed", ""), tablefmt="github"), ""]
    return "\n".join(lines)


def _end(results: Sequence[Result]) -> str:
    worst = _worst(results)
    return worst.ending if worst.ending in {"passed", "failed"} else f"{worst.ending}: {worst.why}"


def badge(report: Report) -> str:
    """Return an SVG badge: the level reached, and of which versions of schema and vendor API."""
    level, versions = report.reached() or "none", report.versions
    parts = ((f"openreturns {versions['schema']}", "#44515c"), (f"{level} · {versions['vendor_api']}", _COLOURS[level]))
    shapes, left = [], 0
    for text, colour in parts:
        width = 7 * len(text) + 14
        shapes += [f'<rect x="{left}" width="{width}" height="20" fill="{colour}"/>']
        shapes += [f'<text x="{left + width / 2:g}" y="14" text-anchor="middle">{text}</text>']
        left += width
    said = f"{report.candidate.name}: level {level}"
    style = 'fill="#fff" font-family="Verdana,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left}" height="20" role="img" aria-label="{said}">'
        f"<title>{said}</title><g {style}>{''.join(shapes)}</g></svg>\n"
    )
