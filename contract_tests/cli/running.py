"""How the tests run the command line, and what they feed it."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from openreturns.cli import main

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "docs" / "demo" / "shipbob-returns"
TENANT = ROOT / "docs" / "demo" / "tenant.toml"
BASES: dict[str, Any] = json.loads((ROOT / "contract_tests" / "invariants" / "cases.json").read_text("utf-8"))["bases"]

# A warehouse's return and a canonical one, each on a line.
VENDOR = json.dumps(json.loads((DEMO / "two-cartons-short-one-damaged.json").read_bytes())).encode()
CANONICAL = json.dumps(BASES["return"]).encode()

TO_CANONICAL = ("translate", "--from", "shipbob.return", "--to", "return")
TO_ERP = ("translate", "--from", "return", "--to", "netsuite.return_authorization", "--tenant", str(TENANT))

PROGRAM = (sys.executable, "-c", "from openreturns.cli import main; main()")


def run(*arguments: str | Path, data: bytes = b"") -> tuple[int, str, str]:
    """Return exit code, standard output and standard error of a command run in this process."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments], input=data)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def spawned(
    *arguments: str | Path, data: bytes = b"", env: Mapping[str, str] | None = None, program: Sequence[str] = PROGRAM
) -> tuple[int, bytes, str]:
    """Return the same of a command run as a user does, in a process of its own."""
    ran = subprocess.run([*program, *map(str, arguments)], input=data, capture_output=True, check=False, env=env)
    return ran.returncode, ran.stdout, ran.stderr.decode()


def on_a_terminal(*arguments: str | Path) -> tuple[int, str]:
    """Return exit code and what a person sees of standard error."""
    ours, theirs = pty.openpty()
    command, env = [*PROGRAM, *map(str, arguments)], {**os.environ, "TERM": "xterm"}
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs, env=env) as process:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 65536):
                shown += piece
        except OSError:  # how a terminal ends
            pass
        code = process.wait()
    os.close(ours)
    return code, shown.decode()


def rows(path: Path) -> list[dict[str, Any]]:
    """Return the objects of a JSON Lines file."""
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
