"""The documents of one case side by side: the latest of each, what counts, and what a reference means."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeAlias, TypeVar

from openreturns.invariants._exact import total
from openreturns.models import (
    Adjustment,
    AdjustmentLine,
    Credit,
    CreditLine,
    Disposition,
    DispositionLine,
    DispositionSplit,
    Document,
    DocumentRef,
    Return,
    ReturnLine,
    SplitRef,
)

__all__ = ["Case", "Key", "Move", "Split", "arrived", "in_case", "key_of"]

Kind = TypeVar("Kind", Return, Disposition, Adjustment, Credit)
_Name = TypeVar("_Name")
_Found = TypeVar("_Found")

Key: TypeAlias = tuple[type[Document], str]
"""What is one document in all its revisions: documents of two kinds may have the same id."""
Split: TypeAlias = tuple[Disposition, DispositionLine, DispositionSplit]
"""One split with the line and the document it stands in."""
Move: TypeAlias = tuple[str, Adjustment, AdjustmentLine]
"""One line of a posted Adjustment, with its place."""

# What counts in sums. A credit waiting for approval does: its approver must see that it is one too many.
_COUNTS = frozenset({"final", "posted", "pending_approval", "approved", "issued", "applied", "refunded"})
_EFFECTIVE = frozenset({"final", "posted", "issued", "applied", "refunded"})
_TAKEN_BACK = frozenset({"reversed", "voided"})
# The story's order, for what was issued at the same moment.
_KINDS: tuple[type[Document], ...] = (Return, Disposition, Adjustment, Credit)


class Case:
    """The documents of one case, in the order they were issued, however they were given.

    Only the latest revision of each takes part in anything but its own history.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self.documents = tuple(sorted(documents, key=_issued))
        newest: dict[Key, Document] = {}
        for document in self.documents:
            known = newest.get(key_of(document))
            if known is None or _newer(document, known):
                newest[key_of(document)] = document
        self.latest = tuple(newest.values())
        # Rules ask by kind and by reference for each line: looked through each time, a large case would take for ever.
        self._of: dict[type[Document], tuple[Any, ...]] = {}
        self._named: dict[type[Document], dict[str, Any]] = {}

    def of(self, kind: type[Kind]) -> tuple[Kind, ...]:
        """Return the latest documents of one kind."""
        if kind not in self._of:
            self._of[kind] = tuple(d for d in self.latest if isinstance(d, kind))
        return self._of[kind]

    def counted(self, kind: type[Kind]) -> list[Kind]:
        """Return the documents that count: neither open drafts nor refused, taken back or taking back."""
        return [
            d
            for d in self.of(kind)
            if d.status in (_COUNTS if kind is Credit else _EFFECTIVE)
            and key_of(d) not in self._taken_back
            and getattr(d, "reverses", None) is None
        ]

    def reversals(self, kind: type[Kind]) -> Iterator[tuple[Kind, Kind]]:
        """Yield each document in force that takes back another of the case, with the other."""
        for document in self.of(kind):
            original = self.find(kind, getattr(document, "reverses", None))
            if original is not None and original is not document and document.status in _EFFECTIVE:
                yield document, original

    @cached_property
    def _taken_back(self) -> frozenset[Key]:
        stated = {key_of(d) for d in self.latest if d.status in _TAKEN_BACK}
        undone = [
            *(key_of(original) for _, original in self.reversals(Disposition)),
            *(key_of(original) for _, original in self.reversals(Adjustment)),
            *(key_of(original) for _, original in self.reversals(Credit)),
        ]
        return frozenset(stated).union(undone)

    def find(self, kind: type[Kind], ref: DocumentRef | None) -> Kind | None:
        """Return the document of the case that a reference means, by its number, document id or source id."""
        if ref is None:
            return None
        if kind not in self._named:
            self._named[kind] = _firsts((name, d) for d in self.of(kind) for name in _names(d))
        return self._named[kind].get(ref.id)

    def split(self, ref: SplitRef | None) -> Split | None:
        """Return the split a reference means."""
        return self._splits.get((ref.document_id, ref.line_id, ref.split_id)) if ref else None

    def dangling(self, ref: SplitRef | None) -> bool:
        """Say whether a reference names a disposition of this case, but no split of it."""
        if ref is None or self.split(ref) is not None:
            return False
        return (Disposition, ref.document_id) in self._keys

    @cached_property
    def _keys(self) -> frozenset[Key]:
        return frozenset(map(key_of, self.latest))

    @cached_property
    def _splits(self) -> dict[tuple[str, str, str], Split]:
        return {
            (d.meta.document_id, line.line_id, split.split_id): (d, line, split)
            for d in self.of(Disposition)
            for line in d.lines
            for split in line.splits
        }

    def moves(self) -> Iterator[Move]:
        """Yield every stock move that counts."""
        for adjustment in self.counted(Adjustment):
            for index, line in enumerate(adjustment.lines):
                yield in_case(adjustment, f"/lines/{index}"), adjustment, line

    def moves_by_split(self) -> dict[tuple[str, str, str], list[Move]]:
        """Return the stock moves that name a split, by that split."""
        found: dict[tuple[str, str, str], list[Move]] = defaultdict(list)
        for move in self.moves():
            ref = move[2].disposition
            if ref is not None:
                found[(ref.document_id, ref.line_id, ref.split_id)].append(move)
        return found

    def return_of_move(self, move: Move) -> Return | None:
        """Return the Return whose goods a move moves: by its split, else its refs, else the only one there is."""
        _, adjustment, line = move
        split = self.split(line.disposition)
        if split is not None:
            return self.find(Return, split[0].return_)
        return self._by_refs(adjustment)

    def return_of(self, credit: Credit) -> Return | None:
        """Return the Return a credit is given for: by its lines, else its refs, else the only one there is."""
        for line in credit.lines:
            split = self.split(line.disposition)
            found = self.find(Return, line.return_) or self.find(Return, split[0].return_ if split else None)
            if found is not None:
                return found
        return self._by_refs(credit)

    def _by_refs(self, document: Adjustment | Credit) -> Return | None:
        refs = [ref for ref in document.refs or () if ref.type == "return"]
        if refs:
            return next((found for ref in refs if (found := self.find(Return, ref))), None)
        returns = self.of(Return)
        return returns[0] if len(returns) == 1 else None

    def credited_line(self, line: CreditLine) -> tuple[Return, ReturnLine] | None:
        """Return the line of a Return that a credit line rests on: by its ref, its split, or the invoice line."""
        split = self.split(line.disposition)
        if line.return_ is not None and line.return_.line_id is not None:
            return self._line(line.return_, line.return_.line_id)
        if split is not None:
            return self._line(split[0].return_, split[1].return_line_id)
        return self._by_invoice_line(line.original_invoice)

    def _line(self, ref: DocumentRef, line_id: str) -> tuple[Return, ReturnLine] | None:
        found = self.find(Return, ref)
        return self._lines.get((found.meta.document_id, line_id)) if found is not None else None

    @cached_property
    def _lines(self) -> dict[tuple[str, str], tuple[Return, ReturnLine]]:
        return _firsts(((d.meta.document_id, line.line_id), (d, line)) for d in self.of(Return) for line in d.lines)

    def _by_invoice_line(self, invoice: DocumentRef | None) -> tuple[Return, ReturnLine] | None:
        """Return the only line that was sold on an invoice line."""
        if invoice is None or invoice.line_id is None:
            return None
        found = self._sold.get((invoice.id, invoice.line_id), ())
        return found[0] if len(found) == 1 else None

    @cached_property
    def _sold(self) -> dict[tuple[str, str | None], list[tuple[Return, ReturnLine]]]:
        sold: dict[tuple[str, str | None], list[tuple[Return, ReturnLine]]] = defaultdict(list)
        for document in self.of(Return):
            for line in document.lines:
                if line.original_invoice:
                    sold[line.original_invoice.id, line.original_invoice.line_id].append((document, line))
        return sold


