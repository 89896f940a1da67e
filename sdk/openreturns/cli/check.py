"""`openreturns check`: the one line of a team's CI that tells what changed under its adapters."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from openreturns import _schemas
from openreturns.adapters import Adapter, adapter, adapter_names, load_tenant
from openreturns.cli._help import examples
from openreturns.errors import MappingError, OpenReturnsError

if TYPE_CHECKING:
    from openreturns.impact import Impact

__all__ = ["check"]

_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)
_KEYS = frozenset({"schemas", "adapters", "tenant", "vendors", "breaking"})
_VENDOR_KEYS = frozenset({"adapter", "contract", "snapshot", "records"})


@click.command(
    epilog=examples(
        "check",
        "check --pin 1.0.0 shipbob",
        "check shipbob --vendor new-openapi.yaml --snapshot old-openapi.yaml --record return=ReturnOrder",
        more="Exit codes: 0 nothing breaks, 100 something does, 1 it could not be checked.",
    )
)
@click.argument("adapters", nargs=-1)
@click.option("--pin", help="The version of the contract that you build on; else that of pyproject.toml.")
@click.option("--vendor", help="The vendor's new contract: OpenAPI, JSON Schema, GraphQL; file, folder or COMMIT:PATH.")
@click.option("--snapshot", help="The vendor's contract as it was; else the adapter's own.")
@click.option("--record", "records", multiple=True, help="RECORD=COMPONENT, where fields do not tell; may be repeated.")
@click.option("--tenant", type=_PATH, help="Settings and code tables, TOML.")
@click.option("--config", type=_PATH, help="A pyproject.toml; else the nearest one.")
@click.option("--form", type=click.Choice(["text", "json", "github"]), default="text", help="How it is told.")
@click.option("--json", "form", flag_value="json", help="The same as --form json.")
def check(
    adapters: tuple[str, ...],
    pin: str | None,
    vendor: str | None,
    snapshot: str | None,
    records: tuple[str, ...],
    tenant: Path | None,
    config: Path | None,
    form: str,
) -> None:
    """Tell what breaks: between your pinned contract and the installed one, in your mappings, at a vendor.

    Without names, all adapters of pyproject.toml, or all installed ones. A table `[tool.openreturns]` there may say
    what the options say, for several vendors at once: see docs/schema-governance.md.
    """
    try:
        settings = _settings(config)
        chosen = adapters or tuple(settings.get("adapters", ())) or adapter_names()
        given = load_tenant(tenant or _beside(settings, "tenant")) if tenant or "tenant" in settings else {}
        ours = {name: adapter(name).configure(given.get(name)) for name in chosen}
        found = [*_pinned(ours, pin or settings.get("schemas", _schemas.VERSION))]
        for row in _vendors(settings, chosen, vendor, snapshot, records):
            found += _vendor(ours, row)
    except OpenReturnsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    failed = any(one.severity == "error" for one in found)
    click.echo(_FORMS[form](found))
    sys.exit(100 if failed else 0)


def _settings(path: Path | None) -> dict[str, Any]:
    here = Path.cwd()
    found = path or next(
        (one / "pyproject.toml" for one in (here, *here.parents) if (one / "pyproject.toml").is_file()), None
    )
    if found is None:
        return {}
    try:
        table = tomllib.loads(found.read_text("utf-8")).get("tool", {}).get("openreturns", {})
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"{found}: {error}", kind="setting") from None
    strange = sorted(table.keys() - _KEYS)
    if strange:
        raise MappingError(
            f"{found}: [tool.openreturns] has no {strange[0]!r}; it has: {', '.join(sorted(_KEYS))}", kind="setting"
        )
    for row in table.get("vendors", ()):
        wrong = sorted(row.keys() - _VENDOR_KEYS) or [key for key in ("adapter", "contract") if key not in row]
        if wrong:
            known = "adapter and contract, and may have snapshot and records"
            message = f"{found}: a row of [[tool.openreturns.vendors]] has {known}; see {wrong[0]!r}"
            raise MappingError(message, kind="setting")
    return {**table, "": found.parent}


def _beside(settings: Mapping[str, Any], key: str) -> Path:
    path: Path = settings[""] / settings[key]
    return path


def _vendors(
    settings: Mapping[str, Any],
    chosen: tuple[str, ...],
    vendor: str | None,
    snapshot: str | None,
    records: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    """Yield what is to be compared: the vendor of the command line, or those of the project."""
    if vendor is None:
        if snapshot or records:
            raise MappingError("--snapshot and --record are about --vendor", kind="setting")
        yield from (row for row in settings.get("vendors", ()) if row["adapter"] in chosen)
        return
    if len(chosen) != 1:
        raise MappingError(f"--vendor is about one adapter; name it: {', '.join(chosen)}", kind="setting")
    pairs = dict(record.partition("=")[::2] for record in records)
    if not all(pairs.values()):
        raise MappingError("--record says RECORD=COMPONENT", kind="setting")
    yield {"adapter": chosen[0], "contract": vendor, "snapshot": snapshot, "records": pairs}


def _pinned(ours: Mapping[str, Adapter], pin: str) -> Iterator[Impact]:
    """Yield what the step from the pinned contract to the installed one breaks, in itself and in the mappings."""
    from openreturns.compat import Settings, compare, open_source
    from openreturns.impact import Impact, contract_impact

    installed = _schemas.VERSION
    if not (_schemas.folder(pin) / "common.schema.json").is_file():
        there = ", ".join(_schemas.versions())
        raise MappingError(f"the contract {pin} is not in this package; it has: {there}", kind="setting")
    if pin != installed:
        report = compare(open_source(pin), open_source(installed), Settings("full", "tolerant"))
        for one in report.findings:
            if one.severity != "info":
                yield Impact(one.severity, "", "", one.document, one.at, one.rule, one.message, one.where,
                             witness=one.witness if one.shown else None)  # fmt: skip
    for candidate in ours.values():
        yield from contract_impact(candidate, pin, installed)


def _vendor(ours: Mapping[str, Adapter], row: Mapping[str, Any]) -> Iterator[Impact]:
    from openreturns.compat import open_source
    from openreturns.impact import vendor_impact

    if row["adapter"] not in ours:
        raise MappingError(f"no adapter {row['adapter']!r} is checked here", kind="unknown_name")
    was = row.get("snapshot")
    report = vendor_impact(
        ours[row["adapter"]],
        open_source(row["contract"]),
        open_source(was, like=row["contract"]) if was else None,
        row.get("records"),
    )
    for native, component in report.components.items():
        click.echo(f"{row['adapter']}.{native} is compared with {component} of {row['contract']}", err=True)
    for native in report.unmatched:
        click.echo(
            f"{row['adapter']}.{native} is like no component of {row['contract']}; name it: --record {native}=...",
            err=True,
        )
    if not report.components:
        raise MappingError(
            f"no record of {row['adapter']} is like a component of {row['contract']}", kind="unknown_name"
        )
    yield from report.impacts


# --- forms ------------------------------------------------------------------------------------------------------


def _text(found: list[Impact]) -> str:
    lines = [line for one in found for line in _lines(one)]
    return "\n".join([*lines, _summary(found)])


def _lines(one: Impact) -> Iterator[str]:
    place = f"{one.where[0]}:{one.where[1]}: " if one.where[0] else ""
    record = f"{one.adapter}.{one.record} ({one.document})" if one.adapter else one.document
    yield place + ": ".join(part for part in (one.severity, record, one.path, one.change, one.said) if part)
    yield from (f"    rule: {rule}" for rule in one.rules)
    if one.lost:
        yield f"    nothing else carries: {', '.join(one.lost)}"
    if one.verbs:
        yield f"    verbs: {', '.join(one.verbs)}"
    if one.witness is not None:
        yield f"    for example: {_json(one.witness)}"


def _summary(found: list[Impact]) -> str:
    count = Counter(one.severity for one in found)
    broken = len({rule for one in found if one.severity == "error" for rule in one.rules})
    verbs = sorted({f"{one.adapter}.{verb}" for one in found if one.severity == "error" for verb in one.verbs})
    said = f"{count['error']} that break, {count['warn']} to look at, {count['info']} new and unused"
    return f"{said}; rules that break: {broken}" + (f"; verbs: {', '.join(verbs)}" if verbs else "")


def _data(found: list[Impact]) -> str:
    rows = [{name: value for name, value in asdict(one).items() if value not in ("", (), None)} for one in found]
    return _json({"impacts": rows, "failed": any(one.severity == "error" for one in found)})


def _json(value: object) -> str:
    from openreturns.compat import exact_json

    return exact_json(value)


def _github(found: list[Impact]) -> str:
    levels = {"error": "error", "warn": "warning", "info": "notice"}
    lines = []
    for one in found:
        place = f"file={one.where[0]},line={one.where[1]}," if one.where[0] else ""
        said = "%0A".join(line.replace("%", "%25") for line in _lines(one))
        lines.append(f"::{levels[one.severity]} {place}title={one.change}::{said}")
    return "\n".join([*lines, _summary(found)])


_FORMS = {"text": _text, "json": _data, "github": _github}
