"""References (N9): other documents by their numbers, and lines, lots and serial numbers of goods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, get_args

from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment
from openreturns.models import DocumentType

from openreturns_adapters.x12.codecs import holds

__all__ = [
    "document",
    "documents",
    "line_id",
    "lot_loops",
    "numbered",
    "of_one_return",
    "refs",
    "said",
    "said_all",
    "serials",
    "tell_others",
    "to_n9",
]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

_ROOM = (30, 50, 80)
_DOCUMENTS = frozenset(get_args(DocumentType))


def _kinds(rows: Iterable[Record] | None, env: Environment) -> list[tuple[str, Record]]:
    """Return what each reference is: a type of document, `lot`, `serial`, `line`, `authorization`, or `other`."""
    return [(env.code("reference", row["N901"]), row) for row in rows or ()]


def said_all(rows: Iterable[Record] | None, kind: str, env: Environment) -> list[str]:
    """Return all numbers of one kind."""
    return [row["N902"] for found, row in _kinds(rows, env) if found == kind and row.get("N902")]


def said(kind: str, segment: str = "N9") -> Function:
    """Make the function that returns the one number of a kind; two are refused."""

    def find(scope: Record, env: Environment) -> str | None:
        found = said_all(scope.get(segment), kind, env)
        if len(set(found)) > 1:
            raise ValueError(f"{len(found)} references of one kind ({kind}) stand where one is meant")
        return found[0] if found else None

    return find


def line_id(loop: str) -> Function:
    """Make the function that returns the number of a line of a loop: the one it refers to, else its place."""
    own = said("line")

    def places(record: Record, env: Environment) -> dict[int, int]:
        return {id(one): place for place, one in enumerate(record[loop], 1)}

    def find(line: Record, env: Environment) -> str:
        return str(own(line, env) or env.once(places)[id(line)])

    return find


def refs(*own: str) -> Function:
    """Make the function that returns the documents referred to, but for the kinds that have a place of their own."""

    def find(scope: Record, env: Environment) -> list[Record] | None:
        found = []
        for kind, row in _kinds(scope.get("N9"), env):
            if kind in own or not row.get("N902"):
                continue
            if kind not in _DOCUMENTS:
                env.finding("reference", f"a reference of the kind {kind!r} has no place here")
                continue
            found.append(_ref(kind, row))
        return found or None

    return find


def tell_others(loop: str, *read: str) -> Function:
    """Make the guard that tells what lines of a loop refer to beside the kinds that they are read for."""

    def guard(record: Record, env: Environment) -> None:
        for place, kind, number in _of_lines(record, loop, env):
            if kind not in read:
                env.finding("reference", f"line {place} refers to {kind} {number}, which a line has no place for")

    return guard


_RETURNS = ("authorization", "return")


def of_one_return(loop: str, number: Function) -> Function:
    """Make the guard that refuses a set whose lines are of several returns, or of another than its head."""

    def guard(record: Record, env: Environment) -> None:
        head = {row["N902"] for kind, row in _kinds(record.get("N9"), env) if kind in _RETURNS and row.get("N902")}
        lines = {said for _, kind, said in _of_lines(record, loop, env) if kind in _RETURNS}
        if lines - head - {number(record, env)} and (head or len(lines) > 1):
            message = "its lines are of several returns, or of another than its head; they are to come one by one"
            problem = Problem("several_returns", message, "/number", f"/{loop}")
            raise MappingError(message, kind="translation", problems=[problem])

    return guard


def _of_lines(record: Record, loop: str, env: Environment) -> Iterator[tuple[int, str, str]]:
    table = env.tenant.table("reference")
    for place, line in enumerate(record.get(loop) or (), 1):
        for row in line.get("N9") or ():
            if row.get("N902"):
                yield place, str(table.code(row["N901"]) or row["N901"]), row["N902"]


def _ref(kind: str, row: Record) -> Record:
    line = {"lineId": row["N903"]} if row.get("N903") else {}
    day = row.get("N904")
    issued = {"issueDate": f"{day[:4]}-{day[4:6]}-{day[6:]}"} if day else {}
    return {"type": kind, "id": row["N902"], **line, **issued}


def document(kind: str) -> Function:
    """Make the function that returns the one document of a type that a line refers to."""

    def find(scope: Record, env: Environment) -> Record | None:
        found = [_ref(name, row) for name, row in _kinds(scope.get("N9"), env) if name == kind and row.get("N902")]
        if len(found) > 1:
            raise ValueError(f"{len(found)} references of one kind ({kind}) stand where one is meant")
        return found[0] if found else None

    return find


def to_n9(rows: Iterable[Record], env: Environment) -> list[Record]:
    """Return references to documents as N9 segments."""
    table = env.tenant.table("reference")
    found = []
    for ref in rows:
        row = {"N901": table.word(ref["type"]), "N902": holds(ref["id"], _ROOM, env)}
        if ref.get("lineId"):
            row["N903"] = ref["lineId"]
        if ref.get("issueDate"):
            row["N904"] = ref["issueDate"].replace("-", "")
        if table.lossy and ref["type"] in table.lossy:
            env.lose(f"the type {ref['type']!r} reads back as {table.code(row['N901'])!r}")
        found.append(row)
    return found


def documents(document: Record, env: Environment) -> list[Record]:
    """Return the documents that a whole document refers to; a type without a code (128) is told as lost."""
    table = env.tenant.table("reference")
    kept = []
    for place, ref in enumerate(document.get("refs") or ()):
        if ref["type"] in table.write:
            kept.append(ref)
        else:
            env.lose(f"{ref['type']!r} has no code in the table 'reference'", below=f"/refs/{place}")
    return to_n9(kept, env)


def numbered(kind: str, number: str | None, env: Environment) -> list[Record]:
    """Return the N9 segment of one number that is no document's, or none."""
    if not number:
        return []
    return [{"N901": env.tenant.table("reference").word(kind), "N902": holds(number, _ROOM, env)}]


# --- lots and serial numbers, in LX loops ---------------------------------------------------------------------


def lot_loops(item: Record, env: Environment, *, lot: bool = True) -> list[Record] | None:
    """Return the loop that says lot and serial numbers of the goods before it, or None."""
    rows = numbered("lot", item.get("lot") if lot else None, env)
    for serial in item.get("serials") or ():
        rows += numbered("serial", serial, env)
    return [{"LX": {"LX01": 1}, "N9": rows}] if rows else None


def serials(loops: Iterable[Record] | None, env: Environment) -> list[str] | None:
    """Return the serial numbers that loops say."""
    return [number for loop in loops or () for number in said_all(loop.get("N9"), "serial", env)] or None
