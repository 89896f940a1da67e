"""The rule about a case as a whole: its documents belong together, and none is missing between two others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from openreturns.invariants._case import Case, Key, in_case, key_of
from openreturns.invariants._parts import Finding
from openreturns.invariants._rule import Options
from openreturns.models import Document, Return

__all__ = ["a_case_is_one_story"]

# What changes from one try to the next without another effect on goods or money.
_CIRCUMSTANCES = ("meta", "status", "history", "approvals")


def a_case_is_one_story(case: Case, options: Options) -> Iterator[Finding]:
    """G1. A cause may be an event outside the case; only a complete case says otherwise."""
    yield from _one_correlation(case)
    yield from _causes(case, options)
    yield from _revisions(case, options)
    yield from _contents(case)
    yield from _effects(case)


def _one_correlation(case: Case) -> Iterator[Finding]:
    """Compare every document with the return, or where there is none with the first."""
    first = next(iter([*case.of(Return), *case.latest]), None)
    for document in case.latest:
        if first is not None and document.meta.correlation_id != first.meta.correlation_id:
            said = f"is {document.meta.correlation_id}, the case is {first.meta.correlation_id}"
            yield in_case(document, "/meta/correlationId"), said


def _causes(case: Case, options: Options) -> Iterator[Finding]:
    causes: dict[str, list[str]] = defaultdict(list)
    for document in case.latest:
        cause = _cause(document)
        causes[document.meta.document_id] += [cause] if cause is not None else []
    circular = _is_circular(causes)
    for document in case.latest:
        here, cause = in_case(document, "/meta/causationId"), _cause(document)
        if cause is None:
            continue
        if cause not in causes:
            if options.complete:
                yield here, f"{cause} is no document of the case"
        elif circular and _follows_from_itself(document.meta.document_id, causes):
            yield here, "the document follows from itself"


def _cause(document: Document) -> str | None:
    """Return the document id in a causation id, which may name a revision after a colon."""
    cause = document.meta.causation_id
    head, _, revision = (cause or "").rpartition(":")
    return head if head and revision.isdigit() else cause


def _is_circular(causes: Mapping[str, Sequence[str]]) -> bool:
    """Whether any document follows from itself: only then is it worth looking which."""
    try:
        TopologicalSorter(causes).prepare()
    except CycleError:
        return True
    return False


def _follows_from_itself(start: str, causes: Mapping[str, Sequence[str]]) -> bool:
    seen: set[str] = set()
    next_ = [*causes.get(start, ())]
    while next_:
        at_ = next_.pop()
        if at_ == start:
            return True
        if at_ not in seen:
            seen.add(at_)
            next_ += causes.get(at_, ())
    return False


def _revisions(case: Case, options: Options) -> Iterator[Finding]:
    revisions: dict[Key, set[int]] = defaultdict(set)
    for document in case.documents:
        revisions[key_of(document)].add(document.meta.revision)
    for document in case.latest:
        seen = revisions[key_of(document)]
        missing = sorted(set(range(1 if options.complete else min(seen), max(seen))) - seen)
        if missing:
            yield in_case(document, "/meta/revision"), f"revision {', '.join(map(str, missing))} is missing"


def _contents(case: Case) -> Iterator[Finding]:
    """Check that a revision is said in one way: it is a snapshot and never changes."""
    known: dict[tuple[Key, int], Document] = {}
    for document in case.documents:
        if known.setdefault((key_of(document), document.meta.revision), document) != document:
            yield in_case(document, "/meta/revision"), f"revision {document.meta.revision} has two different contents"


def _effects(case: Case) -> Iterator[Finding]:
    """Check that one idempotency key stands for one effect; a retry is another revision with the same effect."""
    known: dict[str, Document] = {}
    for document in case.documents:
        meta = document.meta
        key = meta.idempotency_key or f"{meta.document_id}:{meta.revision}"
        first = known.setdefault(key, document)
        one_revision = (key_of(first), first.meta.revision) == (key_of(document), meta.revision)  # said above
        if not one_revision and _effect(first) != _effect(document):
            yield in_case(document, "/meta/idempotencyKey"), f"{key} stands for two different contents"


def _effect(document: Document) -> tuple[Key, dict[str, Any]]:
    effect = {name: value for name, value in document.to_dict().items() if name not in _CIRCUMSTANCES}
    return key_of(document), effect
