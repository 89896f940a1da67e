"""Which operation serves which verb of a role: those that are generated, and for the others what may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openreturns_codegen.adapter.choose import Resource, on_one
from openreturns_codegen.adapter.draft import Draft
from openreturns_codegen.adapter.model import Operation
from openreturns_codegen.adapter.vocabulary import spoken, vocabulary, words

__all__ = ["Likely", "Verb", "likely", "served"]

_WRITES = {
    ("erp", "return"): "authorize",
    ("erp", "credit"): "issue_credit",
    ("wms", "return"): "announce",
    ("crm", "return"): "open_case",
    ("tax", "credit"): "commit",
}
_REFS = {("crm", "return"): "case", ("tax", "credit"): "tax_transaction"}
_ENOUGH = 0.6
_MOST = 3


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the role, and the operation that is proposed for it."""

    name: str
    draft: Draft
    operation: Operation
    ref: str


@dataclass(frozen=True, slots=True)
class Likely:
    """An operation that may serve a verb, and how much speaks for it, up to 1."""

    operation: Operation
    score: float

    def __str__(self) -> str:
        return f"{self.operation.method} {self.operation.path} ({self.score:.2f})"


def served(role: str, resource: Resource, made: Sequence[tuple[Draft, Operation]]) -> list[Verb]:
    """Return the verbs that the operations on one kind of record serve, and that a client is generated for."""
    found: list[Verb] = []
    ref = _REFS.get((role, resource.document), resource.document)
    for one, operation in made:
        if one.way == "in":
            single = resource.first("GET", one=True)
            if single is not None and single.gives is not None:
                found.append(Verb("read", one, single, ref))
                if (role, one.document) == ("wms", "return"):
                    found.append(Verb("status", one, single, ref))
        elif operation.method in {"POST", "PUT"} and operation.path.count("{") == operation.path.count("}"):
            found.append(Verb(_WRITES[role, resource.document], one, operation, ref))
    return found


def likely(verb: str, role: str, operations: Sequence[Operation], chosen: Sequence[Resource]) -> list[Likely]:
    """Return the operations whose names say what a verb does, likeliest first.

    An operation on another record than the chosen ones is half as likely, unless the verb is about any.
    """
    said: Mapping[str, Any] = vocabulary()["verbs"].get(verb, {})
    about = [frozenset(words(name)) for one in chosen for name in _names(role, one)]
    own = [id(operation) for one in chosen for operation in one.operations]
    scored = [
        Likely(one, round(score if said.get("anywhere") or _is_about(one, about) else score / 2, 2))
        for one in operations
        if (score := max(_called(one, said), _kind(one, said) if id(one) in own else 0.0))
    ]
    ranked = sorted(scored, key=lambda one: (-one.score, one.operation.path, one.operation.method))
    return [one for one in ranked if one.score >= _ENOUGH][:_MOST]


def _called(operation: Operation, said: Mapping[str, Any]) -> float:
    """Return how surely an operation is called what a verb is: by its path, its name, its parameters, its summary."""
    if operation.method not in said.get("methods", ()):
        return 0.0
    steps = [step for step in operation.path.split("/") if step and "{" not in step]
    texts = ((steps[-1] if steps else "", 1.0), (operation.name, 0.9), (operation.summary, 0.6))
    scores = [score for text, score in texts if any(_says(text, phrase) for phrase in said["said"])]
    if any(_says(name, phrase) for name in operation.query for phrase in said.get("query", ())):
        scores.append(0.8)
    return max(scores, default=0.0)


def _kind(operation: Operation, said: Mapping[str, Any]) -> float:
    """Return how surely an operation on the very record, whatever it is called, does what a verb does."""
    return 0.7 if operation.method in said.get("one" if on_one(operation) else "many", ()) else 0.0


def _says(text: str, phrase: str) -> bool:
    return set(spoken(phrase).split()) <= set(words(text))


def _names(role: str, resource: Resource) -> Iterator[str]:
    """Yield what the vendor, and the trade, call a kind of record."""
    kinds: Mapping[str, str] = vocabulary()["roles"][role]
    yield from (resource.name, *resource.names, *vocabulary()["records"][kinds[resource.document]])


def _is_about(operation: Operation, names: Sequence[frozenset[str]]) -> bool:
    said = {word for text in (*operation.path.split("/"), operation.name) for word in words(text)}
    return any(name <= said for name in names)
