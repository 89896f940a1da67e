"""What holds for every mapping of every installed adapter, without knowing the vendor."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from filled import changed, filled
from openreturns import Adapter, adapter, adapter_names
from openreturns._fields import generic
from openreturns._json import dump, parse
from openreturns.errors import ContractError, MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import check
from openreturns.mapping._interpret import present
from openreturns.models import DOCUMENTS, Document
from openreturns.validation import document_validator

HERE = Path(__file__).parents[1]


def configured(name: str) -> Adapter:
    path = HERE / name / "tenant.toml"
    return adapter(name, tomllib.loads(path.read_text("utf-8"))[name])


def chosen(name: str, native: str) -> dict[str, tuple[Any, Any]]:
    """The two values to try for fields where any value will not do (a SKU the tenant knows, say)."""
    rows = tomllib.loads((HERE / name / "values.toml").read_text("utf-8"))
    return {path: tuple(pair) for part in ("all", native) for path, pair in rows.get(part, {}).items()}


def cases(*ways: str) -> list[Any]:
    """Every mapping of every adapter that goes one of these ways."""
    return [
        pytest.param(name, mapping, id=f"{name}.{mapping.native}-{mapping.canonical}")
        for name in adapter_names()
        for mapping in adapter(name).mappings
        if any(way in mapping.directions for way in ways)
    ]


EVERY, READ, WRITTEN = cases("in", "out"), cases("in"), cases("out")
RECORDS = [
    pytest.param(name, path, id=f"{name}/{path.stem}")
    for name in adapter_names()
    for path in sorted((HERE / name).glob("*.json"))
]


@pytest.mark.parametrize(("name", "mapping"), EVERY)
def test_every_field_of_both_contracts_is_accounted_for(name: str, mapping: DocumentMapping) -> None:
    ours = configured(name)
    fields = document_validator(mapping.canonical).fields, ours.contract(mapping.native).fields
    assert [str(problem) for problem in check(mapping, *fields, ours.tenant)] == []


@pytest.mark.parametrize(("name", "mapping"), WRITTEN)
def test_no_canonical_field_is_lost_in_silence(name: str, mapping: DocumentMapping) -> None:
    ours = configured(name)
    fields = document_validator(mapping.canonical).fields
    values = chosen(name, f"{mapping.native}.out")
    translator = ours.translator(mapping.native, mapping.canonical)
    whole = filled(fields, values)
    before = translator.to_native(whole)
    silent = []
    for field, other in changed(whole, fields, values):
        try:
            after = translator.to_native(other)
        except MappingError:
            continue  # refused aloud
        lost = {generic(loss.canonical) for loss in after.losses}
        if after.document == before.document and not _covered(field.path, lost):
            silent.append(field.path)
    assert not silent, silent


@pytest.mark.parametrize(("name", "mapping"), READ)
def test_no_vendor_field_is_lost_in_silence(name: str, mapping: DocumentMapping) -> None:
    ours = configured(name)
    fields = ours.contract(mapping.native).fields
    values = chosen(name, f"{mapping.native}.in")
    translator = ours.translator(mapping.native, mapping.canonical)
    whole = filled(fields, values)
    before = translator.to_canonical(whole)
    ignored = {gap.path for gap in mapping.ignored}
    silent = []
    for field, other in changed(whole, fields, values):
        try:
            after = translator.to_canonical(other)
        except MappingError:
            continue
        lost = {generic(loss.native) for loss in after.losses} | ignored
        if after.document == before.document and not _covered(field.path, lost):
            silent.append(field.path)
    assert not silent, silent


def _covered(path: str, lost: set[str]) -> bool:
    return any(
        path == one or path.startswith((one + ".", one + "[]")) or one.startswith((path + "[", path + "."))
        for one in lost
    )


@pytest.mark.parametrize(("name", "mapping"), WRITTEN)
def test_what_is_declared_dropped_is_reported_when_a_document_has_it(name: str, mapping: DocumentMapping) -> None:
    ours = configured(name)
    whole = filled(document_validator(mapping.canonical).fields, chosen(name, f"{mapping.native}.out"))
    reported = {loss.canonical for loss in ours.translator(mapping.native, mapping.canonical).to_native(whole).losses}
    expected = {p for gap in mapping.losses if gap.kind == "dropped" for p in present(whole, gap.path)}
    assert expected <= reported


@pytest.mark.parametrize(("name", "mapping"), EVERY)
def test_compiled_and_interpreted_rules_make_the_same_document(name: str, mapping: DocumentMapping) -> None:
    ours = configured(name)
    translator = ours.translator(mapping.native, mapping.canonical)
    sides = {"in": ours.contract(mapping.native).fields, "out": document_validator(mapping.canonical).fields}
    for way in mapping.directions:
        values = chosen(name, f"{mapping.native}.{way}")
        whole = filled(sides[way], values)
        for record in (whole, *(other for _, other in changed(whole, sides[way], values))):
            _same_both_ways(translator, way, record)


def _same_both_ways(translator: Any, way: Any, record: Mapping[str, Any]) -> None:
    run = translator.to_canonical if way == "in" else translator.to_native
    try:
        slow, notes = translator.interpret(way, record)
    except MappingError as refused:
        problems = refused.problems
        with pytest.raises(MappingError) as raised:
            run(record)
        assert raised.value.problems == problems
        return
    fast = run(record)
    assert fast.document == slow
    assert not (fast.clean and notes.findings)


@pytest.mark.parametrize(("name", "path"), RECORDS)
def test_a_recorded_vendor_record_becomes_what_it_should(name: str, path: Path) -> None:
    ours = configured(name)
    incident = parse(path.read_bytes())
    native = incident["native_type"].partition(".")[2]
    assert ours.check_record(native, incident["native"]) == ()
    for canonical, expected in incident.get("expect", {}).items():
        if "problems" in expected:
            with pytest.raises((ContractError, MappingError)) as raised:
                ours.read(native, incident["native"], canonical)
            assert [p.code for p in raised.value.problems] == expected["problems"]
            continue
        read = ours.read(native, incident["native"], canonical)
        assert read.document.to_dict() == expected["document"]
        assert sorted({finding.code for finding in read.findings}) == expected.get("findings", [])


@pytest.mark.parametrize(("name", "path"), RECORDS)
def test_every_record_that_can_be_read_says_what_it_must_become(name: str, path: Path) -> None:
    incident = parse(path.read_bytes())
    native = incident["native_type"].partition(".")[2]
    readable = {m.canonical for m in adapter(name).mappings if m.native == native and "in" in m.directions}
    assert set(incident.get("expect", {})) == readable


@pytest.mark.parametrize(("name", "path"), RECORDS)
def test_a_record_as_sent_is_what_its_document_writes(name: str, path: Path) -> None:
    incident = parse(path.read_bytes())
    if "written_from" in incident:
        native = incident["native_type"].partition(".")[2]
        document = document_of(incident["written_from"])
        assert [w.record for w in configured(name).write(document, native)] == [incident["native"]]


def document_of(data: dict[str, Any]) -> Document:
    return DOCUMENTS[data["meta"]["schema"].split("/")[1]].model_validate_json(dump(data))
