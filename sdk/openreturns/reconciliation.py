"""What several systems hold of the same returns, side by side: where they agree, and where they do not.

Pure functions over the documents that each system was asked for (`Port.changes` and `Port.read`, say); what we
think we did is no part of it. Each fact is told by some kinds of documents, and must be the same in all systems
that are there for one of these kinds: a document that is lost, made twice or changed shows as a difference.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import TypeAlias

from openreturns.models import Adjustment, Credit, Disposition, Money, Quantity, Return

__all__ = ["FACTS", "Books", "Difference", "Fact", "Reconciliation", "reconcile"]

Document: TypeAlias = Return | Disposition | Adjustment | Credit
Kind: TypeAlias = type[Return] | type[Disposition] | type[Adjustment] | type[Credit]

Counts: TypeAlias = Mapping[str, Decimal]
"""How much of what: `P-100 EA`, `USD`, or the number of a document. What is nothing is left out."""


@dataclass(frozen=True)
class Books:
    """What one system holds. `keeps` are the kinds of documents it is there for, whether it has one or not."""

    system: str
    keeps: frozenset[Kind]
    documents: Sequence[Document] = field(repr=False)


@dataclass(frozen=True)
class Fact:
    """Something that is known of a return in several systems, and how each kind of document tells it.

    A function gives what one document adds, or None where a document of that system does not speak of it.
    """

    name: str
    told: Mapping[Kind, Callable[..., Counts | None]]


@dataclass(frozen=True)
class Difference:
    """One thing that systems hold differently: which fact, of which return, and how much each has."""

    return_number: str
    fact: str
    of: str
    held: Mapping[str, Decimal]

    def __str__(self) -> str:
        said = ", ".join(f"{system} {amount:f}" for system, amount in self.held.items())
        return f"{self.return_number or 'no return'}: {self.fact}, {self.of}: {said}"


@dataclass(frozen=True)
class Reconciliation:
    """What the systems hold of each return and fact, by system, and where they differ."""

    held: Mapping[tuple[str, str], Mapping[str, Counts]]
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether all systems that tell a fact tell the same."""
        return not self.differences

    @property
    def returns(self) -> tuple[str, ...]:
        """The numbers of all returns that any system holds something of, sorted."""
        return tuple(sorted({number for number, _ in self.held}))

    def totals(self, fact: str) -> Mapping[str, Counts]:
        """Return the sum of a fact over all returns, by system."""
        sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for (_, name), systems in self.held.items():
            if name == fact:
                for system, counts in systems.items():
                    _add(sums[system], counts)
        return {system: dict(counts) for system, counts in sums.items()}


# --- what documents tell ------------------------------------------------------------------------------------------


def _is_there(return_: Return) -> Counts:
    return {} if return_.status == "declined" else {f"return {return_.number}": Decimal(1)}


def _is_credited(credit: Credit) -> Counts:
    return {f"credit {credit.number}": Decimal(1)} if _counts(credit) else {}


_CANCELLED = ("declined", "cancelled", "expired")
_OPEN = ("requested", "authorized", "in_transit")


def _is_live(return_: Return) -> Counts | None:
    """Count a return that was not called off. A closed one does not say whether it was."""
    if return_.status == "closed":
        return None
    return {} if return_.status in _CANCELLED else {f"return {return_.number}": Decimal(1)}


def _is_open(return_: Return) -> Counts | None:
    """Count a return that still waits. Once goods come in, each system ends where its own part of the story does."""
    if return_.status in _OPEN:
        return {f"return {return_.number}": Decimal(1)}
    return {} if return_.status == "closed" or return_.status in _CANCELLED else None


def _authorized(return_: Return) -> Counts | None:
    told = [(line.item.sku, line.authorized) for line in return_.lines if line.authorized is not None]
    if not told:
        return None
    return {} if return_.status in _CANCELLED else _goods(told)


def _received(return_: Return) -> Counts:
    return _goods((line.item.sku, line.received) for line in return_.lines if line.received is not None)


def _decided_out(disposition: Disposition) -> Counts:
    return _goods(
        (line.item.sku, split.quantity)
        for line in disposition.lines
        for split in line.splits
        if split.to is not None and split.to.status == "external"
    )


def _moved_out(adjustment: Adjustment) -> Counts:
    return _goods((line.item.sku, line.quantity) for line in adjustment.lines if line.to.status == "external")


def _creditable(disposition: Disposition) -> Counts:
    return _goods(
        (line.item.sku, split.quantity)
        for line in disposition.lines
        for split in line.splits
        if split.creditable is not False and split.disposition.code != "pending"
    )


def _credited(credit: Credit) -> Counts:
    if not _counts(credit):
        return {}
    return _goods((line.item.sku, line.quantity) for line in credit.lines if line.item is not None)


def _net(credit: Credit) -> Counts:
    return _money(credit.totals.tax_exclusive) if _counts(credit) else {}


def _tax(credit: Credit) -> Counts:
    return _money(credit.totals.tax) if _counts(credit) else {}


def _counts(credit: Credit) -> bool:
    """Whether a customer has this credit; a vendor's is between others, and a draft may come to nothing."""
    return credit.status not in _NOT_GIVEN and credit.direction == "to_customer"


