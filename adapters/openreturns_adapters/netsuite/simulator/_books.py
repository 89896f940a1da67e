"""Writing records: made, made from others, changed, deleted; whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import dataclass
from dataclasses import replace as replaced
from typing import Literal

from openreturns_adapters.netsuite.simulator import _adjustments, _credits, _receipts, _returns
from openreturns_adapters.netsuite.simulator._bodies import Given
from openreturns_adapters.netsuite.simulator._kinds import Kind
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused, broken
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Line, Record, Store
from openreturns_adapters.netsuite.simulator._sums import Tax, price

__all__ = ["Books", "Rules"]


@dataclass(frozen=True)
class Rules:
    """What the vendor leaves open, or the account's owner decides."""

    tax: Tax = "suitetax"
    approval: Literal["A", "B"] = "A"
    unsent_lines: Literal["received", "left"] = "received"
    keyless_lines: Literal["matched", "added"] = "matched"
    negative_stock: bool = False
    duplicate_code: str = "DUP_RCRD"
    refund_in_advance: bool = False


@dataclass(frozen=True)
class _Trade:
    """What is special about one kind: how it starts from another record, and what must be true of it."""

    start: Callable[[Store, Rules, Record, Record], None]
    complete: Callable[[Store, Stock, Rules, Record, Record | None], None]
    posts: bool = True
    priced: bool = False
    always: bool = False
    """Whether it starts from the record it was made from even where no transformation was asked for."""


_TRADES: Mapping[str, _Trade] = {
    "returnAuthorization": _Trade(_returns.start, _returns.complete, posts=False, priced=True),
    "vendorReturnAuthorization": _Trade(_returns.start, _returns.complete, posts=False, priced=True),
    "itemReceipt": _Trade(_receipts.start, _receipts.complete, always=True),
    "itemFulfillment": _Trade(_receipts.start, _receipts.complete, always=True),
    "creditMemo": _Trade(_credits.start, _credits.complete, priced=True),
    "cashRefund": _Trade(_credits.start, _credits.complete, priced=True),
    "customerRefund": _Trade(_credits.start_refund, _credits.complete_refund),
    "inventoryAdjustment": _Trade(_adjustments.start, _adjustments.complete),
}


