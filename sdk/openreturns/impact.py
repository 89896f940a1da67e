"""What a change of somebody else's contract does to our mappings: rules, verbs, fields, losses.

Two contracts change under an adapter: the vendor's, and ours. `vendor_impact` reads a new contract of a vendor
against the records of an adapter, `contract_impact` reads the mappings against another version of the canonical
schemas. Both say which rules no longer hold, what of the canonical documents they carry, and which verbs use them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from openreturns import _schemas
from openreturns._fields import Field, fields
from openreturns.adapters import Adapter
from openreturns.compat import Finding, Settings, Source, compare, open_source
from openreturns.compat._reader import read_set
from openreturns.compat._schema import SchemaSet
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import check
from openreturns.mapping._table import Row, plain, rows

__all__ = ["Impact", "VendorReport", "contract_impact", "vendor_impact"]

_ARROWS: Final = {"both": "<->", "in": "<-", "out": "->"}
# Of a vendor's field, as its documents are read: what is not there any more breaks a rule that no document shows.
_GONE: Final = frozenset({"PROPERTY_NO_DELETE", "SCHEMA_FORBIDDEN"})
_TOLD: Final = frozenset({"DEPRECATED_ADDED", "DEFAULT_CHANGED", "FORMAT_UNKNOWN", "PROPERTY_RENAME_HINT"})
_COME: Final = "PROPERTY_ADDED"
_ALIKE: Final = 0.5  # of a record's fields that a component must have to be taken for it


@dataclass(frozen=True, slots=True)
class Impact:
    """One consequence of a change: what changed at which path, and what of ours depends on it.

    `severity` is `error` (a rule or verb breaks), `warn` (look at it) or `info` (new and not used). `rules` are the
    rules as a table shows them, `canonical` what they carry, `lost` what nothing else carries, `verbs` what an
    adapter does with the record. `witness` is a record that shows it, in the direction in which it breaks.
    """

    severity: str
    adapter: str
    record: str
    document: str
    path: str
    change: str
    said: str
    where: tuple[str, int] = ("", 0)
    rules: tuple[str, ...] = ()
    canonical: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ()
    witness: object = None


@dataclass
class VendorReport:
    """The impact of a vendor's new contract: which component each record was compared with, and what follows."""

    components: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    impacts: list[Impact] = field(default_factory=list)


# --- a vendor's contract ----------------------------------------------------------------------------------------


def vendor_impact(
    adapter: Adapter, new: Source, snapshot: Source | None = None, records: Mapping[str, str] | None = None
) -> VendorReport:
    """Return what a vendor's new contract does to the mappings of an adapter.

    `snapshot` is the vendor's contract as it was; without it the adapter's own, smaller contract stands for it.
    `records` says which component each record is; the others are recognised by their fields. Raises MappingError
    (kind `unknown_name`) for a record or component that is not there, ContractError for what is no contract.
    """
    given = dict(records or {})
    natives = {mapping.native for mapping in adapter.mappings}
    strange = sorted(given.keys() - natives)
    if strange:
        raise MappingError(
            f"{adapter.name} has no record {strange[0]!r}; it has: {', '.join(sorted(natives))}", kind="unknown_name"
        )
    sides = _Vendor(new), _Vendor(snapshot) if snapshot else None
    report = VendorReport()
    wanted = {native: adapter.contract(native).fields for native in sorted(natives - given.keys())}
    matched = {**sides[0].recognised(wanted), **given}
    for native in sorted(natives):
        component = matched.get(native)
        if component is None or (sides[1] is not None and native not in given and component not in sides[1].names):
            report.unmatched.append(native)
            continue
        report.components[native] = component
        now = sides[0].source(component)
        was = sides[1].source(component) if sides[1] else _ours(adapter, native)
        for mapping in (one for one in adapter.mappings if one.native == native):
            report.impacts += _of_record(adapter, mapping, was, now)
    report.impacts = _once(report.impacts)
    return report


