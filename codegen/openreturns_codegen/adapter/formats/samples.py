"""A folder of sample payloads: JSON, CSV with a head row, XML."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree

from openreturns.errors import MappingError

from openreturns_codegen.adapter.formats.inferred import inferred
from openreturns_codegen.adapter.formats.records import one_record
from openreturns_codegen.adapter.model import Description, Operation
from openreturns_codegen.adapter.source import Source

__all__ = ["describe"]

_WHOLE = re.compile(r"-?(0|[1-9]\d{0,14})").fullmatch


def describe(given: Sequence[Source]) -> Description:
    """Return what samples show: a record a name, however many samples of it there are (`return-1`, `return-2`)."""
    groups: dict[str, list[Any]] = {}
    for source in given:
        groups.setdefault(_name(source.name), []).extend(_records(source))
    schemas = {name: inferred(records) for name, records in groups.items() if records}
    objects = {name: schema for name, schema in schemas.items() if schema.get("properties")}
    if not objects:
        raise MappingError(f"{given[0].name}:1: /: no sample holds a record", kind="description")
    operations = []
    for name, schema in objects.items():
        record, inside, many = one_record({}, schema)
        operations.append(Operation("", name, gives=record, gives_in=inside, many=many, takes=record, takes_in=inside))
    return Description(
        form="samples", title=given[0].name, version="1", root={}, operations=operations, schemas=objects
    )


def _name(file: str) -> str:
    stem = file.split(".")[0]
    return re.sub(r"[-_ ]*\d+$", "", stem) or stem


def _records(source: Source) -> list[Any]:
    if source.data is not None:
        return source.data if isinstance(source.data, list) else [source.data]
    if source.name.lower().endswith(".csv"):
        return _rows(source)
    if source.name.lower().endswith(".xml"):
        return [_element(_parsed(source))]
    raise MappingError(f"{source.name}:1: /: is neither a description nor a sample", kind="description")


def _rows(source: Source) -> list[dict[str, str]]:
    text = source.text
    try:
        dialect: Any = csv.Sniffer().sniff(text[:4096], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = list(csv.reader(io.StringIO(text), dialect, strict=True))
    head = rows[0] if rows else []
    for number, row in enumerate(rows[1:], 2):
        if row and len(row) != len(head):
            message = f"{source.name}:{number}: /: {len(row)} values under {len(head)} names"
            raise MappingError(message, kind="description")
    return [dict(zip(head, row, strict=True)) for row in rows[1:] if row]


def _parsed(source: Source) -> ElementTree.Element:
    if "<!DOCTYPE" in source.text or "<!ENTITY" in source.text:
        raise MappingError(f"{source.name}:1: /: document types are not read", kind="description")
    try:
        return ElementTree.fromstring(source.text)  # noqa: S314 - without a document type there is nothing to expand
    except ElementTree.ParseError as error:
        raise MappingError(f"{source.name}:{error.position[0]}: /: {error}", kind="description") from None


def _element(element: ElementTree.Element) -> Any:  # noqa: ANN401 - any JSON value
    """Return an element as JSON: children by name, a list where a name comes again or is the parent's plural."""
    found: dict[str, list[Any]] = {}
    for child in element:
        found.setdefault(child.tag.rpartition("}")[2], []).append(_element(child))
    for name, value in element.attrib.items():
        found.setdefault(name.rpartition("}")[2], []).append(value)
    if not found:
        return (element.text or "").strip()
    own = element.tag.rpartition("}")[2].lower()
    if len(found) == 1 and (len(next(iter(found.values()))) > 1 or own.startswith(next(iter(found)).lower())):
        return next(iter(found.values()))
    return {name: values if len(values) > 1 else values[0] for name, values in found.items()}
