"""Write what follows from schemas and tables: classes, tolerant schemas, pages of the model, crosswalk and process.

`python -m openreturns_codegen` writes them; with `--check` nothing is written, and the exit code is 1 with a
diff if the files are not what the schemas say.
"""

from __future__ import annotations

import argparse
import difflib
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from openreturns._schemas import VERSION, folder, package_of, versions
from openreturns._tolerant import tolerant

from openreturns_codegen.classes import classes
from openreturns_codegen.front import front
from openreturns_codegen.model import schemas, source
from openreturns_codegen.page import page

ROOT = folder().parents[1]
MODELS = ROOT / "sdk" / "openreturns" / "models"
CLASSES = MODELS / "_generated"
PAGE = ROOT / "docs" / "canonical-model.md"
CROSSWALK = ROOT / "docs" / "crosswalk.md"
PROCESS = ROOT / "docs" / "process.md"
EVENTS = ROOT / "schemas" / "event" / "1.0.0"


def generated() -> dict[Path, str]:
    """Return the text of every generated file."""
    return sources() | pages()


def pages() -> dict[Path, str]:
    """Return the text of the pages about the canonical model, what it is called elsewhere, the process, its events."""
    from openreturns_codegen.asyncapi import asyncapi  # needs the classes, which may only just have been written
    from openreturns_codegen.crosswalk import crosswalk
    from openreturns_codegen.stages import with_stages

    told = json.dumps(asyncapi(EVENTS.name), indent=2) + "\n"
    return {
        PAGE: page(source(VERSION, ROOT)),
        CROSSWALK: crosswalk(ROOT),
        PROCESS: with_stages(PROCESS.read_text("utf-8")),
        EVENTS / "asyncapi.json": told,
    }


def sources() -> dict[Path, str]:
    """Return the text of the classes of every version, and of the tolerant schemas."""
    return {path: text for version in versions() for path, text in _sources(version).items()}


def _sources(version: str) -> dict[Path, str]:
    """Return those of one version: the newest is named in `openreturns.models`, an older one in a package below."""
    published = schemas(version)
    if version == VERSION:
        event = json.loads((EVENTS / "event.schema.json").read_text("utf-8"))
        modules = {CLASSES / name: text for name, text in classes({**published, "event": event}).items()}
    else:
        own = MODELS / package_of(version)
        modules = {own / name: text for name, text in classes(published).items()}
        modules[own / "__init__.py"] = front(version, modules)
    return modules | {
        folder(version) / "tolerant" / f"{name}.schema.json": _published(tolerant(schema), version)
        for name, schema in published.items()
    }


def _published(schema: Mapping[str, object], version: str) -> str:
    identifier = str(schema["$id"]).replace(f"/{version}/", f"/{version}/tolerant/")
    return json.dumps({**schema, "$id": identifier}, indent=2) + "\n"


def differences(wanted: Mapping[Path, str]) -> Iterator[str]:
    """Yield the lines of a diff between the files as they are and as they should be."""
    for path, text in wanted.items():
        present = path.read_text("utf-8") if path.is_file() else ""
        name = path.relative_to(ROOT).as_posix()
        yield from difflib.unified_diff(
            present.splitlines(keepends=True), text.splitlines(keepends=True), name, f"{name} (generated)"
        )


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m openreturns_codegen", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a file would change")
    given = parser.parse_args(arguments)
    if not (ROOT / "pyproject.toml").is_file():
        parser.error("the classes are written in a checkout of openreturns; this is an installed copy")
    if given.check:
        diff = "".join(differences(generated()))
        sys.stdout.write(diff)
        return int(bool(diff))
    for made in (sources, pages):
        for path, text in made().items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
