"""What a tenant says of each installed adapter: settings and entries of code tables, checked and put together."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from openreturns._manifest import SettingRow
from openreturns.errors import MappingError
from openreturns.mapping import CodeTable, Tenant

__all__ = ["GROUP", "adapter_names", "is_needed", "load_tenant", "tenant_of"]

GROUP = "openreturns.adapters"

_SETTING_TYPES = {"integer": int, "string": str, "boolean": bool}


def adapter_names() -> tuple[str, ...]:
    """Return the names of all installed adapters, ours and others'."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def tenant_of(
    adapter: str, settings: Iterable[SettingRow], tables: Mapping[str, Any], given: Mapping[str, Any]
) -> Tenant:
    """Return a tenant of an adapter: what the manifest declares, the adapter's own code tables, and what is given.

    Raises MappingError (kind `setting`) for a setting or table that is not there or is of another form.
    """
    declared = {row["name"]: row for row in settings}
    values: dict[str, Any] = {name: row["default"] for name, row in declared.items() if "default" in row}
    for name, value in given.get("settings", {}).items():
        _check_setting(adapter, name, value, declared)
        values[name] = value
    merged = _merged(adapter, tables, given.get("tables", {}))
    return Tenant(values, {name: CodeTable.load(name, data, system=adapter) for name, data in merged.items()})


def _check_setting(adapter: str, name: str, value: object, declared: Mapping[str, SettingRow]) -> None:
    if name not in declared:
        known = ", ".join(declared) or "none"
        raise MappingError(f"{adapter} has no setting {name!r}; it has: {known}", kind="setting")
    wanted = declared[name]["type"]
    if type(value) is not _SETTING_TYPES[wanted]:
        raise MappingError(f"{adapter} setting {name!r} must be {wanted}", kind="setting")
    known_values = declared[name].get("values", [value])
    if value not in known_values:
        said = f"is one of {', '.join(map(str, known_values))}, not {value!r:.60}"
        raise MappingError(f"{adapter} setting {name!r} {said}", kind="setting")


def _merged(adapter: str, tables: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    merged = dict(tables)
    for name, own in given.items():
        if name not in merged:
            raise MappingError(f"{adapter} has no code table {name!r}; it has: {', '.join(merged)}", kind="setting")
        parts = own if isinstance(own, dict) else {"": own}
        wrong = [
            part for part in parts if part == "" or (part in {"read", "write"} and not isinstance(own[part], dict))
        ]
        if wrong:
            message = f"{adapter} code table {name!r}: read and write are tables of words"
            raise MappingError(message, kind="setting")
        base = merged[name]
        both = {part: {**base.get(part, {}), **own.get(part, {})} for part in ("read", "write")}
        merged[name] = {**base, **own, **both}
    return merged


def is_needed(setting: SettingRow, native: str) -> bool:
    """Return whether a record needs a setting: `required` is true, or names the records (and `client`) that do."""
    required = setting.get("required", False)
    return required is True or (isinstance(required, list) and native in required)


def load_tenant(path: str | Path) -> dict[str, dict[str, Any]]:
    """Return a tenant file: TOML, one table an adapter, in it `settings` and `tables`.

    Give each adapter its own part: `adapter("netsuite", tenant["netsuite"])`. Raises MappingError (kind
    `setting`) for a file that cannot be read, is no TOML, or configures what is not installed.
    """
    try:
        data = tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read the tenant file {path}: {error}", kind="setting") from None
    installed = adapter_names()
    for name, part in data.items():
        if not isinstance(part, dict):
            raise MappingError(f"{path}: {name} is no table such as [adapter.settings]", kind="setting")
        if name not in installed:
            known = ", ".join(installed) or "none"
            raise MappingError(f"{path}: no adapter {name!r} is installed; there are: {known}", kind="setting")
        wrong = sorted(set(part) - {"settings", "tables"})
        wrong += [key for key, inner in part.items() if key not in wrong and not isinstance(inner, dict)]
        if wrong:
            raise MappingError(f"{path}: [{name}] holds the tables settings and tables, not {wrong}", kind="setting")
    return data
