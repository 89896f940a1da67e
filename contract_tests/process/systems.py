"""Four systems in memory that do what they are told once, count it, and fail when they are asked to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

from openreturns.errors import OutcomeUnknownError, RejectedError
from openreturns.idempotency import Done, Outcome, Rule
from openreturns.models import (
    Adjustment,
    Credit,
    Disposition,
    DocumentRef,
    Money,
    Party,
    Quantity,
    Return,
    ReturnLine,
    SignedMoney,
    TaxAmount,
)
from openreturns.ports import Crm, EligibleLine, Erp, Standing, Tax, TaxQuote, Wms
from openreturns.process import events
from openreturns.process.engine import Clock, InlineEngine, Systems
from openreturns.process.policy import Policy, load_policy
from openreturns.process.store import Store

EXAMPLES = Path(__file__).parents[2] / "schemas" / "1.1.0" / "examples"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

POLICY = """

[approvals.automatic_return]
up_to = { EUR = "500" }

[routing.default]
erp = "erp"
wms = "wms"
crm = "crm"
tax = "tax"
seller = "MAIN"
location = "W1"
"""
LIMITS = """
[approvals]
return_roles = ["desk"]
credit_free = { EUR = "5" }
credit_limits = [{ role = "clerk", up_to = { EUR = "50" } }, { role = "controller" }]
write_off_free = { EUR = "5" }
write_off_limits = [{ role = "controller" }, { role = "clerk" }]
"""
"""Who may agree to what, of those that a policy gives the roles."""


Rules: TypeAlias = Mapping[str, Mapping[str, Rule]]

WRITES = (
    *("authorize", "cancel", "receive", "post_adjustment", "issue_credit", "void_credit", "order_replacement"),
    *("announce", "put_away", "open_case", "update_case", "commit", "void"),
)

UNDOES = {
    "authorize": "cancel_rma",
    "announce": "cancel_announcement",
    "issue_credit": "void_credit",
    "commit": "void",
}


@dataclass
class World:
    """What the four systems hold: how often each thing was done, by verb and subject."""

    done: Counter[tuple[str, str]] = field(default_factory=Counter)
    told: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each thing was told to be done and was, by verb and subject; more than once was in vain."""
    failing: dict[str, list[Any]] = field(default_factory=dict)
    """What each call of a verb fails with before anything is done; None: it does not."""
    losing: dict[str, int] = field(default_factory=dict)
    """How many answers of a verb are lost after it was done."""
    returnable: Callable[[str, Decimal], Decimal] = lambda line, asked: asked
    paid: str = ""
    """What the ERP says was paid a unit: what the request says or 10.00 if nothing is said; `none`: it does not say."""
    paid_for: Quantity | None = None
    """What that price is of: one of the unit that is asked for if nothing is said."""
    sold_on: date | None = None
    unknown: frozenset[str] = frozenset()
    """Lines that the ERP does not speak of."""
    good: bool = True
    cases: dict[str, str] = field(default_factory=dict)
    kept: dict[tuple[str, str], Any] = field(default_factory=dict)
    """The document by which each thing was done first."""

    def does(self, verb: str, subject: str, kind: Any = "return") -> Outcome:
        """Do a thing once, by its subject: told again, it is there already."""
        self.fails(verb)
        repeated = self.done[verb, subject] > 0
        self.done[verb, subject] = 1
        self.told[verb, subject] += 1
        if self.losing.get(verb):
            self.losing[verb] -= 1
            raise OutcomeUnknownError("the answer was lost", key=subject)
        return Done(DocumentRef(type=kind, id=f"{verb}-{subject}", system=verb), repeated=repeated)

    def fails(self, verb: str) -> None:
        """Raise what a verb is to fail with this time."""
        if self.failing.get(verb) and (error := self.failing[verb].pop(0)) is not None:
            raise error

    def undoes(self, verb: str, what: str, subject: str, kind: Any = "return") -> Outcome:
        """Take back what a verb did: what is not there cannot be."""
        if not self.done[what, subject]:
            self.fails(verb)
            raise RejectedError(f"there is no {subject} of {what}", kind="not_found")
        return self.does(verb, subject, kind)

    def stands(self) -> dict[str, set[str]]:
        """Return what the systems hold that was not taken back: the subjects of each verb that another undoes."""
        held = {what: self._of(what) - self._of(verb) for what, verb in UNDOES.items()}
        posted = self._of("post_adjustment")
        back = {one for one in posted if one.endswith("-reversal")}
        held["post_adjustment"] = posted - back - {one.removesuffix("-reversal") for one in back}
        return held

    def keeps(self, verb: str, subject: str, document: Any) -> None:
        """Keep what a thing is done by; told again, it stays as it is."""
        if not self.done[verb, subject]:
            self.kept[verb, subject] = document

    def _of(self, verb: str) -> set[str]:
        return {subject for (name, subject), times in self.done.items() if name == verb and times}

    def count(self, verb: str) -> int:
        """How many things a verb did."""
        return sum(times for (name, _), times in self.done.items() if name == verb)


