"""Schemas, code lists, status tables and rules in, one page of documentation out: the same text on every run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openreturns.invariants import Rule

__all__ = ["Source", "page"]

Schema = Mapping[str, Any]

INTRODUCTION = Path(__file__).with_name("canonical-model.md")
NOTICE = "<!-- Generated from schemas/{version} and the invariants. Do not edit: python -m openreturns_codegen -->"

# A list of the world's units or countries is no reading matter.
LONGEST_LIST = 40

_WORDS = {"boolean": "yes or no", "integer": "whole number", "string": "text", "object": "object"}


@dataclass(frozen=True, slots=True)
class Source:
    """Everything the page is made from.

    `schemas` are by name, with `common` among them; `lists` (code lists) and `files` (where they lie) by the
    definition they belong to.
    """

    version: str
    schemas: Mapping[str, Schema]
    lists: Mapping[str, Schema]
    files: Mapping[str, str]
    transitions: Schema
    rules: Sequence[Rule]

    @property
    def common(self) -> Mapping[str, Schema]:
        """The shared definitions by name."""
        definitions: Mapping[str, Schema] = self.schemas["common"]["$defs"]
        return definitions

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of the documents, in the order they were given."""
        return tuple(name for name in self.schemas if name != "common")


def page(source: Source) -> str:
    """Return the page: the introduction as written by hand, and below it what the contract says."""
    sections = [
        NOTICE.format(version=source.version),
        INTRODUCTION.read_text("utf-8").strip(),
        *(section for name in source.documents for section in _document(name, source)),
        *_parts(source),
        *_plain_values(source),
        *_lists(source),
        *_rules(source),
    ]
    return "\n\n".join(sections) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(f"| {line} |" for line in cells)


def _document(name: str, source: Source) -> Iterator[str]:
    schema = source.schemas[name]
    yield f"## {schema['title']}"
    yield str(schema["description"])
    yield _fields(schema, schema.get("$defs", {}), source)
    yield from _statuses(name, source)


# --- fields --------------------------------------------------------------------------------------------------


def _fields(schema: Schema, own: Mapping[str, Schema], source: Source) -> str:
    return _table(("field", "type", "", "meaning"), _rows(schema, "", own, source))


def _rows(schema: Schema, at: str, own: Mapping[str, Schema], source: Source) -> Iterator[tuple[str, str, str, str]]:
    """Yield a row a field; objects that only this document has are written out in place."""
    for name, node in schema["properties"].items():
        many = node.get("type") == "array"
        inner = node["items"] if many else node
        target = _name(inner)
        expanded = own.get(target, {}) if "properties" in own.get(target, {}) else {}
        path = f"{at}{name}"
        one = _type(inner, source) if not expanded else "objects" if many else "object"
        kind = f"list of {one}" if many else one
        meaning = f"{node.get('description', '')}{' *Personal.*' if node.get('x-personal-data') else ''}"
        yield f"`{path}`", kind, "required" if name in schema.get("required", ()) else "", meaning
        if expanded:
            yield from _rows(expanded, f"{path}{'[]' if many else ''}.", own, source)


def _name(node: Schema) -> str:
    return str(node.get("$ref", "")).rsplit("/", 1)[-1]


def _type(node: Schema, source: Source) -> str:
    name = _name(node)
    if not name:
        return _WORDS[node["type"]]
    described = name in source.lists or "properties" in source.common.get(name, {})
    return f"[{name}](#{name.lower() if described else 'plain-values'})"


# --- statuses ------------------------------------------------------------------------------------------------


def _statuses(document: str, source: Source) -> Iterator[str]:
    table = source.transitions[document]
    listed = source.lists[table["statuses"]]
    yield f"### {table['statuses']}"
    yield str(listed["description"])
    rows = []
    for value in listed["values"]:
        steps = [_step(step) for step in table["transitions"] if step["from"] == value["code"]]
        begins = "may be the first" if value["code"] in table["initial"] else ""
        rows.append((f"`{value['code']}`", value["meaning"], begins, ", ".join(steps) or "nothing"))
    yield _table(("status", "meaning", "", "may be followed by"), rows)
    yield "\n".join(["```mermaid", "stateDiagram-v2", *_diagram(table), "```"])


def _step(step: Schema) -> str:
    conditions = _conditions(step)
    return f"`{step['to']}`{f' ({conditions})' if conditions else ''}"


def _conditions(step: Schema) -> str:
    return " or ".join(f"{fact} is {' or '.join(codes)}" for fact, codes in step.get("when", {}).items())


def _diagram(table: Schema) -> Iterator[str]:
    yield from (f"    [*] --> {status}" for status in table["initial"])
    for step in table["transitions"]:
        conditions = _conditions(step)
        yield f"    {step['from']} --> {step['to']}{f' : {conditions}' if conditions else ''}"
    yield from (f"    {status} --> [*]" for status in table["terminal"])


# --- shared parts, values, codes, rules ----------------------------------------------------------------------


def _parts(source: Source) -> Iterator[str]:
    yield "## Shared parts"
    for name, schema in source.common.items():
        if "properties" in schema:
            yield f"### {name}"
            yield str(schema["description"])
            yield _fields(schema, {}, source)


def _plain_values(source: Source) -> Iterator[str]:
    yield "## Plain values"
    rows = [
        (f"`{name}`", str(schema["description"]))
        for name, schema in source.common.items()
        if "properties" not in schema and name not in source.lists
    ]
    yield _table(("value", "meaning"), rows)


def _lists(source: Source) -> Iterator[str]:
    statuses = {source.transitions[document]["statuses"] for document in source.documents}
    yield "## Code lists"
    yield (
        "Lists that a schema closes are complete: another code is refused. A code that a system did not know how to "
        "translate is the list's own way of saying so (`other`, `pending`, `unidentified`), with the system's own "
        "word in `source`."
    )
    for name, listed in source.lists.items():
        if name in statuses:
            continue
        yield f"### {name}"
        yield str(listed["description"])
        if len(listed["values"]) > LONGEST_LIST:
            yield f"{len(listed['values'])} codes: [`{source.files[name]}`](../{source.files[name]})."
        else:
            yield _codes(listed["values"])


def _codes(values: Sequence[Schema]) -> str:
    if not any("position" in value for value in values):
        return _table(("code", "meaning"), [(f"`{value['code']}`", value["meaning"]) for value in values])
    rows = [
        (
            f"`{value['code']}`",
            value["meaning"],
            _position(value["position"]) if "position" in value else "nowhere",
            ", ".join(map(_position, value.get("also", ()))),
        )
        for value in values
    ]
    return _table(("code", "meaning", "goes to", "or to"), rows)


def _position(position: Mapping[str, str]) -> str:
    return f"`{' '.join(position.values())}`"


_SCOPES = {"L": "a document", "X": "a case", "LX": "both"}


def _rules(source: Source) -> Iterator[str]:
    yield "## Rules"
    yield (
        "What no schema can hold. `openreturns validate` holds each document to them, `openreturns validate --case` "
        "all documents of a case together; `openreturns.invariants.RULES` is this table."
    )
    rows = [
        (
            rule.id,
            rule.sentence,
            "all" if set(rule.documents) == set(source.documents) else ", ".join(rule.documents),
            _SCOPES[rule.scope],
        )
        for rule in source.rules
    ]
    yield _table(("id", "rule", "about", "looks at"), rows)
