"""That the watch over all tests can fail: a test that gives something away, in any of the ways, is red."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from secrecy.markers import SECRETS, personal, persons_in, secrets_in

HERE = Path(__file__).parents[1]
SECRET, PERSON = "sandbox-license-key", "Bluebonnet Industrial Supply"

# Each is the body of a test.
GIVEN_AWAY = {
    "log": "logging.getLogger('openreturns.x').info('sent %s', SECRET)",
    "log of a library": "logging.getLogger('httpx').warning('to %s', PERSON)",
    "argument of a log": "logging.getLogger('openreturns.x').debug('%.0s left out', PERSON)",
    "span": "trace.get_tracer('x').start_span('GET', attributes={'url.full': PERSON}).end()",
    "error": "ContractError('no place for ' + PERSON)",
    "problem": "ContractError('no', problems=[Problem('a', 'got ' + PERSON)])",
    "attribute of an error": "setattr(ContractError('no'), 'vendor_code', SECRET)",
    "header": "ContractError('sent Authorization: Bearer 0123456789abcdef')",
    "command": "command(SECRET, err=False)",
    "standard error of a command": "command(PERSON, err=True)",
    "command of its own": "process(SECRET, 'stdout')",
    "beside a document": "process(PERSON, 'stderr', 'translate')",
}
KEPT = {
    "nothing": "ContractError('the record is wrong')",
    "a document": "process(PERSON, 'stdout', 'translate')",
}

TEST = f"""
import logging
import subprocess
import sys

import click
from click.testing import CliRunner
from openreturns.errors import ContractError, Problem
from opentelemetry import trace

SECRET, PERSON = {SECRET!r}, {PERSON!r}


def command(text, err):
    CliRunner().invoke(click.Command("x", callback=lambda: click.echo(text, err=err)), [])


def process(text, stream, *words):
    code = f"import sys, openreturns; print({{text!r}}, file=sys.{{stream}})"
    subprocess.run([sys.executable, "-c", code, *words], capture_output=True)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest says of a suite with one test for each way, under the same conftest."""
    folder = tmp_path_factory.mktemp("leaking")
    ways = {**GIVEN_AWAY, **KEPT}
    tests = [f"def test_{'_'.join(name.split())}():\n    {line}\n" for name, line in ways.items()]
    (folder / "test_ways.py").write_text("\n\n".join([TEST, *tests]))
    (folder / "conftest.py").write_text((HERE / "conftest.py").read_text("utf-8"))
    options = ["-q", "-rA", "-p", "no:cacheprovider", "--import-mode=importlib", "-o", f"pythonpath={HERE}"]
    command = [sys.executable, "-m", "pytest", *options, "--rootdir", str(folder), str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, cwd=folder)
    return done.stdout


@pytest.mark.parametrize("way", GIVEN_AWAY)
def test_what_gives_something_away_is_red(way: str, ran: str) -> None:
    assert f"ERROR test_ways.py::test_{'_'.join(way.split())} " in ran


@pytest.mark.parametrize("way", KEPT)
def test_what_keeps_it_is_green(way: str, ran: str) -> None:
    name = f"test_ways.py::test_{'_'.join(way.split())}"
    assert f"PASSED {name}\n" in ran
    assert f"ERROR {name}" not in ran


def test_the_fixtures_hold_persons_and_the_markers_know_them() -> None:
    assert len(personal()) > 50
    for one in (PERSON, "returns@bluebonnet.example.com", "+1 512 555 0142", "北石工具商事"):
        assert persons_in(f"got {one!r}") == [one]


@pytest.mark.parametrize(
    "text", ["Basic YWNjb3VudDpwYXNz", "Bearer 00Dx0000000001!AQ4", 'oauth_signature="x"', *SECRETS]
)
def test_secrets_are_known_by_what_they_are_or_how_they_are_carried(text: str) -> None:
    assert secrets_in(f"said {text} to the vendor")
