"""Long inputs: memory stays flat, several processes do the same as one, an early end is a clean one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from cli.running import CANONICAL, PROGRAM, TENANT, TO_CANONICAL, TO_ERP, VENDOR, on_a_terminal, rows, spawned
from openreturns._json import MAX_RECORD_BYTES

# Prints the most memory the process ever had, in MiB; RUSAGE would count that of the test's own process too.
MEASURED = """
import sys
from pathlib import Path
from openreturns.cli import main
try:
    main()
finally:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    print(int(status["VmHWM"].split()[0]) / 1024, file=sys.stderr)
"""
CANCELLED = Path(__file__).parents[1] / "shipbob" / "cancelled-before-the-truck-left.json"
SMALL = json.dumps(json.loads(CANCELLED.read_bytes())["native"]).encode()


def peak(*arguments: str | Path) -> tuple[Decimal, str]:
    """Return the most memory a command had in MiB, and the summary it printed."""
    command = [PROGRAM[0], "-c", MEASURED, *map(str, arguments)]
    ran = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
    *_, summary, measured = ran.stderr.splitlines()
    return Decimal(measured), summary


FLAT = {
    "validate": ("validate", "--contract", "shipbob.return"),
    "translate": TO_CANONICAL,
    "translate in two processes": (*TO_CANONICAL, "--jobs", "2"),
}


@pytest.mark.parametrize("name", FLAT)
def test_memory_is_the_same_for_a_thousand_records_and_many_more(name: str, tmp_path: Path) -> None:
    few, many = tmp_path / "few.jsonl", tmp_path / "many.jsonl"
    few.write_bytes((SMALL + b"\n") * 1_000)
    count = 30_000 if "two" in name else 100_000
    many.write_bytes((SMALL + b"\n") * count)
    (small, _), (large, summary) = peak(*FLAT[name], few), peak(*FLAT[name], many)
    assert summary.startswith(f"{count} read = {count} ")
    assert large - small < 8


@pytest.mark.parametrize("name", FLAT)
def test_a_record_of_100_mb_is_never_held(name: str, tmp_path: Path) -> None:
    few, large = tmp_path / "few.jsonl", tmp_path / "large.jsonl"
    few.write_bytes((VENDOR + b"\n") * 2)
    with large.open("wb") as stream:
        stream.write(VENDOR + b'\n{"id": "')
        for _ in range(100):
            stream.write(b"x" * 1_000_000)
        stream.write(b'"}\n' + VENDOR + b"\n")
    rejects = tmp_path / "rejects.jsonl"
    (usual, _), (held, summary) = peak(*FLAT[name], few), peak(*FLAT[name], large, "--rejects", rejects)
    assert summary.startswith("3 read = 2 ")
    [reject] = rows(rejects)
    assert (reject["line"], reject["kind"], reject["whole_in"]) == (2, "size", str(large))
    # As much of a line as a record may have, and once more while its pieces are put together.
    assert held - usual < 2 * MAX_RECORD_BYTES / 2**20 + 8


LATER = CANONICAL.replace(b"return/1.1", b"return/1.2").replace(b'"meta"', b'"mood": 1, "meta"', 1)
MIXED = {
    "a vendor's": (TO_CANONICAL, [VENDOR, b"{oops", VENDOR.replace(b"Completed", b"Vanished"), b"\xff", b"", SMALL]),
    "canonical": ((*TO_ERP, "--tolerant"), [CANONICAL, LATER, b"{}", CANONICAL.replace(b"EA", b"XCS")]),
}


# Where threads run, processes are no copies of the first one.
THREADED = "import threading; threading.Thread(target=threading.Event().wait, daemon=True).start(); "
PROGRAMS = (PROGRAM, (*PROGRAM[:-1], THREADED + PROGRAM[-1]))


@pytest.mark.parametrize("name", MIXED)
def test_several_processes_do_the_same_as_one(name: str, tmp_path: Path) -> None:
    command, lines = MIXED[name]
    numbered = [
        line.replace(b"79002", str(n).encode()).replace(b"RMA-1", b"RMA-%d" % n) for n in range(110) for line in lines
    ]
    source = tmp_path / "in.jsonl"
    large = lines[0][:-1] + b" " * 3_000_000 + b"}"
    source.write_bytes(b"\n".join([*numbered, b"x" * (MAX_RECORD_BYTES + 1), large, lines[0]]))
    (tmp_path / "last.json").write_bytes(lines[0])
    done: list[tuple[int, bytes, str, bytes, bytes, bytes]] = []
    for jobs, program in (("1", PROGRAM), *(("2", program) for program in PROGRAMS)):
        files = [tmp_path / f"{kind}-{jobs}" for kind in ("out", "rejects", "losses")]
        options = [
            part
            for option, file in zip(("--out", "--rejects", "--losses"), files, strict=True)
            for part in (option, file)
        ]
        ends = spawned(*command, source, tmp_path / "last.json", "--jobs", jobs, "--json", *options, program=program)
        written, refused, lost = (file.read_bytes() for file in files)
        done.append((*ends, written, refused, lost))
    assert done[0] == done[1] == done[2]
    code, _, err, out, rejects, losses = done[0]
    summary = json.loads(err)
    assert code == 1
    assert summary["read"] == summary["written"] + summary["rejected"] == 110 * len([x for x in lines if x]) + 4
    assert (len(out.splitlines()), len(rejects.splitlines())) == (summary["documents"], summary["rejected"])
    assert len(losses.splitlines()) >= max(summary["with_losses"], summary["with_set_aside"])


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("name", ["translate", "validate"])
def test_a_closed_pipe_ends_quietly(name: str, jobs: str, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes(((CANONICAL.replace(b"EUR", b"EUX", 1) if name == "validate" else VENDOR) + b"\n") * 3000)
    command = ["validate", many] if name == "validate" else [*TO_CANONICAL, many, "--jobs", jobs]
    with subprocess.Popen([*PROGRAM, *map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


Stop = tuple[Callable[[int, int], None], signal.Signals]
# Ctrl-C goes to all processes of a group; `timeout` sends to the process, and then to its group.
STOPS: dict[str, Sequence[Stop]] = {
    "Ctrl-C": [(os.killpg, signal.SIGINT)],
    "an orchestrator": [(os.kill, signal.SIGTERM)],
    "timeout": [(os.kill, signal.SIGTERM), (os.killpg, signal.SIGTERM)],
}


def send(stop: str, pid: int) -> None:
    for to, number in STOPS[stop]:
        to(pid, number)


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize(("jobs", "program"), [("1", PROGRAM), *(("2", program) for program in PROGRAMS)])
def test_a_run_that_is_stopped_ends_between_records_and_says_how_far_it_came(
    jobs: str, program: Sequence[str], stop: str, tmp_path: Path
) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((VENDOR + b"\n{oops\n") * 20_000)
    rejects = tmp_path / "rejects.jsonl"
    command = [*program, *TO_CANONICAL, str(many), "--jobs", jobs, "--rejects", str(rejects), "--json"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, bufsize=0, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        send(stop, process.pid)
        rest, err = process.communicate()  # returns when all who could write have ended
        assert process.returncode == 130
    out = (first + rest).splitlines()
    summary = json.loads(err)
    assert summary["interrupted"] is True
    assert all(json.loads(line)["number"] for line in out)
    assert (len(out), len(rows(rejects))) == (summary["written"], summary["rejected"])
    assert 0 < summary["read"] == summary["written"] + summary["rejected"] < 40_000


# The command, a record, and what is told of it.
WAITING: dict[str, tuple[tuple[str, ...], bytes, str]] = {
    "translate": (TO_CANONICAL, VENDOR, "1 read = 1 written + 0 rejected; 1 records made"),
    "migrate": (("migrate", "--to", "1.0.0"), CANONICAL, "1 read = 1 written + 0 rejected, 0 with losses"),
    "validate": (("validate", "--contract", "shipbob.return"), b"{}", "1 read = 0 right + 1 wrong"),
    "loss": (("loss", "tryton.complaint"), b"{}", "1 read = 0 told + 1 rejected"),
}


# A Ctrl-C in the middle of a record, as it meets an import or a callback: what is raised there is lost, and said so.
LOST = """
import os, signal, weakref
from openreturns import route
run = route.Route.run
def stopped(route, data):
    class Dead: pass
    dead = Dead()
    gone = weakref.ref(dead, lambda _: os.kill(os.getpid(), signal.SIGINT))
    del dead
    return run(route, data)
