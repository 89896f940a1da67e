"""Schemas in, Python classes out: the same bytes on every run."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

__all__ = ["classes"]

Schema = Mapping[str, Any]
Edit = tuple[int, int, str]  # from and to, counted in bytes, and the text to stand there instead

SCALARS = "openreturns.models._scalars"
SITE = "https://openreturns.org/"

# Definitions whose Python type is written by hand; the generator's own loses the pattern or the spelling.
BY_HAND = ("Date", "DecimalString", "Extensions", "SignedDecimalString", "Timestamp")

OPTIONS = (
    "--input-file-type=jsonschema",
    "--schema-version=2020-12",
    "--output-model-type=pydantic_v2.BaseModel",
    "--target-python-version=3.11",
    "--target-pydantic-version=2.11",
    "--base-class=openreturns.models._base.CanonicalModel",
    f"--type-overrides={json.dumps({name: f'{SCALARS}.{name}' for name in BY_HAND})}",
    "--enum-field-as-literal=all",
    "--snake-case-field",
    "--no-alias",  # one rule in the base class names every field; see wire_name
    "--use-annotated",
    "--use-type-alias",
    "--use-title-as-name",
    "--use-schema-description",
    "--use-field-description",
    "--use-attribute-docstrings",
    "--use-single-line-docstring",
    "--disable-future-imports",  # annotations are read when the class is made; text would be read twice
    "--disable-timestamp",
    "--no-allow-remote-refs",
    "--strict-refs",
    "--no-formatters",
    *("--strict-types", "str", "int", "bool"),
    *("--field-extra-keys", "x-personal-data"),
)

_INIT = '"""Classes generated from the schemas; import them from `openreturns.models`."""\n'


def classes(schemas: Mapping[str, Schema]) -> dict[str, str]:
    """Return the text of each generated module by its file name.

    schemas are the published ones by name, `common` among them.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "schemas"), Path(folder, "classes")
        source.mkdir()
        for document, schema in schemas.items():
            Path(source, f"{_module(document)}.json").write_text(json.dumps(_prepared(schema)))
        _generate(source, target)
        for document in schemas:
            path = Path(target, f"{_module(document)}.py")
            path.write_text(_header(document, schemas[document]) + _rewritten(path.read_text()))
        Path(target, "__init__.py").write_text(_INIT)
        _format(target)
        return {path.name: path.read_text() for path in sorted(target.glob("*.py"))}


def _module(document: str) -> str:
    return "return_" if document == "return" else document


def _header(document: str, schema: Schema) -> str:
    return (
        f"# Generated from {schema['$id'].removeprefix(SITE)}. "
        f'Do not edit: python -m openreturns_codegen\n"""The {document} classes."""\n\n'
    )


def _prepared(schema: Schema) -> Any:  # noqa: ANN401 - any JSON value
    """Return the schema as the generator needs it: names of its own files, no word without effect."""
    definitions = {name: _plain(body) for name, body in schema["$defs"].items() if name != "ExtensionValue"}
    if "Extensions" in definitions:
        definitions["Extensions"] = {"type": "object"}
    if "properties" not in schema:  # the shared types
        return {"$schema": schema["$schema"], "title": schema["title"], "$defs": definitions}
    return {**_plain(schema), "title": schema["title"], "$id": None, "$defs": definitions}


def _plain(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, Mapping):
        return _reference(node) if isinstance(node, str) else node
    kept = {key: value for key, value in node.items() if not (key == "x-personal-data" and value is False)}
    if kept.get("deprecated") is True:  # pydantic would warn of every look at it; the words say it
        del kept["deprecated"]
    if isinstance(kept.get("title"), str):  # a property may be called title too
        del kept["title"]
    return {key: _plain(value) for key, value in kept.items()}


def _reference(text: str) -> str:
    document, found, rest = text.partition(".schema.json#")
    return f"{_module(document.rpartition('/')[2])}.json#{rest}" if found else text


def _generate(source: Path, target: Path) -> None:
    from datamodel_code_generator.__main__ import main

    with warnings.catch_warnings():
        # It says that a date keeps no pattern; ours does, in _scalars.
        warnings.filterwarnings("ignore", message="Pydantic does not take")
        if main([f"--input={source}", f"--output={target}", *OPTIONS]):
            raise RuntimeError("datamodel-code-generator failed; its reason stands above")


def _format(folder: Path) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    quiet = ["--quiet", "--isolated", "--line-length=120", "--target-version=py311"]
    ours = "--config=lint.isort.known-first-party=['openreturns']"
    subprocess.run([*ruff, "check", "--fix", "--select=F401,I", ours, *quiet, str(folder)], check=True)  # noqa: S603 - our own tools
    subprocess.run([*ruff, "format", *quiet, str(folder)], check=True)  # noqa: S603 - our own tools


def _rewritten(code: str) -> str:
    """Make lists tuples, aliases plain and classes frozen to type checkers; leave out what the base class says."""
    code = re.sub(r"\A(#.*\n)+", "", code)  # the generator's own header
    text = code.encode()
    starts = list(accumulate(map(len, text.splitlines(keepends=True)), initial=0))
    edits = [edit for node in ast.walk(ast.parse(code)) for edit in _edits(node, starts)]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new.encode() + text[end:]
    return "from typing import TypeAlias\n" + text.decode()


def _edits(node: ast.AST, starts: Sequence[int]) -> Iterator[Edit]:
    match node:
        case ast.Assign(targets=[ast.Name(id="model_config")]):  # it stands in the base class, once for all
            yield (*_span(node, starts), "")
        case ast.Assign(targets=[ast.Name(id="Common")]):  # the file of shared types is no type itself
            yield (*_span(node, starts), "")
        case ast.Assign([ast.Name(id=name)], ast.Call(ast.Name(id="TypeAliasType"), [_, meant])):
            start, end = _span(node, starts)
            first, last = _span(meant, starts)
            yield start, first, f"{name}: TypeAlias = "
            yield last, end, ""
        case ast.ClassDef(bases=[ast.Name() as base]):  # so that type checkers know it too
            end = _span(base, starts)[1]
            yield end, end, ", frozen=True"
        case ast.Subscript(ast.Name(id="list")):
            yield (*_span(node.value, starts), "tuple")
            end = _span(node.slice, starts)[1]
            yield end, end, ", ..."


def _span(node: ast.stmt | ast.expr, starts: Sequence[int]) -> tuple[int, int]:
    assert node.end_lineno is not None and node.end_col_offset is not None  # noqa: PT018 - parsed, not made
    return starts[node.lineno - 1] + node.col_offset, starts[node.end_lineno - 1] + node.end_col_offset
