"""Which of a vendor's records a role is about, and which operation serves which verb."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from openreturns.errors import MappingError
from rapidfuzz import fuzz

from openreturns_codegen.adapter.contract import members
from openreturns_codegen.adapter.model import Description, Note, Operation, Schema
from openreturns_codegen.adapter.refs import name_of
from openreturns_codegen.adapter.vocabulary import spoken, vocabulary

__all__ = ["Resource", "choose", "on_one", "resources"]

_ENOUGH = 0.75


@dataclass(frozen=True)
class Resource:
    """One kind of record, with the operations on it: the record as it is read, and as it is written."""

    name: str
    operations: Sequence[Operation]
    score: float = 0.0
    document: str = ""
    names: frozenset[str] = field(default=frozenset(), repr=False)

    def first(self, *methods: str, one: bool | None = None) -> Operation | None:
        """Return the first operation by one of the methods; `one` says whether it is on one record or on all."""
        return next(
            (
                operation
                for method in methods
                for operation in self.operations
                if operation.method == method and (one is None or one == on_one(operation))
            ),
            None,
        )

    @property
    def read(self) -> Operation | None:
        """The operation that gives one record, or a list of them."""
        given = [operation for operation in self.operations if operation.gives is not None]
        order = [self.first("GET", one=True), self.first("QUERY"), self.first("GET", one=False), *given]
        return next((one for one in order if one is not None and one.gives is not None), None)

    @property
    def create(self) -> Operation | None:
        """The operation that makes a record."""
        order = [self.first("POST", one=False), self.first("MUTATION"), self.first(""), self.first("POST", "PUT")]
        return next((one for one in order if one is not None and one.takes is not None), None)


def on_one(operation: Operation) -> bool:
    """Whether an operation is on one record: its path ends with the record's place."""
    return operation.path.rstrip("/").endswith(("}", "})"))


def choose(description: Description, role: str, given: dict[str, str]) -> tuple[list[Resource], list[Note]]:
    """Return the records of a role, one a document, and what of the rest was left.

    `given` names the record of a document where the words do not find it. Raises MappingError (kind `description`)
    where there is none at all.
    """
    there = resources(description)
    wanted: dict[str, str] = dict(vocabulary()["roles"][role])
    strange = sorted(set(given) - set(wanted))
    if strange:
        raise MappingError(f"the role {role} has no {strange[0]}; it has: {', '.join(wanted)}", kind="description")
    chosen: list[Resource] = []
    notes: list[Note] = []
    for document, said in wanted.items():
        best = _named(there, given[document]) if document in given else _best(there, said)
        if best is None:
            notes.append(Note(document, f"no record is like a {said}; name one by --record {document}=NAME"))
        elif best.name not in {one.name for one in chosen}:
            chosen.append(Resource(best.name, best.operations, best.score, document))
    if not chosen and there and "return" not in given and "credit" not in given:
        guess = max(there, key=lambda one: (_fullness(description, one), one.name))
        document = next(iter(wanted))
        notes.append(Note(document, f"nothing is named like one: {guess.name!r} is the record with the most fields"))
        chosen.append(Resource(guess.name, guess.operations, 0.0, document))
    if not chosen:
        raise MappingError("the description has no record to translate", kind="description")
    names = {one.name for one in chosen}
    notes += [Note(one.name, f"says nothing of the role {role}") for one in there if one.name not in names]
    return chosen, notes


def _named(there: Sequence[Resource], name: str) -> Resource:
    found = [one for one in there if name in (one.name, *one.names)]
    if not found:
        known = ", ".join(sorted(one.name for one in there)[:30])
        raise MappingError(f"there is no record {name!r}; there are: {known}", kind="description")
    return _completed(found[0], there)


def _best(there: Sequence[Resource], said: str) -> Resource | None:
    phrases: list[str] = vocabulary()["records"][said]
    scored = [
        Resource(one.name, one.operations, _score(one, phrases), names=one.names)
        for one in there
        if any(operation.gives or operation.takes for operation in one.operations)
    ]
    best = max(scored, key=lambda one: (one.score, one.name), default=None)
    return _completed(best, there) if best is not None and best.score >= _ENOUGH else None


def _score(resource: Resource, phrases: Sequence[str]) -> float:
    best = 0.0
    for name in {resource.name, *resource.names}:
        for place, phrase in enumerate(phrases):
            alike = 1.0 if spoken(name) == phrase else fuzz.token_sort_ratio(spoken(name), phrase) / 100 * 0.85
            best = max(best, alike - 0.01 * place)
    complete = 0.05 * (resource.create is not None) + 0.05 * (resource.read is not None)
    return best + complete - 0.01 * min(one.path.count("/") for one in resource.operations)


def _completed(best: Resource, there: Sequence[Resource]) -> Resource:
    """Return a resource with the operation that reads one of its records, or makes one, from other paths."""
    shapes = {name_of(one.gives) for one in best.operations if one.gives is not None} - {""}
    others = [operation for one in there for operation in one.operations if name_of(operation.gives or {}) in shapes]
    found = list(best.operations)
    if best.first("GET", one=True) is None:
        found += [one for one in others if one.method == "GET" and on_one(one)][:1]
    if best.create is None:
        found += [one for one in others if one.method == "POST" and one.takes is not None][:1]
    return Resource(best.name, found, best.score, best.document, best.names)


def _fullness(description: Description, resource: Resource) -> int:
    given = [one for operation in resource.operations for one in (operation.gives, operation.takes) if one is not None]
    return max((len(members(description.root, one)) for one in given), default=0)


def resources(description: Description) -> list[Resource]:
    """Return the kinds of records: operations on one path, or of GraphQL on one type."""
    groups: dict[str, list[Operation]] = {}
    for operation in description.operations:
        groups.setdefault(_key(operation), []).append(operation)
    found = []
    for operations in groups.values():
        shapes: list[Schema] = [one for op in operations for one in (op.gives, op.takes) if one is not None]
        names = frozenset(_bare(name) for name in map(name_of, shapes) if name)
        found.append(Resource(_last(operations[0].path), operations, names=names))
    return _distinct(found)


_ACTION = re.compile(r"(Create|Update|Delete|Get|Query|Input|Payload|Request|Response|Model|Dto|Interface|Data)+$")
_VERB = re.compile(r"^(create|update|delete|cancel|close|open|get|list|fetch|add|remove|request|approve)(?=[A-Z])")


def _bare(name: str) -> str:
    return _ACTION.sub("", name.replace("-", "_").rsplit(".", 1)[-1]) or name


def _key(operation: Operation) -> str:
    if operation.method in {"QUERY", "MUTATION"}:
        named = _bare(_VERB.sub("", operation.path))
        return named[:1].lower() + named[1:].removesuffix("s")
    path = re.sub(r"(/\{[^}]*\}|\(\{?[^)]*\}?\))$", "", operation.path.rstrip("/"))
    above, _, last = path.rpartition("/")
    return f"{above}/{spoken(last) or last}"  # `/order` and `/orders` are one


def _last(path: str) -> str:
    literal = [step for step in re.sub(r"\([^)]*\)", "", path).split("/") if step and not step.startswith("{")]
    return literal[-1] if literal else path.strip("/") or "record"


def _distinct(found: Sequence[Resource]) -> list[Resource]:
    """Return the resources with names of their own."""
    counts: dict[str, int] = {}
    made = []
    for one in found:
        counts[one.name] = counts.get(one.name, 0) + 1
        name = one.name if counts[one.name] == 1 else f"{one.name}_{counts[one.name]}"
        made.append(Resource(name, one.operations, names=one.names))
    return made
