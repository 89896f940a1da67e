"""Check a mapping without any data: every field accounted for, every path there, every codec fitting."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Values
from dataclasses import replace
from itertools import combinations

from openreturns._fields import Field
from openreturns.errors import MappingError, Problem
from openreturns.mapping._environment import Tenant
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._plan import Loop, Make, Op, Path, Switch, plan, targets
from openreturns.mapping._rules import Select
from openreturns.mapping._table import Row, holder, plain, rows, selectors

__all__ = ["check"]


def check(
    mapping: Mapping, canonical: Values[str, Field], native: Values[str, Field], tenant: Tenant
) -> tuple[Problem, ...]:
    """Return everything wrong with a declared mapping, given the fields of both contracts.

    - `unknown_path`: a rule, loss or ignored field names a path that its contract does not have;
    - `unaccounted`: a field is neither carried nor declared lossy, dropped or ignored;
    - `twice`: two rules fill one field, or one an object or a list and another a part of it, so that one of them is
      overwritten in silence; several `each` may fill one list;
    - `contradiction`: a field is declared dropped or ignored, and carried all the same;
    - `codec`: a codec does not fit the kinds of fields it joins;
    - `code`: a constant, a condition or a selected element has a value that is none of its field's codes;
    - `table`: a code table is not there, names codes the contract does not have, or leaves some out;
    - `setting`: a setting the mapping uses is not configured.
    """
    table = rows(mapping)
    return (
        *_unknown(mapping, table, canonical, native),
        *_unaccounted(mapping, table, canonical, native),
        *_twice(mapping, table, tenant),
        *_contradictions(mapping, table),
        *_misfits(table, canonical, native),
        *_codes(table, canonical, native),
        *_tables(mapping, table, canonical, tenant),
    )


def _unknown(
    mapping: Mapping, table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]
) -> Iterator[Problem]:
    sides = ((canonical, "canonical", mapping.losses), (native, "native", mapping.ignored))
    for there, side, gaps in sides:
        paths = [*_paths(table, side), *(gap.path for gap in gaps)]
        keys = [name for path in paths for name, _ in selectors(path) if plain(path) in there]
        for path in [*paths, *keys]:
            if plain(path).removesuffix("[]") not in there:
                yield _at(side, path, "unknown_path", f"the {side} contract has no {path}")


def _paths(table: tuple[Row, ...], side: str) -> Iterator[str]:
    for row in table:
        own = row.canonical if side == "canonical" else row.native
        if own:
            yield own
        elif row.reads:
            yield from row.reads
        if row.key and side == "native":
            yield row.key


def _at(side: str, path: str, code: str, message: str) -> Problem:
    return Problem(code, message, path if side == "canonical" else "", path if side == "native" else "")


def _ways(mapping: Mapping) -> tuple[str, str]:
    """Return the ways in which canonical and vendor fields count: writing and reading, or the only way there is."""
    writes, reads = "out" in mapping.directions, "in" in mapping.directions
    return "out" if writes else "in", "in" if reads else "out"


def _unaccounted(
    mapping: Mapping, table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]
) -> Iterator[Problem]:
    out, in_ = _ways(mapping)
    sides = (
        (canonical, "canonical", mapping.losses, out, "losses"),
        (native, "native", mapping.ignored, in_, "ignored"),
    )
    for there, side, gaps, way, where in sides:
        covered = {gap.path for gap in gaps}
        whole: set[str] = set()
        for row in table:
            # A reader fills the members of an open object that the vendor has; a writer has to carry them all.
            carried = {holder(path) if way == "in" else path for path in _carried(row, side, way)}
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


def _twice(mapping: Mapping, table: tuple[Row, ...], tenant: Tenant) -> Iterator[Problem]:
    if any(row.codec and row.codec.table and row.codec.table not in tenant.tables for row in table):
        return  # told by _tables; without its tables there is no plan to look at
    for way in mapping.directions:
        try:
            ops = plan(mapping, way, tenant)
        except MappingError as error:
            yield Problem("setting", str(error))
            return
        side = "canonical" if way == "in" else "native"
        yield from (_at(side, path, "twice", message) for path, message in _refilled(ops, "").items())


def _refilled(ops: tuple[Op, ...], at: str) -> dict[str, str]:
    """Return the paths that several steps of one pair of objects fill, and what to say of each."""
    filled = [(number, *what) for number, op in enumerate(_apart(ops)) for what in dict.fromkeys(_fills(op))]
    found: dict[str, str] = {}
    for (number, path, loop), (other, second, its) in combinations(filled, 2):
        joined = loop and its and path == second  # lists that are put one after the other
        if number != other and not joined and _overlap(path, second):
            outer, inner = (at + _spelled(one) for one in sorted((path, second), key=len))
            found.setdefault(inner, _of_two(outer, inner, lists=loop or its))
    for op in ops:
        if isinstance(op, Loop):
            found |= _refilled(op.body, f"{at}{_spelled(op.target)}[].")
        elif isinstance(op, Switch):
            for branch in op.branches:
                found |= _refilled(branch.body, at)
    return found


def _apart(ops: tuple[Op, ...]) -> Iterator[Op]:
    """Yield the steps, each of the fields that one function fills on its own. Of a switch, one branch is taken."""
    for op in ops:
        if isinstance(op, Make):
            yield from (replace(op, targets=(path,)) for path in op.targets)
        else:
            yield op


def _fills(op: Op) -> Iterator[tuple[Path, bool]]:
    """Yield the paths that a step may set, and whether it makes a list there."""
    if isinstance(op, Switch):
        for branch in op.branches:
            for inner in branch.body:
                yield from _fills(inner)
    else:
        yield from ((path, isinstance(op, Loop)) for path in targets(op))


def _overlap(one: Path, other: Path) -> bool:
    """Whether two paths are the same or one leads into the other; a selected element is in its list."""
    for step, beside in zip(one, other, strict=False):
        if step != beside:
            names = [s.name if isinstance(s, Select) else s for s in (step, beside)]
            return names[0] == names[1] and isinstance(step, Select) != isinstance(beside, Select)
    return True


def _of_two(outer: str, inner: str, *, lists: bool) -> str:
    if outer == inner:
        what = "each() makes this list and another rule fills it" if lists else f"two rules fill {inner}"
    else:
        what = f"one rule fills {outer} whole and another {inner} in it"
    return f"{what}; one of them is overwritten"


def _spelled(path: Path) -> str:
    return ".".join(map(str, path))


def _contradictions(mapping: Mapping, table: tuple[Row, ...]) -> Iterator[Problem]:
    out, in_ = _ways(mapping)
    dropped = {gap.path for gap in mapping.losses if gap.kind == "dropped"}
    ignored = {gap.path for gap in mapping.ignored}
    for row in table:
        for path, gaps, way in ((row.canonical, dropped, out), (row.native, ignored, in_)):
            if row.codec is not None and row.direction in ("both", way) and _below(plain(path), gaps):
                message = f"{path} is declared {'dropped' if gaps is dropped else 'ignored'} and carried all the same"
                yield Problem("contradiction", message, row.canonical, row.native)


def _codes(table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]) -> Iterator[Problem]:
    for there, side in ((canonical, "canonical"), (native, "native")):
        for row in table:
            path = plain(row.canonical if side == "canonical" else row.native)
            said = dict(_said(path, row.value)) if path else {}
            chosen = dict(selectors(row.canonical if side == "canonical" else row.native))
            for name, value in {**said, **chosen}.items():
                codes = there[name].codes if name in there else ()
                if codes and value not in codes:
                    yield _at(
                        side,
                        name,
                        "code",
                        f"{value!r} is no code of {name}; its codes: {', '.join(filter(None, codes))}",
                    )


def _said(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield the texts in a fixed value, each with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _said(f"{path}.{name}", inner)


def _misfits(table: tuple[Row, ...], canonical: Values[str, Field], native: Values[str, Field]) -> Iterator[Problem]:
    for row in table:
        one, other = canonical.get(plain(row.canonical)), native.get(plain(row.native))
        if row.codec is None or one is None or other is None:
            continue
        kind = one.definition if one.kind == "object" else one.kind
        member = row.canonical != holder(row.canonical)  # which may be of any kind
        fits = (member or kind in row.codec.canonical) and other.kind in row.codec.native
        alike = one.kind == other.kind or {one.kind, other.kind} == {"code", "text"}
        same = member or alike or row.codec.name != "same"
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
        there = tenant.tables.get(row.codec.table)
        if there is None:
            yield Problem("table", f"there is no code table {row.codec.table!r}", path, row.native)
            continue
        named = {*there.read.values(), *there.write, *there.refused, there.unknown} - {""}
        wrong = sorted(named - codes) if codes else []
        for code in wrong:
            yield Problem("table", f"table {there.name!r} names {code!r}, no code of {path}", path, row.native)
        if "out" in mapping.directions and row.direction != "in":
            for code in sorted(codes - set(there.write) - there.refused):
                message = f"table {there.name!r} neither writes nor refuses {code!r}"
                yield Problem("table", message, path, row.native)
