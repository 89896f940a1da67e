"""Code lists say in one line what every code of the schemas means; the outside lists are whole."""

import json
import re
from typing import Any

import pytest
from openreturns._schemas import DOCUMENTS, code_list, folder, load

OUTSIDE = {"Currency", "Country", "TaxCategory", "UnitOfMeasure"}
DERIVED = {"DispositionPosition": "DispositionValue"}  # says more about the codes of another list
LISTS = {
    (listed := json.loads(path.read_text("utf-8")))["name"]: listed for path in (folder() / "code-lists").glob("*.json")
}
ENUMS = {
    name: body["enum"]
    for document in ("common", *DOCUMENTS)
    for name, body in load(document)["$defs"].items()
    if "enum" in body
}


def codes(name: str) -> list[str]:
    return [row["code"] for row in LISTS[name]["values"]]


def test_there_is_a_list_for_every_enumeration_and_no_other() -> None:
    assert set(LISTS) == set(ENUMS) | OUTSIDE | set(DERIVED)


@pytest.mark.parametrize(("name", "about"), DERIVED.items())
def test_a_derived_list_has_a_row_for_every_code_it_is_about(name: str, about: str) -> None:
    assert codes(name) == ENUMS[about]


@pytest.mark.parametrize("name", sorted(ENUMS))
def test_a_list_has_the_codes_of_its_enumeration_in_order(name: str) -> None:
    assert codes(name) == ENUMS[name]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_every_code_has_one_line_of_meaning(name: str) -> None:
    listed = LISTS[name]
    assert listed["description"]
    assert len(set(codes(name))) == len(codes(name))
    for row in listed["values"]:
        assert row["meaning"]
        assert "\n" not in row["meaning"]


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_list_is_found_by_its_name(name: str) -> None:
    kebab = re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()
    assert code_list(kebab)["name"] == name


@pytest.mark.parametrize("name", sorted(OUTSIDE))
def test_a_list_from_outside_names_its_source_and_has_the_form_of_its_codes(name: str) -> None:
    assert LISTS[name]["source"]
    definition: dict[str, Any] = load("common")["$defs"].get(name) or load("common")["$defs"][f"{name}Code"]
    assert all(re.fullmatch(definition["pattern"], code) for code in codes(name))


@pytest.mark.parametrize(("code", "digits"), [("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4), ("ISK", 0), ("HUF", 2)])
def test_a_currency_says_its_digits_after_the_point(code: str, digits: int) -> None:
    assert {row["code"]: row["minorUnits"] for row in LISTS["Currency"]["values"]}[code] == digits


def test_the_outside_lists_are_whole() -> None:
    assert len(codes("Country")) == 249
    assert len(codes("UnitOfMeasure")) == 2162
    assert {"EA", "C62", "XCS", "KGM"} <= set(codes("UnitOfMeasure"))
    assert {"S", "Z", "E", "AE", "K", "G", "O", "L", "M", "B"} <= set(codes("TaxCategory"))
    assert not {"XXX", "XTS", "XAU"} & set(codes("Currency"))
