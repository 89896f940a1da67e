"""What carries the process: an engine takes events in, decides, has the commands done, and never forgets one halfway.

`InlineEngine` does all of it at once, with a clock of its own and faults on demand: for tests, and to read first.
`openreturns.process.engine_dbos` does it durably.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import takewhile
from math import ceil
from typing import Protocol, TypeVar

from openreturns.idempotency import Rule
from openreturns.ports import Port
from openreturns.process import events, telemetry
from openreturns.process.commands import NOT_ASKED, QUESTIONS, execute
from openreturns.process.events import Result
from openreturns.process.policy import Policy, VendorBudget
from openreturns.process.state import Command, ProcessState
from openreturns.process.store import Accepted, Applied, Store
from openreturns.transport import SYSTEM, Budget, Rate, Time
from openreturns.transport._breaker import Breaker
from openreturns.transport._limits import Limits, OutOfTime

__all__ = ["Carrier", "Clock", "Engine", "InlineEngine", "Systems", "VendorStanding"]


class Engine(Protocol):
    """Takes events in. An event is durable when `submit` returns, and decided on sooner or later, once."""

    def submit(self, number: str, event: events.Event) -> Accepted:
        """Take an event in; say whether it is new."""
        ...

    def tick(self) -> int:
        """Submit what has become due by now, and return how much that was."""
        ...


@dataclass(frozen=True)
class VendorStanding:
    """How a system stands: calls that run of those that may, calls used of those that may be made in a time.

    `failures` in a row; after so many of them it is left alone, for `left_alone` seconds from now.
    """

    system: str
    running: int
    concurrent: int
    used: int
    calls: int | None
    per_seconds: int | None
    failures: int
    left_alone: float


class Systems:
    """The connected systems by the names that the policy's routes use: a port, or one for each of several roles.

    `rules` is the idempotency of each verb, as the adapters' manifests have it: one that they do not name may not be
    repeated; `budgets` is how often a system may
    be asked: a command waits its turn for up to `patience` seconds, then it is for later. After failures in a row a
    system is left alone for a while, and what is meant for it is for later too: neither counts as a try.
    """

    def __init__(
        self,
        ports: Mapping[str, Port | Iterable[Port]],
        rules: Mapping[str, Mapping[str, Rule]] | None = None,
        budgets: Mapping[str, VendorBudget] | None = None,
        *,
        patience: float = 30.0,
        time: Time = SYSTEM,
    ) -> None:
        self._ports = {(one.role, name): one for name, own in ports.items() for one in _each(own)}
        self._rules = rules or {}
        self._patience, self._time = patience, time
        told = budgets or {}
        self._limits = {name: _limits(told.get(name, VendorBudget()), time) for name in ports}

    def by_name(self) -> dict[str, list[Port]]:
        """Return the ports of each connected system."""
        names: dict[str, list[Port]] = {}
        for (_, name), port in self._ports.items():
            names.setdefault(name, []).append(port)
        return names

    def standing(self) -> list[VendorStanding]:
        """Return how each system stands with this worker: its budget and how much of it is used, and its breaker."""
        return [_standing(name, limits) for name, limits in self._limits.items()]

    def rule(self, command: Command) -> Rule:
        """Return the idempotency of a command's verb; questions change nothing."""
        if command.verb in QUESTIONS:
            return "native"
        return self._rules.get(command.system, {}).get(command.verb, "none")

    def do(self, command: Command) -> Result:
        """Do a command. A system that is not connected may be soon: later."""
        port = self._ports.get((command.role, command.system))
        if port is None:
            known = ", ".join(f"{name} ({role})" for role, name in sorted(self._ports)) or "none"
            return _later(command, 60, f"no {command.role} {command.system!r} is connected; there are: {known}")
        limits = self._limits[command.system]
        if wait := limits.breaker.wait():
            return _later(command, wait, f"{command.system} failed again and again and is left alone")
        try:
            with limits.slot(self._time.monotonic() + self._patience):
                result = execute(command, port, self.rule(command))
        except OutOfTime as error:
            return _later(command, error.wait, f"{command.system} has no room for more calls")
        if result.status in {"later", "unknown"}:
            limits.breaker.failed()
        else:
            limits.breaker.worked()
        return result


def _standing(name: str, limits: Limits) -> VendorStanding:
    running, used = limits.standing()
    failures, left_alone = limits.breaker.standing()
    rate = next(iter(limits.budget.rates), None)
    calls, seconds = (rate.calls, int(rate.seconds)) if rate else (None, None)
    return VendorStanding(name, running, limits.budget.concurrent, used, calls, seconds, failures, left_alone)


def _each(ports: Port | Iterable[Port]) -> Iterable[Port]:
    return (ports,) if isinstance(ports, Port) else ports


def _limits(budget: VendorBudget, time: Time) -> Limits:
    rates = [Rate(budget.calls, budget.per_seconds)] if budget.calls else []
    breaker = Breaker(budget.breaker_failures, budget.breaker_seconds, time)
    return Limits(Budget(rates, budget.concurrent), breaker, time)


def _later(command: Command, wait: float, why: str) -> Result:
    return Result(key=command.key, status="later", kind=NOT_ASKED, problems=(why,), retry_after=max(ceil(wait), 1))


