"""A stranger's adapter: built and installed on its own, found by its entry point, proven by its own test file."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from testing.stranger import written


@pytest.fixture(scope="module")
def acme(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The distribution's folder, and the environment in which it is installed."""
    here = tmp_path_factory.mktemp("stranger")
    folder, site, built = written(here), here / "site", here / "built"
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(build, cwd=folder, check=True, capture_output=True)
    [wheel] = built.glob("*.whl")
    ZipFile(wheel).extractall(site)
    return folder, {**os.environ, "PYTHONPATH": str(site)}


def ran(acme: tuple[Path, dict[str, str]], *command: str) -> subprocess.CompletedProcess[str]:
    folder, env = acme
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_its_test_file_is_short_and_passes(acme: tuple[Path, dict[str, str]]) -> None:
    assert len((acme[0] / "tests" / "test_acme.py").read_text("utf-8").splitlines()) <= 12
    done = ran(acme, sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout
    assert " skipped" not in done.stdout


def test_the_command_finds_it_and_says_what_level_it_reaches(acme: tuple[Path, dict[str, str]]) -> None:
    command = str(Path(sys.executable).parent / "openreturns")
    told = ran(acme, command, "contract", "acme", "--level", "documents")
    assert told.returncode == 0, told.stdout
    assert "acme: level documents reached of documents" in told.stdout


def test_what_it_lacks_is_not_passed(acme: tuple[Path, dict[str, str]]) -> None:
    command = str(Path(sys.executable).parent / "openreturns")
    verbs = acme[0] / "tests" / "verbs.toml"
    aside = verbs.rename(verbs.with_suffix(".aside"))
    try:
        told = ran(acme, command, "contract", "acme", "--check", "VERBS_WORK", "--evidence", "tests")
    finally:
        aside.rename(verbs)
    assert told.returncode == 1
    assert "not run" in told.stdout
