"""The official rules say of their own examples what their makers expect, so what they say of ours can be believed."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from standards import official

pytestmark = official.needed

_TESTS = "{http://difi.no/xsd/vefa/validator/1.0}"
_EXPECTATIONS = 216


def _expected(path: Path) -> Iterator[tuple[bytes, str, str]]:
    """Documents of a test set (one set has an invoice), each with a rule and its verdict: success, error, warning."""
    etree: Any = import_module("lxml.etree")
    for test in etree.parse(path).iter(f"{_TESTS}test"):
        *_, document = test.iterchildren("*")
        for one in test.find(f"{_TESTS}assert").iterchildren("*"):
            verdict = str(one.tag).removeprefix(_TESTS)
            if verdict != "description":
                yield etree.tostring(document), str(one.text).strip(), verdict


def _sets() -> list[Any]:
    return sorted((official.FOUND / "en16931" / "unit-creditnote").glob("*.xml")) if official.FOUND else []


@pytest.mark.parametrize("path", _sets(), ids=lambda path: path.stem)
def test_the_rules_give_the_verdicts_that_their_makers_expect(path: Path) -> None:
    wrong = []
    for data, rule, verdict in _expected(path):
        if (rule in official.by_en16931(data)) is (verdict == "success"):
            wrong.append((rule, verdict))
    assert wrong == []


def test_every_expectation_is_asked() -> None:
    assert sum(1 for path in _sets() for _ in _expected(path)) == _EXPECTATIONS


@pytest.mark.parametrize("version", official.VERSIONS)
def test_the_public_credit_notes_keep_the_schemas(version: str) -> None:
    paths = sorted(official.folder().glob("*/examples/*[cC]redit*ote*.xml"))
    assert paths
    assert {path.name: official.by_schema(path.read_bytes(), version) for path in paths} == {p.name: [] for p in paths}
