"""A vendor that is down for an hour: it is left alone, others are not held up, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from openreturns.errors import RetryableError
from openreturns.process import events
from openreturns.process.engine import Clock, InlineEngine
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from process.systems import NOON, POLICY, Told, World, asked_for, connected

HOUR = timedelta(hours=1)
BUSY = tuple(f"RMA-{number}" for number in range(12))
FREE = "RMA-FREE"
VERBS = {
    "crm": ("open_case", "standing", "update_case"),
    "erp": ("authorize", "check_eligibility"),
    "wms": ("announce",),
}


@dataclass
class Down(World):
    """Vendors of which some verbs fail for an hour."""

    clock: Clock = field(default_factory=Clock)
    verbs: tuple[str, ...] = ()
    kind: str = "unavailable"
    asked: int = 0

    def fails(self, verb: str) -> None:
        if verb in self.verbs and self.clock.now < NOON + HOUR:
            self.asked += 1
            raise RetryableError("down", retry_after=1, kind=self.kind)


@pytest.mark.parametrize(
    ("system", "kind"),
    [("crm", "unavailable"), ("erp", "unavailable"), ("wms", "unavailable"), ("erp", "timeout"), ("wms", "timeout")],
)
def test_the_circuit_opens_others_go_on_and_all_is_done_in_the_end(system: str, kind: str) -> None:
    clock = Clock(NOON)
    world = Down(clock=clock, verbs=VERBS[system], kind=kind)
    others = "".join(f'{role} = "{role}", ' for role in ("erp", "wms", "crm", "tax") if role != system)
    elsewhere = f'[[routing.rules]]\nsources = ["elsewhere"]\nroute = {{ {others}seller = "MAIN", location = "W1" }}'
    rules = load_policy(f"{POLICY}\n{elsewhere}\n")
    store = Store("sqlite://")
    store.migrate()
    process = Told(world, InlineEngine(store, connected(world, time=clock.time), rules, clock=clock))
    for number in BUSY:
        process.asked_for(number)
    waiting = world.asked
    assert waiting < len(BUSY)  # the circuit opened: most were never tried
    _elsewhere(process)
    process.engine.advance(HOUR - timedelta(seconds=1))
    free = process.state(FREE).stage  # without the ERP nobody knows its price
    assert free == ("awaiting_approval" if system == "erp" else "awaiting_goods")
    assert world.asked < 4 * 60  # once a minute at most, and what was under way
    process.engine.advance(HOUR)
    assert {process.state(number).stage for number in BUSY} == {"awaiting_goods"}
    assert not any(process.state(number).dead_letters for number in BUSY)
    assert world.count(world.verbs[0]) == len(BUSY)


def _elsewhere(process: Told) -> None:
    asked = asked_for(FREE)
    asked = asked.replace(meta=asked.meta.replace(source_system="elsewhere"))
    process.event(events.ReturnRequested, FREE, return_=asked)
