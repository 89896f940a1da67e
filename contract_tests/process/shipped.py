"""The process over the shipped clients and their simulators, and what happens to a return from outside."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from demo import returns
from demo.sandbox import Sandbox
from openreturns.models import DocumentRef
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.policy import load_policy
from openreturns.process.state import ProcessState
from openreturns.process.store import Store

__all__ = ["ASKED", "Flow", "flowing"]

TOLD = tomllib.loads(returns.STORY.read_text("utf-8"))
ASKED = {one["about"]: one for one in TOLD["returns"]}


@dataclass
class Flow:
    """A process over the sandbox: each method is something that happens to a return."""

    sandbox: Sandbox
    store: Store
    engine: InlineEngine
    ports: Mapping[str, Port]
    count: int = 0

    def happens(self, number: str, kind: type[Any], by: str = "portal", **given: Any) -> ProcessState:
        self.count += 1
        self.engine.submit(number, kind(id=f"event-{self.count}", at=self.engine.now, by=by, **given))
        self.engine.advance(timedelta(minutes=30))
        return self.known(number)

    def asked_for(self, number: str, asked: Mapping[str, Any], **changes: Any) -> ProcessState:
        request = returns.request(number, asked, TOLD["customers"][asked["customer"]])
        return self.happens(number, events.ReturnRequested, return_=request.replace(**changes))

    def came_in(self, number: str, deliveries: Sequence[Sequence[Mapping[str, Any]]]) -> ProcessState:
        """Let all goods come in and be decided on."""
        announced = self.announced(number)
        self.sandbox.step("arrive", id=int(announced.id))
        for delivery in deliveries:
            self.sandbox.step("process", id=int(announced.id), actions=[self.sandbox.action(**one) for one in delivery])
        self.sandbox.step("complete", id=int(announced.id))
        self.happens(number, events.GoodsReceived, "shipbob", seen=self.sandbox.wms.status(announced))
        found = self.sandbox.wms.disposition(announced)
        return self.happens(number, events.GoodsInspected, "shipbob", disposition=found)

    def announced(self, number: str) -> DocumentRef:
        """Return what the warehouse knows a return by."""
        [ref] = [one.ref for one in self.known(number).of_step("announce") if one.ref]
        return ref

    def taken_back(self, number: str) -> ProcessState:
        """Take the decision back; what the ERP has no verb for, a person does there."""
        decided = self.known(number).dispositions[0].meta.document_id
        self.happens(number, events.DispositionReversed, "ines", document_id=decided, reason="wrong pallet")
        return self.done_by_hand(number)

    def done_by_hand(self, number: str) -> ProcessState:
        """Give up what a system has no verb for: a person has done it there."""
        state = self.known(number)
        for key in [key for key, one in state.dead_letters.items() if one.kind == "unsupported"]:
            state = self.happens(number, events.DeadLetterDiscarded, "fay", key=key, reason="done by hand")
        return state

    def known(self, number: str) -> ProcessState:
        state = self.store.load(number)
        assert state is not None
        return state


@contextmanager
def flowing(sandbox: Sandbox, policy: str, ports: Mapping[str, Port] | None = None) -> Iterator[Flow]:
    """Run a process over the sandbox by a policy; `ports` are connected otherwise than the sandbox has them."""
    quiet = logging.getLogger("openreturns")
    level = quiet.level
    quiet.setLevel(logging.CRITICAL)
    try:
        rules, clock, store = load_policy(policy), Clock(datetime.now(UTC)), Store("sqlite://")
        store.migrate()
        connected = {**sandbox.ports, **(ports or {})}
        once = {name: system.rules(name) for name, system in sandbox.systems.items()}
        systems = Systems(connected, once, rules.vendors, time=clock.time)
        yield Flow(sandbox, store, InlineEngine(store, systems, rules, clock=clock), connected)
    finally:
        quiet.setLevel(level)