route.Route.run = stopped
"""


def test_a_ctrl_c_that_meets_a_callback_is_not_lost(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((VENDOR + b"\n") * 5)
    code, out, err = spawned(*TO_CANONICAL, many, "--json", program=(*PROGRAM[:-1], LOST + PROGRAM[-1]))
    assert (code, len(out.splitlines())) == (130, 1)
    summary = json.loads(err)
    assert (summary["read"], summary["interrupted"]) == (1, True)


@pytest.mark.parametrize("stop", STOPS)
@pytest.mark.parametrize("name", WAITING)
def test_a_command_that_waits_for_input_can_be_stopped(name: str, stop: str) -> None:
    arguments, record, told = WAITING[name]
    command, pipe = [*PROGRAM, *arguments, "-"], subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(record + b"\n")
        process.stdin.flush()
        assert process.stdout.readline()
        send(stop, process.pid)
        assert process.wait() == 130
        assert process.stderr is not None
        assert process.stderr.read() == f"interrupted: {told}\n".encode()


def below(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    started = list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))
    return [one for child in started for one in (child, *below(child))]


@pytest.mark.parametrize("program", PROGRAMS)
def test_no_process_outlives_the_one_that_asks(program: Sequence[str], tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((VENDOR + b"\n") * 20_000)
    command, pipe = [*program, *TO_CANONICAL, str(many), "--jobs", "2", "--json"], subprocess.PIPE
    with subprocess.Popen(command, bufsize=0, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        process.stdout.readline()
        assert len(below(process.pid)) >= 2
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()  # returns when all who could write have ended
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("program", PROGRAMS)
def test_several_processes_write_all_that_many_records_become_in_their_order(
    program: Sequence[str], tmp_path: Path
) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(b"\n".join(VENDOR.replace(b"79002", b"%d" % number) for number in range(3_000)))
    done = [spawned(*TO_CANONICAL, source, "--jobs", jobs, program=program) for jobs in ("1", "2")]
    assert done[0] == done[1]
    assert done[0][1].count(b"\n") == 3_000


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_process_that_is_ended_from_outside_ends_all_with_a_summary(program: Sequence[str], tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((VENDOR + b"\n") * 20_000)
    command, pipe = [*program, *TO_CANONICAL, str(many), "--jobs", "2"], subprocess.PIPE
    with subprocess.Popen(command, bufsize=0, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        os.kill(below(process.pid)[-1], signal.SIGKILL)
        rest, err = process.communicate()
    assert process.returncode == 130
    told, summary = err.decode().splitlines()
    assert told == "error: a process that translates was ended; what the summary does not count is not read"
    assert summary.startswith(f"interrupted: {len((first + rest).splitlines())} read = ")


# As where a system lets a user have no more processes.
FEW = (
    "import os; fork, left = os.fork, iter((True, False)); "
    "os.fork = lambda: fork() if next(left) else os.open('/dev/null/none', 0); "
)


def test_processes_that_cannot_be_started_end_the_run(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes(VENDOR)
    code, out, err = spawned(*TO_CANONICAL, source, "--jobs", "2", program=(*PROGRAM[:-1], FEW + PROGRAM[-1]))
    assert (code, out) == (2, b"")
    assert err.startswith("error: ")


def test_records_come_out_while_more_are_awaited() -> None:
    with subprocess.Popen(
        [*PROGRAM, *TO_CANONICAL, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(3):
            process.stdin.write(VENDOR + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["number"]
        process.stdin.close()
        assert process.wait() == 0


def test_a_bar_is_shown_to_a_person_and_to_nobody_else(tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes((SMALL + b"\n") * 2_000)
    command = (*TO_CANONICAL, many, "--out", tmp_path / "out.jsonl")
    code, shown = on_a_terminal(*command)
    assert code == 0
    assert "reading" in shown
    assert "100%" in shown
    assert "2000 read = 2000 written" in shown
    _, _, err = spawned(*command)
    assert err == "2000 read = 2000 written + 0 rejected; 2000 records made\n"


def test_tenants_reach_every_process(tmp_path: Path) -> None:
    source = tmp_path / "in.jsonl"
    source.write_bytes((CANONICAL + b"\n") * 500)
    code, out, err = spawned(*TO_ERP, source, "--jobs", "2")
    assert (code, len(out.splitlines())) == (0, 500), err
    assert TENANT.exists()
    assert json.loads(out.splitlines()[0])["subsidiary"] == {"id": "1"}
