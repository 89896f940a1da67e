"""What the catalogue says of adapters: records, verbs, limits, losses; and who carries which field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from openreturns.adapters import Adapter
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import plain, rows
from openreturns.ports import Port

from openreturns_codegen.crosswalk import within

__all__ = ["Carried", "carried", "described"]

Entry = dict[str, Any]


# --- who carries a field --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Record:
    """One mapping: the canonical fields it fills from the vendor's record, and those it writes one from."""

    name: str
    document: str
    read: frozenset[str]
    written: frozenset[str]
    dropped: frozenset[str]

    def carries(self, path: str, named: frozenset[str]) -> bool:
        """Return whether a field, a part of it, or what it is a part of is named."""
        if any(within(path, of) for of in self.dropped):
            return False
        return any(within(one, path) or within(path, one) for one in named)


@dataclass(frozen=True, slots=True)
class Carried:
    """Which records of which systems each canonical field comes from and goes to."""

    records: tuple[_Record, ...]

    def of(self, document: str, path: str) -> dict[str, list[str]]:
        """Return the records that a field is read from, and those that need it to be written."""
        ours = [one for one in self.records if one.document == document]
        return {
            "read_from": [one.name for one in ours if one.carries(path, one.read)],
            "written_to": [one.name for one in ours if one.carries(path, one.written)],
        }


def carried(ours: Iterable[Adapter]) -> Carried:
    """Return who carries what, by the mappings."""
    return Carried(tuple(_record(one.name, mapping) for one in ours for mapping in one.mappings))


def _record(system: str, mapping: DocumentMapping) -> _Record:
    named: dict[str, set[str]] = {"in": set(), "out": set()}
    for row in rows(mapping):
        if row.how != "each element":
            paths = {plain(path) for path in ((row.canonical,) if row.canonical else row.reads)}
            for way in ("in", "out") if row.direction == "both" else (row.direction,):
                named[way] |= paths
    return _Record(
        name=f"{system}.{mapping.native}",
        document=mapping.canonical,
        read=frozenset(named["in"] if "in" in mapping.directions else ()),
        written=frozenset(named["out"] if "out" in mapping.directions else ()),
        dropped=frozenset(gap.path for gap in mapping.losses if gap.kind == "dropped"),
    )


# --- what an adapter is ---------------------------------------------------------------------------------------


def described(one: Adapter, root: Path) -> Entry:
    """Return the catalogue's entry of an adapter: its manifest in the catalogue's words, and its mappings' gaps."""
    said = one.manifest
    return {
        "name": one.name,
        "title": said["title"],
        "vendor": said["vendor"],
        "api_version": said["api_version"],
        "roles": said["roles"],
        "level": _level(one, root),
        "auth": said.get("auth", []),
        "records": [_mapped(one, mapping) for mapping in one.mappings],
        "verbs": _verbs(said),
        "limits": said.get("rate_limit", {}),
        "webhooks": said.get("webhooks", {}),
        "errors": [_error(row) for row in said.get("errors", ())],
        "settings": said.get("settings", []),
        "code_tables": [*_tables(one)],
    }


def _level(one: Adapter, root: Path) -> str:
    """Return the level of the contract kit that the tests hold the adapter to: with verbs, at a simulator or live."""
    evidence = root / "contract_tests" / one.name / "verbs.toml"
    if not evidence.is_file():
        return "documents"
    return "vendor" if "simulator" in one.manifest else "live"


def _mapped(one: Adapter, mapping: DocumentMapping) -> Entry:
    return {
        "name": f"{one.name}.{mapping.native}",
        "document": mapping.canonical,
        "directions": list(mapping.directions),
        "losses": [{"field": gap.path, "kind": gap.kind, "reason": gap.reason} for gap in mapping.losses],
        "ignored": [{"field": gap.path, "reason": gap.reason} for gap in mapping.ignored],
    }


def _verbs(said: Mapping[str, Any]) -> dict[str, Entry]:
    """Return each verb with how it is done once (`read` changes nothing), or why it is not there."""
    once: Mapping[str, str] = said.get("idempotency", {})
    offered = {
        verb: {"supported": True, "idempotency": once.get(verb, "none") if verb in port.writes else "read"}
        for port in map(_port, said.get("clients", {}).values())
        for verb in port.verbs
        if verb in port.supported()
    }
    return offered | {
        verb: {"supported": False, "reason": reason} for verb, reason in said.get("unsupported", {}).items()
    }


def _port(place: str) -> type[Port]:
    module, _, name = place.partition(":")
    port: type[Port] = getattr(import_module(module), name)
    return port


def _error(row: Mapping[str, Any]) -> Entry:
    return {word: row[word] for word in ("status", "code", "kind", "retry_after") if word in row}


def _tables(one: Adapter) -> Iterator[Entry]:
    meanings = {row["name"]: row["description"] for row in one.manifest.get("code_tables", ())}
    for name, table in one.tenant.tables.items():
        yield {
            "name": name,
            "meaning": meanings.get(name, ""),
            "words": len(table.read),
            "unknown": str(table.unknown) if table.unknown else "",
        }
