"""By how much a version must be raised for a change, and whether it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from openreturns.compat import versions
from openreturns.compat._decide import Comparison
from openreturns.compat._findings import Finding, Report, fingerprint, message
from openreturns.compat._rules import RULES, Direction
from openreturns.compat._settings import Settings
from openreturns.compat._source import Source, named

__all__ = ["bump", "due"]


def bump(old: Source, new: Source, *, formats: str = "assertion") -> Literal["patch", "minor", "major"]:
    """Return by how much a version must be raised for a change.

    Patch: the same documents are valid. Minor: all that was valid still is, and tolerant readers of the old
    version take what the new one allows. Major: anything else, also where neither was proven.
    """

    def holds(direction: Direction, reader: str) -> bool:
        asked = Settings(compat=direction, reader=reader, formats=formats)
        report = Report(old.label, new.label, asked)
        Comparison(old, new, direction, asked, report).decide()
        return report.answer() == "compatible"

    if not holds("backward", "strict"):
        return "major"
    if holds("forward", "strict"):
        return "patch"
    return "minor" if holds("forward", "tolerant") else "major"


def due(old: Source, new: Source, report: Report) -> None:
    """Hold the versions in the `$id`s of both sides to the change between them."""
    (was, was_at), (now, now_at) = _identified(old), _identified(new)
    used = {rule for rule in ("ID_VERSION_NOT_BUMPED", "VERSION_BUMP_TOO_SMALL") if report.settings.severity_of(rule)}
    if was is None or now is None or not used:
        return
    given = versions.raised(was, now)
    if not given and _contents(old) == _contents(new):
        return
    needed = bump(old, new, formats=report.settings.formats)
    rule = "VERSION_BUMP_TOO_SMALL" if given else "ID_VERSION_NOT_BUMPED"
    if versions.enough(given, needed) or rule not in used:
        return
    before, after = (".".join(map(str, version)) for version in (was, now))
    said = message(RULES[rule].sentence, before, after, f"a {needed} version is due", "told")
    severity = str(report.settings.severity_of(rule))
    finding = Finding(
        rule, severity, "", "", said, report.settings.compat, "told", now_at, "/$id", was_at, before, after
    )  # fmt: skip
    report.findings.append(replace(finding, fingerprint=fingerprint(finding)))


def _identified(source: Source) -> tuple[versions.Version | None, tuple[str, int]]:
    """Return the one version that the `$id`s of a set name, and a file and line where it is named."""
    found: dict[versions.Version, tuple[str, int]] = {}
    for name, text in named(source).items():
        identifier = text.value.get("$id") if isinstance(text.value, dict) else None
        version = versions.version_in(identifier) if isinstance(identifier, str) else None
        if version is not None:
            found.setdefault(version, (source.shown(name), text.line("/$id")))
    return next(iter(found.items())) if len(found) == 1 else (None, ("", 1))


def _contents(source: Source) -> dict[str, object]:
    return {name: text.value for name, text in named(source).items()}