class _Vendor:
    """The components of a vendor's contract by name."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._set: SchemaSet = read_set(source, "vendor")
        self.names = {**self._set.documents, **self._set.parts}

    def source(self, component: str) -> Source:
        """Return one component as a set of one schema."""
        if component not in self.names:
            known = ", ".join(list(self.names)[:20])
            raise MappingError(f"{self._source.label} has no {component!r}; it has: {known}", kind="unknown_name")
        file, pointer = self._set.roots[self.names[component]]
        root = json.dumps({"$ref": f"{file}#{pointer}"}).encode()
        name = "\x00record.json"  # a name that no file has
        return replace(
            self._source,
            names=(name,),
            alone=True,
            read=lambda asked: root if asked == name else self._source.read(asked),
            _texts={file: self._source.text(file)},
        )

    def recognised(self, wanted: Mapping[str, Mapping[str, Field]]) -> dict[str, str]:
        """Return the component of each record that one has most of the fields of, each component for one record."""
        found: dict[str, tuple[float, str]] = {}
        for record, paths in wanted.items():
            names = {path.partition(".")[0].removesuffix("[]") for path in paths}
            for component, definition in self.names.items():
                there = self._members(definition)
                alike = len(names & there) / max(len(names | there), 1)
                enough = len(names & there) >= _ALIKE * len(names) > 0
                if enough and alike > found.get(component, (0.0, ""))[0]:
                    found[component] = alike, record
        best: dict[str, tuple[float, str]] = {}
        for component, (alike, record) in found.items():
            best[record] = max(best.get(record, (0.0, "")), (alike, component))
        return {record: component for record, (_, component) in best.items()}

    def _members(self, definition: str) -> set[str]:
        found: set[str] = set()
        todo = [self._set.definitions[definition]]
        while todo:
            _, node = self._set.target(todo.pop())
            if isinstance(node, dict):
                found |= node.get("properties", {}).keys()
                todo += node.get("allOf", ())
        return found


def _ours(adapter: Adapter, native: str) -> Source:
    return open_source(str(adapter.contract_file(native)))


def _of_record(adapter: Adapter, mapping: DocumentMapping, was: Source, now: Source) -> Iterator[Impact]:
    used = _Used(adapter, mapping)
    for direction in mapping.directions:
        # Read: every new record must be readable. Written: every record we send must still be taken.
        reading = direction == "in"
        asked = Settings(compat="forward", reader="tolerant") if reading else Settings(compat="backward")
        for finding in compare(was, now, asked).findings:
            yield from used.by(finding, direction)


@dataclass
class _Used:
    """What a mapping does with the paths of a vendor's record."""

    adapter: Adapter
    mapping: DocumentMapping

    def __post_init__(self) -> None:
        self.table = rows(self.mapping)
        self.ignored = tuple(gap.path for gap in self.mapping.ignored)
        self.verbs = _verbs(self.adapter, self.mapping)

    def by(self, finding: Finding, direction: str) -> Iterator[Impact]:
        """Yield what follows from one change of the vendor's contract."""
        at = _place(finding)
        touched = [row for row in self.table if row.direction in ("both", direction) and _touches(row, at)]
        severity = self.severity(finding, touched, direction)
        if severity is None:
            return
        carried = tuple(dict.fromkeys(path for row in touched for path in _canonical(row)))
        rest = {path for row in self.table if row not in touched for path in _canonical(row)}
        gone = finding.rule in _GONE and severity == "error"
        yield Impact(
            severity,
            self.adapter.name,
            self.mapping.native,
            self.mapping.canonical,
            finding.at,
            finding.rule,
            finding.message,
            finding.where,
            tuple(dict.fromkeys(_said(row) for row in touched)),
            carried,
            tuple(path for path in carried if path not in rest) if gone else (),
            self.verbs if severity != "info" else (),
            finding.witness if finding.shown else None,
        )

    def severity(self, finding: Finding, touched: list[Row], direction: str) -> str | None:
        if finding.rule == _COME and finding.outcome != "breaks":
            known = bool(touched) or any(_within(finding.at, path) for path in self.ignored)
            return None if known else "info"
        if touched and finding.rule in _GONE:
            return "error"
        if finding.outcome in {"breaks", "undecided"}:
            # What a verb sends is refused whole, whichever part is wrong; what is read may have parts nobody reads.
            return "error" if touched or direction == "out" else "info"
        return "warn" if touched and finding.rule in _TOLD else None


