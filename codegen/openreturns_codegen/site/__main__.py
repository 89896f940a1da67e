"""Build the site: `python -m openreturns_codegen.site OUT` in a checkout. Needs the extra `openreturns[site]`."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from openreturns._json import dump
from openreturns._schemas import DOCUMENTS, bundle, folder, versions
from openreturns.compat import changes, open_source

from openreturns_codegen.page import INTRODUCTION
from openreturns_codegen.site.adapter_pages import adapter_pages
from openreturns_codegen.site.catalog import SCHEMA, catalog
from openreturns_codegen.site.contract_pages import contract_pages, listed
from openreturns_codegen.site.diagram import drawn
from openreturns_codegen.site.guides import groups, placed, relinked
from openreturns_codegen.site.reference import reference_pages

ROOT = folder().parents[1]
HERE = Path(__file__).parent


def pages(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the text of every page by its name in the site."""
    introduction = relinked(INTRODUCTION.read_text("utf-8"), "model/index", ROOT, "docs/canonical-model.md")
    found = {placed(path.stem): path for path in sorted((ROOT / "docs").glob("*.md"))}
    written = {page: relinked(path.read_text("utf-8"), page, ROOT, f"docs/{path.name}") for page, path in found.items()}
    made = contract_pages(told, introduction, _changes()) | adapter_pages(told) | reference_pages()
    every = written | made | {"index": _home()}
    return {name: drawn(text) for name, text in every.items()}


def _home() -> str:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    first, *others = groups(index)
    catalogue = ("Catalogue", ["model/index", "adapters/index"])
    reference = ("Reference", ["reference/command-line", "reference/commands", "reference/api"])
    contents = [
        listed(names, hidden=True, caption=heading) for heading, names in (first, catalogue, *others, reference)
    ]
    return "\n\n".join([(HERE / "home.md").read_text("utf-8"), *contents])


def _changes() -> dict[str, str]:
    """Return what each version changed of the one before it."""
    return {
        new: changes(open_source(str(folder(old))), open_source(str(folder(new)))).markdown()
        for old, new in pairwise(versions())
    }


def files(told: Mapping[str, Any], out: Path) -> None:
    """Write what stands beside the pages: the schemas as published and bundled, the catalogue, the sound documents."""
    shutil.copytree(folder().parent, out / "schemas")
    for version in versions():
        for form, below in (("strict", ""), ("tolerant", "tolerant")):
            for document in DOCUMENTS:
                _write(
                    out / "bundled" / version / below / f"{document}.schema.json",
                    bundle(document, form=form, version=version),
                )
    for name, document in told["sound"].items():
        _write(out / "sound" / f"{name}.json", document)
    _write(out / "catalog.json", told)
    shutil.copyfile(SCHEMA, out / SCHEMA.name)


def _write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dump(value, indent=True) + b"\n")


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return its exit code: that of Sphinx, for which every warning is an error."""
    parser = argparse.ArgumentParser(prog="python -m openreturns_codegen.site", description=__doc__)
    parser.add_argument("out", type=Path, help="folder to write the site into; what is in it goes")
    out = parser.parse_args(arguments).out
    if not (ROOT / "pyproject.toml").is_file():
        parser.error("the site is built from a checkout of openreturns; this is an installed copy")
    from sphinx.cmd.build import build_main

    told = catalog(ROOT)
    with TemporaryDirectory() as made:
        for name, text in pages(told).items():
            page = Path(made) / f"{name}.md"
            page.parent.mkdir(exist_ok=True)
            page.write_text(text, "utf-8")
        shutil.rmtree(out, ignore_errors=True)
        code: int = build_main(["-q", "-W", "--keep-going", "-b", "html", "-c", str(HERE), made, str(out)])
    for left in (".doctrees", "_sources"):
        shutil.rmtree(out / left, ignore_errors=True)
    files(told, out)
    return code


if __name__ == "__main__":
    sys.exit(main())
