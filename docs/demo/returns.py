"""25 returns, and all that happens to them outside of the process: customers ask, goods arrive, somebody approves."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from demo.sandbox import Sandbox
from openreturns import Return
from openreturns.models import DocumentRef
from openreturns.process import events
from openreturns.process.state import TERMINAL
from openreturns.process.store import Store
from openreturns.webhooks import Event

__all__ = ["Story", "Told", "request"]

Told: TypeAlias = Callable[[str, str, str], None]
"""Hears of each step: the return's number, the stage that it is in now, what it is about."""

STORY = Path(__file__).with_name("returns.toml")
FIRST = 2001
PLACE = "22"  # where the warehouse inspects
UNIT = "EA"
APPROVER = "cora"


def _now() -> datetime:
    return datetime.now(UTC)


class Story:
    """The returns of the story over a process: `submit` takes its events in, `store` tells where each return is."""

    def __init__(
        self,
        sandbox: Sandbox,
        store: Store,
        submit: Callable[[str, events.Event], object],
        told: Told,
        now: Callable[[], datetime] = _now,
    ) -> None:
        told_of = tomllib.loads(STORY.read_text("utf-8"))
        self.customers: Mapping[str, Any] = told_of["customers"]
        self.asked: Mapping[str, Any] = {f"RMA-2026-{at}": one for at, one in enumerate(told_of["returns"], FIRST)}
        self.stages: dict[str, str] = {}
        self._sandbox, self._store, self._submit, self._told, self._now = sandbox, store, submit, told, now
        self._refs: dict[str, DocumentRef] = {}
        self._happening: dict[str, Iterator[None]] = {}

    def begin(self) -> None:
        """Let the customers ask for their returns."""
        for number, asked in self.asked.items():
            self._sandbox.trouble()
            return_ = request(number, asked, self.customers[asked["customer"]])
            self._happens(number, "asked", events.ReturnRequested, by="portal", return_=return_)

    def go_on(self) -> bool:
        """Let happen what comes next, here and there; return whether all returns are at their end."""
        running = 0
        for row in self._store.board():
            running += row.running
            if self.stages.get(row.number) != row.stage:
                self.stages[row.number] = row.stage
                self._told(row.number, row.stage, self.asked[row.number]["about"])
                self._react(row.number, row.stage)
        ended = [number for number, stage in self.stages.items() if stage in TERMINAL]
        if len(ended) == len(self.asked):
            return not running
        self._in_the_warehouse()
        self._sandbox.deliver()
        self._sandbox.inbox.work(self._heard)
        if not self._happening:  # what no webhook brought is asked for: a read may be older than its webhook
            for number in self._refs.keys() - ended:
                self._news(number)
        return False

    def ends_as_told(self) -> list[str]:
        """Return the returns that have not ended as the story has it."""
        return [number for number, asked in self.asked.items() if self.stages.get(number) != _end(asked)]

    def _react(self, number: str, stage: str) -> None:
        if stage == "awaiting_goods" and self.asked[number].get("cancelled"):
            self._happens(number, "cancelled", events.CancelRequested, by="portal")
        elif stage == "awaiting_goods" and number not in self._refs:
            announced = self._known(number).effect("announce")
            assert announced is not None  # or the stage would be another
            assert announced.ref is not None
            self._refs[number] = announced.ref
            self._happening[number] = self._handled(int(announced.ref.id), self.asked[number])
        elif stage == "awaiting_credit_approval":
            for credit in self._known(number).credits:
                self._happens(
                    number,
                    f"{credit.number}/agreed",
                    events.ApprovalGiven,
                    by=APPROVER,
                    step="credit",
                    subject=credit.number,
                )

    def _known(self, number: str) -> Any:  # noqa: ANN401 - the state of a return that there is
        return self._store.load(number)

    def _in_the_warehouse(self) -> None:
        """Take a step or two with each return that is there, while calls fail."""
        if self._happening:
            self._sandbox.trouble(2)
        self._happening = {number: steps for number, steps in self._happening.items() if _some(steps, 2)}

    def _handled(self, id_: int, asked: Mapping[str, Any]) -> Iterator[None]:
        yield self._sandbox.step("arrive", id=id_)
        for delivery in asked["inspected"]:
            yield self._sandbox.step("process", id=id_, actions=[self._sandbox.action(**one) for one in delivery])
        yield self._sandbox.step("complete", id=id_)

    def _heard(self, event: Event) -> None:
        """Take in what a webhook tells of: it says which return, and the warehouse is asked the rest."""
        id_ = event.entity.partition("/")[2]
        for number, ref in self._refs.items():
            if ref.id == id_:
                self._news(number)

    def _news(self, number: str) -> None:
        ref, wms = self._refs[number], self._sandbox.wms
        seen = wms.status(ref)
        self._happens(number, f"seen/{_digest(seen.to_json())}", events.GoodsReceived, by="shipbob", seen=seen)
        if seen.status == "dispositioned":
            found = wms.disposition(ref)
            id_ = f"decided/{_digest(found.to_json())}"
            self._happens(number, id_, events.GoodsInspected, by="shipbob", disposition=found)

    def _happens(self, number: str, id_: str, kind: type[Any], **given: Any) -> None:  # noqa: ANN401 - the event's own
        self._submit(number, kind(id=f"{number}/{id_}", at=self._now(), **given))


def _end(asked: Mapping[str, Any]) -> str:
    if asked.get("cancelled"):
        return "cancelled"
    return "closed" if "inspected" in asked else "declined"


def _some(steps: Iterator[None], count: int) -> bool:
    """Take some steps; return whether there may be more."""
    return all(next(steps, _END) is not _END for _ in range(count))


_END = object()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def request(number: str, asked: Mapping[str, Any], customer: Mapping[str, Any]) -> Return:
    """Return what a customer asks for, as the canonical document."""
    units = {"uom": UNIT}
    return Return.model_validate(
        {
            "meta": {
                "schema": "openreturns/return/1.1",
                "documentId": f"return-{number}",
                "revision": 1,
                "sourceSystem": "portal",
                "issuedAt": datetime.now(UTC).isoformat(),
                "correlationId": number,
            },
            "number": number,
            "status": "requested",
            "type": "credit",
            "customer": {"id": asked["customer"], "name": customer["name"], "address": customer["address"]},
            "currency": customer["currency"],
            "returnTo": {"id": PLACE},
            "refs": [{"type": "sales_order", "id": asked["order"]}],
            "lines": [
                {
                    "lineId": str(place),
                    "item": {"sku": line["sku"], **({"serials": line["serials"]} if "serials" in line else {})},
                    "requested": {"value": str(line["units"]), **units},
                    "reason": {"code": line["reason"]},
                    "originalInvoice": {"type": "invoice", "id": asked["invoice"], "lineId": line["line"]},
                    "originalOrder": {"type": "sales_order", "id": asked["order"], "lineId": line["line"]},
                }
                for place, line in enumerate(asked["lines"], 1)
            ],
        }
    )
