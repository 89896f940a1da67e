"""Schemas, code lists, status tables and rules in, one page of documentation out: the same text on every run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from openreturns_codegen.markdown import table
from openreturns_codegen.model import Field, Schema, Source, fields

__all__ = ["conditions", "diagram", "page"]

INTRODUCTION = Path(__file__).with_name("canonical-model.md")
NOTICE = "<!-- Generated from schemas/{version} and the invariants. Do not edit: python -m openreturns_codegen -->"

# A list of the world's units or countries is no reading matter.
LONGEST_LIST = 40

_WORDS = {"boolean": "yes or no", "integer": "whole number", "string": "text"}


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


def _document(name: str, source: Source) -> Iterator[str]:
    schema = source.schemas[name]
    yield f"## {schema['title']}"
    yield str(schema["description"])
    yield _fields(schema, source)
    yield from _statuses(name, source)


# --- fields --------------------------------------------------------------------------------------------------


def _fields(schema: Schema, source: Source) -> str:
    return table(("field", "type", "", "meaning"), (_row(field, source) for field in fields(schema)))


def _row(field: Field, source: Source) -> tuple[str, str, str, str]:
    one = _type(field, source)
    kind = f"list of {one}" if field.many else one
    meaning = f"{field.meaning}{' *Personal.*' if field.personal else ''}"
    return f"`{field.path}`", kind, "required" if field.required else "", meaning


def _type(field: Field, source: Source) -> str:
    name = field.type
    if name == "object":
        return "objects" if field.many else "object"
    if name in _WORDS:
        return _WORDS[name]
    described = name in source.lists or name in source.parts
    return f"[{name}](#{name.lower() if described else 'plain-values'})"


# --- statuses ------------------------------------------------------------------------------------------------


def _statuses(document: str, source: Source) -> Iterator[str]:
    status = source.transitions[document]
    listed = source.lists[status["statuses"]]
    yield f"### {status['statuses']}"
    yield str(listed["description"])
    rows = []
    for value in listed["values"]:
        steps = [_step(step) for step in status["transitions"] if step["from"] == value["code"]]
        begins = "may be the first" if value["code"] in status["initial"] else ""
        rows.append((f"`{value['code']}`", value["meaning"], begins, ", ".join(steps) or "nothing"))
    yield table(("status", "meaning", "", "may be followed by"), rows)
    yield "\n".join(["```mermaid", "stateDiagram-v2", *diagram(status), "```"])


def _step(step: Schema) -> str:
    said = conditions(step)
    return f"`{step['to']}`{f' ({said})' if said else ''}"


def conditions(step: Schema) -> str:
    """Return what must hold for a step, empty for one that is always open."""
    return " or ".join(f"{fact} is {' or '.join(codes)}" for fact, codes in step.get("when", {}).items())


def diagram(status: Schema) -> Iterator[str]:
    """Yield the lines of a state diagram in Mermaid."""
    yield from (f"    [*] --> {code}" for code in status["initial"])
    for step in status["transitions"]:
        said = conditions(step)
        yield f"    {step['from']} --> {step['to']}{f' : {said}' if said else ''}"
    yield from (f"    {code} --> [*]" for code in status["terminal"])


# --- shared parts, values, codes, rules ----------------------------------------------------------------------


def _parts(source: Source) -> Iterator[str]:
    yield "## Shared parts"
    for name, schema in source.parts.items():
        yield f"### {name}"
        yield str(schema["description"])
        yield _fields(schema, source)


def _plain_values(source: Source) -> Iterator[str]:
    yield "## Plain values"
    rows = [(f"`{name}`", str(schema["description"])) for name, schema in source.values.items()]
    yield table(("value", "meaning"), rows)


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
        return table(("code", "meaning"), [(f"`{value['code']}`", value["meaning"]) for value in values])
    rows = [
        (
            f"`{value['code']}`",
            value["meaning"],
            _position(value["position"]) if "position" in value else "nowhere",
            ", ".join(map(_position, value.get("also", ()))),
        )
        for value in values
    ]
    return table(("code", "meaning", "goes to", "or to"), rows)


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
    yield table(("id", "rule", "about", "looks at"), rows)
