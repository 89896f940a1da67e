"""Check a mapping without any data: every field accounted for, every path there, every codec fitting."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values

from openreturns._fields import Field
from openreturns.errors import Problem
from openreturns.mapping._environment import Tenant
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._table import Row, plain, rows

__all__ = ["check"]


def check(
    mapping: Mapping, canonical: Values[str, Field], native: Values[str, Field], tenant: Tenant
) -> tuple[Problem, ...]:
    """Return everything wrong with a declared mapping, given the fields of both contracts.

    - `unknown_path`: a rule, loss or ignored field names a path that its contract does not have;
    - `unaccounted`: a field is neither carried nor declared lossy, dropped or ignored;
    - `codec`: a codec does not fit the kinds of fields it joins;
    - `table`: a code table names codes the contract does not have, or leaves some out.
    """
    table = rows(mapping)
    return (
        *_unknown(mapping, table, canonical, native),
        *_unaccounted(mapping, table, canonical, native),
        *_misfits(table, canonical, native),
        *_tables(mapping, table, canonical, tenant),
    )


def _unknown(
    mapping: Mapping, table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]
) -> Iterator[Problem]:
    sides = ((canonical, "canonical", mapping.losses), (native, "native", mapping.ignored))
    for there, side, gaps in sides:
        for path in [*_paths(table, side), *(gap.path for gap in gaps)]:
            if plain(path).removesuffix("[]") not in there:
                yield _at(side, path, "unknown_path", f"the {side} contract has no {path}")


def _paths(table: tuple[Row, ...], side: str) -> Iterator[str]:
    for row in table:
        own = row.canonical if side == "canonical" else row.native
        if own:
            yield own
        elif row.reads:
            yield from row.reads


def _at(side: str, path: str, code: str, message: str) -> Problem:
    return Problem(code, message, path if side == "canonical" else "", path if side == "native" else "")


def _unaccounted(
    mapping: Mapping, table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]
) -> Iterator[Problem]:
    """Canonical fields matter when writing, vendor fields when reading; one-way mappings count their own way."""
    writes, reads = "out" in mapping.directions, "in" in mapping.directions
    sides = (
        (canonical, "canonical", mapping.losses, "out" if writes else "in", "losses"),
        (native, "native", mapping.ignored, "in" if reads else "out", "ignored"),
    )
    for there, side, gaps, way, where in sides:
        covered = {gap.path for gap in gaps}
        whole: set[str] = set()
        for row in table:
            carried = set(_carried(row, side, way))
            covered |= {path for path in carried if path == plain(path)}
            whole |= {path for path in carried if path != plain(path)}
        for path, field in there.items():
            if field.leaf and not _below(path, covered):
                partly = " but for some elements" if path in {plain(p) for p in whole} else ""
                message = f"is not carried {way}{partly}; carry it or declare it under {where}, with a reason"
                yield _at(side, path, "unaccounted", message)


def _carried(row: Row, side: str, way: str) -> Iterator[str]:
    """Yield the paths of one side that a row carries when the mapping runs this way."""
    if row.direction not in ("both", way):
        return
    own = row.canonical if side == "canonical" else row.native
    if own and row.codec is not None and side == "canonical":
        yield from (f"{own}.{part}" if part else own for part in row.codec.covers)
    elif own and row.how != "each element":
        yield own
    elif not own:
        yield from row.reads


def _below(path: str, covered: set[str]) -> bool:
    steps = path.split(".")
    return any(
        ".".join(steps[:size]) in covered or ".".join(steps[:size]).removesuffix("[]") in covered
        for size in range(1, len(steps) + 1)
    )


def _misfits(table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]) -> Iterator[Problem]:
    for row in table:
        one, other = canonical.get(plain(row.canonical)), native.get(plain(row.native))
        if row.codec is None or one is None or other is None:
            continue
        kind = one.definition if one.kind == "object" else one.kind
        fits = kind in row.codec.canonical and other.kind in row.codec.native
        same = row.codec.name != "same" or one.kind == other.kind or {one.kind, other.kind} == {"code", "text"}
        if not (fits and same):
            message = f"{row.codec.name!r} does not join {kind} to {other.kind}"
            yield Problem("codec", message, row.canonical, row.native)


def _tables(
    mapping: Mapping, table: tuple[Row, ...], canonical: Values[str, Field], tenant: Tenant
) -> Iterator[Problem]:
    for row in table:
        if row.codec is None or not row.codec.table:
            continue
        path = plain(row.canonical) + (".code" if "code" in row.codec.covers else "")
        codes = set(canonical[path].codes) if path in canonical else set()
        there = tenant.table(row.codec.table)
        wrong = sorted((set(there.read.values()) | set(there.write) | there.refused) - codes) if codes else []
        for code in wrong:
            yield Problem("table", f"table {there.name!r} names {code!r}, no code of {path}", path, row.native)
        if "out" in mapping.directions and row.direction != "in":
            for code in sorted(codes - set(there.write) - there.refused):
                message = f"table {there.name!r} neither writes nor refuses {code!r}"
                yield Problem("table", message, path, row.native)
