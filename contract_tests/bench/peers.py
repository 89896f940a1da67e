"""The plain part of a mapping (names, nesting, a list, no functions) in our rules, by hand, and in the peers' words.

The peers rename and nest; they read one way only, and check and account for nothing. All say the same here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import glom  # type: ignore[import-untyped] # ships no types
import jmespath  # type: ignore[import-untyped] # ships no types
from openreturns import adapter
from openreturns.mapping import Mapping, Translator, each, pair
from openreturns.validation import document_validator

Record = dict[str, Any]

_LINE = {"item.description": "name", "note": "action_requested.action"}

MAPPING = Mapping(
    canonical="return",
    native="return",
    directions=("in",),
    rules=(
        pair("requestedAt", "insert_date"),
        each("lines", "inventory", *(pair(*names) for names in _LINE.items())),
    ),
)

GLOM = {
    "requestedAt": "insert_date",
    "lines": ("inventory", [{"item": {"description": "name"}, "note": "action_requested.action"}]),
}

JMESPATH = jmespath.compile(
    "{requestedAt: insert_date, lines: inventory[].{item: {description: name}, note: action_requested.action}}"
)


def by_hand(record: Record) -> Record:
    """Return the same by hand."""
    return {
        "requestedAt": record["insert_date"],
        "lines": [
            {"item": {"description": entry["name"]}, "note": entry["action_requested"]["action"]}
            for entry in record["inventory"]
        ],
    }


def ways() -> dict[str, Callable[[Record], Record]]:
    """Return each way of saying it, by name."""
    ours = adapter("shipbob")
    translator = Translator(
        MAPPING,
        ours.tenant,
        canonical_fields=document_validator("return").fields,
        native_fields=ours.contract("return").fields,
    )
    return {
        "our rules, compiled": lambda record: translator.to_canonical(record).document,
        "our rules, interpreted": lambda record: translator.interpret("in", record)[0],
        "by hand": by_hand,
        "glom": lambda record: glom.glom(record, GLOM),
        "jmespath": JMESPATH.search,
    }
