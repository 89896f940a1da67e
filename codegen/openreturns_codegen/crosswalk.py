"""The page that sets canonical fields and codes beside those of every standard and vendor, made from the mappings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from openreturns._schemas import DOCUMENTS, code_list, folder
from openreturns.adapters import Adapter, adapter, adapter_names
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._table import Row, plain, rows
from openreturns.validation import document_validator

from openreturns_codegen.markdown import table

__all__ = ["adapters_of", "crosswalk", "within"]

_HEAD = """# Crosswalk

<!-- Generated from the adapters' mappings and code tables. Do not edit: make generate -->

What each canonical field is called elsewhere, and which word stands for each code. `a` is read and written, `<- a` is
only read, `-> a` only written; *several* are made of many fields by a function (`openreturns explain` names them); `~`
says that it does not arrive whole or not always, and `openreturns loss` says why. A field that is carried as part of
another is in that one's row; an empty cell is not carried. Fields that no system of a table carries are left out. Codes
and words are the names of the systems' own lists; what they mean is theirs to define.
"""
_SHOWN = 2  # paths in a cell; more are "several"


class _Column(NamedTuple):
    """One record of one system, with the rows of its mapping."""

    title: str
    mapping: DocumentMapping
    rows: tuple[Row, ...]


def crosswalk(root: Path) -> str:
    """Return the page about the adapters that belong to this project, by document, standards before vendors."""
    ours = adapters_of(root)
    parts = [_HEAD]
    for document in DOCUMENTS:
        parts.append(f"## {document.capitalize()}\n")
        for title, systems in (("Standards", _standards(ours)), ("Vendors", _vendors(ours))):
            columns = [*_columns(systems, document)]
            if columns:
                parts.append(f"### {title}: {document}\n\n{_fields(document, columns)}\n")
    parts += ["## Codes\n", *_codes(ours)]
    return "\n".join(parts).rstrip() + "\n"


def adapters_of(root: Path) -> list[Adapter]:
    """Return the adapters that belong to this project; others may be installed beside them."""
    named = (adapter(name) for name in adapter_names())
    return [one for one in named if one.folder.is_relative_to(root / "adapters")]


def _standards(found: Iterable[Adapter]) -> list[Adapter]:
    return [one for one in found if "documents" in one.manifest["roles"]]


def _vendors(found: Iterable[Adapter]) -> list[Adapter]:
    return [one for one in found if "documents" not in one.manifest["roles"]]


# --- fields ---------------------------------------------------------------------------------------------------


def _columns(systems: Iterable[Adapter], document: str) -> Iterator[_Column]:
    for ours in systems:
        for mapping in ours.mappings:
            if mapping.canonical == document:
                yield _Column(f"{ours.name}.{mapping.native}", mapping, rows(mapping))


def _fields(document: str, columns: list[_Column]) -> str:
    found = []
    for path in document_validator(document).fields:
        cells = [_cell(path, column) for column in columns]
        if any(cells):
            found.append(
                [f"`{path}`", *(cell or _part(path, column) for cell, column in zip(cells, columns, strict=True))]
            )
    return table(["field", *(column.title for column in columns)], found)


def _cell(path: str, column: _Column) -> str:
    """Return what a field is called in a record, empty where no rule names this very field."""
    read, written = ([*_paths(path, column.rows, way)] for way in ("in", "out"))
    if read == written:
        said = _spelled(read)
    else:
        ways = (("<-", read), ("->", written))
        said = " ".join(f"{arrow} {_spelled(paths)}" for arrow, paths in ways if paths)
    lossy = any(within(path, gap.path) for gap in column.mapping.losses if gap.kind == "lossy")
    return said + (" ~" if said and lossy else "")


def _part(path: str, column: _Column) -> str:
    """Return the field that this one is a part of, where a rule carries that as a whole."""
    if any(within(path, gap.path) for gap in column.mapping.losses if gap.kind == "dropped"):
        return ""
    named = {plain(one) for row in column.rows for one in _ours(row) if row.how != "each element"}
    above = [one for one in named if one != path and within(path, one)]
    return f"in `{max(above, key=len)}`" if above else ""


def _ours(row: Row) -> tuple[str, ...]:
    return (row.canonical,) if row.canonical else row.reads


def _paths(path: str, told: Iterable[Row], way: str) -> Iterator[str]:
    """Yield the other side's paths that a canonical field is filled from, or goes to, each once."""
    seen: set[str] = set()
    for row in told:
        if row.direction not in ("both", way) or row.how == "each element":
            continue
        theirs = (row.native,) if row.native else row.reads if row.canonical else ()
        if any(path == plain(one) for one in _ours(row)):
            yield from (one for one in theirs if one not in seen)
            seen.update(theirs)


def within(path: str, of: str) -> bool:
    """Return whether a field is another, or a part of it."""
    return path == of or path.startswith((f"{of}.", f"{of}[]"))


def _spelled(paths: list[str]) -> str:
    return "*several*" if len(paths) > _SHOWN else ", ".join(f"`{path}`" for path in paths)


# --- codes ----------------------------------------------------------------------------------------------------


def _lists() -> dict[str, list[str]]:
    """Return the canonical code lists that code tables are about; those of the world are too long."""
    found = {}
    for path in sorted((folder() / "code-lists").glob("*.json")):
        listed = code_list(path.stem)
        codes = [row["code"] for row in listed["values"]]
        if path.stem not in _OF_THE_WORLD:
            found[listed["name"]] = codes
    return found


_OF_THE_WORLD = ("country", "currency", "disposition-position", "tax-category", "unit-of-measure")


def _codes(found: Iterable[Adapter]) -> Iterator[str]:
    words: dict[str, dict[str, Mapping[str, list[str]]]] = {name: {} for name in _lists()}
    for ours in found:
        for name, known in ours.tenant.tables.items():
            spelled: dict[str, list[str]] = {}
            for word, code in known.read.items():
                spelled.setdefault(code, []).append(str(word))
            for code, word in known.write.items():
                others = [one for one in spelled.get(code, ()) if one != str(word)]
                spelled[code] = [str(word), *others]
            if home := _home(set(spelled)):
                words[home][f"{ours.name} {name}"] = spelled
    for name, columns in words.items():
        if columns:
            rows_ = [[f"`{code}`", *(_words(one.get(code, [])) for one in columns.values())] for code in _lists()[name]]
            yield f"### {name}\n\n{table(['code', *columns], rows_)}\n"


def _home(codes: set[str]) -> str:
    """Return the code list that a table's codes are of: the shortest that has them all, where there are several."""
    fits = [(len(listed), name) for name, listed in _lists().items() if len(codes) > 1 and codes <= set(listed)]
    return min(fits)[1] if fits else ""


def _words(spelled: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in spelled)