class MemoryErp(Erp):
    def __init__(self, world: World) -> None:
        self.world = world

    def check_eligibility(self, return_: Return) -> list[EligibleLine]:
        self.world.fails("check_eligibility")
        known = [line for line in return_.lines if line.line_id not in self.world.unknown]
        return [self._eligible(line, return_.currency) for line in known]

    def _eligible(self, line: ReturnLine, currency: str) -> EligibleLine:
        paid = self.world.paid
        told = Money(amount=Decimal(paid or "10.00"), currency=currency) if paid != "none" else None
        return EligibleLine(
            line.line_id,
            line.requested.replace(value=self.world.returnable(line.line_id, line.requested.value)),
            (line.unit_price if not paid else None) or told,
            self.world.paid_for,
            DocumentRef(type="invoice", id="INV-1", line_id=line.line_id, issue_date=self.world.sold_on),
        )

    def authorize(self, return_: Return) -> Outcome:
        return self.world.does("authorize", return_.number)

    def cancel(self, ref: DocumentRef) -> Outcome:
        return self.world.undoes("cancel_rma", "authorize", ref.id.removeprefix("authorize-"))

    def receive(self, return_: Return) -> list[Outcome]:
        ids = sorted({one.receipt_id for line in return_.lines for one in line.receipts or ()})
        return [self.world.does("receive", id_, "receipt") for id_ in ids]

    def post_adjustment(self, adjustment: Adjustment) -> Outcome:
        self.world.keeps("post_adjustment", adjustment.number, adjustment)
        return self.world.does("post_adjustment", adjustment.number, "adjustment")

    def issue_credit(self, credit: Credit) -> Outcome:
        self.world.keeps("issue_credit", credit.number, credit)
        return self.world.does("issue_credit", credit.number, "credit")

    def order_replacement(self, return_: Return) -> list[Outcome]:
        subjects = [f"{return_.number}/{line.line_id}" for line in return_.lines]
        return [self.world.does("order_replacement", subject, "replacement_order") for subject in subjects]

    def void_credit(self, credit: Credit) -> Outcome:
        return self.world.undoes("void_credit", "issue_credit", credit.number, "credit")


class MemoryWms(Wms):
    def __init__(self, world: World) -> None:
        self.world = world

    def announce(self, return_: Return) -> Outcome:
        return self.world.does("announce", return_.number)

    def cancel(self, ref: DocumentRef) -> Outcome:
        return self.world.undoes("cancel_announcement", "announce", ref.id.removeprefix("announce-"))

    def put_away(self, disposition: Disposition) -> Outcome:
        self.world.fails("put_away")
        return self.world.does("put_away", disposition.meta.document_id, "disposition")


class MemoryCrm(Crm):
    def __init__(self, world: World) -> None:
        self.world = world

    def open_case(self, return_: Return) -> Outcome:
        self.world.cases[return_.number] = "open"
        return self.world.does("open_case", return_.number, "case")

    def update_case(self, return_: Return) -> Outcome:
        self.world.cases[return_.number] = return_.status
        return self.world.does("update_case", f"{return_.number}/{return_.status}", "case")

    def standing(self, party: Party) -> Standing:
        self.world.fails("standing")
        return Standing(self.world.good)


class MemoryTax(Tax):
    def __init__(self, world: World) -> None:
        self.world = world

    def quote(self, credit: Credit) -> TaxQuote:
        self.world.fails("quote")
        base = credit.totals.tax_exclusive.amount
        tax = (base * Decimal("0.21")).quantize(Decimal("0.01"))
        taxable, taxed = (SignedMoney(amount=amount, currency=credit.currency) for amount in (base, tax))
        group = TaxAmount(tax_type="VAT", category="S", rate=Decimal(21), taxable=taxable, tax=taxed)
        return TaxQuote((group,), Money(amount=tax, currency=credit.currency))

    def commit(self, credit: Credit) -> Outcome:
        return self.world.does("commit", credit.number, "credit")

    def void(self, credit: Credit) -> Outcome:
        return self.world.undoes("void", "commit", credit.number, "credit")


def connected(world: World, rules: Rules | None = None, **options: Any) -> Systems:
    """The four systems of a world, connected; their adapters look before they write, unless `rules` say otherwise."""
    ports = {"erp": MemoryErp(world), "wms": MemoryWms(world), "crm": MemoryCrm(world), "tax": MemoryTax(world)}
    looked_up: dict[str, Rule] = dict.fromkeys(WRITES, "lookup")
    declared = {name: {**looked_up, **(rules or {}).get(name, {})} for name in ports}
    return Systems(ports, declared, **options)


