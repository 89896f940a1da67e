"""A document taken apart once, so that every rule finds what it is about by class, with its place."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from typing import Any, TypeVar, get_args

from openreturns.models import CanonicalModel, Document
from openreturns.models._base import wire_name

__all__ = ["Finding", "Parts"]

Finding = tuple[str, str]
"""Where (a JSON pointer; in a case with the document's id before it) and what."""

Part = TypeVar("Part", bound=CanonicalModel)


class Parts:
    """Everything a document holds, by class: `parts.of(Money)` yields each amount with its JSON pointer."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._by_class: dict[type[CanonicalModel], list[tuple[str, Any]]] = defaultdict(list)
        _collect(document, "", self._by_class)

    def of(self, kind: type[Part]) -> list[tuple[str, Part]]:
        """Return all parts of one class in the document's order; the document itself is one, at ""."""
        return self._by_class.get(kind, [])


def _collect(part: CanonicalModel, at: str, found: dict[type[CanonicalModel], list[tuple[str, Any]]]) -> None:
    kind = type(part)
    found[kind].append((at, part))
    for name, wire in _inner(kind):
        value = getattr(part, name)
        if value is None:
            continue
        if isinstance(value, tuple):
            for index, item in enumerate(value):
                _collect(item, f"{at}/{wire}/{index}", found)
        else:
            _collect(value, f"{at}/{wire}", found)


@cache
def _inner(model: type[CanonicalModel]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a class that hold classes, with their names in JSON."""
    fields = model.model_fields.items()
    return tuple((name, wire_name(name)) for name, field in fields if _holds_class(field.annotation))


def _holds_class(annotation: Any) -> bool:  # noqa: ANN401 - annotations have no common type
    if isinstance(annotation, type) and issubclass(annotation, CanonicalModel):
        return True
    return any(_holds_class(inner) for inner in get_args(annotation))
