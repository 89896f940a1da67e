"""What a team sets in `[tool.openreturns.breaking]` of its pyproject.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from openreturns.compat._rules import CATEGORIES, RULES, Severity
from openreturns.errors import MappingError

__all__ = ["Accepted", "Settings", "load_settings"]

_CHOICES: Final = {
    "compat": ("backward", "forward", "full"),
    "reader": ("strict", "tolerant"),
    "formats": ("assertion", "annotation"),
}
_SEVERITIES: Final = ("error", "warn", "info", "off")


@dataclass(frozen=True, slots=True)
class Accepted:
    """A finding a team lives with: by fingerprint, for a reason, until a day."""

    fingerprint: str
    reason: str
    expires: date


@dataclass(frozen=True, slots=True)
class Settings:
    """How a comparison is made and judged.

    `use` and `leave_out` (`except` in the file) name rules or categories; `severity` sets that of a rule. A
    format is an assertion unless `formats` says it only tells people something.
    """

    compat: str = "backward"
    reader: str = "strict"
    formats: str = "assertion"
    use: tuple[str, ...] = ("VALIDITY", "MEANING", "VERSION")
    leave_out: tuple[str, ...] = ()
    severity: Mapping[str, str] = field(default_factory=dict)
    accepted: tuple[Accepted, ...] = ()
    where: str = ""

    def severity_of(self, rule: str) -> Severity | None:
        """Return how much a finding of a rule weighs, None where the rule is not used."""
        record = RULES[rule]
        names = {rule, record.category}
        set_to = self.severity.get(rule, self.severity.get(record.category, record.severity))
        if not names & set(self.use) or names & set(self.leave_out) or set_to == "off":
            return None
        return set_to  # type: ignore[return-value]  # checked when the settings were read


def load_settings(path: Path | None, **given: str | None) -> Settings:
    """Return the settings of a pyproject.toml, or of the nearest one above; `given` are those of a command line.

    Raises MappingError (kind `setting`) for a name nobody knows and for an acceptance without reason or end.
    """
    found = path or next((here for here in _above(Path.cwd()) if here.is_file()), None)
    table: Any = {}
    if found is not None:
        try:
            table = tomllib.loads(found.read_text("utf-8")).get("tool", {}).get("openreturns", {}).get("breaking", {})
        except tomllib.TOMLDecodeError as error:
            raise _wrong(f"{found}: {error}") from None
    table = {**table, **{name: value for name, value in given.items() if value is not None}}
    return _settings(table, str(found) if found is not None else "the command line")


def _above(folder: Path) -> Iterable[Path]:
    return (one / "pyproject.toml" for one in (folder, *folder.parents))


def _settings(table: Mapping[str, Any], where: str) -> Settings:
    known = {*_CHOICES, "use", "except", "severity", "accepted"}
    strange = sorted(table.keys() - known)
    if strange:
        raise _wrong(f"{where}: [tool.openreturns.breaking] has no {strange[0]!r}; it has: {', '.join(sorted(known))}")
    for name, choices in _CHOICES.items():
        if table.get(name, choices[0]) not in choices:
            raise _wrong(f"{where}: {name} is one of {', '.join(choices)}, not {table[name]!r}")
    use, leave_out = (_rules(table.get(key, ()), key, where) for key in ("use", "except"))
    severity = table.get("severity", {})
    if not isinstance(severity, dict):
        raise _wrong(f"{where}: severity is a table of rules")
    _rules(list(severity), "severity", where)
    for rule, value in severity.items():
        if value not in _SEVERITIES:
            raise _wrong(f"{where}: severity of {rule} is one of {', '.join(_SEVERITIES)}, not {value!r}")
    chosen: dict[str, Any] = {name: table[name] for name in _CHOICES if name in table}
    accepted = tuple(_accepted(one, where) for one in table.get("accepted", ()))
    chosen |= {"use": use} if use else {}
    return Settings(**chosen, leave_out=leave_out, severity=severity, accepted=accepted, where=where)


def _rules(names: Any, key: str, where: str) -> tuple[str, ...]:  # noqa: ANN401 - what a file holds
    if not isinstance(names, (list, tuple)):
        raise _wrong(f"{where}: {key} is a list of rules and categories")
    unknown = [name for name in names if name not in RULES and name not in CATEGORIES]
    if unknown:
        raise _wrong(
            f"{where}: {key} names {unknown[0]!r}, neither a rule nor a category; see docs/schema-governance.md"
        )
    return tuple(names)


def _accepted(row: Any, where: str) -> Accepted:  # noqa: ANN401 - what a file holds
    if not isinstance(row, dict) or row.keys() != {"fingerprint", "reason", "expires"}:
        raise _wrong(f"{where}: an accepted finding has a fingerprint, a reason and an end (expires), and nothing else")
    reason, expires = row["reason"], row["expires"]
    if not isinstance(reason, str) or not reason.strip():
        raise _wrong(f"{where}: the accepted finding {row['fingerprint']} has no reason")
    try:
        end = expires if isinstance(expires, date) else date.fromisoformat(str(expires))
    except ValueError:
        raise _wrong(f"{where}: expires of {row['fingerprint']} is a day such as 2026-12-31, not {expires!r}") from None
    return Accepted(str(row["fingerprint"]), reason, end)


def _wrong(why: str) -> MappingError:
    return MappingError(why, kind="setting")
