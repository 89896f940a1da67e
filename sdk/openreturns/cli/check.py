"""`openreturns check`: the one line of a team's CI that tells what changed under its adapters."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
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
_VENDOR_KEYS = frozenset({"adapter", "contract", "snapshot", "records", "skip"})
_LOOSE = "say which components they are (--record), or leave them out (--skip)"


@dataclass
class _Told:
    """What is told: the consequences, and the records that nothing is known of or that were left out."""

    impacts: list[Impact] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return any(one.severity == "error" for one in self.impacts)


@click.command(
    epilog=examples(
        "check",
        "check --pin 1.0.0 shipbob",
        "check shipbob --vendor new-openapi.yaml --snapshot old-openapi.yaml --record return=ReturnOrder",
        more="Exit codes: 0 nothing breaks, 100 something does, 1 it could not be checked, or not every record.",
    )
)
@click.argument("adapters", nargs=-1)
@click.option("--pin", help="The version of the contract that you build on; else that of pyproject.toml.")
@click.option("--vendor", help="The vendor's new contract: OpenAPI, JSON Schema, GraphQL; file, folder or COMMIT:PATH.")
@click.option("--snapshot", help="The vendor's contract as it was; else the adapter's own.")
@click.option("--record", "records", multiple=True, help="RECORD=COMPONENT, where fields do not tell; may be repeated.")
@click.option("--skip", multiple=True, help="A record to leave out; may be repeated.")
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
    skip: tuple[str, ...],
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
        told = _Told([*_pinned(ours, pin or settings.get("schemas", _schemas.VERSION))])
        for row in _vendors(settings, chosen, vendor, snapshot, records, skip):
            _vendor(told, ours, row)
    except OpenReturnsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    click.echo(_FORMS[form](told))
    sys.exit(100 if told.failed else 1 if told.unmatched else 0)


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
            known = "adapter and contract, and may have snapshot, records and skip"
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
    skip: tuple[str, ...],
) -> Iterator[dict[str, Any]]:
    """Yield what is to be compared: the vendor of the command line, or those of the project."""
    if vendor is None:
        if snapshot or records or skip:
            raise MappingError("--snapshot, --record and --skip are about --vendor", kind="setting")
        yield from (row for row in settings.get("vendors", ()) if row["adapter"] in chosen)
        return
    if len(chosen) != 1:
        raise MappingError(f"--vendor is about one adapter; name it: {', '.join(chosen)}", kind="setting")
    pairs = dict(record.partition("=")[::2] for record in records)
    if not all(pairs.values()):
        raise MappingError("--record says RECORD=COMPONENT", kind="setting")
    yield {"adapter": chosen[0], "contract": vendor, "snapshot": snapshot, "records": pairs, "skip": skip}


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


def _vendor(told: _Told, ours: Mapping[str, Adapter], row: Mapping[str, Any]) -> None:
    """Add what a vendor's new contract does to an adapter."""
    from openreturns.compat import open_source
    from openreturns.impact import vendor_impact

    name = row["adapter"]
    if name not in ours:
        raise MappingError(f"no adapter {name!r} is checked here", kind="unknown_name")
    was = row.get("snapshot")
    report = vendor_impact(
        ours[name],
        open_source(row["contract"]),
        open_source(was, like=row["contract"]) if was else None,
        row.get("records"),
        row.get("skip", ()),
    )
    for native, component in report.components.items():
        click.echo(f"{name}.{native} is compared with {component} of {row['contract']}", err=True)
    told.impacts += report.impacts
    told.unmatched += (f"{name}.{native}" for native in report.unmatched)
    told.skipped += (f"{name}.{native}" for native in report.skipped)


# --- forms ------------------------------------------------------------------------------------------------------


def _text(told: _Told) -> str:
    lines = [line for one in told.impacts for line in _lines(one)]
    return "\n".join([*lines, _summary(told)])


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


def _summary(told: _Told) -> str:
    found = told.impacts
    count = Counter(one.severity for one in found)
    broken = len({rule for one in found if one.severity == "error" for rule in one.rules})
    verbs = sorted({f"{one.adapter}.{verb}" for one in found if one.severity == "error" for verb in one.verbs})
    said = f"{count['error']} that break, {count['warn']} to look at, {count['info']} new and unused"
    parts = [
        f"{said}; rules that break: {broken}",
        f"verbs: {', '.join(verbs)}" if verbs else "",
        f"left out: {', '.join(told.skipped)}" if told.skipped else "",
        f"not compared: {', '.join(told.unmatched)}: {_LOOSE}" if told.unmatched else "",
    ]
    return "; ".join(filter(None, parts))


def _data(told: _Told) -> str:
    rows = [{name: value for name, value in asdict(one).items() if value not in ("", (), None)} for one in told.impacts]
    return _json({"impacts": rows, "unmatched": told.unmatched, "skipped": told.skipped, "failed": told.failed})


def _json(value: object) -> str:
    from openreturns.compat import exact_json

    return exact_json(value)


def _github(told: _Told) -> str:
    levels = {"error": "error", "warn": "warning", "info": "notice"}
    lines = []
    for one in told.impacts:
        place = f"file={one.where[0]},line={one.where[1]}," if one.where[0] else ""
        said = "%0A".join(line.replace("%", "%25") for line in _lines(one))
        lines.append(f"::{levels[one.severity]} {place}title={one.change}::{said}")
    lines += (f"::error title=not compared::{name}: {_LOOSE}" for name in told.unmatched)
    return "\n".join([*lines, _summary(told)])


_FORMS = {"text": _text, "json": _data, "github": _github}
