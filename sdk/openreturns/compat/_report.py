"""A report as text, JSON, JUnit XML, annotations of GitHub, or SARIF."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final
from xml.etree import ElementTree

from openreturns.compat._findings import Finding, Report
from openreturns.compat._rules import RULES

__all__ = ["FORMS", "exact_json", "render"]

_WIDEST: Final = 2000  # of a witness on one line; the JSON form has all of it


def render(report: Report, form: str, *, everything: bool = False) -> str:
    """Return a report in one of `FORMS`; findings that only inform are left out unless `everything` is wanted."""
    shown = [one for one in report.findings if everything or one.severity != "info"]
    return FORMS[form](report, shown)


def _text(report: Report, shown: list[Finding]) -> str:
    lines = [line for finding in shown for line in _lines(finding)]
    lines += [f"note: {note}" for note in report.notes]
    return "\n".join([*lines, _summary(report)])


def _lines(finding: Finding) -> Iterator[str]:
    file, line = finding.where
    about = ": ".join(part for part in (finding.document, finding.at) if part)
    weight = "accepted" if finding.accepted else finding.severity
    yield f"{file}:{line}: {weight}: {about}: {finding.rule}: {finding.message} [{finding.fingerprint}]"
    if finding.accepted:
        yield f"    accepted: {finding.accepted}"
    if finding.shown:
        yield f"    {_side(finding.direction)}: {_clipped(finding.witness)}"
    elif finding.outcome == "breaks" and finding.rule != "DOCUMENT_NO_DELETE":
        yield "    no document found that shows this change alone"


def _side(direction: str) -> str:
    return "valid before, refused now" if direction == "backward" else "valid now, refused before"


def _clipped(witness: object) -> str:
    said = exact_json(witness)
    return said if len(said) <= _WIDEST else f"{said[:_WIDEST]}... ({len(said)} characters)"


def _summary(report: Report) -> str:
    count = Counter(finding.severity for finding in report.findings if not finding.accepted)
    accepted = sum(1 for finding in report.findings if finding.accepted)
    said = [
        f"{count[kind]} {name}{'s' * (count[kind] != 1)}" for kind, name in (("error", "error"), ("warn", "warning"))
    ]
    said += [f"{accepted} accepted"] if accepted else []
    answers = Counter(verdict.answer for verdict in report.verdicts)
    documents = ", ".join(
        f"{answers[answer]} {answer}" for answer in ("compatible", "breaking", "undecided") if answers[answer]
    )
    how = report.settings.compat + (", tolerant reader" if report.settings.reader == "tolerant" else "")
    return f"{report.answer()} ({how}): {', '.join(said)}; documents: {documents or 'none'}"


def _data(report: Report, shown: list[Finding]) -> str:
    return exact_json(
        {
            "old": report.old,
            "new": report.new,
            "compat": report.settings.compat,
            "reader": report.settings.reader,
            "formats": report.settings.formats,
            "answer": report.answer(),
            "failed": report.failed,
            "documents": [
                {"document": one.document, "direction": one.direction, "answer": one.answer}
                | ({"witness": one.witness} if one.shown else {})
                for one in report.verdicts
            ],
            "findings": [_row(finding) for finding in shown],
            "notes": report.notes,
        },
        indent=2,
    )


def _row(finding: Finding) -> dict[str, Any]:
    row: dict[str, Any] = {
        "rule": finding.rule,
        "category": RULES[finding.rule].category,
        "severity": finding.severity,
        "direction": finding.direction,
        "outcome": finding.outcome,
        "document": finding.document,
        "at": finding.at,
        "message": finding.message,
        "file": finding.where[0],
        "line": finding.where[1],
        "pointer": finding.pointer,
        "old_file": finding.was_where[0],
        "old_line": finding.was_where[1],
        "fingerprint": finding.fingerprint,
    }
    optional = {"was": finding.was, "now": finding.now, "accepted": finding.accepted or None}
    row |= {name: value for name, value in optional.items() if value is not None}
    return row | ({"witness": finding.witness} if finding.shown else {})


def _junit(report: Report, shown: list[Finding]) -> str:
    verdicts = report.verdicts
    failing = [one for one in shown if one.counts]
    suite = ElementTree.Element(
        "testsuite",
        name=f"{report.old} -> {report.new}",
        tests=str(len(verdicts)),
        failures=str(
            sum(
                1
                for one in verdicts
                if any(f.document == one.document and f.direction == one.direction for f in failing)
            )
        ),
    )
    for verdict in verdicts:
        case = ElementTree.SubElement(suite, "testcase", classname=verdict.direction, name=verdict.document)
        mine = [f for f in failing if f.document == verdict.document and f.direction == verdict.direction]
        if mine:
            failure = ElementTree.SubElement(case, "failure", message=f"{verdict.answer}: {len(mine)} errors")
            failure.text = "\n".join(line for finding in mine for line in _lines(finding))
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True)


_LEVELS: Final = {"error": "error", "warn": "warning", "info": "notice"}


def _github(report: Report, shown: list[Finding]) -> str:
    """Return workflow commands; a file of another commit has no line to be shown at."""
    lines = []
    for one in shown:
        level = "notice" if one.accepted else _LEVELS[one.severity]
        said = "\n".join(_lines(one)).partition(": ")[2]
        file, line = one.where
        place = f"file={_property(file)},line={line},title={one.rule}"
        lines.append(f"::{level} {place}::{_escaped(said)}")
    return "\n".join([*lines, _summary(report)])


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(report: Report, shown: list[Finding]) -> str:
    used = sorted({one.rule for one in shown})
    rules = [{"id": name, "shortDescription": {"text": RULES[name].sentence}} for name in used]
    return exact_json(
        {
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [
                {
                    "tool": {"driver": {"name": "openreturns", "rules": rules}},
                    "results": [_result(one) for one in shown],
                }
            ],
        },
        indent=2,
    )


def _result(finding: Finding) -> dict[str, Any]:
    level = {"error": "error", "warn": "warning", "info": "note"}[finding.severity]
    place = {"artifactLocation": {"uri": finding.where[0]}, "region": {"startLine": finding.where[1]}}
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": level,
        "message": {"text": "\n".join(_lines(finding)).partition(": ")[2]},
        "locations": [
            {"physicalLocation": place, "logicalLocations": [{"fullyQualifiedName": finding.pointer or "/"}]}
        ],
        "partialFingerprints": {"openreturns/v1": finding.fingerprint},
    }
    if finding.accepted:
        result["suppressions"] = [{"kind": "external", "justification": finding.accepted}]
    return result


def exact_json(value: object, *, indent: int | None = None) -> str:
    """Return JSON with every number digit for digit, Decimals among them."""
    numbers: dict[str, str] = {}

    def held(one: object) -> str:
        if isinstance(one, Decimal):
            mark = f"\x00{len(numbers)}\x00"
            numbers[json.dumps(mark)] = format(one, "f") if -30 < one.adjusted() < 30 else str(one)
            return mark
        raise TypeError(f"{type(one).__name__} is not JSON")

    text = json.dumps(value, indent=indent, default=held, ensure_ascii=False)
    for mark, number in numbers.items():
        text = text.replace(mark, number)
    return text


FORMS: Final[Mapping[str, Callable[[Report, list[Finding]], str]]] = {
    "text": _text,
    "json": _data,
    "junit": _junit,
    "github": _github,
    "sarif": _sarif,
}
