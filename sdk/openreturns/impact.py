"""What a change of somebody else's contract does to our mappings: rules, verbs, fields, losses.

Two contracts change under an adapter: the vendor's, and ours. `vendor_impact` reads a new contract of a vendor
against the records of an adapter, `contract_impact` reads the mappings against another version of the canonical
schemas. Both say which rules no longer hold, what of the canonical documents they carry, and which verbs use them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from openreturns import _schemas
from openreturns._components import Components
from openreturns._fields import Field, fields
from openreturns.adapters import Adapter
from openreturns.compat import Finding, Settings, Source, compare, open_source
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import check
from openreturns.mapping._table import Row, plain, rows

__all__ = ["Impact", "VendorReport", "contract_impact", "vendor_impact"]

_ARROWS: Final = {"both": "<->", "in": "<-", "out": "->"}
# Of a vendor's field, as its documents are read: what is not there any more breaks a rule that no document shows.
_GONE: Final = frozenset({"PROPERTY_NO_DELETE", "SCHEMA_FORBIDDEN"})
_TOLD: Final = frozenset({
    "ACCESS_CHANGED", "CONTENT_CHANGED", "DEFAULT_CHANGED", "DEPRECATED_ADDED", "FORMAT_UNKNOWN",
    "PROPERTY_RENAME_HINT",
})  # fmt: skip
_COME: Final = "PROPERTY_ADDED"


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
    """The impact of a vendor's new contract: which component each record was compared with, and what follows.

    `unmatched` are records that neither contract seems to have: nothing is known of them. `skipped` were left out.
    """

    components: dict[str, str] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    impacts: list[Impact] = field(default_factory=list)


# --- a vendor's contract ----------------------------------------------------------------------------------------


def vendor_impact(
    adapter: Adapter,
    new: Source,
    snapshot: Source | None = None,
    records: Mapping[str, str] | None = None,
    skip: Collection[str] = (),
) -> VendorReport:
    """Return what a vendor's new contract does to the mappings of an adapter.

    `snapshot` is the vendor's contract as it was; without it, or where it has no such record, the adapter's own,
    smaller contract stands for it. `records` says which component each record is; the others are the component that
    they were in the snapshot, or are recognised by their fields. One that was in the snapshot or is named, and is not
    in the new contract, is an error; `skip` leaves records out. Raises MappingError (kind `unknown_name`) for a record
    or component that is nowhere, ContractError for what is no contract.
    """
    natives = {mapping.native for mapping in adapter.mappings}
    given = dict(records or {})
    for name in sorted({*given, *skip} - natives):
        raise MappingError(
            f"{adapter.name} has no record {name!r}; it has: {', '.join(sorted(natives))}", kind="unknown_name"
        )
    report = VendorReport(skipped=sorted(skip))
    paths = {native: adapter.contract(native).fields for native in sorted(natives)}
    now, was = Components(new), Components(snapshot) if snapshot else None
    before = was.matched(paths, given) if was else {}
    after = now.matched(paths, {**before, **given})
    for native in sorted(natives.difference(skip)):
        mappings = [mapping for mapping in adapter.mappings if mapping.native == native]
        known = given.get(native) or before.get(native)
        # What is named is not guessed at: if it is gone, nothing else that looks like it is it.
        if native in after and given.get(native) in {None, after[native]}:
            report.components[native] = after[native]
            old = was.source(before[native]) if was and native in before else _ours(adapter, native)
            for mapping in mappings:
                report.impacts += _of_record(adapter, mapping, old, now.source(after[native]))
        elif known is None:
            report.unmatched.append(native)
        elif was is not None and known not in was.names:
            raise MappingError(now.lacks(known), kind="unknown_name")
        else:
            report.impacts += [_gone(adapter, mapping, now.lacks(known)) for mapping in mappings]
    report.impacts = _once(report.impacts)
    return report


def _ours(adapter: Adapter, native: str) -> Source:
    return open_source(str(adapter.contract_file(native)))


def _gone(adapter: Adapter, mapping: DocumentMapping, said: str) -> Impact:
    """Return what follows where a vendor has a record no more: no rule of its mapping holds."""
    table = rows(mapping)
    carried = tuple(dict.fromkeys(path for row in table for path in _canonical(row)))
    return Impact(
        "error",
        adapter.name,
        mapping.native,
        mapping.canonical,
        "",
        "DOCUMENT_NO_DELETE",
        said,
        rules=tuple(dict.fromkeys(map(_said, table))),
        canonical=carried,
        lost=carried,
        verbs=_verbs(adapter, mapping),
    )


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