@dataclass
class Told:
    """A process over a world, to which things happen: each method is an event."""

    world: World
    engine: InlineEngine
    count: int = 0

    def __post_init__(self) -> None:
        self.store = self.engine.store

    def state(self, number: str = "RMA-1001") -> Any:
        return self.store.load(number)

    def event(self, event: type[Any], number: str = "RMA-1001", by: str = "portal", **given: Any) -> str:
        """Submit an event; return what it was taken as, or why it was kept."""
        self.count += 1
        id_ = given.pop("id", f"event-{self.count}")
        accepted = self.engine.submit(number, event(id=id_, at=self.engine.now, by=by, **given))
        kept = {one.id: one.reason for one in self.store.kept(number)}
        return kept.get(id_, accepted)

    def asked_for(self, number: str = "RMA-1001", quantity: str = "1", **changes: Any) -> str:
        return self.event(events.ReturnRequested, number, return_=asked_for(number, quantity, **changes))

    def came_in(self, *receipts: tuple[str, str], number: str = "RMA-1001", status: str = "received") -> str:
        return self.event(events.GoodsReceived, number, "wms", seen=seen(self.state(number).return_, receipts, status))

    def inspected(self, number: str = "RMA-1001", **said: Any) -> str:
        return self.event(events.GoodsInspected, number, "wms", disposition=disposition(number, **said))


def told(
    policy: str | Policy | Callable[[], Policy] = POLICY,
    world: World | None = None,
    *,
    url: str = "sqlite://",
    rules: Rules | None = None,
    **options: Any,
) -> Told:
    """A process on a database, in memory if none is said."""
    world = world or World()
    store = Store(url)
    store.migrate()
    read = load_policy(policy) if isinstance(policy, str) else policy
    clock = Clock(NOON)
    budgets = (read if isinstance(read, Policy) else read()).vendors
    systems = connected(world, rules, time=clock.time, budgets=budgets)
    return Told(world, InlineEngine(store, systems, read, clock=clock, **options))


def asked_for(number: str, quantity: str = "1", **changes: Any) -> Return:
    """The smallest return: one line of SKU-77, nothing known of its price."""
    asked = Return.model_validate_json((EXAMPLES / "return" / "valid" / "minimal.json").read_bytes())
    line = asked.lines[0].replace(requested={"value": quantity, "uom": "EA"})
    meta = asked.meta.replace(document_id=f"return-{number}", correlation_id=f"case-{number}")
    return asked.replace(**{"number": number, "lines": (line,), "meta": meta, **changes})


def seen(return_: Return, receipts: tuple[tuple[str, str], ...], status: str) -> Return:
    """The return as the warehouse sees it, under line ids of its own."""
    at = NOON + timedelta(days=1)
    entries = [
        {"receiptId": id_, "quantity": {"value": value, "uom": "EA"}, "receivedAt": at} for id_, value in receipts
    ]
    line = return_.lines[0].replace(line_id="9557855", receipts=tuple(entries), received=None)
    return return_.replace(lines=(line,), status=status, history=None)


def disposition(
    number: str,
    id_: str = "",
    code: str = "restock",
    quantity: str = "1",
    by: str = "ines",
    note: str = "",
    warehouse: str = "",
) -> Disposition:
    """What was decided about goods of the only line."""
    positions = {
        "restock": {"status": "available", "location": {"id": "W1"}},
        "scrap": {"status": "external", "boundary": "scrap"},
        "return_to_vendor": {"status": "vendor_return", "location": {"id": "W1"}},
    }
    split: dict[str, Any] = {
        "splitId": "1",
        "quantity": {"value": quantity, "uom": "EA"},
        "condition": {"code": "new_sealed" if code == "restock" else "defective"},
        "disposition": {"code": code, **({"note": note} if note else {})},
        "to": positions[code],
    }
    if code == "return_to_vendor":
        split["vendor"] = {"id": "V1"}
    at = (NOON + timedelta(days=2)).isoformat()
    return Disposition.model_validate(
        {
            "meta": {
                "schema": "openreturns/disposition/1.1",
                "documentId": id_ or f"disposition-{number}",
                "revision": 1,
                "sourceSystem": "wms",
                "issuedAt": at,
                "correlationId": f"case-{number}",
            },
            "status": "final",
            "return": {"type": "return", "id": number},
            **({"warehouse": {"id": warehouse}} if warehouse else {}),
            "lines": [
                {
                    "lineId": "1",
                    "returnLineId": "9557855",
                    "item": {"sku": "SKU-77"},
                    "inspected": {"value": quantity, "uom": "EA"},
                    "inspection": {"by": by, "at": at},
                    "splits": [split],
                }
            ],
        }
    )


def story(number: str) -> list[events.Event]:
    """What happens to a return from the request to the decision."""
    asked = asked_for(number)
    return [
        events.ReturnRequested(id=f"{number}-asked", at=NOON, by="portal", return_=asked),
        events.GoodsReceived(id=f"{number}-came", at=NOON, seen=seen(asked, (("R1", "1"),), "received")),
        events.GoodsInspected(id=f"{number}-seen", at=NOON, disposition=disposition(number)),
    ]
