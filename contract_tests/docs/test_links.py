"""Every link in the documentation leads somewhere, and every page can be found from the index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "schemas").glob("*/README.md"))]


def links(page: Path) -> Iterator[tuple[str, str]]:
    """The files and headings of this project that a page links to, code left out."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", text):
        if "://" not in target:
            path, _, heading = target.partition("#")
            yield path, heading


def headings(page: Path) -> set[str]:
    """The names by which a page's headings are linked to."""
    titles = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    dead = []
    for path, heading in set(links(page)):
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (heading and heading not in headings(target)):
            dead.append(f"{path}#{heading}")
    assert dead == []


def test_every_page_stands_in_the_index_with_a_sentence() -> None:
    index = ROOT / "docs" / "README.md"
    rows = [line for line in index.read_text("utf-8").splitlines() if line.startswith("- ")]
    told = {path for row in rows for path in re.findall(r"\]\(([^)]+)\): \S.*\.$", row)}
    pages = {page.name for page in (ROOT / "docs").glob("*.md")} - {index.name}
    folders = {
        folder.name
        for folder in (ROOT / "docs").iterdir()
        if folder.is_dir() and not folder.name.startswith(("_", "."))
    }
    assert pages | folders <= told
    assert all(re.search(r"\]\(([^)]+)\): \S.*\.$", row) for row in rows)
