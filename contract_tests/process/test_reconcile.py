"""What leaks without any system's doing is found, with its value, its owner and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from openreturns.errors import ContractError, RejectedError
from openreturns.models import Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, Erp
from openreturns.process import events
from openreturns.process._owners import OWNERS
from openreturns.process.policy import load_policy
from openreturns.process.reconcile import compare, examine, held_by, unclaimed
from openreturns.process.state import ProcessState
from openreturns.process.views import rows
from openreturns.reconciliation import Books
from process.systems import NOON, POLICY, asked_for, connected, story, told
from sqlalchemy import text

FEES = POLICY + '\n[restocking_fee]\npercent = "10"\nwaived_for = []\n'


def finished(policy: str = POLICY, code: str = "restock") -> ProcessState:
    process = told(policy)
    process.asked_for(quantity="2")
    process.came_in(("R1", "2"))
    process.inspected(code=code, quantity="2")
    state = process.state()
    assert isinstance(state, ProcessState)
    return state


def without_receipts(state: ProcessState) -> ProcessState:
    line = state.return_.lines[0].replace(receipts=None, received=None)
    return state.replace(return_=state.return_.replace(lines=(line,)))


def of_one_unit(state: ProcessState) -> ProcessState:
    line = state.return_.lines[0].replace(receipts=None, received={"value": "1", "uom": "EA"})
    return state.replace(return_=state.return_.replace(lines=(line,)))


def without(state: ProcessState, step: str) -> ProcessState:
    return state.replace(effects={key: one for key, one in state.effects.items() if one.step != step})


@pytest.mark.parametrize(
    ("harm", "code", "value"),
    [
        (without_receipts, "credit_without_receipt", "20.00"),
        (of_one_unit, "credited_too_much", "10.00"),
        (lambda state: without(state, "commit"), "tax_not_reversed", "4.20"),
    ],
)
def test_what_leaks_is_found(harm: Callable[[ProcessState], ProcessState], code: str, value: str) -> None:
    state = finished()
    assert compare([], [state], load_policy(POLICY)) == []
    [found] = compare([], [harm(state)], load_policy(POLICY))
    assert (found.code, found.value, found.row()["owner"]) == (code, Decimal(value), "finance")


@pytest.mark.parametrize("changes", [{"type": "credit_only"}, {"status": "authorized"}])
def test_no_more_than_was_agreed_to_is_credited_ahead_of_goods_or_without_any(changes: dict[str, Any]) -> None:
    state = without_receipts(finished())
    ahead = state.replace(return_=state.return_.replace(**changes))
    assert compare([], [ahead], load_policy(POLICY)) == []
    [found] = compare([], [ahead.replace(credits=ahead.credits * 2)], load_policy(POLICY))
    assert (found.code, found.value) == ("credited_too_much", Decimal("20.00"))


def test_who_decides_on_goods_is_not_asked_about_a_credit_that_is_ahead_of_them() -> None:
    state = finished()
    [credit] = state.credits
    credit = credit.replace(number=f"{state.return_.meta.document_id}-credit")
    waits = state.replace(
        stage="awaiting_goods",
        return_=state.return_.replace(status="authorized"),
        credits=(credit,),
        dispositions=(),
        effects={},
    )
    wms = Books("wms", frozenset({Return, Disposition}), [waits.return_])
    erp, tax = (Books(name, frozenset({Credit}), [credit]) for name in ("erp", "tax"))
    assert compare([wms, erp, tax], [waits], load_policy(POLICY)) == []
    assert compare([wms, erp], [waits.replace(credits=())], load_policy(POLICY)) != []
    lost = Books("tax", frozenset({Credit}), [])
    assert "credited" in {one.code for one in compare([wms, erp, lost], [waits], load_policy(POLICY))}


def refused(step: str, *then: events.Event) -> ProcessState:
    """Return a return whose tax engine refuses a step, and the person who looks gives it up."""
    process = told(POLICY)
    process.world.failing[step] = [RejectedError("the period is closed", kind="business_rule")]
    process.asked_for(quantity="2")
    process.came_in(("R1", "1"), status="partially_received")
    process.inspected()
    for event in then:
        process.engine.submit("RMA-1001", event)
    [(key, effect)] = process.state().dead_letters.items()
    assert effect.step == step
    process.event(events.DeadLetterDiscarded, by="dora", key=key, reason="not now")
    state = process.state()
    assert isinstance(state, ProcessState)
    return state


BACK = events.DispositionReversed(id="back", at=NOON, by="ines", document_id="disposition-RMA-1001", reason="wrong")


@pytest.mark.parametrize(
    ("state", "code"), [(refused("commit"), "tax_not_reversed"), (refused("void", BACK), "tax_not_voided")]
)
def test_tax_that_somebody_gave_up_is_not_taken_for_recorded_or_void(state: ProcessState, code: str) -> None:
    [found] = compare([], [state], load_policy(POLICY))
    assert (found.code, found.value, found.row()["owner"]) == (code, Decimal("2.10"), "finance")


def test_systems_that_are_not_equally_far_differ_by_status() -> None:
    state = finished()
    bare = state.return_.replace(lines=tuple(line.replace(authorized=None) for line in state.return_.lines))
    erp = Books("erp", frozenset({Return, Credit}), [state.return_, *state.credits])
    for status, code in (("authorized", "open"), ("cancelled", "live")):
        crm = Books("crm", frozenset({Return}), [bare.replace(status=status)])
        open_ = state.replace(stage="crediting", return_=state.return_.replace(status="credited"))
        found = compare([erp if code == "open" else at_credited(erp), crm], [open_], load_policy(POLICY))
        assert [(one.code, one.row()["owner"]) for one in found] == [(code, "returns desk")]


def at_credited(books: Books) -> Books:
    held = [one.replace(status="credited") if isinstance(one, Return) else one for one in books.documents]
    return Books(books.system, books.keeps, held)


def test_what_a_price_of_fractions_of_a_cent_was_rounded_by_is_not_too_much() -> None:
    process = told()
    line = asked_for("RMA-1001", "3").lines[0].replace(unit_price={"amount": "3.335", "currency": "EUR"})
    process.asked_for(lines=(line,))
    receipts = [(f"R{count}", "1") for count in (1, 2, 3)]
    for count in (1, 2, 3):
        process.came_in(*receipts[:count], status="received" if count == 3 else "partially_received")
        process.inspected(id_=f"d{count}", quantity="1")
    state = process.state()
    assert [str(one.totals.lines.amount) for one in state.credits] == ["3.34"] * 3
    assert compare([], [state], load_policy(POLICY)) == []


def test_a_fee_that_was_not_charged_is_found() -> None:
    assert compare([], [finished(FEES)], load_policy(FEES)) == []
    [found] = compare([], [finished()], load_policy(FEES))
    assert (found.code, found.value) == ("fee_not_charged", Decimal("2.00"))


def test_goods_that_no_vendor_was_asked_for_are_found() -> None:
    [found] = compare([], [finished(code="return_to_vendor")], load_policy(POLICY))
    assert (found.code, found.row()["owner"], found.value) == ("vendor_claim_open", "purchasing", Decimal("20.00"))


def test_scrap_whose_vendor_was_not_asked_to_credit_it_is_found() -> None:
    state = finished(code="scrap")
    assert compare([], [state], load_policy(POLICY)) == []
    [disposition] = state.dispositions
    split = disposition.lines[0].splits[0].replace(vendor={"id": "V1"})
    lines = (disposition.lines[0].replace(splits=(split,)),)
    [found] = compare([], [state.replace(dispositions=(disposition.replace(lines=lines),))], load_policy(POLICY))
    assert (found.code, found.row()["owner"], found.value) == ("scrap_not_claimed", "purchasing", Decimal("20.00"))


def test_a_document_that_is_missing_or_there_twice_is_worth_what_it_is_about() -> None:
    state = finished()
    [credit] = state.credits
    erp = Books("erp", frozenset({Return, Credit}), [state.return_, credit, credit.replace(number="BY-HAND")])
    tax = Books("tax", frozenset({Credit}), [])
    crm = Books("crm", frozenset({Return}), [])
    found = {one.subject: one for one in compare([erp, tax, crm], [state], load_policy(POLICY))}
    assert found[f"credit {credit.number}"].value == credit.totals.tax_inclusive.amount
    assert found["credit BY-HAND"].value == found["return RMA-1001"].value == Decimal("20.00")
    assert found["return RMA-1001"].row()["owner"] == "integration"


def test_what_all_systems_lack_is_found_by_our_own_story() -> None:
    state = finished()
    [credit] = state.credits
    books = [
        Books("erp", frozenset({Return, Credit}), [state.return_, credit]),
        Books("tax", frozenset({Credit}), [credit]),
    ]
    assert compare(books, [state], load_policy(POLICY)) == []
    books = [Books(one.system, one.keeps, [d for d in one.documents if d is not credit]) for one in books]
    found = {one.code: one for one in compare(books, [state], load_policy(POLICY))}
    assert set(found) == {"credits", "credited", "net", "tax"}
    assert found["credits"].value == credit.totals.tax_inclusive.amount
    assert set(found["credits"].systems) == {"erp", "tax", "process (credits)"}


def test_every_finding_has_an_owner_and_a_proposal() -> None:
    process = told()
    process.asked_for(quantity="1")
    process.came_in(("R1", "2"))
    with process.store.engine.connect() as connection:
        [row] = connection.execute(text("SELECT code, owner, action FROM finding")).all()
    assert row == ("over_receipt", *OWNERS["over_receipt"])


def test_goods_whose_return_nobody_asks_for_are_somebodys_after_the_policys_time_until_it_is_asked_for() -> None:
    process = told(POLICY)
    asked, came, inspected = story("RMA-9")
    for event in (came, inspected):
        process.engine.submit("RMA-9", event)
    rules = load_policy("blind_receipt_hours = 8\n" + POLICY)
    for hours, codes in ((7, []), (8, ["blind_receipt", "blind_disposition"])):
        found = unclaimed(process.store, rules, NOON + timedelta(hours=hours))
        assert [(one["code"], one["owner"]) for one in found] == [(code, "warehouse") for code in codes]
    assert {row["number"] for row in rows(process.store, "out_of_sync")} == {"RMA-9"}
    assert [row["code"] for row in examine(process.store, {}, rules, NOON, NOON + timedelta(days=1))] == codes
    process.engine.submit("RMA-9", asked)
    assert unclaimed(process.store, rules, NOON + timedelta(days=1)) == rows(process.store, "out_of_sync") == []


def test_a_system_that_cannot_say_what_changed_has_no_part_in_it() -> None:
    process = told()
    process.asked_for()
    ports = connected(process.world).by_name()
    assert examine(process.store, ports, load_policy(POLICY), NOON, NOON) == []


class Readable(Erp):
    """An ERP of whose two returns one cannot be read."""

    def changes(self, since: datetime) -> Iterator[Change]:
        return (Change(DocumentRef(type="return", id=one, system="erp"), since) for one in ("RMA-1", "RMA-2"))

    def read(self, ref: DocumentRef) -> Return:
        if ref.id == "RMA-1":
            raise ContractError("of another version", kind="contract_drift")
        return asked_for(ref.id)


def test_a_record_that_cannot_be_read_is_told_and_keeps_no_other_from_being_compared(
    caplog: pytest.LogCaptureFixture,
) -> None:
    [books] = held_by({"erp": [Readable()]}, load_policy(POLICY), NOON)
    assert [one.to_dict()["number"] for one in books.documents] == ["RMA-2"]
    told_of = [one.getMessage() for one in caplog.records if one.name == "openreturns.reconciliation"]
    assert told_of == ["system=erp entity=return/RMA-1 cannot be read (contract_drift): not compared"]
