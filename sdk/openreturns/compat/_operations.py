"""What an OpenAPI document says outside its named schemas, which are all that is compared: whether it changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from openreturns.compat._source import Source, named

__all__ = ["changed_operations"]

_NAMED: Final = ("schemas", "securitySchemes", "examples")
_WORDS: Final = ("description", "summary", "operationId")


def changed_operations(old: Source, new: Source) -> Iterator[str]:
    """Yield the files of both sets in which operations, and what they share, changed in more than words."""
    before, after = named(old), named(new)
    for name, text in after.items():
        was = next(iter(before.values()), None) if old.alone and new.alone else before.get(name)
        if was is not None and repr(_operations(was.value)) != repr(_operations(text.value)):
            yield name


def _operations(document: Any) -> Any:  # noqa: ANN401 - any JSON value
    if not isinstance(document, dict) or not document.keys() & {"openapi", "swagger"}:
        return None
    components = document.get("components")
    shared = components if isinstance(components, dict) else {}
    beside = {key: document.get(key) for key in ("paths", "webhooks", "parameters", "responses")}
    return _wordless({**beside, **{f"shared {key}": one for key, one in shared.items() if key not in _NAMED}})


def _wordless(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value without words for people, members in one order."""
    if isinstance(node, list):
        return [_wordless(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept = ((key, one) for key, one in node.items() if not (key in _WORDS and isinstance(one, str)))
    return {key: _wordless(one) for key, one in sorted(kept, key=lambda pair: str(pair[0]))}
