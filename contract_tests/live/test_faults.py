"""What a real server says no by: other people, sessions, passwords, warnings, companies; and our errors for it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from live.base_data import password
from live.connect import roundup_client, tryton_client
from live.servers import ADMIN, Roundup, Tryton
from live.story import GASKET, PUMP, credit, received, return_of
from live.verbs import Clients, arrived, asked, authorized, decided, done, exchanged, put_away
from openreturns.errors import RejectedError, RetryableError
from openreturns.idempotency import Rejected
from openreturns.models import DocumentRef
from openreturns.testing._at import NO_WAIT
from openreturns.transport import Retry

RMA = "RMA-1"
REF = DocumentRef(type="return", id=RMA)


def refused(outcome: Any) -> Rejected:
    assert isinstance(outcome, Rejected), outcome
    return outcome


# ---------------------------------------------------------------- approvals


def test_an_approval_that_needs_two_is_not_done_by_one(clients: Clients, tryton: Tryton, database: str) -> None:
    """A success status, and nothing has happened: the state is read back."""
    admin = tryton.user(database, ADMIN[0])
    button = admin.the("ir.model.button", [["model", "=", "sale.complaint"], ["name", "=", "approve"]])
    admin.one("ir.model.button.rule", {"button": button, "number_user": 2, "description": "two people"})
    document = asked(clients, RMA)
    for _ in range(2):
        assert refused(clients.erp.authorize(document)).kind == "needs_approval"
    assert clients.erp.read(REF).status == "requested"
    with tryton_client(tryton, database, "erp", "approver") as second:
        done(second.authorize(document))
    assert done(clients.erp.authorize(document)).repeated
    decision = clients.erp.read(REF).authorization
    assert (decision.decision, decision.decided_by) == ("authorized", "approver")


# ---------------------------------------------------------------- warnings


def test_a_warning_that_nobody_accepted_is_for_a_person(tryton: Tryton, database: str, clients: Clients) -> None:
    sold = clients.shop.sell(("pump", "5", "120.5"))
    first, second = (return_of(sold, f"RMA-{n}", (PUMP, "1", "120.50")) for n in (1, 2))
    done(clients.erp.authorize(first))
    with tryton_client(tryton, database, "erp", settings={"accepted_warnings": ""}) as careful:
        found = refused(careful.authorize(second))
        assert found.kind == "needs_confirmation"
        assert "similar" in found.problem.message
        assert careful.read(DocumentRef(type="return", id="RMA-2")).status == "requested"
    done(clients.erp.authorize(second))


def test_more_than_was_agreed_is_taken_only_where_the_receipt_says_so(clients: Clients) -> None:
    sold = clients.shop.sell(("pump", "5", "120.5"))
    document = return_of(sold, RMA, (PUMP, "2", "120.50"))
    done(clients.erp.authorize(document))
    came = received(document, "RCV-1", "3")
    [outcome] = clients.erp.receive(came)
    done(outcome)
    assert [str(line.received.value) for line in clients.erp.read(REF).lines] == ["3"]


# ---------------------------------------------------------------- other people


class Meddler:
    """Somebody else who changes a record between our reading it and our writing it."""

    def __init__(self, clients: Clients, meddle: Any) -> None:
        self._rpc = clients.erp._desk.rpc
        self._locks, self._meddle = clients.erp._desk.locks, meddle
        clients.erp._desk.locks = self.locks

    def locks(self, *given: Any) -> Any:
        found = self._locks(*given)
        meddle, self._meddle = self._meddle, lambda: None
        meddle()
        return found


def test_what_somebody_else_changed_meanwhile_is_not_overruled(clients: Clients) -> None:
    document = authorized(clients, RMA)
    shop = clients.shop
    [shipment] = shop.rpc.find("stock.shipment.out.return", [["reference", "=", RMA]], ["incoming_moves"])
    pump = shop.rpc.find("stock.move", [["id", "in", shipment["incoming_moves"]], ["product", "=", shop.ids["pump"]]])
    Meddler(clients, lambda: shop.rpc.write("stock.move", pump, {"quantity": 1.0}))
    [outcome] = clients.erp.receive(document)
    assert refused(outcome).kind == "conflict"
    assert shop.rpc.read("stock.move", pump[0], "quantity", "state") == {
        "id": pump[0],
        "quantity": 1.0,
        "state": "draft",
    }
    [again] = clients.erp.receive(document)
    done(again)


def test_what_people_received_and_put_away_themselves_is_taken_as_done(clients: Clients) -> None:
    document = arrived(clients, RMA)
    [shipment] = clients.shop.rpc.find("stock.shipment.out.return", [["reference", "like", f"{RMA}/%"]])
    clients.shop.rpc.click("stock.shipment.out.return", "do", shipment)
    seen = clients.wms.disposition(REF)
    assert {split.disposition.code for line in seen.lines for split in line.splits} == {"restock"}
    found = refused(clients.wms.put_away(decided(document)))
    assert found.kind == "not_as_sent"


# ---------------------------------------------------------------- sessions and passwords


def test_an_ended_session_is_renewed(clients: Clients, tryton: Tryton, database: str) -> None:
    document = asked(clients, RMA)
    done(clients.erp.authorize(document))
    admin = tryton.user(database, ADMIN[0])
    admin.call("res.user", "write", [tryton.ids["users"]["integration"]], {"password": "Another-1-2026!"})
    admin.call("res.user", "write", [tryton.ids["users"]["integration"]], {"password": password("integration")})
    [outcome] = clients.erp.receive(received(document, "RCV-1", "2", "4"))
    done(outcome)


def test_a_wrong_password_is_told_and_a_lockout_waits(tryton: Tryton, database: str) -> None:
    sure = {"password": "not-it-1", "time": NO_WAIT, "retry": Retry(attempts=1)}
    kinds = []
    for _ in range(8):
        with (
            tryton_client(tryton, database, "erp", "clerk", **sure) as client,
            pytest.raises((RejectedError, RetryableError)) as raised,
        ):
            client._desk.rpc.context()
        kinds.append((type(raised.value).__name__, raised.value.kind, raised.value.status))
        assert "not-it-1" not in str(raised.value)
    assert kinds[0] == ("RejectedError", "auth", 401)
    assert kinds[-1] == ("RetryableError", "throttled", 429)


# ---------------------------------------------------------------- permissions and companies


def test_what_a_user_may_not_do_is_an_error_of_permission(clients: Clients, tryton: Tryton, database: str) -> None:
    document = asked(clients, RMA)
    with tryton_client(tryton, database, "erp", "clerk") as clerk:
        found = refused(clerk.authorize(document))
    assert found.kind == "auth"
    assert "not allowed" in found.problem.message
    done(clients.erp.authorize(document))


def test_another_company_sees_and_changes_nothing_of_ours(clients: Clients, tryton: Tryton, database: str) -> None:
    document = asked(clients, RMA)
    done(clients.erp.authorize(document))
    with tryton_client(tryton, database, "erp", "elsewhere") as other:
        with pytest.raises(RejectedError) as raised:
            other.read(REF)
        assert raised.value.kind == "not_found"
        with pytest.raises(RejectedError) as raised:
            other.authorize(document)
        assert raised.value.kind in {"not_found", "validation"}
    assert len(clients.shop.rpc.find("sale.complaint", [])) == 1


# ---------------------------------------------------------------- replacements


def test_a_replacement_that_is_ordered_is_read_and_keeps_its_return_from_being_called_off(clients: Clients) -> None:
    document = exchanged(clients, RMA)
    [outcome] = clients.erp.order_replacement(document)
    order = done(outcome).ref
    read = clients.erp.read(REF)
    sent = read.lines[0].replacement
    assert (read.type, sent.item.sku, sent.quantity.value, sent.order.id) == ("exchange", PUMP, 2, order.id)
    assert refused(clients.erp.cancel(REF)).kind == "business_rule"
    [sale] = clients.shop.rpc.find("sale.sale", [["number", "=", order.id]], ["shipments"])
    clients.shop.rpc.click("stock.shipment.out", "cancel", *sale["shipments"])
    done(clients.erp.cancel(REF))


def test_nothing_is_sent_instead_for_a_return_that_is_not_there(clients: Clients) -> None:
    document = exchanged(clients, RMA)
    stranger = document.replace(number="RMA-2")
    with pytest.raises(RejectedError) as raised:
        clients.erp.order_replacement(stranger)
    assert raised.value.kind == "not_found"
    done(clients.erp.cancel(REF))
    [outcome] = clients.erp.order_replacement(document)
    assert refused(outcome).kind == "business_rule"
    assert clients.shop.rpc.find("sale.sale", [["reference", "like", "%/replacement/%"]]) == []


# ---------------------------------------------------------------- money


def test_nothing_is_posted_where_tryton_works_out_another_total(clients: Clients) -> None:
    document = put_away(clients, RMA)
    wrong = credit(document, "CM-1", ("1", "2"), ("2", "4"), rate="0.07")
    for _ in range(2):
        outcome = refused(clients.erp.issue_credit(wrong))
        assert outcome.kind == "business_rule"
        assert {problem.native for problem in outcome.problems} == {"/tax_amount", "/total_amount"}
    [note] = clients.shop.rpc.find("account.invoice", [["reference", "=", "CM-1"]], ["state", "number", "move"])
    assert (note["state"], note["number"], note["move"]) == ("draft", None, None)
    done(clients.erp.issue_credit(credit(document, "CM-1", ("1", "2"), ("2", "4"))))


# ---------------------------------------------------------------- feeds


def test_a_change_is_told_whether_a_record_is_new_or_changed(clients: Clients) -> None:
    since = datetime.now(UTC) - timedelta(seconds=1)
    document = put_away(clients, RMA)
    ref = done(clients.erp.issue_credit(credit(document, "CM-1", ("1", "2"), ("2", "4")))).ref
    told = list(clients.erp.changes(since))
    assert {(change.ref.type, change.ref.id) for change in told} >= {("return", RMA), ("credit", ref.id)}
    assert [change.at for change in told] == sorted(change.at for change in told)
    assert len({change.event_id for change in told}) == len(told)
    assert not list(clients.erp.changes(datetime.now(UTC) + timedelta(hours=1)))


# ---------------------------------------------------------------- Roundup


@pytest.fixture
def number() -> str:
    return f"RMA-{uuid.uuid4().hex[:10]}"


def case(number: str, status: str = "requested", revision: int = 1) -> Any:
    from live.shop import Sold

    document = return_of(Sold("1", (1, 2), "1", (1, 2)), number, (PUMP, "2", "120.50"), (GASKET, "4", "3.33"))
    return document.replace(status=status, meta=document.meta.replace(revision=revision))


def test_an_issue_that_somebody_changed_is_read_again_and_changed_then(
    tracker: Roundup, desk: httpx.Client, number: str
) -> None:
    with roundup_client(tracker, time=NO_WAIT) as crm:
        ref = done(crm.open_case(case(number))).ref
        read = crm._issue

        def meddled(ref_: Any) -> Any:
            found = read(ref_)
            crm._issue = read
            etag = desk.get(f"issue/{ref.id}").headers["etag"]
            origin = {"Origin": str(tracker.url[:-4]), "Referer": f"{tracker.url}/", "X-Requested-With": "rest"}
            sent = desk.patch(f"issue/{ref.id}", json={"priority": "urgent"}, headers={"If-Match": etag, **origin})
            sent.raise_for_status()
            return found

        changed = crm._changed

        def once(*given: Any) -> Any:
            crm._issue, crm._changed = meddled, changed
            return changed(*given)

        crm._changed = once
        done(crm.update_case(case(number, "authorized", 2)))
        attributes, _ = crm._issue(ref)
    assert attributes["priority"]["name"] == "urgent"
    assert attributes["status"]["name"] == "in-progress"
    assert len(attributes["messages"]) == 2


def test_a_wrong_password_and_a_return_without_a_case_are_told_apart(tracker: Roundup, number: str) -> None:
    with roundup_client(tracker, password="wrong", time=NO_WAIT) as crm, pytest.raises(RejectedError) as raised:
        crm.update_case(case(number))
    assert (raised.value.kind, raised.value.status) == ("auth", 401)
    with roundup_client(tracker) as crm, pytest.raises(RejectedError) as raised:
        crm.update_case(case(number))
    assert raised.value.kind == "not_found"


def test_the_feed_of_the_desk_tells_of_issues_by_their_activity(tracker: Roundup, number: str) -> None:
    since = datetime.now(UTC) - timedelta(seconds=2)
    with roundup_client(tracker) as crm:
        ref = done(crm.open_case(case(number))).ref
        told = list(crm.changes(since))
    assert ref in [change.ref for change in told]
    assert [change.at for change in told] == sorted(change.at for change in told)
