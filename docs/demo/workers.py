"""The processes that work: `openreturns process up` on one configuration, as often as it is started."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openreturns.process.config import System

__all__ = ["Workers", "configured", "running"]

OPENRETURNS = str(Path(sys.executable).with_name("openreturns"))


class Workers:
    """Worker processes by name; what each says is in a file beside the configuration."""

    def __init__(self, config: Path) -> None:
        self._config = config
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start workers."""
        for name in names:
            with self._config.with_name(f"{name}.log").open("wb") as said:
                command = [OPENRETURNS, "process", "--config", str(self._config), "up", "--worker", name]
                self._processes[name] = subprocess.Popen(command, stdout=said, stderr=said)  # noqa: S603 - ours

    def kill(self, name: str) -> int:
        """End a worker as a power cut does; return how it ended."""
        worker = self._processes.pop(name)
        worker.send_signal(signal.SIGKILL)
        return worker.wait()

    def died(self) -> list[str]:
        """Return the workers that have ended by themselves."""
        return [name for name, worker in self._processes.items() if worker.poll() is not None]

    def stop(self) -> None:
        """Stop all workers gracefully."""
        for worker in self._processes.values():
            worker.terminate()
        for worker in self._processes.values():
            worker.wait()


@contextmanager
def running(config: Path, *names: str) -> Iterator[Workers]:
    """Start workers, and stop those that there are when the block ends."""
    workers = Workers(config)
    try:
        workers.start(*names)
        yield workers
    finally:
        workers.stop()


def configured(folder: Path, policy: Path, systems: Mapping[str, System], lease: int = 3) -> Path:
    """Write a process's configuration into a folder, and return its path."""
    database = (folder / "returns.sqlite").absolute()
    lines = [
        f"database = {_toml(f'sqlite:///{database}')}",
        f"policy = {_toml(str(policy.absolute()))}",
        f"lease_seconds = {lease}",
        *(f"systems.{name} = {_toml(system.to_dict())}" for name, system in systems.items()),
    ]
    path = folder / "process.toml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def _toml(value: Any) -> str:  # noqa: ANN401 - plain data
    """Return a value as TOML: JSON but for tables."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{json.dumps(str(name))} = {_toml(one)}" for name, one in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
