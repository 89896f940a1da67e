"""25 returns at once through the sandbox, and what the four systems hold of them in the end."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from demo.flow import Case, Systems, Told, advance, again, cancel, judged, request, start
from demo.sandbox import Sandbox
from openreturns import Adjustment, Credit, Disposition, Return
from openreturns.errors import RejectedError
from openreturns.models import Document, DocumentRef
from openreturns.ports import Port, Wms
from openreturns.reconciliation import Books
from openreturns.webhooks import Event

__all__ = ["carry_out", "cases_at", "hold", "story"]

STORY = Path(__file__).with_name("returns.toml")
FIRST = 2001
ROUNDS = 20


def story() -> dict[str, Any]:
    """Return what customers ask for, and what the warehouse finds."""
    return tomllib.loads(STORY.read_text("utf-8"))


def carry_out(sandbox: Sandbox, story: Mapping[str, Any], told: Told) -> list[Case]:
    """Let all returns happen, from the request to their end, and return what we know of them.

    Webhooks bring the news. What they do not bring (a read may be older than its webhook) is asked for until
    every return has ended. Raises what keeps a return from it.
    """
    since = datetime.now(UTC) - timedelta(minutes=1)
    systems = sandbox.systems
    cases, happening = [], []
    for number, asked in enumerate(story["returns"], FIRST):
        sandbox.trouble()
        asked_for = request(f"RMA-2026-{number}", asked, story["customers"][asked["customer"]])
        case = Case(asked_for, asked["about"])
        start(case, systems, told)
        if asked.get("cancelled"):
            cancel(case, systems, told)
        cases.append(case)
        happening.append(in_the_warehouse(sandbox, case, asked))
    at = {case.wms.id: case for case in cases if case.wms}

    def heard(event: Event) -> None:
        advance(at[event.entity.partition("/")[2]], systems, story["not_creditable"], told)

    while happening:
        sandbox.trouble(2)
        happening = [steps for steps in happening if _some(steps, 2)]
        sandbox.deliver()
        work(sandbox, heard)
    for _ in range(ROUNDS):
        if all(case.ended for case in cases):
            return cases
        for ref in changed(systems.wms, since):
            advance(at[ref.id], systems, story["not_creditable"], told)
    return cases


def in_the_warehouse(sandbox: Sandbox, case: Case, asked: Mapping[str, Any]) -> Iterator[None]:
    """Let happen what happens in the warehouse, a step at a time."""
    if case.wms is None or "inspected" not in asked:
        return
    number = int(case.wms.id)
    yield sandbox.step("arrive", id=number)
    for delivery in asked["inspected"]:
        yield sandbox.step("process", id=number, actions=[sandbox.action(**one) for one in delivery])
    yield sandbox.step("complete", id=number)


def _some(steps: Iterator[None], count: int) -> bool:
    """Take some steps; return whether there may be more."""
    return all(next(steps, _END) is not _END for _ in range(count))


_END = object()


def work(sandbox: Sandbox, heard: Callable[[Event], None]) -> None:
    """Apply the webhooks that have come. Raises what keeps one from being applied each time."""
    for _ in range(ROUNDS):
        worked = sandbox.inbox.work(heard)
        if not worked.failed:
            return
    raise worked.failed[0][1]


# --- what the systems hold, asked of them -------------------------------------------------------------------------


def hold(systems: Systems, since: datetime, not_creditable: Collection[str]) -> list[Books]:
    """Return what each system holds of all that changed in it since: nothing here is from our own records."""
    at_warehouse = changed(systems.wms, since)
    return [
        Books("ERP", frozenset({Return, Adjustment, Credit}), [*_read(systems.erp, since)]),
        Books(
            "WMS",
            frozenset({Return, Disposition}),
            [
                *(systems.wms.status(ref) for ref in at_warehouse),
                *(judged(one, not_creditable) for one in _decided(systems.wms, at_warehouse)),
            ],
        ),
        Books("CRM", frozenset({Return}), [*_read(systems.crm, since, {"return"})]),
        Books("tax", frozenset({Credit}), [*_read(systems.tax, since)]),
    ]


def cases_at(systems: Systems, since: datetime) -> int:
    """Return how many cases the service desk has."""
    return sum(ref.type == "case" for ref in changed(systems.crm, since))


def changed(port: Port, since: datetime) -> list[DocumentRef]:
    """Return what changed in a system, each once."""
    return [*dict.fromkeys(change.ref for change in again(lambda: list(port.changes(since))))]


def _read(port: Port, since: datetime, kinds: Collection[str] = ()) -> Iterator[Document]:
    for ref in changed(port, since):
        if not kinds or ref.type in kinds:
            yield port.read(ref)


def _decided(wms: Wms, refs: Sequence[DocumentRef]) -> Iterator[Disposition]:
    for ref in refs:
        try:
            yield wms.disposition(ref)
        except RejectedError as error:
            if error.kind != "not_yet":
                raise
