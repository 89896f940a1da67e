"""What installing this project brings, read from its own declaration and from what is installed."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def normal(name: str) -> str:
    """A distribution's name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def brought(*extras: str) -> dict[str, Distribution]:
    """Every distribution that installing the project with these extras brings, itself not counted."""
    found: dict[str, Distribution] = {}
    declared = PROJECT["project"]
    todo = [*declared["dependencies"], *(row for extra in extras for row in declared["optional-dependencies"][extra])]
    while todo:
        wanted = Requirement(todo.pop())
        name = normal(wanted.name)
        if name == declared["name"]:
            todo += [row for extra in wanted.extras for row in declared["optional-dependencies"][extra]]
        elif name not in found and (wanted.marker is None or wanted.marker.evaluate({"extra": ""})):
            found[name] = distribution(name)
            todo += found[name].requires or ()
    return found
