"""The front of an older version's classes: the names of its modules in one package, and its documents by name."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from openreturns._schemas import DOCUMENTS

__all__ = ["front"]

_HEAD = '''# Generated from schemas/{version}. Do not edit: python -m openreturns_codegen
"""The classes of version {version} of the contract, for those who pinned it; `openreturns.models` has the newest."""

from typing import TypeAlias

{imports}

__all__ = [
{names}
]

Document: TypeAlias = {documents}
"""Any of the four documents."""

DOCUMENTS: dict[str, type[Document]] = {{
{by_name}
}}
"""The class of each document by its name in meta.schema."""
'''


def front(version: str, modules: Mapping[Path, str]) -> str:
    """Return the text of `__init__.py` for modules of classes by their path."""
    found = {path.stem: sorted(_names(text)) for path, text in sorted(modules.items()) if path.stem != "__init__"}
    classes = {name: name.capitalize() for name in DOCUMENTS}
    imports = (
        f"from .{module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
        for module, names in found.items()
    )
    names = sorted({"DOCUMENTS", "Document"}.union(*found.values()), key=lambda name: (not name.isupper(), name))
    return _HEAD.format(
        version=version,
        imports="\n".join(imports),
        names="\n".join(f'    "{name}",' for name in names),
        documents=" | ".join(classes.values()),
        by_name="\n".join(f'    "{name}": {made},' for name, made in classes.items()),
    )


def _names(text: str) -> Iterator[str]:
    """Yield the names of the classes and values that a module defines."""
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            yield node.target.id
