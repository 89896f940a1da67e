"""New code while returns are parked, in each stage: it finishes them, or the doctor refuses; nothing is silent.

Also code under another version, as an upgrade that changes the pinned one would be; and what kills every worker.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial

from openreturns.process import engine_dbos, machine
from openreturns.process.doctor import examine
from openreturns.process.policy import Policy, Route
from openreturns.process.state import ProcessState
from openreturns.process.steps import STEPS, Step, Subject
from process.faults.stage import Case, Seen, Stage
from process.systems import POLICY
from process.worker import RETRIES

__all__ = ["cases"]

PARKED = {
    "checking": ("check_eligibility",),
    "awaiting_approval": (),
    "authorizing": ("authorize",),
    "awaiting_goods": (),
    "awaiting_inspection": (),
    "crediting": ("commit",),
    "awaiting_credit_approval": (),
    "awaiting_settlement": (),
}
"""How a return comes to stand in a stage: verbs of which nothing comes, beside what it waits for anyway."""

_EVERYTHING_WAITS = (
    "await_settlement = true\n"
    + POLICY.replace('up_to = { EUR = "500" }', 'up_to = { EUR = "1" }')
    + """
[approvals]
return_roles = ["desk"]
credit_free = { EUR = "1" }
credit_limits = [{ role = "controller" }]

[roles]
dora = ["desk"]
cora = ["controller"]
"""
    + RETRIES
)


def cases() -> Iterator[Case]:
    """Yield every stage with every change, the same under another version, and what kills its workers."""
    for stage, change in itertools.product(PARKED, ("same", "added", "removed", "version")):
        run = partial(deployed, parked=stage, change=change)
        yield Case("new code, parked returns", f"{stage} {change}", run, sample=stage == "crediting")
    for verb in ("open_case", "authorize", "announce", "commit", "issue_credit"):
        yield Case("poison: kills every worker", verb, partial(poisoned, verb=verb), sample=verb == "commit")


def deployed(stage: Stage, *, parked: str, change: str) -> Seen:
    """Park a return in a stage, stop, and go on with other code."""
    stage.told = stage.told.but(policy=_EVERYTHING_WAITS)
    ended = stage.run(until=parked, down=PARKED[parked])
    state = stage.state()
    stage.check(ended == 0 and state and state.stage == parked, f"not parked, {state.stage if state else 'nowhere'}")
    if parked == "awaiting_goods" and change == "version":
        stage.told = stage.told.but(returns=("RMA-1", "RMA-2"))
        stage.run(kill=("authorize", "before"), only="RMA-2")  # leaves work under the old version
    changes = {"same": None, "added": _add, "removed": _remove, "version": _other_version}
    ended = stage.run(change=changes[change])
    stage.check(ended == 0, f"the new code ended with {ended}")
    with stage.store() as store:
        health = examine(store, datetime.now(UTC), lease=timedelta(seconds=stage.told.lease))
        closed = [row.stage == "closed" for row in store.board()]
    stage.check(all(closed) or not health.sound, "it neither finished nor was refused")
    return stage.seen()


def _add() -> None:
    vars(machine)["STEPS"] = (STEPS[0], Step("note", "crm", "Note what is new.", _noted, "update_case"), *STEPS[1:])


def _noted(state: ProcessState, policy: Policy, route: Route) -> Iterator[Subject]:
    if state.return_.status != "requested":
        yield Subject("note", state.return_)


def _remove() -> None:
    vars(machine)["STEPS"] = tuple(step for step in STEPS if step.name not in {"update_case", "open_case"})


def _other_version() -> None:
    engine_dbos.VERSION = "openreturns-process-next"


def poisoned(stage: Stage, *, verb: str) -> Seen:
    """Let a command kill every worker that does it: it is a dead letter with its cause, another return goes on."""
    stage.told = stage.told.but(returns=("RMA-1", "RMA-2"), kill=(verb, "before"), only="RMA-1", lease=0.3)
    deaths = 0
    while stage.run() == -signal.SIGKILL:
        deaths += 1
        stage.check(deaths < 20, "it kills on and on")
        if deaths == 20:
            break
    bad, good = stage.state("RMA-1"), stage.state("RMA-2")
    stage.check(good and good.stage == "closed", "the other return did not go on")
    stage.check(bad and {one.kind for one in bad.dead_letters.values()} == {"killed"}, "it is no dead letter")
    return stage.seen()
