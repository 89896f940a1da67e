"""The page about the canonical model tells everything the contract says, and says where it comes from."""

from __future__ import annotations

from typing import Any

import pytest
from openreturns._schemas import DOCUMENTS, code_list, folder, load, transitions
from openreturns.invariants import RULES
from openreturns_codegen import __main__ as command
from openreturns_codegen.page import LONGEST_LIST

PAGE = command.PAGE.read_text("utf-8")
COMMON: dict[str, Any] = load("common")["$defs"]


def section(title: str) -> str:
    """The text from a heading to the next one as high."""
    for level in ("##", "###"):
        _, found, rest = PAGE.partition(f"\n{level} {title}\n")
        if found:
            return rest.partition(f"\n{level} ")[0]
    raise LookupError(title)


def objects() -> dict[str, dict[str, Any]]:
    """Every object of the contract with the section that must tell it."""
    found = {load(name)["title"]: load(name) for name in DOCUMENTS}
    return found | {name: node for name, node in COMMON.items() if "properties" in node}


@pytest.mark.parametrize("title", objects())
def test_every_field_stands_in_its_section_with_its_meaning(title: str) -> None:
    schema, told = objects()[title], section(title)
    assert schema["description"] in told
    for node in (schema, *schema.get("$defs", {}).values()):
        for name, field in node.get("properties", {}).items():
            rows = [
                line
                for line in told.splitlines()
                if line.startswith("| `") and line.split("`")[1].split(".")[-1] == name
            ]
            wanted = [line for line in rows if field.get("description", "") in line]
            assert wanted, name
            assert any(("| required |" in line) is (name in node.get("required", ())) for line in wanted), name
            assert any(("*Personal.*" in line) is bool(field.get("x-personal-data")) for line in wanted), name


@pytest.mark.parametrize("path", sorted((folder() / "code-lists").glob("*.json")), ids=lambda path: path.stem)
def test_every_code_stands_in_its_section_or_its_list_is_linked(path: Any) -> None:
    listed = code_list(path.stem)
    told = section(listed["name"])
    assert listed["description"] in told
    if len(listed["values"]) > LONGEST_LIST:
        assert f"code-lists/{path.name}" in told
        return
    for value in listed["values"]:
        assert f"| `{value['code']}` | {value['meaning']} |" in told


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_step_of_a_status_stands_in_the_diagram(document: str) -> None:
    table = transitions()[document]
    told = section(load(document)["title"])
    for step in table["transitions"]:
        assert f"    {step['from']} --> {step['to']}" in told
    for status in table["initial"]:
        assert f"    [*] --> {status}\n" in told
    for status in table["terminal"]:
        assert f"    {status} --> [*]\n" in told


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_stands_with_its_sentence(rule: Any) -> None:
    assert f"\n| {rule.id} | {rule.sentence} |" in section("Rules")


def test_the_page_says_where_it_comes_from() -> None:
    assert PAGE.startswith("<!-- Generated from schemas/1.1.0 and the invariants. Do not edit: ")


def test_no_table_is_broken_by_its_own_words() -> None:
    columns = {line: line.replace("\\|", "").count("|") for line in PAGE.splitlines() if line.startswith("| ")}
    assert set(columns.values()) <= {3, 4, 5}
