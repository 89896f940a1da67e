"""The official rules of electronic invoices, where their files are: beside the checkout, or where the environment says.

They are test data under licences of their own and never part of the project. Without them what needs them is skipped.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PLACES = (os.environ.get("OPENRETURNS_STANDARDS", ""), str(ROOT.parent / "shared" / "standards"))
FOUND = next((Path(place) for place in PLACES if place and Path(place).is_dir()), None)

needed = pytest.mark.skipif(
    FOUND is None, reason="the official rules are not here: set OPENRETURNS_STANDARDS to their folder"
)

_CREDIT_NOTE = "maindoc/UBL-CreditNote-{0}.xsd"
_STYLESHEETS = {
    "EN 16931": "en16931/EN16931-UBL-validation.xslt",
    "Peppol": "peppol-bis3/xslt/PEPPOL-EN16931-UBL.xslt",
}
VERSIONS = ("2.1", "2.4")

# A failed assertion of a report in SVRL, the ISO Schematron's own form.
_failed = re.compile(r"<svrl:failed-assert\b[^>]*>", re.DOTALL)
_id = re.compile(r'\bid="([^"]+)"')


def folder() -> Path:
    """The folder of the files; only where `needed` let the test run."""
    assert FOUND is not None
    return FOUND


def _etree() -> Any:
    return import_module("lxml.etree")


@cache
def _schema(version: str) -> Any:
    return _etree().XMLSchema(_etree().parse(folder() / f"ubl-{version}" / "xsdrt" / _CREDIT_NOTE.format(version)))


@cache
def _saxon() -> Any:
    return import_module("saxonche").PySaxonProcessor(license=False)


@cache
def _stylesheet(name: str) -> Any:
    compiler = _saxon().new_xslt30_processor()
    return compiler.compile_stylesheet(stylesheet_file=str(folder() / _STYLESHEETS[name]))


def by_schema(data: bytes, version: str = "2.1") -> list[str]:
    """What the XML Schema of a UBL version finds wrong."""
    schema = _schema(version)
    document = _etree().fromstring(data)
    return [] if schema.validate(document) else [str(error.message) for error in schema.error_log]


def element_order(version: str) -> dict[str, list[str]]:
    """The elements that a UBL version has in each element, in order."""
    xs = "{http://www.w3.org/2001/XMLSchema}"
    places = (_CREDIT_NOTE.format(version), f"common/UBL-CommonAggregateComponents-{version}.xsd")
    roots = [_etree().parse(folder() / f"ubl-{version}" / "xsdrt" / place).getroot() for place in places]
    types = {
        one.get("name"): [child.get("ref").partition(":")[2] for child in one.iter(f"{xs}element")]
        for root in roots
        for one in root.iter(f"{xs}complexType")
    }
    named = (one for root in roots for one in root.iterchildren(f"{xs}element"))
    return {one.get("name"): types[one.get("type").rpartition(":")[2]] for one in named}


def _by_rules(name: str) -> Callable[[bytes], list[str]]:
    def run(data: bytes) -> list[str]:
        node = _saxon().parse_xml(xml_text=data.decode())
        report = _stylesheet(name).transform_to_string(xdm_node=node)
        return sorted({found[1] for one in _failed.findall(report) if (found := _id.search(one))})

    return run


by_en16931 = _by_rules("EN 16931")
by_peppol = _by_rules("Peppol")


def findings(data: bytes) -> list[str]:
    """What the official rules find wrong with a credit note: `XSD` where the schemas do, and then nothing more."""
    if any(by_schema(data, version) for version in VERSIONS):
        return ["XSD"]
    return [*by_en16931(data), *by_peppol(data)]
