"""What carries the process: an engine takes events in, decides, has the commands done, and never forgets one halfway.

`InlineEngine` does all of it at once, with a clock of its own and faults on demand: for tests, and to read first.
`openreturns.process.engine_dbos` does it durably.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Protocol

from openreturns.idempotency import Rule
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.commands import execute
from openreturns.process.events import Result
from openreturns.process.policy import Policy
from openreturns.process.state import Command
from openreturns.process.store import Accepted, Store

__all__ = ["Engine", "InlineEngine", "Systems"]


class Engine(Protocol):
    """Takes events in. An event is durable when `submit` returns, and decided on sooner or later, once."""

    def submit(self, number: str, event: events.Event) -> Accepted:
        """Take an event in; say whether it is new."""
        ...

    def tick(self) -> int:
        """Submit what has become due by now, and return how much that was."""
        ...


class Systems:
    """The connected systems by the names that the policy's routes use, with each verb's idempotency."""

    def __init__(self, ports: Mapping[str, Port], rules: Mapping[str, Mapping[str, Rule]] | None = None) -> None:
        self._ports = dict(ports)
        self._rules = rules or {}

    def do(self, command: Command) -> Result:
        """Do a command. A system that is not connected may be soon: later."""
        port = self._ports.get(command.system)
        if port is None:
            problem = (
                f"no system {command.system!r} is connected; there are: {', '.join(sorted(self._ports)) or 'none'}"
            )
            return Result(key=command.key, status="later", kind="unavailable", problems=(problem,))
        return execute(command, port, self._rules.get(command.system, {}).get(command.verb, "lookup"))


class InlineEngine:
    """An engine in one thread: `submit` returns when everything that follows has been done.

    `clock` is what time it is; `advance` moves it and does what becomes due. `broken` is called with each command
    before and after it is done and may raise, to see what a crash at that place leaves.
    """

    def __init__(
        self,
        store: Store,
        systems: Systems,
        policy: Policy | Callable[[], Policy],
        *,
        start: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC),
        broken: Callable[[str, Command], None] | None = None,
    ) -> None:
        self.store, self.now = store, start
        self._systems = systems
        self._policy = policy if callable(policy) else lambda: policy
        self._broken = broken or (lambda place, command: None)

    def submit(self, number: str, event: events.Event) -> Accepted:
        """Take an event in, and do all that follows."""
        accepted = self.store.accept(number, event, self.now)
        if accepted == "new":
            self._run(number, event.id)
        return accepted

    def resume(self) -> None:
        """Do what a crash left: events that were accepted, commands that were given out."""
        for id_ in self.store.received():
            self._run(self.store.number_of(id_), id_)
        for number, id_ in self.store.unfinished():
            self._run(number, id_)

    def advance(self, by: timedelta) -> None:
        """Let time pass, and do what becomes due on the way, each at its time."""
        end = self.now + by
        while True:
            passed = self.store.due(end, limit=1)
            if not passed:
                break
            self.now = max(passed[0][2], self.now)
            self.tick()
        self.now = end

    def tick(self) -> int:
        """Submit the deadlines that have passed."""
        passed = self.store.due(self.now)
        for number, name, at in passed:
            event = events.DeadlinePassed(id=f"{number}/{name}/{at.isoformat()}", at=self.now, by="clock", name=name)
            self.submit(number, event)
        return len(passed)

    def _run(self, number: str, id_: str) -> None:
        applied = self.store.apply(id_, self._policy(), self.now)
        turn = 0
        while applied.commands:
            turn += 1
            results = tuple(self._do(command) for command in applied.commands)
            event = events.CommandsFinished(id=f"{id_}#{turn}", at=self.now, by="process", results=results)
            self.store.accept(number, event, self.now)
            applied = self.store.apply(event.id, self._policy(), self.now)

    def _do(self, command: Command) -> Result:
        self._broken("before", command)
        result = self._systems.do(command)
        self._broken("after", command)
        return result
