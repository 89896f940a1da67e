"""The rules that no schema can hold, each with documents that keep and that break it, from the rules' own tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openreturns_codegen.model import Source

__all__ = ["examples", "sound"]

_SCOPES = {"L": "document", "X": "case", "LX": "both"}
_SHOWN = 3  # of a kind: the rest is in the tests


def sound(root: Path) -> dict[str, Any]:
    """Return the sound documents that the examples change, by name."""
    bases: dict[str, Any] = _cases(root)["bases"]
    return bases


def _cases(root: Path) -> dict[str, Any]:
    cases: dict[str, Any] = json.loads((root / "contract_tests" / "invariants" / "cases.json").read_text("utf-8"))
    return cases


def examples(root: Path, newest: Source) -> Iterator[dict[str, Any]]:
    """Yield every rule with what keeps it and what breaks it, each as changes of a sound document.

    A rule whose tests hold no document that keeps it beside those that break it is kept by the sound documents.
    """
    cases = _cases(root)
    for rule in newest.rules:
        breaks = [*_told(rule.id, cases["inside"]), *_told(rule.id, cases["across"])]
        keeps = [*_told(rule.id, cases["kept"]), *_told(rule.id, cases["kept_across"])]
        yield {
            "id": rule.id,
            "sentence": rule.sentence,
            "documents": list(rule.documents),
            "looks_at": _SCOPES[rule.scope],
            "kept_by": keeps[:_SHOWN],
            "broken_by": breaks[:_SHOWN],
        }


def _told(rule: str, rows: list[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        if row.get("rule") == rule:
            changes = row["documents"] if "documents" in row else [[row["base"], row["change"]]]
            yield {
                "what": row["what"],
                "documents": [{"of": base, "changes": change} for base, change in changes],
                "options": row.get("options", {}),
                "at": row.get("at", []),
            }
