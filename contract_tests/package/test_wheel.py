"""What is in the wheel: everything the code needs at run time, under names that resolve, and nothing else."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from importlib.metadata import entry_points, packages_distributions
from pathlib import Path

import pytest
from openreturns import Adapter
from openreturns._schemas import DOCUMENTS, VERSION, folder, versions
from package.closure import PACKAGES, PROJECT, ROOT, brought, normal
from packaging.requirements import Requirement

OWN = {Path(package).name for package in PACKAGES}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = target.glob("*.whl")
    return zipfile.ZipFile(built)


def names(wheel: zipfile.ZipFile) -> set[str]:
    return {name for name in wheel.namelist() if ".dist-info/" not in name}


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_every_schema_code_list_and_example_is_in_the_wheel_unchanged(wheel: zipfile.ZipFile) -> None:
    published = {
        f"openreturns/schemas/{path.relative_to(ROOT / 'schemas').as_posix()}": path for path in files(ROOT / "schemas")
    }
    assert {name for name in names(wheel) if "/schemas/" in name} == set(published)
    there = {f"{version}/{document}.schema.json" for version in versions() for document in DOCUMENTS}
    assert {f"openreturns/schemas/{name}" for name in there} <= set(published)
    assert [name for name, path in published.items() if wheel.read(name) != path.read_bytes()] == []


def test_every_source_file_is_in_the_wheel_and_nothing_else(wheel: zipfile.ZipFile) -> None:
    sources = {
        f"{Path(package).name}/{path.relative_to(ROOT / package).as_posix()}"
        for package in PACKAGES
        for path in files(ROOT / package)
    }
    assert {name for name in names(wheel) if "openreturns/schemas/" not in name} == sources


@pytest.mark.parametrize("package", sorted(OWN))
def test_a_package_says_that_it_is_typed(package: str, wheel: zipfile.ZipFile) -> None:
    assert f"{package}/py.typed" in names(wheel)


def test_the_wheel_works_away_from_the_repository(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "\n".join(
        [
            "from openreturns import Return, adapter",
            "from openreturns._schemas import folder",
            "print(folder())",
            "print(adapter('shipbob').folder)",
            "text = (folder() / 'examples/return/valid/minimal.json').read_bytes()",
            "print(Return.model_validate_json(text).number)",
        ]
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    schemas, adapter_folder, number = ran.stdout.split("\n")[:3]
    assert Path(schemas) == tmp_path / "openreturns" / "schemas" / VERSION
    assert Path(adapter_folder) == tmp_path / "openreturns_adapters" / "shipbob"
    assert number in (folder() / "examples/return/valid/minimal.json").read_text("utf-8")


SCRIPTS = PROJECT["project"]["scripts"].items()
PLUGINS = [(group, *row) for group, rows in PROJECT["project"]["entry-points"].items() for row in rows.items()]


@pytest.mark.parametrize(("name", "value"), SCRIPTS)
def test_every_command_resolves(name: str, value: str) -> None:
    [entry] = entry_points(group="console_scripts", name=name)
    assert entry.value == value
    assert callable(entry.load())


@pytest.mark.parametrize(("group", "name", "value"), PLUGINS)
def test_every_adapter_resolves_under_its_own_name(group: str, name: str, value: str) -> None:
    [entry] = entry_points(group=group, name=name)
    assert entry.value == value
    found = entry.load()
    assert isinstance(found, Adapter)
    assert found.name == name


def test_every_adapter_folder_is_an_entry_point() -> None:
    folders = {path.parent.name for path in (ROOT / "adapters").glob("*/*/manifest.toml")}
    assert {name for _, name, _ in PLUGINS} == folders


# ---------------------------------------------------------------- what our modules import

BY_IMPORT = packages_distributions()


# Parts that need an extra, and are imported by nothing that does not.
EXTRAS = {
    "codegen/openreturns_codegen/*": "codegen",
    "codegen/openreturns_codegen/site/*": "site",
    "sdk/openreturns/sandbox/*": "sandbox",
    "sdk/openreturns/cli/sandbox.py": "sandbox",
    "sdk/openreturns/testing/*": "testing",
    "sdk/openreturns/cli/contract.py": "testing",
    "sdk/openreturns/cli/process.py": "process",
    "sdk/openreturns/cli/_process*.py": "process",
    "sdk/openreturns/compat/*": "governance",
    "sdk/openreturns/process/*": "process",
    "sdk/openreturns/process/broker.py": "broker",
    "sdk/openreturns/process/telemetry.py": "telemetry",
    "sdk/openreturns/files/_folders.py": "edi",
    "sdk/openreturns/transport/*": "clients",
    "adapters/openreturns_adapters/*/client.py": "clients",
    "sdk/openreturns/transport/_spans.py": "telemetry",
    "adapters/openreturns_adapters/*/simulator/*": "sandbox",
    "adapters/openreturns_adapters/*/client/*": "clients",
}
# An extra that the tests' environment does not have: what it declares is known by name only.
ELSEWHERE = {"site"}
OPTIONAL = (
    "openreturns_codegen",
    "openreturns.process",
    "openreturns.sandbox",
    "openreturns.testing",
    "openreturns.transport",
)


def extras(path: Path) -> tuple[str, ...]:
    place = path.relative_to(ROOT).as_posix()
    return tuple(extra for pattern, extra in EXTRAS.items() if fnmatch(place, pattern))


def allowed(path: Path) -> set[str]:
    """The distributions that installing a module's extras brings."""
    needed = set(extras(path))
    rows = (row for extra in needed & ELSEWHERE for row in PROJECT["project"]["optional-dependencies"][extra])
    return {*brought(*needed - ELSEWHERE), *(normal(Requirement(row).name) for row in rows)}


def imported(path: Path) -> set[str]:
    """The modules that a module imports, anywhere in its text, as they are written there."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def imports(path: Path) -> set[str]:
    """The packages a module imports, Python's own left out."""
    return {name.partition(".")[0] for name in imported(path)} - set(sys.stdlib_module_names)


def modules() -> Iterator[Path]:
    return (path for package in PACKAGES for path in files(ROOT / package) if path.suffix == ".py")


@pytest.mark.parametrize("path", sorted(modules()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_imports_only_what_installing_it_brings(path: Path) -> None:
    foreign, known = imports(path) - OWN, allowed(path)
    assert {name for name in foreign if not {normal(one) for one in BY_IMPORT.get(name, [name])} & known} == set()


@pytest.mark.parametrize("path", sorted(modules()), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_library_knows_neither_its_adapters_nor_its_generator(path: Path) -> None:
    package = path.relative_to(ROOT).parts[1]
    forbidden = {"openreturns": OWN - {"openreturns"}, "openreturns_adapters": {"openreturns_codegen"}}
    assert imports(path) & forbidden.get(package, set()) == set()


@pytest.mark.parametrize(
    "path", [path for path in sorted(modules()) if not extras(path)], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_what_needs_no_extra_imports_nothing_that_does(path: Path) -> None:
    assert {name for name in imported(path) if f"{name}.".startswith(tuple(f"{one}." for one in OPTIONAL))} == set()
