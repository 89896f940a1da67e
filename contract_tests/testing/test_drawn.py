"""What the kit draws for an adapter: the same for the same seed, more with more cases, and taken by its mappings."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from openreturns import adapter
from openreturns.errors import MappingError
from openreturns.testing import Candidate, Evidence, candidate
from openreturns.testing._apart import translated
from openreturns.testing._drawn import carried_values, drawn

TESTS = Path(__file__).parents[1]
# Adapters of which drawn documents name what their tenant knows, with the least of a hundred that are taken.
TAKEN = {"netsuite": 10, "salesforce": 15, "ubl": 15}


def known(name: str, *, seed: int = 0, cases: int = 20) -> Candidate:
    return candidate(name, TESTS / name, seed=seed, cases=cases)


def test_the_same_seed_draws_the_same_and_another_one_another() -> None:
    first, again, other = (
        {way: drawn(known("netsuite", seed=seed), mapping, way) for way in mapping.directions}
        for seed in (7, 7, 8)
        for mapping in [next(one for one in adapter("netsuite").mappings if len(one.directions) == 2)]
    )
    assert first == again
    assert all(first[way] != other[way] for way in first)


def test_what_is_drawn_does_not_hang_on_what_else_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [mapping, *_] = [one for one in adapter("netsuite").mappings if len(one.directions) == 2]
    before = {way: drawn(known("netsuite", cases=60), mapping, way) for way in mapping.directions}
    words = [f"word-{number}" for number in range(500)]
    (tmp_path / "full_of_words.py").write_text(f"WORDS = {words!r}\nNUMBERS = {list(range(700, 1200))!r}\n")
    monkeypatch.syspath_prepend(tmp_path)
    import_module("full_of_words")
    assert {way: drawn(known("netsuite", cases=60), mapping, way) for way in mapping.directions} == before


@pytest.mark.parametrize("cases", [3, 40])
def test_as_many_are_drawn_as_there_are_cases(cases: int) -> None:
    ours = known("netsuite", cases=cases)
    assert [len(drawn(ours, one, way)) for one in ours.mappings for way in one.directions].count(cases) >= 7


def test_all_checks_share_what_is_drawn() -> None:
    ours = known("shipbob")
    [one, *_] = [mapping for mapping in ours.mappings if "in" in mapping.directions]
    assert drawn(ours, one, "in") is drawn(ours, one, "in")


@pytest.mark.parametrize("name", TAKEN)
def test_enough_of_what_is_drawn_is_written(name: str) -> None:
    ours = known(name, cases=100)
    for mapping in ours.mappings:
        if set(mapping.directions) == {"in", "out"}:
            translator = ours.translator(mapping)
            made = [translated(translator, "out", document) for document in drawn(ours, mapping, "out")]
            assert sum(one is not None for one in made) >= TAKEN[name], mapping.native


def test_another_value_is_put_where_a_document_has_one_beyond_the_first_line_too() -> None:
    ours = known("avatax", cases=60)
    [credit] = [one for one in ours.mappings if "out" in one.directions]
    pointers = {pointer for _, pointer, _, _ in carried_values(ours, credit, "out")}
    assert {"/lines/0/lineId", "/lines/1/lineId"} <= pointers


def test_master_data_that_there_is_not_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "master.toml").write_text("customer = []")
    ours = replace(known("netsuite"), evidence=Evidence("netsuite", tmp_path))
    with pytest.raises(MappingError, match=r"master\.toml.*customer"):
        drawn(ours, ours.mappings[0], "out")
