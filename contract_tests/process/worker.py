"""A worker over vendors whose books are in a file, that can be made to die, or its vendors to fail: for fault tests."""

from __future__ import annotations

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from openreturns.errors import RetryableError
from openreturns.idempotency import Done, Outcome, Rule
from openreturns.models import DocumentRef
from openreturns.process import events
from openreturns.process.engine import Systems
from openreturns.process.engine_dbos import DbosEngine
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from process.faults.wire import Lost, losing
from process.systems import NOON, POLICY, World, connected, story
from sqlalchemy.exc import OperationalError

VERBS = ("open_case", "authorize", "announce", "receive", "post_adjustment", "commit", "issue_credit", "update_case")
SYSTEMS = ("erp", "wms", "crm", "tax")
RETRIES = "".join(f"\n[vendors.{system}]\nretry_seconds = 1\n" for system in SYSTEMS)


@dataclass(frozen=True)
class Told:
    """What a worker is told: where it works, what it works on, how its vendors behave, and when it dies."""

    url: str
    vendors: str
    returns: tuple[str, ...] = ("RMA-1",)
    policy: str = POLICY + RETRIES
    rule: Rule = "native"
    keys: bool = True
    """Whether vendors know a key again, or adapters look: without, told twice is done twice."""
    kill: tuple[str, str] = ("", "")
    """The verb and the place, before or after its effect, at which the worker is killed."""
    how: signal.Signals = signal.SIGKILL
    """What the worker sends itself there: SIGSTOP lets it stand still, once."""
    only: str = ""
    """The return that kills, where not every one does."""
    lose: tuple[str, Lost] | None = None
    """The verb whose answer is lost once, and how."""
    slow: float = 0.0
    lease: float = 0.6
    threads: int = 4
    ends: bool = True
    """Whether the worker stops when every return is at rest."""
    happens: bool = True
    """Whether the worker is also who lets things happen to the returns."""
    until: str = "closed"
    """The stage at which a return is at rest."""
    down: tuple[str, ...] = ()
    """Verbs of which nothing comes now."""
    change: Callable[[], None] | None = None
    """What is other in this worker's code."""

    def but(self, **changes: Any) -> Told:
        return replace(self, **changes)


@dataclass
class Books(World):
    """The vendors' books: what was done, what was called for, what was looked up. They outlive whoever works."""

    told_to: Told = field(default_factory=lambda: Told("", ""))
    writing: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        with closing(self._open()) as books:
            for table in ("effect", "call", "look"):
                books.execute(f"CREATE TABLE IF NOT EXISTS {table} (verb TEXT, subject TEXT)")

    def fails(self, verb: str) -> None:
        if verb in self.told_to.down:
            raise RetryableError(f"{verb} is down", retry_after=1, kind="unavailable")

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(self.told_to.vendors, timeout=30, isolation_level=None)

    def does(self, verb: str, subject: str, kind: Any = "return") -> Outcome:
        """Do a thing as an adapter does: look where that is its way, else send, and the vendor knows its key or not."""
        self.fails(verb)
        ref = DocumentRef(type=kind, id=f"{verb}-{subject}", system=verb)
        if self.told_to.slow:
            time.sleep(self.told_to.slow)
        if self.told_to.rule == "lookup" and self._known("look", verb, subject):
            return Done(ref, repeated=True)
        self._die(verb, "before", subject)
        if self.told_to.lose and self.told_to.lose[0] == verb:
            repeated = losing(self.told_to.lose[1], lambda: self.effect(verb, subject))
        else:
            repeated = self.effect(verb, subject)
        self._die(verb, "after", subject)
        return Done(ref, repeated=repeated)

    def undoes(self, verb: str, what: str, subject: str, kind: Any = "return") -> Outcome:
        return self.does(verb, subject, kind)

    def effect(self, verb: str, subject: str) -> bool:
        """What the vendor does: return whether it was done before."""
        with self.writing, closing(self._open()) as books:
            books.execute("BEGIN IMMEDIATE")
            books.execute("INSERT INTO call VALUES (?, ?)", (verb, subject))
            there = _there(books, verb, subject)
            if not there or not self.told_to.keys or self.told_to.rule != "native":
                books.execute("INSERT INTO effect VALUES (?, ?)", (verb, subject))
            books.execute("COMMIT")
        return there and self.told_to.keys

    def _known(self, table: str, verb: str, subject: str) -> bool:
        with self.writing, closing(self._open()) as books:
            books.execute(f"INSERT INTO {table} VALUES (?, ?)", (verb, subject))
            return self.told_to.keys and _there(books, verb, subject)

    def _die(self, verb: str, place: str, subject: str) -> None:
        if self.told_to.only not in subject:
            return
        with self.writing:  # the vendors do not stand still with the worker
            told = self.told_to  # another thread may have stood still already
            if told.kill == (verb, place):
                self.told_to = told if told.how == signal.SIGKILL else told.but(kill=("", ""))
                os.kill(os.getpid(), told.how)
                time.sleep(0.2)  # until the signal has come to all threads


