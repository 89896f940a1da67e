"""What systems hold is compared fact by fact: what is lost, doubled or changed in one of them is named."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from clients import story
from openreturns.models import Adjustment, Credit, Disposition, Document, Return
from openreturns.reconciliation import FACTS, Books, Reconciliation, reconcile

NUMBER = "RMA-000001"
SYSTEMS = {
    "erp": (Return, Adjustment, Credit),
    "wms": (Return, Disposition),
    "crm": (Return,),
    "tax": (Credit,),
}
Held = dict[str, list[Document]]


def held() -> Held:
    """What four systems hold of one return, each under the names that it has for things."""
    return_, decided = story.returned(1), story.decided(1)
    lines = tuple(line.replace(authorized=line.requested, received=arrived(line)) for line in return_.lines)
    at_erp = return_.replace(lines=lines, meta=return_.meta.replace(source_id="90311"))
    at_wms = return_.replace(
        lines=tuple(line.replace(line_id=f"9557{line.line_id}", authorized=None) for line in lines),
        meta=return_.meta.replace(source_id="78101"),
    )
    credit = story.credited(1).replace(status="issued")
    out = story.moved_out(1)
    by_their_id = tuple(ref.replace(id="90311") for ref in credit.refs or ())
    return {
        "erp": [at_erp, out.replace(refs=None), credit.replace(refs=by_their_id)],
        "wms": [at_wms, decided],
        "crm": [at_erp.replace(meta=return_.meta)],
        "tax": [bare(credit)],
    }


def arrived(line: Any) -> Any:
    return line.requested.replace(value=sum((one.quantity.value for one in line.receipts or ()), Decimal(0)))


def bare(credit: Credit) -> Credit:
    """What a tax engine knows of a refund: its number, goods and money."""
    lines = (line.replace(return_=None, disposition=None) for line in credit.lines)
    return credit.replace(refs=None, lines=tuple(lines))


def compared(documents: Held) -> Reconciliation:
    return reconcile([Books(name, frozenset(kinds), documents[name]) for name, kinds in SYSTEMS.items()])


def test_what_all_hold_alike_has_no_difference() -> None:
    found = compared(held())
    assert [str(one) for one in found.differences] == []
    assert found.equal
    assert found.returns == (NUMBER,)
    told = {fact: set(systems) for (_, fact), systems in found.held.items()}
    assert told == {
        "documents": {"erp", "wms", "crm"},
        "live": {"erp", "wms", "crm"},
        "open": {"erp", "wms", "crm"},
        "credits": {"erp", "tax"},
        "authorized": {"erp", "crm"},
        "received": {"erp", "wms", "crm"},
        "out of stock": {"erp", "wms"},
        "credited": {"erp", "wms", "tax"},
        "net": {"erp", "tax"},
        "tax": {"erp", "tax"},
    }
    assert all(any(counts for counts in systems.values()) for (_, fact), systems in found.held.items() if fact != "tax")


def first(documents: list[Document], kind: type) -> int:
    return next(place for place, one in enumerate(documents) if isinstance(one, kind))


def lost(system: str, kind: type) -> Callable[[Held], None]:
    def lose(documents: Held) -> None:
        del documents[system][first(documents[system], kind)]

    return lose


def doubled(system: str, kind: type) -> Callable[[Held], None]:
    def double(documents: Held) -> None:
        documents[system].append(documents[system][first(documents[system], kind)])

    return double


def changed(system: str, kind: type, change: Callable[[Any], Any]) -> Callable[[Held], None]:
    def alter(documents: Held) -> None:
        place = first(documents[system], kind)
        documents[system][place] = change(documents[system][place])

    return alter


def one_more(document: Any, name: str) -> Any:
    line = document.lines[0]
    amount = getattr(line, name)
    more = line.replace(**{name: amount.replace(value=amount.value + 1)})
    return document.replace(lines=(more, *document.lines[1:]))


def a_cent_more(credit: Credit, name: str) -> Credit:
    amount = getattr(credit.totals, name)
    return credit.replace(
        totals=credit.totals.replace(**{name: amount.replace(amount=amount.amount + Decimal("0.01"))})
    )


def not_creditable(decided: Disposition) -> Disposition:
    line = decided.lines[0]
    first, *rest = line.splits
    return decided.replace(lines=(line.replace(splits=(first.replace(creditable=False), *rest)), *decided.lines[1:]))


WRONG: dict[str, tuple[Callable[[Held], None], set[str]]] = {
    "an RMA that is lost": (lost("erp", Return), {"documents", "live", "open", "authorized", "received"}),
    "an announcement made twice": (doubled("wms", Return), {"documents", "live", "open", "received"}),
    "a case that is lost": (lost("crm", Return), {"documents", "live", "open", "authorized", "received"}),
    "a credit that is lost": (lost("erp", Credit), {"credits", "credited", "net"}),
    "a tax that is lost": (lost("tax", Credit), {"credits", "credited", "net"}),
    "a credit given twice": (doubled("erp", Credit), {"credits", "credited", "net"}),
    "a credit that was voided": (
        changed("erp", Credit, lambda one: one.replace(status="voided")),
        {"credits", "credited", "net"},
    ),
    "a credit that is a draft yet": (
        changed("erp", Credit, lambda one: one.replace(status="draft")),
        {"credits", "credited", "net"},
    ),
    "goods that left twice": (doubled("erp", Adjustment), {"out of stock"}),
    "goods that never left": (lost("erp", Adjustment), {"out of stock"}),
    "a unit more received": (changed("erp", Return, lambda one: one_more(one, "received")), {"received"}),
    "a unit more agreed to": (changed("crm", Return, lambda one: one_more(one, "authorized")), {"authorized"}),
    "a cent of goods": (changed("erp", Credit, lambda one: a_cent_more(one, "tax_exclusive")), {"net"}),
    "a cent of tax": (changed("tax", Credit, lambda one: a_cent_more(one, "tax")), {"tax"}),
    "goods credited that the customer spoiled": (changed("wms", Disposition, not_creditable), {"credited"}),
    "a return that only one cancelled": (
        changed("crm", Return, lambda one: one.replace(status="cancelled")),
        {"authorized", "live", "open"},
    ),
    "a case that was closed, while the warehouse waits": (
        changed("crm", Return, lambda one: one.replace(status="closed")),
        {"open"},
    ),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_one_holds_differently_is_named(wrong: str) -> None:
    make, facts = WRONG[wrong]
    documents = held()
    make(documents)
    found = compared(documents)
    assert not found.equal
    assert {one.fact for one in found.differences} == facts
    alone = "a credit that is lost"  # what the tax engine has is nobody's then
    assert {one.return_number for one in found.differences} == ({NUMBER, ""} if wrong == alone else {NUMBER})


def test_every_fact_can_differ() -> None:
    assert {fact for _, facts in WRONG.values() for fact in facts} == {fact.name for fact in FACTS}


def test_a_difference_says_of_what_and_how_much_each_has() -> None:
    documents = held()
    documents["erp"][0] = one_more(documents["erp"][0], "received")
    [difference] = compared(documents).differences
    sku = documents["erp"][0].lines[0].item.sku  # type: ignore[union-attr] # it has one
    assert difference.of == f"{sku} EA"
    assert difference.held["erp"] == difference.held["wms"] + 1
    assert str(difference).startswith(f"{NUMBER}: received, {sku} EA: erp ")


def test_a_document_of_no_known_return_stands_alone() -> None:
    documents = held()
    stray = bare(story.credited(2)).replace(status="issued", number="CM-STRAY")
    documents["tax"].append(stray)
    assert {one.return_number for one in compared(documents).differences} == {""}


def test_a_declined_return_need_not_be_where_nothing_was_to_be_done() -> None:
    asked = story.returned(3)
    declined = asked.replace(
        status="declined", lines=tuple(line.replace(received=None, receipts=None) for line in asked.lines)
    )
    documents = held()
    documents["crm"].append(declined)
    assert compared(documents).equal


def test_totals_are_summed_over_returns() -> None:
    documents = held()
    others = {"erp": story.returned(7), "wms": story.returned(7), "crm": story.returned(7)}
    for name, other in others.items():
        lines = tuple(line.replace(authorized=line.requested, received=arrived(line)) for line in other.lines)
        documents[name].append(other.replace(lines=lines))
    found = compared(documents)
    one = found.held[NUMBER, "received"]["erp"]
    assert found.totals("received")["erp"] == {of: 2 * amount for of, amount in one.items()}
    assert set(found.totals("net")) == {"erp", "tax"}


def test_nothing_is_equal_to_nothing() -> None:
    assert compared({name: [] for name in SYSTEMS}).equal
