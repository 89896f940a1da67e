"""Ask one of two engines whether a value keeps its JSON Schema, and if not, where and why.

jsonschema-rs answers by default; fastjsonschema (pure Python) where the former has no wheel, or when
`OPENRETURNS_VALIDATOR=fastjsonschema` says so. Both give the same verdict on the portable subset that our
schemas are written in; the contract tests hold them to it.

A whole number may be written 1.0 or 1E+2 (JSON Schema 2020-12, 6.1.1), and then is a Decimal here. Neither engine
takes that for one at once, so that what `keeps` is quick to say yes to holds whole numbers as int.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, cached_property, partial, reduce
from operator import getitem
from typing import Any

from openreturns._fields import Field, fields, generic, pointer, resolve
from openreturns._json import unusual
from openreturns._schemas import VERSION, bundle
from openreturns.errors import ContractError, Problem

__all__ = ["ENGINES", "Validator", "document_validator", "fractions"]

ENGINES = ("jsonschema-rs", "fastjsonschema")


_timestamp = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt]((\d\d):(\d\d)):(\d\d)(\.\d+)?([Zz]|([+-])(\d\d):(\d\d))", re.ASCII
).fullmatch
_date = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII).fullmatch
_DAY = 24 * 60


def _is_date(text: object) -> bool:
    """Whether text has the spelling of RFC 3339 and names a day that exists; the year 0000 is one like 0400."""
    try:
        spelled = not isinstance(text, str) or _date(text)
        return bool(spelled and (not isinstance(text, str) or date.fromisoformat(re.sub("^0000", "0400", text))))
    except ValueError:
        return False


def _is_timestamp(text: object) -> bool:
    """Whether text has the spelling of RFC 3339 and names a moment; a leap second ends a day of UTC."""
    if not isinstance(text, str):
        return True
    found = _timestamp(text)
    if found is None or not _is_date(found[1]):
        return False
    hour, minute, second = (int(found[place]) for place in (3, 4, 5))
    ahead, behind = int(found[9] or 0), int(found[10] or 0)
    if hour > 23 or minute > 59 or second > 60 or ahead > 23 or behind > 59:
        return False
    offset = (ahead * 60 + behind) * (-1 if found[8] == "-" else 1)
    return second < 60 or (hour * 60 + minute - offset) % _DAY == _DAY - 1


# For fastjsonschema; jsonschema-rs knows them itself.
_FORMATS = {"date-time": _is_timestamp, "date": _is_date}


class Validator:
    """A compiled schema. Make it once, use it for every document; it is safe to share between threads."""

    def __init__(self, schema: Mapping[str, Any], *, engine: str | None = None) -> None:
        self.schema = schema
        self.engine = engine or os.environ.get("OPENRETURNS_VALIDATOR") or ENGINES[0]
        if self.engine not in ENGINES:
            raise ValueError(f"no validator {self.engine!r}; there are: {', '.join(ENGINES)}")
        self._run = (_RustEngine if self.engine == ENGINES[0] else _PythonEngine)(schema)
        self.keeps = self._run.is_valid
        """Whether a value keeps the schema with every whole number written as one; the quick question."""

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The schema's fields by path."""
        return fields(self.schema)

    def is_valid(self, value: object) -> bool:
        """Whether a value keeps the schema, however its whole numbers are written."""
        return self.keeps(value) or ((whole := self.whole(value)) is not value and self.keeps(whole))

    def whole(self, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value with int for each Decimal such as 1.0 where the schema wants a whole number.

        The given one stays as it is. What 64 bits do not hold stays a Decimal, and breaks the schema.
        """
        return _whole(self.schema, self.schema, value) if _has_decimal(value) else value

    def problems(self, value: object) -> tuple[Problem, ...]:
        """Return everything that breaks the schema, by place; values of personal fields are left out."""
        found = (self._problem(*broken) for broken in self._run.errors(self.whole(value)))
        return tuple(sorted(found, key=lambda problem: problem.canonical))

    def check(self, value: object, what: str, *, kind: str = "schema", native: bool = False) -> None:
        """Raise ContractError with every problem if `value` breaks the schema.

        `native` says that the schema is a vendor's: the places are named as vendor places.
        """
        if self.is_valid(value):
            return
        problems = self.problems(value)
        if native:
            problems = tuple(replace(p, canonical="", native=p.canonical) for p in problems)
        raise ContractError(f"{what} breaks its contract", kind=kind, problems=problems)

    def _problem(self, pointer: str, keyword: str, expected: object, value: object) -> Problem:
        field = self.fields.get(generic(pointer).removesuffix("[]"))
        shown = field is not None and field.leaf and not field.personal
        text, known = _say(keyword, expected, value, _clip(value) if shown else "")
        return Problem(code=keyword, message=text, canonical=pointer, known=known)


def _has_decimal(value: object) -> bool:
    boxes = [value]
    for box in boxes:
        for item in box.values() if isinstance(box, dict) else box if isinstance(box, list) else (box,):
            if isinstance(item, Decimal):
                return True
            if isinstance(item, (dict, list)):
                boxes.append(item)
    return False


def _whole(root: Mapping[str, Any], node: object, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(node, Mapping) or not isinstance(value, (dict, list, Decimal)):
        return value
    _, node = resolve(root, node)
    if isinstance(value, Decimal):
        fits = _wants_whole(node) and _is_whole(value) and -(2**63) <= value < 2**64
        return int(value) if fits else value
    if isinstance(value, list):
        items = [_whole(root, node.get("items"), item) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    named, others = node.get("properties", {}), node.get("additionalProperties")
    members = {key: _whole(root, named.get(key, others), item) for key, item in value.items()}
    return members if any(members[key] is not item for key, item in value.items()) else value


def _wants_whole(node: Mapping[str, Any]) -> bool:
    """Whether the numbers that a part of a schema takes are whole ones, by its type or by the values it lists."""
    numbers = [one for one in _listed(node) if isinstance(one, int | float | Decimal) and not isinstance(one, bool)]
    return _is_typed_whole(node) or (bool(numbers) and all(isinstance(one, int) for one in numbers))


def _is_typed_whole(node: Mapping[str, Any]) -> bool:
    types = node.get("type", ())
    return "integer" in types and "number" not in types


def _listed(node: Mapping[str, Any]) -> Sequence[Any]:
    """Return the values that a part of a schema lists: those of `enum`, or the one of `const`."""
    return node["enum"] if "enum" in node else [node["const"]] if "const" in node else ()


def _is_whole(value: object) -> bool:
    return isinstance(value, Decimal) and value.is_finite() and value == value.to_integral_value()


# Up to draft 4 of JSON Schema a number with a fraction part is no integer, whatever its value.
_DRAFT_4 = "http://json-schema.org/draft-04/schema#"


class _RustEngine:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        import jsonschema_rs

        whole: dict[str, dict[str, Any]] = {}
        self._schema = _strictly_whole(_inlined(schema), whole)
        quick = _each_part(_each_part(self._schema, partial(_listed_whole, whole)), _names_matched)
        registry = jsonschema_rs.Registry(list(whole.items()))
        self._make = partial(jsonschema_rs.validator_for, validate_formats=True, offline=True, registry=registry)
        self.is_valid = self._make(quick).is_valid

    @cached_property
    def _telling(self) -> Any:  # noqa: ANN401 - the library has a class a draft
        return self._make(self._schema)

    def errors(self, value: Any) -> Iterator[tuple[str, str, object, object]]:  # noqa: ANN401 - any JSON value
        for error in self._telling.iter_errors(value):
            details = error.kind.as_dict()
            expected = next((v for k, v in details.items() if k != "name"), None)
            wrong = error.instance
            if isinstance(wrong, float):  # as it shows most Decimals: with other digits
                wrong = reduce(getitem, error.instance_path, value)
            yield pointer(error.instance_path), error.kind.name, expected, wrong


def _inlined(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the schema with its references replaced by what they name, which checks a tenth faster."""
    definitions = schema.get("$defs", {})

    def inline(node: Any, inside: tuple[str, ...]) -> Any:  # noqa: ANN401 - any part of a schema
        if isinstance(node, list):
            return [inline(part, inside) for part in node]
        if not isinstance(node, dict):
            return node
        name = str(node.get("$ref", "")).removeprefix("#/$defs/")
        if name in definitions and name not in inside:  # one that contains itself stays a reference
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return inline({**definitions[name], **rest}, (*inside, name))
        return {key: inline(value, inside) for key, value in node.items()}

    return {**inline({key: value for key, value in schema.items() if key != "$defs"}, ()), "$defs": definitions}


def _each_part(node: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:  # noqa: ANN401 - of a schema
    """Return a schema in which `change` has been made to each part that is a schema itself, inner ones first."""
    if not isinstance(node, Mapping):
        return node
    made = dict(node)
    for keyword in ("properties", "$defs"):
        if keyword in node:
            made[keyword] = {name: _each_part(inner, change) for name, inner in node[keyword].items()}
    for keyword in ("items", "additionalProperties"):
        if keyword in node:
            made[keyword] = _each_part(node[keyword], change)
    return change(made)


def _strictly_whole(schema: Mapping[str, Any], whole: dict[str, dict[str, Any]]) -> Any:  # noqa: ANN401 - a schema
    """Return a schema that takes whole numbers only as draft 4 does; `whole` gets what it refers to for that."""

    def strictly(node: dict[str, Any]) -> dict[str, Any]:
        if _is_typed_whole(node) and "$ref" not in node:
            node["$ref"] = _as_draft_4(node.pop("type"), whole)
        return node

    return _each_part(schema, strictly)


def _as_draft_4(types: str | Sequence[str], whole: dict[str, dict[str, Any]]) -> str:
    """Return the name of the schema of some types that takes 1.0 for no integer, which `whole` then has."""
    name = f"urn:openreturns:{types if isinstance(types, str) else '-'.join(types)}"
    whole[name] = {"$schema": _DRAFT_4, "type": types}
    return name


def _listed_whole(whole: dict[str, dict[str, Any]], node: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema that takes 1.0 for no integer that it lists. What it says of an error is another."""
    if _wants_whole(node) and "$ref" not in node:
        node["$ref"] = _as_draft_4(["array", "boolean", "integer", "null", "object", "string"], whole)
    return node


def _names_matched(node: dict[str, Any]) -> dict[str, Any]:
    """Return a part of a schema with the same verdict, in which names are matched: `propertyNames` copies each first.

    What it says of an error would be something else.
    """
    names = node.get("propertyNames", {})
    others = node.keys() & {"properties", "patternProperties"}
    if "pattern" in names and names.keys() <= {"pattern", "maxLength"} and not others:
        del node["propertyNames"]
        node["patternProperties"] = {names["pattern"]: node.get("additionalProperties", True)}
        if "maxLength" in names:
            node["patternProperties"][rf"^[\s\S]{{{names['maxLength'] + 1}}}"] = False
        node["additionalProperties"] = False
    return node


class _PythonEngine:
    def __init__(self, schema: Mapping[str, Any]) -> None:
        import fastjsonschema

        # Defaults stay off: filling them in would change the caller's document. It writes references anew in what it
        # is given, and others share that.
        own = deepcopy(dict(schema))
        self._first = fastjsonschema.compile(own, use_default=False, formats=_FORMATS)
        self._all = fastjsonschema.compile(own, use_default=False, formats=_FORMATS, fast_fail=False)
        self._broken = fastjsonschema.JsonSchemaException

    def is_valid(self, value: object) -> bool:
        try:
            self._first(value)
        except self._broken:
            return False
        return True

    def errors(self, value: object) -> Iterator[tuple[str, str, object, object]]:
        try:
            self._all(value)
        except self._broken as error:
            for one in getattr(error, "errors", [error]):
                yield pointer(one.path[1:]), str(one.rule), one.rule_definition, one.value


def _clip(value: object) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _say(keyword: str, expected: object, value: object, shown: str) -> tuple[str, tuple[str, ...]]:
    """Return the sentence for one broken keyword, and the values it would accept."""
    got = f", got {shown}" if shown else ""
    if keyword == "required":
        wanted = expected if isinstance(expected, list) else [expected]
        present = value if isinstance(value, Mapping) else {}
        return f"{', '.join(repr(name) for name in wanted if name not in present)} is required", ()
    if keyword == "additionalProperties":
        extra = f": {', '.join(map(repr, expected))}" if isinstance(expected, list) else ""
        return f"unknown field{extra}", ()
    if keyword == "enum" and isinstance(expected, (list, tuple)):
        return f"not one of the allowed values{got}", tuple(map(str, expected))
    if keyword == "type":
        types = expected if isinstance(expected, (list, tuple)) else [expected]
        bits = " of at most 64 bits" if "integer" in types and _is_whole(value) else ""
        return f"must be {' or '.join(map(str, types))}{bits}{got}", ()
    sentences = {
        "pattern": "does not have the form {0}",
        "format": "is not a valid {0}",
        "minItems": "must have at least {0} item(s)",
        "minLength": "must have at least {0} character(s)",
        "maxLength": "must have at most {0} characters",
        "minimum": "must be at least {0}",
        "maximum": "must be at most {0}",
        "propertyNames": "has a member whose name is not allowed",
    }
    return sentences.get(keyword, f"breaks {keyword}").format(expected) + got, ()


def fractions(value: object) -> tuple[Problem, ...]:
    """Return the numbers that are not written as whole ones: canonical JSON has whole numbers and text only.

    To JSON Schema 1.0 is an integer, so no schema can say it.
    """
    said = "a number with a fraction or an exponent; write it as text"
    return tuple(Problem("number", said, pointer(place)) for place, _ in unusual(value))


@cache
def document_validator(
    document: str, *, form: str = "strict", engine: str | None = None, version: str = VERSION
) -> Validator:
    """Return the shared validator of one canonical document in a version; `form` is `strict` or `tolerant`."""
    return Validator(bundle(document, form=form, version=version), engine=engine)
