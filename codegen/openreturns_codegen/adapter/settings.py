"""What a package was made from: kept in it, so that it can be made again."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openreturns.errors import MappingError

from openreturns_codegen.adapter.text import toml

__all__ = ["FOLDER", "made_from", "settings_file"]

FOLDER = ".openreturns"


def settings_file(name: str, role: str, given: Sequence[Path], records: Mapping[str, str]) -> str:
    """Return the text of `.openreturns/adapter.toml`."""
    files = ", ".join(toml(path.name) for path in given)
    chosen = "".join(f"{document} = {toml(record)}\n" for document, record in sorted(records.items()))
    return (
        f'# What this package was made from: openreturns adapter update.\nname = "{name}"\nrole = "{role}"\n'
        f"description = [{files}]\n\n[records]\n{chosen}"
    )


def made_from(folder: Path) -> dict[str, Any]:
    """Return what a package was made from. Raises MappingError (kind `description`) for a folder that is none."""
    path = folder / FOLDER / "adapter.toml"
    if not path.is_file():
        raise MappingError(f"{folder}: was not made by `openreturns adapter new`", kind="description")
    return tomllib.loads(path.read_text("utf-8"))
