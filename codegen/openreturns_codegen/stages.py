"""The part of the page on the process that says how the stages of a return follow each other: a diagram and a table."""

from __future__ import annotations

from collections.abc import Iterator

from openreturns.process.state import STAGES, TERMINAL
from openreturns.process.transitions import PASSED, TRANSITIONS, Transition

from openreturns_codegen.markdown import table
from openreturns_codegen.page import diagram

__all__ = ["with_stages"]

BEGIN = "<!-- Generated from openreturns.process.transitions. Do not edit: python -m openreturns_codegen -->"
END = "<!-- Up to here -->"


def with_stages(page: str) -> str:
    """Return a page with the part in it written anew. Raises ValueError for one that has no place for it."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + "\n\n".join((BEGIN, *_part(), END)) + after


def _part() -> Iterator[str]:
    status = {
        "initial": [one.to for one in TRANSITIONS if one.before is None],
        "transitions": [{"from": one.before, "to": one.to} for one in TRANSITIONS if one.before is not None],
        "terminal": [stage for stage in STAGES if stage in TERMINAL],
    }
    yield "\n".join(["```mermaid", "stateDiagram-v2", *diagram(status), "```"])
    passed = ", ".join(f"`{stage}`" for stage in PASSED)
    yield f"A stage in which no system has anything to do ({passed}) is passed over."
    stages = [stage for stage in STAGES if any(one.before == stage for one in TRANSITIONS)]
    yield table(("stage", "may be followed by"), [(f"`{stage}`", _followed(stage)) for stage in stages])


def _followed(stage: str) -> str:
    return ", ".join(_said(one) for one in TRANSITIONS if one.before == stage)


def _said(one: Transition) -> str:
    return f"`{one.to}` ({one.when})"
