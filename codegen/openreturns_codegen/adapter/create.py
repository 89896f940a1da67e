"""Make a package: plan it, write it to a folder aside, try it there, and only then move it where it belongs."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openreturns.adapters import Adapter
from openreturns.errors import MappingError
from openreturns.ports import ROLES

from openreturns_codegen.adapter import evidence, render
from openreturns_codegen.adapter.formats import describe, sources
from openreturns_codegen.adapter.place import Placed, place
from openreturns_codegen.adapter.plan import Package, plan
from openreturns_codegen.adapter.report import page
from openreturns_codegen.adapter.settings import settings_file

__all__ = ["create", "loaded", "package_of", "texts"]

_is_name = re.compile(r"[a-z][a-z0-9_]{0,40}").fullmatch


def create(
    name: str, role: str, given: Sequence[Path], target: Path, records: Mapping[str, str] | None = None
) -> tuple[Package, Placed]:
    """Write the package of an adapter to a folder, new or made by this before, whose edits are kept.

    Raises MappingError (kind `description`) for a description that is malformed or has nothing to translate; then
    nothing is written.
    """
    package = package_of(name, role, given, records or {})
    return package, place(texts(package, settings_file(name, role, given, records or {})), target)


def package_of(name: str, role: str, given: Sequence[Path], records: Mapping[str, str]) -> Package:
    """Return the plan of an adapter. Raises as `create`."""
    if not _is_name(name):
        raise MappingError(f"{name!r} is no name of an adapter: small letters, digits, _", kind="description")
    if role not in ROLES:
        raise MappingError(f"there is no role {role!r}; there are: {', '.join(ROLES)}", kind="description")
    found = sources(given)
    return plan(name, role, describe(found), [one.name for one in found], records)


def texts(package: Package, settings: str) -> dict[str, str]:
    """Return every file of a package by its path, formatted; the recorded records are what the package makes."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "made")
        _write(
            root, {**render.files(package), ".openreturns/adapter.toml": settings, "mapping-report.html": page(package)}
        )
        _format(root, package)
        _write(root, evidence.records(package, _sound(root, package)))
        shutil.rmtree(root / package.module / "__pycache__", ignore_errors=True)
        return {
            path.relative_to(root).as_posix(): path.read_text("utf-8")
            for path in sorted(root.rglob("*"))
            if path.is_file() and "__pycache__" not in path.parts and ".ruff_cache" not in path.parts
        }


def _write(root: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8", newline="\n")


def _format(root: Path, package: Package) -> None:
    ruff = [sys.executable, "-m", "ruff"]
    quiet = ["--quiet", "--isolated", "--no-cache", "--line-length=120", "--target-version=py311"]
    ours = f"--config=lint.isort.known-first-party=['{package.module}']"
    fixed = [*ruff, "check", "--fix", "--select=F401,I,UP", ours, *quiet, str(root)]
    subprocess.run(fixed, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own tools
    subprocess.run([*ruff, "format", *quiet, str(root)], check=True)  # noqa: S603 - our own tools


def _sound(root: Path, package: Package) -> Adapter:
    """Return the adapter as it was just written. Raises MappingError where its mappings are not declared right."""
    adapter = loaded(root, package.module)
    wrong = adapter.configure({"settings": evidence.settings(package)}).check()
    if wrong:
        raise MappingError("the generated mapping is not declared right", kind="declaration", problems=wrong)
    return adapter


def loaded(root: Path, module_name: str) -> Adapter:
    """Return the adapter of a package's folder, loaded under its own name and forgotten again."""
    own = root / module_name
    spec = importlib.util.spec_from_file_location(
        module_name, own / "__init__.py", submodule_search_locations=[str(own)]
    )
    assert spec is not None
    assert spec.loader is not None
    before = {name: one for name, one in sys.modules.items() if name.partition(".")[0] == module_name}
    for name in before:
        del sys.modules[name]
    module: Any = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    try:
        spec.loader.exec_module(module)
        adapter: Adapter = module.ADAPTER
    finally:
        for name in [one for one in sys.modules if one.partition(".")[0] == module_name]:
            del sys.modules[name]
        sys.modules.update(before)
    return adapter