class Books:
    """The account's records and stock, and the rules for writing them."""

    def __init__(self, store: Store, stock: Stock, rules: Rules) -> None:
        self.store = store
        self.stock = stock
        self.rules = rules

    # --- the three ways to write --------------------------------------------------------------------------------

    def create(self, kind: Kind, given: Given, source: Record | None = None, replace: Collection[str] = ()) -> Record:
        """Return a new record, made from `source` if a transformation was asked for."""
        trade = _TRADES[kind.name]
        record = Record(kind, "", external=given.external or "")
        self._unused(record)
        transformed = source is not None
        origin = given.values.get("createdFrom")
        if source is None and origin is not None:
            source = self.store.get(origin)
        if source is not None:
            trade.start(self.store, self.rules, source, record)
            if kind.name != "customerRefund":
                record.values["createdFrom"] = source.ref
        starting = record.lists if transformed or trade.always else {}
        known = {name: lines for name, lines in record.lists.items() if name != "apply"}
        record.lists = {name: [] for name in kind.lists} | dict(starting)
        record.values |= given.values
        for name, lines in given.lists.items():
            record.lists[name] = self._started(
                name, starting.get(name, []), known.get(name, []), lines, name in replace
            )
        return self._finish(record, None)

    def update(self, old: Record, given: Given, replace: Collection[str] = (), *, whole: bool = False) -> Record:
        """Return a record after a change; `whole` says that all its lines were meant (PUT)."""
        if old.cancelled:
            raise broken("This record has been cancelled or voided and cannot be changed.")
        record = replaced(old, values=dict(old.values), lists=deepcopy(old.lists))
        if given.external is not None:
            record.external = given.external
            self._unused(record)
        self._same_origin(old, given)
        record.values |= given.values
        for name, lines in given.lists.items():
            keyed = "doc" if name == "apply" else "line"
            matched = whole and self.rules.keyless_lines == "matched"
            record.lists[name] = _changed(record.lists.get(name, []), lines, keyed, name in replace, matched)
        return self._finish(record, old)

    def delete(self, record: Record) -> None:
        """Forget a record that nothing was made from, and take back what it moved."""
        if self.store.made_from(record) or self.store.applied_to(record):
            text = "This transaction cannot be deleted because it is linked to by one or more transactions."
            raise broken(text)
        if _TRADES[record.kind.name].posts:
            self._open_period(record)
        if record.kind.name in ("itemReceipt", "itemFulfillment"):
            _receipts.leave(self.store, self.rules, record)
        moves = self.stock.moves(record)
        self.stock.check(moves, ())
        self.store.remove(record)
        self.stock.apply(moves, ())
        self._touch(record)

    # --- how ----------------------------------------------------------------------------------------------------

    def _finish(self, record: Record, old: Record | None) -> Record:
        trade = _TRADES[record.kind.name]
        record.values = _filled(record.values)
        record.lists = {name: [_filled(line) for line in lines] for name, lines in record.lists.items()}
        record.values.setdefault("tranDate", self.store.clock.now().strftime("%Y-%m-%d"))
        if trade.posts:
            self._period(record)
            for one in (record, old):
                if one is not None:
                    self._open_period(one)
        self._number_lines(record)
        trade.complete(self.store, self.stock, self.rules, record, old)
        if trade.priced:
            price(self.store, record, self.rules.tax)
            _credits.settle(self.store, record)
        undone, done = self.stock.moves(old) if old else [], self.stock.moves(record)
        self.stock.check(undone, done)
        # From here on nothing is refused.
        self._name(record)
        self.store.put(record)
        self.stock.apply(undone, done)
        self.stock.name_numbers(record)
        self._touch(record)
        return record

    def _name(self, record: Record) -> None:
        if not record.id:
            record.id = self.store.new_id(record.kind)
            number = self.store.new_number(record.kind)
            record.values.setdefault("tranId", f"{record.kind.prefix}{number}")
            record.values["transactionNumber"] = f"{record.kind.series}{number}"
        for line in [line for lines in record.lists.values() for line in lines]:
            line.pop("#", None)
        if "item" in record.kind.lists and "lineUniqueKey" in record.kind.lists["item"]:
            for line in record.lists["item"]:
                line.setdefault("lineUniqueKey", self.store.new_key())

    def _touch(self, record: Record) -> None:
        """Let what a record was made from, or is applied to, have changed now."""
        named = [record.values.get("createdFrom"), *(line.get("doc") for line in record.lists.get("apply", ()))]
        for ref in named:
            if ref is not None:
                self.store.get(ref).modified = self.store.clock.text()

    def _unused(self, record: Record) -> None:
        other = self.store.find((record.kind.name,), external=record.external) if record.external else None
        if other is not None and other.id != record.id:
            text = "This record already exists: the external ID is used by another record."
            raise Refused([Detail(text, self.rules.duplicate_code, "externalId")])

    @staticmethod
    def _same_origin(old: Record, given: Given) -> None:
        for name in ("createdFrom", "entity", "customer"):
            if name in given.values and name in old.values and given.values[name] != old.values[name]:
                raise broken(f"The field {name} cannot be changed once the record is saved.", name)

    def _started(self, name: str, start: list[Line], known: list[Line], lines: list[Line], only: bool) -> list[Line]:
        """Return the lines that a new record starts with, after those that were sent were laid over them."""
        key = "doc" if name == "apply" else "orderLine"
        result = [] if only else list(start)
        used: set[int] = set()
        for line in lines:
            wanted = line.get(key, line.get("line") if key == "orderLine" else None)
            found = next((one for one in known or start if one.get(key) == wanted and wanted is not None), None)
            if found is None:
                result.append(line)
                continue
            place = next((n for n, one in enumerate(result) if one is found and n not in used), None)
            laid = _laid(found, {**line, key: wanted})
            if place is None:
                used.add(len(result))
                result.append(laid)
            else:
                used.add(place)
                result[place] = laid
        return result

    @staticmethod
    def _number_lines(record: Record) -> None:
        name = "inventory" if "inventory" in record.kind.lists else "item"
        if name not in record.kind.lists:
            return
        taken = {line["line"] for line in record.lists[name] if line.get("kept")}
        number = max(taken, default=0)
        for line in record.lists[name]:
            if not line.pop("kept", False):
                number += 1
                line["line"] = number

    def _period(self, record: Record) -> None:
        day = record.values["tranDate"]
        periods = self.store.all("accountingPeriod")
        found = next((one for one in periods if one.values["startDate"] <= day <= one.values["endDate"]), None)
        if "postingPeriod" not in record.values:
            if found is None:
                text = "The transaction date you specified is not within the date range of your accounting period."
                raise broken(text, "tranDate")
            record.values["postingPeriod"] = found.ref

    def _open_period(self, record: Record) -> None:
        period = self.store.get(record.values["postingPeriod"])
        if period.values.get("closed"):
            raise broken(f"The accounting period {period.name} is closed.", "postingPeriod")


# A line cannot be without these: null leaves them as they are.
_LASTING = ("item", "quantity", "adjustQtyBy", "units", "rate", "amount", "orderLine", "doc")


def _laid(under: Line, over: Line) -> Line:
    """Return a line with what was sent laid over it; what the change makes wrong is reckoned again."""
    over = {name: value for name, value in over.items() if value is not None or name not in _LASTING}
    sent = over.keys()
    stale = {
        "amount": {"quantity", "rate", "item"} & sent and "amount" not in sent,
        "rate": "amount" in sent and "rate" not in sent,
        "inventoryDetail": {"quantity", "adjustQtyBy", "serialNumbers"} & sent and "inventoryDetail" not in sent,
        "taxCode": "item" in sent and "taxCode" not in sent,
    }
    kept = {name: value for name, value in under.items() if not stale.get(name)}
    return _filled({**kept, **over})


def _filled(values: Line) -> Line:
    """Return the values that are there: null empties a field."""
    return {name: value for name, value in values.items() if value is not None}


def _changed(old: list[Line], lines: list[Line], key: str, only: bool, matched: bool) -> list[Line]:
    """Return the lines after a change: those with a known key are changed, others come in addition.

    `matched`: a line without a key means the one with its `orderLine`, else the one in its place.
    """
    result: list[Line] = [line | {"kept": True} if key == "line" else line for line in old]
    found: list[int] = []
    for place, line in enumerate(lines):
        at = _at(old, line, key, place if matched else None, found)
        if at is None:
            result.append(line)
            found.append(len(result) - 1)
        else:
            line.pop("line", None)
            result[at] = _laid(result[at], line)
            found.append(at)
    return [result[at] for at in sorted(found)] if only else result


def _at(old: list[Line], line: Line, key: str, place: int | None, used: Collection[int]) -> int | None:
    free = [n for n in range(len(old)) if n not in used]
    if line.get(key) is not None:
        return next((n for n in free if old[n].get(key) == line[key]), None)
    if place is None:
        return None
    order = line.get("orderLine")
    if order is not None:
        return next((n for n in free if old[n].get("orderLine") == order), None)
    return place if place in free and old[place].get("orderLine") is None else None