_NOT_GIVEN = frozenset({"draft", "pending_approval", "rejected", "voided"})


def _goods(pairs: Iterable[tuple[str | None, Quantity]]) -> Counts:
    counts: dict[str, Decimal] = defaultdict(Decimal)
    for sku, quantity in pairs:
        counts[f"{sku} {quantity.uom}"] += quantity.value
    return counts


def _money(amount: Money) -> Counts:
    return {amount.currency: amount.amount}


FACTS = (
    Fact("documents", {Return: _is_there}),
    Fact("live", {Return: _is_live}),
    Fact("open", {Return: _is_open}),
    Fact("credits", {Credit: _is_credited}),
    Fact("authorized", {Return: _authorized}),
    Fact("received", {Return: _received}),
    Fact("out of stock", {Disposition: _decided_out, Adjustment: _moved_out}),
    Fact("credited", {Disposition: _creditable, Credit: _credited}),
    Fact("net", {Credit: _net}),
    Fact("tax", {Credit: _tax}),
)
"""What is compared: which documents there are, whether they are called off, or open yet, goods authorised, received,
taken out of stock and credited, money."""


# --- comparing ----------------------------------------------------------------------------------------------------


def reconcile(books: Sequence[Books], facts: Sequence[Fact] = FACTS) -> Reconciliation:
    """Compare what the systems hold, fact by fact and return by return.

    A fact of a return is compared between the systems that keep a kind of document that tells it. One that has no
    such document of a return holds nothing, which is a difference where others hold something; one whose documents
    do not speak of the fact is left out. Documents are put to their return by its number or the vendor's id for it
    (`meta.sourceId`), by the disposition that they carry out, and credits by their own number if another system's
    credit has it.
    """
    number_of = _Numbers(books)
    sorted_: dict[tuple[str, str], list[Document]] = defaultdict(list)
    for one in books:
        for document in one.documents:
            sorted_[number_of(one.system, document), one.system].append(document)
    numbers = sorted({number for number, _ in sorted_})
    # A system that has documents, and none that speaks of a fact, has no field for it.
    speaking = {
        fact.name: [one for one in books if not one.documents or _told(fact, one, one.documents) is not None]
        for fact in facts
    }
    held: dict[tuple[str, str], Mapping[str, Counts]] = {}
    for number in numbers:
        for fact in facts:
            told = {one.system: _told(fact, one, sorted_.get((number, one.system), ())) for one in speaking[fact.name]}
            held[number, fact.name] = {system: counts for system, counts in told.items() if counts is not None}
    differences = tuple(
        Difference(number, fact, of, MappingProxyType(amounts))
        for (number, fact), systems in held.items()
        for of in sorted({of for counts in systems.values() for of in counts})
        if len(set((amounts := {name: counts.get(of, Decimal(0)) for name, counts in systems.items()}).values())) > 1
    )
    return Reconciliation(MappingProxyType(held), differences)


def _told(fact: Fact, books: Books, documents: Iterable[Document]) -> Counts | None:
    """Return what a system's documents of one return tell of a fact; None if it does not speak of it."""
    tellers = {kind: tell for kind, tell in fact.told.items() if kind in books.keeps}
    if not tellers:
        return None
    counts: dict[str, Decimal] = defaultdict(Decimal)
    asked = spoken = 0
    for document in documents:
        tell = tellers.get(type(document))
        if tell is None:
            continue
        asked += 1
        added = tell(document)
        if added is not None:
            spoken += 1
            _add(counts, added)
    if asked and not spoken:
        return None
    return {of: amount for of, amount in counts.items() if amount}


def _add(counts: dict[str, Decimal], more: Counts) -> None:
    for of, amount in more.items():
        counts[of] += amount


class _Numbers:
    """Which return a document is about."""

    def __init__(self, books: Sequence[Books]) -> None:
        every = [(one.system, document) for one in books for document in one.documents]
        self._ids = {(s, d.meta.source_id): d.number for s, d in every if isinstance(d, Return)}
        self._decisions = {d.meta.document_id: d.return_.id for _, d in every if isinstance(d, Disposition)}
        self._known = {*self._ids.values(), *self._decisions.values()}
        credits = [(d.number, self._named(s, d)) for s, d in every if isinstance(d, Credit)]
        self._credits = {number: return_ for number, return_ in credits if return_ in self._known}

    def __call__(self, system: str, document: Document) -> str:
        if isinstance(document, Return):
            return document.number
        if isinstance(document, Disposition):
            return document.return_.id
        named = self._named(system, document)
        if named in self._known or isinstance(document, Adjustment):
            return named
        return self._credits.get(document.number, named)

    def _named(self, system: str, document: Adjustment | Credit) -> str:
        """Return the return that a document names, itself, on its lines or by a decision: a known one if it can."""
        refs = [ref.id for ref in document.refs or () if ref.type == "return"]
        if isinstance(document, Credit):
            refs += [line.return_.id for line in document.lines if line.return_]
        found = [self._ids.get((system, ref), ref) for ref in refs]
        decided = (line.disposition.document_id for line in document.lines if line.disposition)
        found += [self._decisions[one] for one in decided if one in self._decisions]
        return next((one for one in found if one in self._known), found[0] if found else "")
