"""Stories of a return, drawn: several lines, deliveries, decisions, people, time, and vendors that fail on the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from hypothesis import strategies as st
from openreturns.errors import OutcomeUnknownError, RejectedError, RetryableError
from openreturns.idempotency import Rule
from openreturns.models import Disposition, Return
from openreturns.process import events
from openreturns.process.policy import Policy, load_policy
from process.systems import NOON, POLICY, asked_for, disposition

__all__ = ["FAILURES", "Agree", "Story", "Wait", "stories"]

FREE = '[approvals]\ncredit_free = { EUR = "%s" }\ncredit_limits = [{ role = "clerk" }]\n\n[approvals'
ROLES = '\n[roles]\ncora = ["clerk"]\n'
BASE = POLICY.replace('"500"', '"100000"').replace("[approvals", FREE % 100000, 1) + ROLES
EXPIRING = '\n[[service_levels]]\nstage = "awaiting_goods"\nhours = 24\nthen = "expire"\n'
AHEAD = '\n[preliminary_refund]\nat = "authorized"\nup_to = { EUR = "100000" }\n'
POLICIES: dict[str, Policy] = {
    "plain": load_policy(BASE),
    "expiring": load_policy(BASE + EXPIRING),
    "ahead": load_policy(BASE + EXPIRING + AHEAD),
    "approved": load_policy(BASE.replace("100000", "15", 1) + EXPIRING),
}
SKUS = ("SKU-77", "SKU-78")
CODES = ("restock", "scrap", "return_to_vendor")
FAILURES: dict[str, Callable[[], Exception | None]] = {
    "works": lambda: None,
    "later": lambda: RetryableError("busy", retry_after=1, kind="throttled"),
    "unknown": lambda: OutcomeUnknownError("no answer", key="k"),
    "rejected": lambda: RejectedError("no", kind="business_rule"),
}
DOING = ("open_case", "authorize", "announce", "receive", "post_adjustment", "commit", "issue_credit", "update_case")
UNDOING = ("cancel_rma", "cancel_announcement", "void_credit", "void")


@dataclass(frozen=True)
class Wait:
    """Time passes."""

    time: timedelta


@dataclass(frozen=True)
class Agree:
    """Somebody says yes or no to the first credit that waits for it."""

    yes: bool


Step: TypeAlias = events.Event | Wait | Agree


@dataclass(frozen=True)
class Story:
    """What happens to a return, under which policy, and how its vendors fail: refusals, lost answers, no look-up."""

    policy: str
    steps: tuple[Step, ...]
    failing: dict[str, list[str]]
    losing: dict[str, int]
    rules: dict[str, Rule]

    @property
    def rules_of_business(self) -> Policy:
        return POLICIES[self.policy]


@st.composite
def stories(draw: st.DrawFn) -> Story:
    """Draw a story: in the order of time or any other, with repetitions, and time between."""
    return_ = _asked(draw(st.lists(st.integers(1, 3), min_size=1, max_size=2)))
    came = {line.line_id: draw(_about(int(line.requested.value))) for line in return_.lines}
    told: list[Step] = [events.ReturnRequested(id="asked", at=NOON, by="portal", return_=return_)]
    told += _deliveries(draw, return_, came)
    told += _decisions(draw, came)
    if draw(st.integers(0, 2)) == 0:
        told.insert(draw(st.integers(1, 2)), events.CancelRequested(id="cancel", at=NOON, by="portal"))
    for _ in range(draw(st.integers(0, 2))):
        told.insert(draw(st.integers(1, len(told))), Agree(draw(st.booleans())))
    order = draw(st.permutations(told)) if draw(st.integers(0, 3)) == 0 else told
    steps: list[Step] = []
    for step in [*order, *draw(st.lists(st.sampled_from(told), max_size=2))]:
        steps.append(step)
        if minutes := draw(st.sampled_from((0, 0, 0, 0, 1, 45, 1800))):
            steps.append(Wait(timedelta(minutes=minutes)))
    kinds = st.lists(st.sampled_from(("works", "later", "later", "unknown", "unknown", "rejected")), max_size=3)
    losing = draw(st.dictionaries(st.sampled_from((*DOING, *UNDOING)), st.integers(1, 2), max_size=3))
    once = [verb for verb in losing if verb in DOING and draw(st.integers(0, 3)) == 0]
    return Story(
        draw(st.sampled_from(sorted(POLICIES))),
        tuple(steps),
        draw(st.dictionaries(st.sampled_from((*DOING, *UNDOING)), kinds, max_size=2)),
        losing,
        dict.fromkeys(once, "none"),
    )


def _about(asked: int) -> st.SearchStrategy[int]:
    """As much as was asked for, mostly; a bit less or more, or nothing."""
    return st.sampled_from((asked, asked, asked, asked - 1, asked + 1, 0))


def _in_parts(draw: st.DrawFn, count: int) -> list[int]:
    first = draw(st.integers(1, count)) if count else 0
    return [one for one in (first, count - first) if one]


def _asked(quantities: list[int]) -> Return:
    asked = asked_for("RMA-1")
    lines = tuple(
        asked.lines[0].replace(line_id=str(place), item={"sku": sku}, requested={"value": str(quantity), "uom": "EA"})
        for place, (sku, quantity) in enumerate(zip(SKUS, quantities, strict=False), 1)
    )
    return asked.replace(lines=lines)


def _deliveries(draw: st.DrawFn, return_: Return, came: dict[str, int]) -> list[Step]:
    parts = {line: _in_parts(draw, count) for line, count in came.items()}
    receipts: dict[str, list[dict[str, Any]]] = {line: [] for line in came}
    told: list[Step] = []
    for place in range(max(len(one) for one in parts.values())):
        for line, counts in parts.items():
            if place < len(counts):
                quantity = {"value": str(counts[place]), "uom": "EA"}
                receipt = {"receiptId": f"R{place}-{line}", "quantity": quantity, "receivedAt": NOON.isoformat()}
                receipts[line].append(receipt)
        lines = tuple(line.replace(receipts=tuple(receipts[line.line_id]) or None) for line in return_.lines)
        status = draw(st.sampled_from(("partially_received", "received")))
        seen = return_.replace(lines=lines, status=status)
        told.append(events.GoodsReceived(id=f"came-{place}", at=NOON, by="wms", seen=seen))
    return told


def _decisions(draw: st.DrawFn, came: dict[str, int]) -> list[Step]:
    """Decide on all that came, in parts; take some of it back, and mostly decide again, often under the same id."""
    told: list[Step] = []
    pieces = [(line, count) for line, total in came.items() for count in _in_parts(draw, total)]
    for place, (line, count) in enumerate(pieces):
        told.append(_inspection(f"d{place}", place, line, draw(st.sampled_from(CODES)), count))
        if draw(st.integers(0, 2)) == 0:
            back = {"by": "ines", "document_id": f"d{place}", "reason": "mistaken"}
            told.append(events.DispositionReversed.model_validate({"id": f"back-{place}", "at": NOON, **back}))
            again = draw(st.sampled_from(("", f"d{place}", f"d{place}", f"e{place}")))
            if again:
                told.append(_inspection(again, place + 10, line, draw(st.sampled_from(CODES)), count))
    return told


def _inspection(id_: str, place: int, line: str, code: str, quantity: int) -> events.GoodsInspected:
    decided = _decided(id_, place, line, code, quantity)
    return events.GoodsInspected(id=f"seen-{place}", at=NOON, by="wms", disposition=decided)


def _decided(id_: str, place: int, line: str, code: str, quantity: int) -> Disposition:
    one = disposition("RMA-1", id_, code, str(quantity))
    meta = one.meta.replace(issued_at=one.meta.issued_at + timedelta(minutes=place))
    lines = (one.lines[0].replace(return_line_id=line, item={"sku": SKUS[int(line) - 1]}),)
    return one.replace(meta=meta, lines=lines)
