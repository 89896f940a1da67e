"""`openreturns adapters`: what is installed, and all about one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from openreturns._json import dump
from openreturns.adapters import Adapter, adapter, adapter_names
from openreturns.cli._help import examples
from openreturns.cli._table import table

__all__ = ["adapters"]

_ARROWS = {("in",): "read", ("out",): "written", ("in", "out"): "read, written"}


@click.command(
    epilog=examples(
        "adapters",
        "adapters netsuite",
        "adapters shipbob --json",
    )
)
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def adapters(name: str | None, as_json: bool) -> None:
    """List the installed adapters: system, version, records, directions.

    With a NAME, also its settings and code tables: what a tenant file may say.
    """
    if name is None:
        rows = [{**row, **_system(ours)} for ours in map(adapter, adapter_names()) for row in _records(ours)]
        click.echo(dump(rows) if as_json else table(rows))
        return
    ours = adapter(name)
    told = {**_system(ours), "records": _records(ours), "settings": _settings(ours), "tables": list(_tables(ours))}
    click.echo(dump(told) if as_json else _page(told))


def _system(ours: Adapter) -> dict[str, str]:
    return {"system": ours.manifest["title"], "version": ours.manifest["api_version"]}


def _records(ours: Adapter) -> list[dict[str, Any]]:
    return [
        {"record": f"{ours.name}.{mapping.native}", "document": mapping.canonical, "is": _ARROWS[mapping.directions]}
        for mapping in ours.mappings
    ]


def _settings(ours: Adapter) -> list[dict[str, Any]]:
    return [
        {
            "setting": row["name"],
            "type": row["type"],
            "needed": _needed(row.get("required", False)),
            "default": row.get("default", ""),
            "meaning": row["description"],
        }
        for row in ours.manifest.get("settings", ())
    ]


def _needed(required: bool | list[str]) -> str:
    """Return what needs a setting: everything, nothing, or some records (and the client)."""
    return ", ".join(required) if isinstance(required, list) else "yes" if required else "no"


def _tables(ours: Adapter) -> Iterator[dict[str, Any]]:
    for name, words in ours.tenant.tables.items():
        yield {
            "table": name,
            "words": len(words.read),
            "codes": len({*words.read.values(), *words.write}),
            "a word nobody knows": f"is read as {words.unknown}" if words.unknown else "is refused",
        }


def _page(told: dict[str, Any]) -> str:
    parts = [f"{told['system']} {told['version']}"]
    parts += [f"{title.capitalize()}\n{table(told[title])}" for title in ("records", "settings") if told[title]]
    return "\n\n".join([*parts, f"Code tables\n{table(told['tables'])}"])