def _there(books: sqlite3.Connection, verb: str, subject: str) -> bool:
    found = books.execute("SELECT 1 FROM effect WHERE verb = ? AND subject = ?", (verb, subject))
    return found.fetchone() is not None


def systems(told: Told) -> Systems:
    """The four systems over the books that a worker is told of."""
    rules = {system: dict.fromkeys((*VERBS, "cancel", "void"), told.rule) for system in SYSTEMS}
    return connected(Books(told_to=told), rules=rules)


def work(told: Told) -> None:
    """Work until every return is at rest, or SIGTERM."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if told.change is not None:
        told.change()
    lease = timedelta(seconds=told.lease)
    with DbosEngine(told.url, systems(told), load_policy(told.policy), threads=told.threads, lease=lease) as engine:
        while not stop.wait(0.05):
            try:
                if _all_rest(engine, told):
                    return
                if engine.trouble is not None:
                    print(f"trouble: {engine.trouble}", flush=True)
            except (RetryableError, OperationalError) as error:
                print(f"{type(error).__name__}: {error.args[0]}", flush=True)  # the database may be back


def _all_rest(engine: DbosEngine, told: Told) -> bool:
    """Let happen what comes next; say whether every return is where it is to get to, or stuck for a person."""
    rows = {row.number: row for row in engine.store.board()}
    resting = [
        not row.running and (row.stage in {told.until, "closed"} or row.dead > 0)
        for number in told.returns
        if (row := rows.get(number))
    ]
    if told.ends and len(resting) == len(told.returns) and all(resting):
        return True
    for number in told.returns if told.happens else ():
        row = rows.get(number)
        for event in (
            () if row and row.stage == told.until else comes_next(engine.store, number, row.stage if row else "")
        ):
            engine.submit(number, event)
    return False


def comes_next(store: Store, number: str, stage: str) -> Iterator[events.Event]:
    """Yield what comes next in a return's story; what has happened is a duplicate."""
    asked, came, decided = story(number)
    if not stage:
        yield asked
    elif stage == "awaiting_approval":
        yield events.ApprovalGiven(id=f"{number}-agreed", at=NOON, by="dora", step="return")
    elif stage == "awaiting_goods":
        yield came
    elif stage == "awaiting_inspection":
        yield decided
    elif stage in {"awaiting_credit_approval", "awaiting_settlement"}:
        state = store.load(number)
        for credit in state.credits if state else ():
            yield events.ApprovalGiven(
                id=f"{credit.number}-agreed", at=NOON, by="cora", step="credit", subject=credit.number
            )
            if stage == "awaiting_settlement":
                yield events.Settled(id=f"{credit.number}-settled", at=NOON, by="bank", credit=credit.number)
