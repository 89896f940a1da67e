"""Tryton and Roundup as programs of their own: made ready once, started on this machine only, always stopped."""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from live.base_data import password, prepare
from live.rpc import Rpc
from openreturns._json import dump, parse

__all__ = ["ADMIN", "Program", "Roundup", "Tryton", "free_port", "prepared_database", "prepared_tracker", "running"]

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SERVERS = ROOT / ".venv-live"
CACHE = SERVERS / "prepared"
ADMIN = ("admin", "Admin-pass-2026!")
MODULES = (
    "account_invoice_correction",
    "account_invoice_stock",
    "account_product",
    "purchase",
    "quality",
    "sale_complaint",
    "sale_supply",
    "stock_lot",
    "stock_split",
)
_WAIT = 60.0
_KEPT = 6  # files of earlier versions, which another run may be using


def free_port() -> int:
    with closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _command(name: str) -> str:
    path = SERVERS / "bin" / name
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: the servers are installed by `make test-live`")
    return str(path)


class Program:
    """A server that runs until it is told to stop, is killed, or this process ends."""

    def __init__(self, command: list[str], log: Path, ready: Callable[[], bool], env: Mapping[str, str] = {}) -> None:
        self._given = (command, log, ready, env)
        self._guard: subprocess.Popen[str] | None = None
        self.pid = 0
        self.start()

    def start(self) -> None:
        command, log, ready, env = self._given
        with log.open("ab") as errors:
            self._guard = subprocess.Popen(
                [sys.executable, str(HERE / "guard.py"), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **env},
                text=True,
            )
        assert self._guard.stdout
        self.pid = int(self._guard.stdout.readline())
        until = time.monotonic() + _WAIT
        while not ready():
            if self._guard.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.02)

    def kill(self) -> None:
        """End it the hard way, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            self._wait(5.0)
            return
        self.kill()

    def _wait(self, seconds: float = _WAIT) -> None:
        assert self._guard
        self._guard.wait(seconds)
        for pipe in (self._guard.stdin, self._guard.stdout):
            if pipe:
                pipe.close()


def _answers(url: str) -> Callable[[], bool]:
    def ask() -> bool:
        with suppress(httpx.HTTPError):
            return httpx.get(url, timeout=_WAIT).status_code < 500
        return False

    return ask


# ---------------------------------------------------------------- Tryton


@dataclass
class Tryton:
    """A server and the folder of its databases, each a copy of the prepared one."""

    folder: Path
    prepared: Path
    port: int = field(default_factory=free_port)
    program: Program = field(init=False)
    ids: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        told = self.prepared.with_suffix(".json")
        self.ids = parse(told.read_bytes()) if told.exists() else {}
        databases = self.folder / "databases"
        databases.mkdir(parents=True)
        config = self.folder / "trytond.conf"
        config.write_text(
            f"[database]\nuri = sqlite://\npath = {databases}\nlist = False\n[web]\nlisten = 127.0.0.1:{self.port}\n"
        )
        command = [_command("trytond"), "-c", str(config)]
        self.program = Program(command, self.folder / "log", _answers(f"{self.url}/"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def database(self, name: str) -> str:
        """Make a copy of the prepared database and have the server load it: a login before that would spoil it."""
        shutil.copy(self.prepared, self.folder / "databases" / f"{name}.sqlite")
        self.warm(name)
        return name

    def warm(self, name: str) -> None:
        # The list of databases is kept for minutes, by the host that asked for it: a new name sees a new one.
        answer = httpx.get(f"{self.url}/{name}/r/x", headers={"Host": f"{name}.test"}, timeout=_WAIT)
        assert answer.status_code == 404, answer.status_code

    def drop(self, name: str) -> None:
        for left in (self.folder / "databases").glob(f"{name}.sqlite*"):
            left.unlink()

    def user(self, database: str, login: str) -> Rpc:
        secret = ADMIN[1] if login == ADMIN[0] else password(login)
        return Rpc(self.url, database, login, secret)


def prepared_database() -> Path:
    """Return the prepared database, built now if these versions, this data and this month have none yet."""
    return _once("tryton", ".sqlite", _build_database)


def _build_database(folder: Path, to: Path) -> None:
    databases = folder / "databases"
    databases.mkdir()
    (databases / "new.sqlite").touch()
    config = folder / "trytond.conf"
    config.write_text(f"[database]\nuri = sqlite://\npath = {databases}\n")
    secret = folder / "password"
    secret.write_text(ADMIN[1])
    env = {"TRYTONPASSFILE": str(secret)}
    administer = [_command("trytond-admin"), "-c", str(config), "-d", "new"]
    _run([*administer, "--all", "--email", "admin@example.org", "-l", "en"], env)
    _run([*administer, "-u", *MODULES, "--activate-dependencies"], env)
    _settle(databases / "new.sqlite")
    server = Tryton(folder / "server", databases / "new.sqlite")
    try:
        rpc = server.user(server.database("new"), ADMIN[0])
        ids = prepare(rpc, dt.datetime.now(dt.UTC).date())
        rpc.close()
    finally:
        server.program.stop()
    made = server.folder / "databases" / "new.sqlite"
    _settle(made)
    to.with_suffix(".json").write_bytes(dump(ids))
    made.rename(to)


def _settle(database: Path) -> None:
    """Move what the write-ahead log holds into the file: a copy without it would be of an older time."""
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for left in ("-wal", "-shm"):
        database.with_name(database.name + left).unlink(missing_ok=True)


# ---------------------------------------------------------------- Roundup


@dataclass
class Roundup:
    """A tracker of its own, a copy of the prepared one.

    Its folder is one that another user may reach: for root the server runs as nobody.
    """

    folder: Path
    prepared: Path
    port: int = field(default_factory=free_port)
    settings: Mapping[str, str] = field(default_factory=dict)
    program: Program = field(init=False)

    def __post_init__(self) -> None:
        shutil.copytree(self.prepared, self.folder)
        config = self.folder / "config.ini"
        _configure(config, {"web": f"{self.url}/", **self.settings})
        command = [_command("roundup-server"), "-n", "127.0.0.1", "-p", str(self.port), f"ret={self.folder}"]
        if os.geteuid() == 0:  # it refuses to be root and takes a name; the tracker is not nobody's
            command[1:1] = ["-u", "nobody"]
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, "nobody")
            self.folder.parent.chmod(0o711)
        self.program = Program(command, self.folder.with_suffix(".log"), _answers(f"{self.url}/"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/ret"


def prepared_tracker() -> Path:
    """Return the prepared tracker, built now if need be."""
    return _once("roundup", "", _build_tracker)


def _build_tracker(folder: Path, to: Path) -> None:
    made = folder / "tracker"
    administer = [_command("roundup-admin"), "-i", str(made)]
    _run([*administer, "install", "classic", "sqlite"])
    mail = {"domain": "example.org", "host": "localhost"}
    # Few rounds: each call logs in, and what is tested is not how slow a password is.
    few = {"password_pbkdf2_default_rounds": "1000"}
    _configure(made / "config.ini", {"web": "http://127.0.0.1:1/ret/", **mail, **few})
    _run([*administer, "initialise", ADMIN[1]])
    made.rename(to)


def _configure(path: Path, values: Mapping[str, str]) -> None:
    lines = path.read_text("utf-8").splitlines()
    for name, value in values.items():
        places = [at for at, line in enumerate(lines) if line.lstrip("# ").startswith(f"{name} =")]
        assert places, f"{path} has no {name}"
        lines[places[0]] = f"{name} = {value}"
    path.write_text("\n".join(lines) + "\n", "utf-8")


# ---------------------------------------------------------------- building once


def _run(command: list[str], env: Mapping[str, str] = {}) -> None:
    done = subprocess.run(command, env={**os.environ, **env}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{(done.stdout + done.stderr)[-2000:]}")


def _once(name: str, suffix: str, build: Callable[[Path, Path], None]) -> Path:
    """Return what `build` makes, kept under a name that changes with whatever it is made from."""
    month = dt.datetime.now(dt.UTC).strftime("%Y-%m")  # the fiscal year lies around the day it is made
    sources = [ROOT / ".ci" / "requirements-live.txt", HERE / "base_data.py", HERE / "rpc.py", HERE / "servers.py"]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources) + month.encode()).hexdigest()[:12]
    kept = CACHE / f"{name}-{digest}{suffix}"
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two runs at once build it once
        if not kept.exists():
            for old in sorted(CACHE.glob(f"{name}-*"), key=lambda path: path.stat().st_mtime)[:-_KEPT]:
                shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink()
            with tempfile.TemporaryDirectory(dir=CACHE) as work:
                build(Path(work), kept)
    return kept


@contextmanager
def running(server: Tryton | Roundup) -> Iterator[Any]:
    """Stop a server at the end, whatever happens in between."""
    try:
        yield server
    finally:
        server.program.stop()
