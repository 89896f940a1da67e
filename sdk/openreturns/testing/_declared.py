"""Provers: what an adapter declares is whole and true, without any document."""

from __future__ import annotations

from openreturns.errors import Problem
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import check
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure, NoEvidence

__all__ = ["complete"]


def complete(candidate: Candidate, mapping: DocumentMapping) -> None:
    """Prove by the static check of the mapping, for the tenant of the evidence."""
    found = check(
        mapping, candidate.fields(mapping, "out"), candidate.fields(mapping, "in"), candidate.configured.tenant
    )
    if {problem.code for problem in found} == {"setting"}:
        raise NoEvidence(f"tenant.toml: {found[0]}")
    if found:
        raise failure(found)


def failure(problems: tuple[Problem, ...], document: object = None) -> CheckFailure:
    """Return the failure that problems are: the first one's places, and what all of them say."""
    first = problems[0]
    said = "; ".join(str(problem) for problem in problems[:5])
    more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
    return CheckFailure(said + more, canonical=first.canonical, native=first.native, document=document)