def key_of(document: Document) -> Key:
    """Return what the revisions of one document have in common."""
    return type(document), document.meta.document_id


def _issued(document: Document) -> tuple[object, ...]:
    meta = document.meta
    return meta.issued_at, _KINDS.index(type(document)), meta.document_id, meta.revision


def _newer(document: Document, known: Document) -> bool:
    """Say whether a document takes the place of another; of two contents of one revision always the same one."""
    if document.meta.revision != known.meta.revision:
        return document.meta.revision > known.meta.revision
    return document.to_json() > known.to_json()


def in_case(document: Document, pointer: str) -> str:
    """Return a place in a case: the document's id, a number sign, and the pointer inside it."""
    return f"{document.meta.document_id}#{pointer}"


def arrived(line: ReturnLine) -> Decimal | None:
    """Return how much of a line has arrived; None where nobody has said."""
    if line.received is not None:
        return line.received.value
    return total(receipt.quantity for receipt in line.receipts) if line.receipts else None


def _firsts(pairs: Iterable[tuple[_Name, _Found]]) -> dict[_Name, _Found]:
    """Return the first that has each name."""
    found: dict[_Name, _Found] = {}
    for name, one in pairs:
        found.setdefault(name, one)
    return found


def _names(document: Document) -> set[str]:
    number = None if isinstance(document, Disposition) else document.number
    return {name for name in (document.meta.document_id, document.meta.source_id, number) if name is not None}