_T = TypeVar("_T")


class Insist(Protocol):
    """Calls something of the store, once or until it answers."""

    def __call__(self, call: Callable[[], _T], /) -> _T:
        """Return what the call returns."""
        ...


def _once(call: Callable[[], _T], /) -> _T:
    return call()


@dataclass(frozen=True)
class Carrier:
    """Carries events through: decides on them, and has done what follows, until nothing more does.

    `insist` calls something of the store; an engine may do so again while the database is away, so that what came
    of a command is not forgotten.
    """

    store: Store
    do: Callable[[Command], Result]
    rule: Callable[[Command], Rule]
    policy: Callable[[], Policy]
    now: Callable[[], datetime]
    insist: Insist = _once

    def carry(self, number: str, event_id: str, *, alone: bool = False) -> str:
        """Carry an event of a return through; return what became of it.

        Other events of the return that wait go along, unless it is to be `alone`. Safe to run again at any time, by
        anybody: what is decided stays decided, what has a result is not done again, and of what has none a verb that
        may not be repeated is left to a person.
        """
        with telemetry.carrying(number, event_id, lambda: self.store.origin(event_id)) as told:
            first = self.insist(lambda: self.store.apply(number, event_id, self.policy(), self.now(), alone=alone))
            telemetry.measured(first.decided)
            todo, state = list(first.commands), first.state
            while todo:
                count = self._turn(todo)
                results = [self._result(command) for command in todo[:count]]
                applied = self._finished(number, event_id, results, state)
                telemetry.measured(applied.decided)
                if applied.status == "kept":  # another worker has taken over, and does the rest
                    break
                todo, state = [*todo[count:], *applied.commands], applied.state
            told(first.reason or first.status, state)
            return first.reason or first.status

    def _turn(self, todo: Sequence[Command]) -> int:
        """Return how many commands are done before their results are written: of what may not be repeated, one."""
        repeatable = list(takewhile(lambda one: self.rule(one) != "none", todo))
        return len(repeatable) or 1

    def _result(self, command: Command) -> Result:
        if self.rule(command) != "none" or self.insist(lambda: self.store.begin(command.key, self.now())):
            with telemetry.doing(command) as told:
                result = self.do(command)
                told(result)
                return result
        died = ("whoever did it died before it was known what came of it",)
        return Result(key=command.key, status="unknown", kind="none", problems=died)

    def _finished(self, number: str, event_id: str, results: Sequence[Result], known: ProcessState | None) -> Applied:
        return self.insist(lambda: self.store.finish(number, event_id, results, self.policy(), self.now(), known))


class Clock:
    """A clock that stands still until it is moved: `now`, and `time`, by which systems wait."""

    def __init__(self, now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)) -> None:
        self.now = now
        self.time = Time(lambda: self.now.timestamp(), lambda: self.now.timestamp(), self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class InlineEngine:
    """An engine in one thread: `submit` returns when everything that follows has been done.

    `clock` says what time it is; `advance` moves it and does what becomes due. `broken` is called with each command
    before and after it is done and may raise, to see what a crash at that place leaves.
    """

    def __init__(
        self,
        store: Store,
        systems: Systems,
        policy: Policy | Callable[[], Policy],
        *,
        clock: Clock | None = None,
        broken: Callable[[str, Command], None] | None = None,
    ) -> None:
        self.store, self.clock = store, clock or Clock()
        self._systems = systems
        self._policy = policy if callable(policy) else lambda: policy
        self._broken = broken or (lambda place, command: None)

    @property
    def now(self) -> datetime:
        """What time it is."""
        return self.clock.now

    def submit(self, number: str, event: events.Event) -> Accepted:
        """Take an event in, and do all that follows."""
        with telemetry.taking_in(number, event):
            accepted = self.store.accept(number, event, self.now)
        if accepted == "new":
            self._run(number, event.id)
        return accepted

    def resume(self) -> None:
        """Do what a crash left: events that were accepted, commands that were given out."""
        for number, id_ in self.store.received():
            self._run(number, id_)
        for number, id_ in self.store.unfinished():
            self._run(number, id_)

    def advance(self, by: timedelta) -> None:
        """Let time pass, and do what becomes due on the way, each at its time."""
        end = self.now + by
        while True:
            passed = self.store.due(end, limit=1)
            if not passed:
                break
            self.clock.now = max(passed[0][2], self.now)
            self.tick()
        self.clock.now = max(end, self.now)

    def tick(self) -> int:
        """Submit the deadlines that have passed."""
        passed = self.store.due(self.now)
        for number, name, at in passed:
            event = events.DeadlinePassed(id=f"{number}/{name}/{at.isoformat()}", at=self.now, by="clock", name=name)
            with telemetry.continued(partial(self.store.trace, number)):
                self.submit(number, event)
        return len(passed)

    def _run(self, number: str, id_: str) -> None:
        Carrier(self.store, self._do, self._systems.rule, self._policy, lambda: self.now).carry(number, id_)

    def _do(self, command: Command) -> Result:
        self._broken("before", command)
        result = self._systems.do(command)
        self._broken("after", command)
        return result
