"""The crosswalk tells of every mapping of this project what it carries, and of nothing more."""

from __future__ import annotations

import pytest
from openreturns import adapter, adapter_names
from openreturns.mapping import Mapping
from openreturns.mapping._table import plain, rows
from openreturns_codegen import __main__ as command

PAGE = command.CROSSWALK.read_text("utf-8")
OURS = [one for one in map(adapter, adapter_names()) if one.folder.is_relative_to(command.ROOT / "adapters")]
MAPPINGS = [
    pytest.param(ours.name, mapping, id=f"{ours.name}.{mapping.native}-{mapping.canonical}")
    for ours in OURS
    for mapping in ours.mappings
]


def cells(name: str, mapping: Mapping) -> dict[str, str]:
    """What the page says of a record, by canonical field."""
    title = f"{name}.{mapping.native}"
    for block in PAGE.split("\n### "):
        head, _, table = block.partition("\n\n")
        lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if "|" in line]
        if head.endswith(f": {mapping.canonical}") and title in lines[0]:
            place = lines[0].index(title)
            return {line[0].strip("`"): line[place] for line in lines[2:]}
    raise LookupError(title)


@pytest.mark.parametrize(("name", "mapping"), MAPPINGS)
def test_every_pair_of_fields_stands_in_the_table(name: str, mapping: Mapping) -> None:
    told = cells(name, mapping)
    for row in rows(mapping):
        if row.codec is not None:
            cell = told[plain(row.canonical)]
            assert f"`{row.native}`" in cell or "*several*" in cell, row.canonical


@pytest.mark.parametrize(("name", "mapping"), MAPPINGS)
def test_what_is_not_carried_is_empty(name: str, mapping: Mapping) -> None:
    carried = {plain(path) for row in rows(mapping) for path in (row.canonical, *(() if row.canonical else row.reads))}
    for field, cell in cells(name, mapping).items():
        if cell and not cell.startswith("in "):
            assert field in carried
