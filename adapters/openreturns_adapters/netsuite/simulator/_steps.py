"""What happens on the vendor's side and no client of the REST services can call: people at work in NetSuite."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from openreturns_adapters.netsuite.simulator._access import Access, Limit
from openreturns_adapters.netsuite.simulator._bodies import Given, Reading
from openreturns_adapters.netsuite.simulator._books import Books
from openreturns_adapters.netsuite.simulator._derived import due, moved
from openreturns_adapters.netsuite.simulator._jobs import Jobs
from openreturns_adapters.netsuite.simulator._kinds import ITEMS, KINDS
from openreturns_adapters.netsuite.simulator._problems import Refused
from openreturns_adapters.netsuite.simulator._store import Record
from openreturns_adapters.netsuite.simulator._story import Story
from openreturns_adapters.netsuite.simulator._views import View, double

__all__ = ["Office"]

Json = dict[str, Any]


class Office:
    """The account's people. A step that cannot be done raises ValueError with what NetSuite would say."""

    def __init__(self, books: Books, story: Story, access: Access, limit: Limit, jobs: Jobs) -> None:
        self._books = books
        self._store = books.store
        self._story = story
        self._access = access
        self._limit = limit
        self._jobs = jobs
        self._clock = books.store.clock

    def steps(self) -> Mapping[str, Callable[..., Any]]:
        """Return every step by its name."""
        steps: tuple[Callable[..., Any], ...] = (
            self.sell,
            self.approve,
            self.cancel,
            self.close,
            self.receive,
            self.credit,
            self.void,
            self.change,
            self.pay,
            self.close_period,
            self.open_period,
            self.change_rate,
            self.stock,
            self.occupy,
            self.expire_tokens,
            self.revoke,
            self.move_time,
        )
        return {step.__name__: step for step in steps}

    # --- documents ----------------------------------------------------------------------------------------------

    def sell(
        self,
        order: str,
        invoice: str,
        customer: str,
        lines: Sequence[Sequence[Any]],
        *,
        date: str = "",
        currency: int = 1,
        location: int = 22,
    ) -> Json:
        """Sell, ship and bill; lines are item, quantity, price (as text)."""
        row = {
            "order": order,
            "invoice": invoice,
            "customer": customer,
            "lines": lines,
            "date": date or self._clock.now().strftime("%Y-%m-%d"),
            "currency": currency,
            "location": location,
        }
        made = self._story.sale(row)
        return {"salesOrder": made[0].id, "invoice": made[1].id}

    def approve(self, id: str) -> Json:
        """Approve a return."""
        return self._changed("returnAuthorization", id, {"orderStatus": "B"})

    def cancel(self, id: str) -> Json:
        """Call a return off, which can be done until something of it is received."""
        record = self._record("returnAuthorization", id)
        if any(moved(self._store, record).values()) or record.cancelled:
            raise ValueError("a return that was received, or called off, cannot be called off")
        record.cancelled = True
        self._store.put(record)
        return self._shown(record)

    def close(self, id: str, lines: Sequence[int] = ()) -> Json:
        """Close some lines of a return, or all: nothing more of them is to come."""
        record = self._record("returnAuthorization", id)
        numbers = [line["line"] for line in record.lines if not lines or line["line"] in lines]
        rows = [{"line": number, "isClosed": True} for number in numbers]
        return self._changed("returnAuthorization", id, {"item": {"items": rows}})

    def receive(self, id: str, body: Mapping[str, Any] | None = None) -> Json:
        """Let somebody key in a receipt; without a body everything that is to come has come."""
        return self._made("itemReceipt", id, body)

    def credit(self, id: str, body: Mapping[str, Any] | None = None) -> Json:
        """Let somebody key in a credit memo; without a body of everything that can be credited."""
        return self._made("creditMemo", id, body)

    def void(self, id: str) -> Json:
        """Void a credit memo: its invoices are open again, its return can be credited again."""
        record = self._record("creditMemo", id)
        if self._store.applied_to(record):
            raise ValueError("a credit that was refunded cannot be voided")
        record.cancelled = True
        record.lists["apply"] = []
        self._store.put(record)
        return self._shown(record)

    def change(self, record: str, id: str, body: Mapping[str, Any]) -> Json:
        """Let somebody change a record on the screen."""
        return self._changed(record, id, body)

    def pay(self, id: str, amount: str = "") -> Json:
        """Let the customer pay an invoice, in full or some of it."""
        record = self._record("invoice", id)
        owed = due(self._store, record)
        paid = Decimal(amount) if amount else owed
        if not 0 < paid <= owed:
            raise ValueError(f"the invoice has {owed} due")
        record.values["paid"] = record.values.get("paid", Decimal(0)) + paid
        self._store.put(record)
        return self._shown(record)

    # --- the account --------------------------------------------------------------------------------------------

    def close_period(self, id: str) -> Json:
        """Close an accounting period: nothing is posted to it from now on."""
        return self._period(id, closed=True)

    def open_period(self, id: str) -> Json:
        """Open an accounting period again."""
        return self._period(id, closed=False)

    def change_rate(self, currency: str, rate: str) -> str:
        """Let a currency be worth something else from now on, in the account's own."""
        self._record("currency", currency).values["exchangeRate"] = Decimal(rate)
        return rate

    def stock(self, item: str = "") -> list[Json]:
        """Return what is on hand, of one item (its external id) or all, by place."""
        found = []
        for place, units in sorted(self._books.stock.levels.items()):
            record = self._store.find(ITEMS, place.item)
            sku = record.name if record else place.item
            if item in ("", sku):
                found.append({**place._asdict(), "item": sku, "units": double(units)})
        return found

    def occupy(self, calls: int) -> int:
        """Let other integrations of the account have so many calls going on; 0 lets them end."""
        self._limit.taken = calls
        return calls

    def expire_tokens(self) -> int:
        """End every token now."""
        return self._access.expire()

    def revoke(self, certificate: str) -> list[str]:
        """Take a certificate's mapping away, as a refresh of a sandbox account does to all."""
        self._access.certificates.pop(certificate, None)
        return sorted(self._access.certificates)

    def move_time(self, seconds: int) -> str:
        """Let time pass, and what is due be done."""
        self._clock.move(timedelta(seconds=seconds))
        self._jobs.work()
        return self._clock.text()

    # --- how ----------------------------------------------------------------------------------------------------

    def _record(self, kind: str, id: str) -> Record:
        found = self._store.find((kind,), str(id))
        if found is None:
            raise ValueError(f"there is no {kind} {id}")
        return found

    def _shown(self, record: Record) -> Json:
        return View("https://sandbox.example.com/services/rest/record/v1", expand=True).record(self._store, record)

    def _read(self, kind: str, body: Mapping[str, Any]) -> Given:
        return Reading(self._store, names=True, values=True, custom=None).read(KINDS[kind], body)

    def _changed(self, kind: str, id: str, body: Mapping[str, Any]) -> Json:
        try:
            return self._shown(self._books.update(self._record(kind, id), self._read(kind, body)))
        except Refused as refused:
            raise ValueError(refused.details[0].text) from None

    def _made(self, kind: str, id: str, body: Mapping[str, Any] | None) -> Json:
        source = self._record("returnAuthorization", id)
        try:
            return self._shown(self._books.create(KINDS[kind], self._read(kind, body or {}), source))
        except Refused as refused:
            raise ValueError(refused.details[0].text) from None

    def _period(self, id: str, *, closed: bool) -> Json:
        record = self._record("accountingPeriod", id)
        record.values["closed"] = closed
        return self._shown(record)