def _place(finding: Finding) -> str:
    """Return the field that a change is about: where a property may have been renamed, that one, not all beside it."""
    renamed = finding.rule == "PROPERTY_RENAME_HINT"
    return ".".join(part for part in (finding.at, str(finding.was) if renamed else "") if part)


def _verbs(adapter: Adapter, mapping: DocumentMapping) -> tuple[str, ...]:
    name = f"{adapter.name}.{mapping.native}"
    listed = (
        row.get("verbs", ())
        for row in adapter.manifest.get("documents", ())
        if row["native"] == name and row["canonical"] == mapping.canonical
    )
    return tuple(dict.fromkeys(verb for verbs in listed for verb in verbs))


def _natives(row: Row) -> Iterator[str]:
    if row.native:
        yield plain(row.native)
    elif row.canonical:
        yield from map(plain, row.reads)
    if row.key:
        yield row.key


def _canonical(row: Row) -> Iterator[str]:
    if row.how == "each element":
        return
    if row.canonical:
        yield row.canonical
    elif row.native:
        yield from row.reads


def _touches(row: Row, at: str) -> bool:
    return any(
        _within(path, at) or _within(at, path) for path in _natives(row) if row.how != "each element" or path == at
    )


def _within(inner: str, outer: str) -> bool:
    """Return whether a path is another or lies below it."""
    return not outer or inner == outer or inner.startswith((f"{outer}.", f"{outer}["))


def _said(row: Row) -> str:
    canonical = row.canonical or ", ".join(row.reads)
    native = row.native or (", ".join(row.reads) if row.canonical else "")
    return f"{canonical} {_ARROWS[row.direction]} {native} ({row.how})".strip()


def _once(impacts: Iterable[Impact]) -> list[Impact]:
    order = {"error": 0, "warn": 1, "info": 2}
    found: dict[object, Impact] = {}
    for one in sorted(impacts, key=lambda one: order[one.severity]):
        found.setdefault((one.record, one.document if one.rules else "", one.path, one.change), one)
    return sorted(found.values(), key=lambda one: (order[one.severity], one.record, one.document, one.path))


# --- our own contract -------------------------------------------------------------------------------------------


def contract_impact(adapter: Adapter, old: str, new: str) -> list[Impact]:
    """Return what another version of the canonical schemas does to the mappings of an adapter.

    What was wrong under the old version already is told as a warning, what is wrong under the new one only as an
    error: each is a field that a mapping has to carry or to declare, a path that is gone, a code nobody maps.
    """
    found: list[Impact] = []
    for mapping in adapter.mappings:
        native = adapter.contract(mapping.native).fields
        before, after = (
            {
                _key(problem): problem
                for problem in check(mapping, _canonical_fields(mapping, version), native, adapter.tenant)
            }
            for version in (old, new)
        )
        table = rows(mapping)
        for key, problem in after.items():
            if key in before and problem.code == "setting":
                continue  # a tenant's to say, and as it was
            touched = [row for row in table if problem.canonical and problem.canonical in map(plain, _canonical(row))]
            found.append(
                Impact(
                    "warn" if key in before else "error",
                    adapter.name,
                    mapping.native,
                    mapping.canonical,
                    problem.canonical or problem.native,
                    problem.code,
                    problem.message,
                    rules=tuple(_said(row) for row in touched),
                    canonical=(problem.canonical,) if problem.canonical else (),
                    verbs=_verbs(adapter, mapping),
                )
            )
    return found


def _key(problem: Any) -> tuple[str, str, str, str]:  # noqa: ANN401 - a problem
    return problem.code, problem.canonical, problem.native, problem.message


def _canonical_fields(mapping: DocumentMapping, version: str) -> dict[str, Field]:
    return fields(_schemas.bundle(mapping.canonical, version=version))
