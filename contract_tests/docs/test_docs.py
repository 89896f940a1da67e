"""Every example in the README and the docs prints what its page says it prints.

Run this file to write what the commands print now into the pages; then read what changed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import click
import pytest
from openreturns.cli import main

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CONSOLE = re.compile(r"```console\n(.*?)```", re.DOTALL)
FILE = re.compile(r"^\*\*`([^`]+)`\*\*[^\n]*\n\n```\w+\n(.*?)```", re.DOTALL | re.MULTILINE)


def commands(text: str) -> Iterator[str]:
    """Yield every command of a page's console blocks."""
    for block in CONSOLE.findall(text):
        assert block.startswith("$ ")
        yield from (line.removeprefix("$ ") for line in block.splitlines() if line.startswith("$ "))


def installed(text: str, here: Path) -> dict[str, str]:
    """Write down the files that a page shows, build and unpack the package they are, return where Python finds it."""
    files, site = FILE.findall(text), here / ".site"
    for name, content in files:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(content, "utf-8")
    for name, _ in files:
        if Path(name).name == "pyproject.toml":
            build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(here / ".built")]
            subprocess.run(build, cwd=(here / name).parent, check=True, capture_output=True)
    for wheel in (here / ".built").glob("*.whl"):
        ZipFile(wheel).extractall(site)
    return {"PYTHONPATH": str(site)} if files else {}


def printed(text: str, here: Path) -> str:
    """Return the page as it would be if its commands were run now, one after the other, in a folder."""
    for name in ("docs", "schemas"):
        (here / name).symlink_to(ROOT / name)
    env = installed(text, here)

    def ran(block: re.Match[str]) -> str:
        return f"```console\n{''.join(typed(command, here, env) for command in commands(block[0]))}```"

    return CONSOLE.sub(ran, text)


def typed(command: str, here: Path, env: dict[str, str]) -> str:
    """Return what a person who types the command sees."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=here,
        env={**os.environ, **env, "PATH": path, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return f"$ {command}\n{ran.stdout}"


def test_a_package_that_a_page_generates_has_no_name_of_one_that_is_written_by_hand() -> None:
    texts = [page.read_text("utf-8") for page in PAGES]
    by_hand = {name.partition("/")[0] for text in texts for name, _ in FILE.findall(text) if "/" in name}
    made = {
        f"{name}-returns" for text in texts for name in re.findall(r"^\$ openreturns adapter new (\w+)", text, re.M)
    }
    assert made
    assert by_hand
    assert not made & by_hand


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    env = {**os.environ, **installed(text, tmp_path)}
    text = FILE.sub("", text)
    code = "".join(re.findall(r"```python\n(.*?)```", text, re.DOTALL))
    shown = "".join(re.findall(r"```python\n.*?```\n\n```text\n(.*?)```", text, re.DOTALL))
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ran.stderr == ""
    assert ran.stdout == shown


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page: Path, tmp_path: Path) -> None:
    text = page.read_text("utf-8")
    assert printed(text, tmp_path) == text


def test_the_manual_shows_every_command() -> None:
    shown = list(commands((ROOT / "docs" / "command-line.md").read_text("utf-8")))
    for name in main.list_commands(click.Context(main)):
        assert any(f"openreturns {name}" in command for command in shown), name


if __name__ == "__main__":
    for page in PAGES:
        with TemporaryDirectory() as made:
            page.write_text(printed(page.read_text("utf-8"), Path(made)), "utf-8")
