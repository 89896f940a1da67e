"""The real clients over simulated vendors: answers lost, workers killed, with their keys and with others each time."""

from __future__ import annotations

import itertools
import json
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from openreturns.sandbox import Kind
from process.children import Child, forked
from process.faults.stage import PATIENCE, Case, Seen, Stage
from process.faults.vendors import NUMBER, Wrong, twice, vendors, work

__all__ = ["cases"]


@dataclass(frozen=True)
class _Story:
    """What is asked for and happens to it, as the demo tells it; and what vendors hold more of at its end."""

    asked: Mapping[str, Any]
    ends: str
    holds: Mapping[str, int]


_ASKED = {
    "about": "four pumps of ten came back, three of them broken by the customer",
    "customer": "C-1042",
    "order": "SO-56002",
    "invoice": "INV-89002",
    "lines": [{"line": "1", "sku": "P-100", "units": 10, "reason": "ordered_wrong"}],
}
_BROKEN = {"sku": "P-100", "action": "Dispose", "units": 3, "reason": "damaged by the customer"}
_CAME = {"inspected": [[{"sku": "P-100", "action": "Restock", "units": 1}, _BROKEN]]}
_ANNOUNCED = {
    "Case": 1,
    "ReturnOrder": 1,
    "ReturnOrderLineItem": 1,
    "returnAuthorization": 1,
    "AwaitingArrival": 1,
}
_MOVED = {**_ANNOUNCED, "itemReceipt": 1, "inventoryAdjustment": 1}
STORIES = {
    "credited": _Story({**_ASKED, **_CAME}, "closed", {**_MOVED, "ReturnInvoice": 1, "creditMemo": 1}),
    "cancelled": _Story({**_ASKED, "cancelled": True}, "cancelled", {**_ANNOUNCED, "Cancelled": 1}),
    "refused": _Story(
        {**_ASKED, **_CAME, "refused": "issue_credit"}, "closed", {**_MOVED, "ReturnInvoice": 1, "voided": 1}
    ),
}

VERBS = (
    ("salesforce", "open_case", "credited", "Case"),
    ("salesforce", "return_order", "credited", "ReturnOrder"),
    ("salesforce", "update_case", "credited", "Case"),
    ("netsuite", "authorize", "credited", "returnAuthorization"),
    ("netsuite", "receive", "credited", "itemReceipt"),
    ("netsuite", "post_adjustment", "credited", "inventoryAdjustment"),
    ("netsuite", "issue_credit", "credited", "creditMemo"),
    ("netsuite", "cancel", "cancelled", ""),
    ("shipbob", "announce", "credited", "AwaitingArrival"),
    ("shipbob", "cancel", "cancelled", ""),
    ("avatax", "quote", "credited", ""),
    ("avatax", "commit", "credited", "ReturnInvoice"),
    ("avatax", "void", "refused", ""),
)
"""Writes as clients name them, the story that they are in, and of what there are two where one has another key each
time: nothing, where vendors let a thing be what it is already, or refuse that."""

LOST: tuple[Kind, ...] = ("error_after", "cut_after", "hang_after")
_LOOKED_UP, _KEYED = ("shipbob", "announce"), ("netsuite", "authorize")
_SAMPLE = {(*_KEYED, "cut_after"), (*_LOOKED_UP, None)}
_SAMPLE_CHANGED = {(*_KEYED, "error_after"), (*_LOOKED_UP, None)}


def cases(*, keys: bool = True) -> Iterator[Case]:
    """Yield every write with each fault, and some again with other keys; without `keys` the first have others too."""
    for (system, verb, story, kind), fault in itertools.product(VERBS, (*LOST, None)):
        wrong = Wrong(system, verb, fault, dies=fault is None, keys=keys)
        name = f"{system}.{verb} {fault or 'killed'}"
        run = partial(done_once, story=STORIES[story], wrong=wrong)
        yield Case("real clients", name, run, sample=(system, verb, fault) in _SAMPLE)
        if kind and fault in {"error_after", None}:
            run = partial(caught, story=STORIES[story], wrong=replace(wrong, keys=False), kind=kind)
            yield Case("real clients, other keys", name, run, sample=(system, verb, fault) in _SAMPLE_CHANGED)


def done_once(stage: Stage, *, story: _Story, wrong: Wrong) -> Seen:
    """Carry a return to its end, whatever is lost on the way; each thing is done once."""
    held = _carried(stage, story, wrong)
    again = twice(held, story.holds)  # the story is at its end there
    lost = [kind for kind in story.holds if kind not in held and not again]
    stage.check(not again, f"done twice: {again}")
    stage.check(not lost, f"never done: {lost}")
    state = stage.state(NUMBER)
    ended = state and state.stage == story.ends and not state.dead_letters
    stage.check(ended, f"the return is {state.stage if state else 'nowhere'}, with {state and state.dead_letters}")
    return Seen(lost=len(lost), duplicated=len(again), wrong=tuple(stage.wrong))


def caught(stage: Stage, *, story: _Story, wrong: Wrong, kind: str) -> Seen:
    """Carry it with another key each time; what says above that a thing was done twice has to say so here."""
    held = _carried(stage, story, wrong)
    stage.check(kind in twice(held, story.holds), f"two of {kind} were not seen: {held}")
    return Seen(caught=1 - len(stage.wrong), wrong=tuple(stage.wrong))


def _carried(stage: Stage, story: _Story, wrong: Wrong) -> dict[str, int]:
    """Let vendors and a worker run, and another after one that is killed; return what vendors hold at the end."""
    outside = forked(partial(vendors, stage.told.url, stage.folder, story.asked, story.holds), stage.folder / "log")
    _until(outside, lambda: (stage.folder / "systems.json").exists())
    worker, deaths = _worker(stage, wrong), 0
    while not _until(outside, worker.over):
        stage.check(worker.ended == -signal.SIGKILL, f"the worker ended with {worker.ended}")
        deaths += 1
        worker = _worker(stage, replace(wrong, dies=False))
    worker.send(signal.SIGTERM)
    worker.wait(PATIENCE)
    told = json.loads((stage.folder / "held.json").read_text())
    stage.check(deaths == wrong.dies, f"{deaths} workers were killed")
    lost = [wrong.fault] if wrong.fault else []
    stage.check([one for one in told["hit"] if one in LOST] == lost, f"what hit a call is {told['hit']}, not {lost}")
    held: dict[str, int] = told["held"]
    return held


def _until(outside: Child, so: Callable[[], bool]) -> bool:
    """Wait until something is so; return whether the vendors have ended first."""
    end = time.monotonic() + PATIENCE
    while not (over := outside.over()) and not so():
        if time.monotonic() > end:
            raise TimeoutError("it comes to no end")
        time.sleep(0.02)
    return over


def _worker(stage: Stage, wrong: Wrong) -> Child:
    return forked(partial(work, stage.told.url, stage.folder, wrong), stage.folder / "log")
