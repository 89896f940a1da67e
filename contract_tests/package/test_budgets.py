"""What installing and starting openreturns costs: packages, bytes, imported modules. Nothing here is timed."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution
from pathlib import Path

import pytest
from package.closure import PACKAGES, ROOT, brought

MAX_PACKAGES = 18
MAX_BYTES = 35_000_000


def installed_bytes(package: Distribution) -> int:
    """The size of a distribution's files, compiled ones included, as its RECORD lists them."""
    places = [Path(str(file.locate())) for file in package.files or ()]
    return sum(place.stat().st_size for place in places if place.is_file())


def own_bytes() -> int:
    return sum(
        file.stat().st_size
        for folder in (*PACKAGES, "schemas")
        for file in (ROOT / folder).rglob("*")
        if file.is_file()
    )


def test_the_core_brings_few_packages() -> None:
    assert len(brought()) + 1 <= MAX_PACKAGES, sorted(brought())


def test_the_core_stays_small_on_disk() -> None:
    sizes = {name: installed_bytes(package) for name, package in brought().items()} | {"openreturns": own_bytes()}
    assert all(sizes.values()), "a distribution without files tells nothing"
    assert sum(sizes.values()) <= MAX_BYTES, sorted(sizes.items(), key=lambda item: -item[1])


HELP = "from openreturns.cli import main; main(['--help'], standalone_mode=False)"
COMMANDS = ("validate", "translate", "explain", "loss", "adapters", "schema")

# What a process does -> the packages it may import beyond Python's own
STARTS: dict[str, tuple[str, set[str]]] = {
    "import openreturns": ("import openreturns", set()),
    "look around in it": ("import openreturns; dir(openreturns); openreturns.__doc__", set()),
    "catch its errors": ("from openreturns.errors import OpenReturnsError", set()),
    "openreturns --help": (HELP, {"click"}),
    "openreturns --version": (HELP.replace("--help", "--version"), {"click"}),
}


def imported(code: str) -> set[str]:
    """The packages, not Python's own, that a fresh process imports beyond those it always starts with."""
    report = "import sys; print('imported', *sorted({name.partition('.')[0] for name in sys.modules}))"
    ran = subprocess.run([sys.executable, "-c", f"{code}\n{report}"], capture_output=True, text=True, check=True)
    names = set(ran.stdout.rpartition("imported ")[2].split())
    return {name for name in names - set(sys.stdlib_module_names) if not name.startswith("_")}


@pytest.mark.parametrize("what", STARTS)
def test_starting_imports_no_more_than_it_needs(what: str) -> None:
    code, allowed = STARTS[what]
    assert imported(code) - imported("") <= allowed | {"openreturns"}


# Documents are checked without a network, without an HTTP client, and without what only tests and builds need.
NEVER = {
    "httpx",
    "httpcore",
    "anyio",
    "hypothesis",
    "pytest",
    "datamodel_code_generator",
    "mypy",
    "openreturns_codegen",
}
WORK = {
    "read a document": "from openreturns import Return",
    "read a vendor record": "from openreturns import adapter; adapter('shipbob').translator('return').compiled",
    "check an invariant": "import openreturns.invariants",
    **{f"openreturns {name}": f"import openreturns.cli.{name}" for name in COMMANDS},
}


@pytest.mark.parametrize("what", WORK)
def test_working_with_documents_imports_no_client_and_no_tool(what: str) -> None:
    loaded = imported(WORK[what])
    assert "openreturns" in loaded
    assert loaded & NEVER == set()
