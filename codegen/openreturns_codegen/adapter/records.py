"""The vendor's records as Python types: what `operations` and functions of a mapping are written against."""

from __future__ import annotations

import keyword
from collections.abc import Mapping
from typing import Any

from openreturns_codegen.adapter.plan import Package
from openreturns_codegen.adapter.text import camel, comment

__all__ = ["module"]


def module(package: Package) -> str:
    """Return `records.py`: a TypedDict an object of each contract."""
    made: dict[str, str] = {}
    for name, schema in package.contracts.items():
        _typed(camel(name), schema, made)
    body = "\n\n".join(made.values())
    imports = "from __future__ import annotations\n"
    if "Decimal" in body:
        imports += "\nfrom decimal import Decimal"
    names = [one for one in ("Any", "NotRequired", "TypedDict") if one in body]
    names = ["Any", *[one for one in names if one != "Any"]] if "Any" in body else names
    listed = "".join(f'    "{name}",\n' for name in sorted(made))
    return f'''"""The records of {comment(package.title)[:60]}, typed; generated from contract/."""

{imports}
from typing import {", ".join(names)}

__all__ = [
{listed}]

{body}
'''


def _typed(name: str, schema: Mapping[str, Any], made: dict[str, str]) -> str:
    unique, number = name, 2
    while unique in made:
        unique, number = f"{name}{number}", number + 1
    made[unique] = ""
    required = set(schema.get("required", ()))
    members = {
        field: _said(_type(f"{unique}{camel(field)}", one, made), needed=field in required)
        for field, one in schema.get("properties", {}).items()
    }
    if all(field.isidentifier() and not keyword.iskeyword(field) and field[:2] != "__" for field in members):
        lines = "".join(f"    {field}: {type_}\n" for field, type_ in members.items())
        made[unique] = f'class {unique}(TypedDict):\n    """One object of the contract."""\n\n{lines}'
    else:
        lines = "".join(f"        {field!r}: {type_!r},\n" for field, type_ in members.items())
        made[unique] = f'{unique} = TypedDict(\n    "{unique}",\n    {{\n{lines}    }},\n)\n'
    return unique


def _said(type_: str, *, needed: bool) -> str:
    return type_ if needed else f"NotRequired[{type_}]"


def _type(name: str, schema: Mapping[str, Any], made: dict[str, str]) -> str:
    kinds = schema.get("type", ())
    listed = [kinds] if isinstance(kinds, str) else list(kinds)
    null = " | None" if "null" in listed else ""
    kind = next((one for one in listed if one != "null"), "")
    if kind == "object":
        return (_typed(name, schema, made) if schema.get("properties") else "dict[str, Any]") + null
    if kind == "array":
        return f"list[{_type(name, schema.get('items', {}), made)}]{null}"
    plain = {"string": "str", "integer": "int", "number": "Decimal | int", "boolean": "bool"}
    return plain.get(kind, "Any") + (null if kind else "")
