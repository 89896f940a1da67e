"""How good mapping proposals are: our own mappings hidden, and the words left out that their systems taught.

Truth is what our mappings join. A proposed rule is right if some rule, or a function of the mapping, joins the same two
fields. Recall is over the pairs that the mappings write down field by field: of how many the vendor's field is among
the first three candidates. NetSuite's item receipt is left out: it is a transform, in which the vendor copies the
return.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from openreturns import adapter
from openreturns.mapping import Mapping
from openreturns.mapping._table import rows
from openreturns.validation import document_validator
from openreturns_codegen.adapter.propose import Proposal, propose

__all__ = ["PRECISION", "RECALL", "Measured", "measured", "rows_of"]

PRECISION, RECALL = 0.9, 0.6
_SYSTEMS = ("netsuite", "shipbob", "salesforce", "avatax")
_LEFT_OUT = {"item_receipt"}
_FIRST = 3
_VENDORS_OWN = ("extensions", "charges", "settlements")  # what a person decides how to carry, if at all


@dataclass(frozen=True, slots=True)
class Measured:
    """One mapping measured: confident rules and the right ones; pairs and those found; what was wrong and missed."""

    name: str
    rules: int
    right: int
    pairs: int
    found: int
    first: int
    wrong: tuple[str, ...]
    missed: tuple[str, ...]


def measured() -> list[Measured]:
    """Return the figures of each mapping."""
    return [_measured(*one) for one in _mappings()]


def _mappings() -> Iterator[tuple[str, Mapping]]:
    for name in _SYSTEMS:
        for mapping in adapter(name).mappings:
            if mapping.canonical in {"return", "credit"} and mapping.native not in _LEFT_OUT:
                yield name, mapping


def _measured(name: str, mapping: Mapping) -> Measured:
    native = adapter(name).contract(mapping.native).fields
    canonical = document_validator(mapping.canonical).fields
    writing = "in" not in mapping.directions
    proposal = propose(mapping.canonical, canonical, native, writing=writing, without=name)
    joined, pairs = _truth(mapping)
    wrong = [f"{path} <- {one.native}" for path, one in proposal.rules.items() if not _right(path, one.native, joined)]
    missed = [path for path, natives in pairs.items() if not _among(proposal, path, natives, _FIRST)]
    first = sum(_among(proposal, path, natives, 1) for path, natives in pairs.items())
    return Measured(
        f"{name}.{mapping.native}",
        len(proposal.rules),
        len(proposal.rules) - len(wrong),
        len(pairs),
        len(pairs) - len(missed),
        first,
        tuple(wrong),
        tuple(missed),
    )


def _truth(mapping: Mapping) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """Return by canonical path all vendor fields that it is joined to, and those of plain pairs."""
    joined: dict[str, set[str]] = {}
    pairs: dict[str, set[str]] = {}
    for row in rows(mapping):
        if row.how.startswith("case"):
            continue
        ours = [row.canonical] if row.canonical else list(row.reads)
        theirs = [row.native] if row.native else list(row.reads) if row.canonical else []
        for path in ours:
            joined.setdefault(path, set()).update(theirs)
        if row.codec and not any(part in row.canonical for part in _VENDORS_OWN):
            pairs.setdefault(row.canonical, set()).add(row.native)
    return joined, pairs


def _right(path: str, native: str, joined: dict[str, set[str]]) -> bool:
    return any(
        native in natives
        for ours, natives in joined.items()
        if path == ours or path.startswith((f"{ours}.", f"{ours}[")) or ours.startswith(f"{path}.")
    )


def _among(proposal: Proposal, path: str, natives: set[str], first: int) -> bool:
    return any(one.native in natives for one in proposal.candidates.get(path, ())[:first])


def rows_of(found: list[Measured]) -> list[tuple[str, float, float, bool]]:
    """Return the figures of all mappings together: name, figure, limit, whether the limit is an upper one."""
    rules, pairs = sum(one.rules for one in found), sum(one.pairs for one in found)
    return [
        ("precision of confident rules", sum(one.right for one in found) / rules, PRECISION, False),
        ("recall, among three candidates", sum(one.found for one in found) / pairs, RECALL, False),
        ("recall, the first candidate", sum(one.first for one in found) / pairs, 0.5, False),
    ]
