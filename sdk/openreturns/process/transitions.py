"""How the stages of a return follow each other, and when: the table that docs/process.md draws.

The stage is derived from the facts (`_stages`); the tests hold every story to this table, and every row to a story.
"""

from __future__ import annotations

from dataclasses import dataclass

from openreturns.process.state import Stage

__all__ = ["PASSED", "TRANSITIONS", "Transition", "may_follow"]


@dataclass(frozen=True)
class Transition:
    """One stage that another follows, and in a few words when. `before` is None where the story begins."""

    before: Stage | None
    to: Stage
    when: str


PASSED: tuple[Stage, ...] = ("checking", "authorizing", "crediting", "ending")
"""Stages in which systems work: one in which none has anything to do is passed over."""

TRANSITIONS: tuple[Transition, ...] = (
    Transition(None, "checking", "it is asked for"),
    Transition("checking", "authorizing", "the policy agrees"),
    Transition("checking", "awaiting_approval", "a person has to agree"),
    Transition("checking", "crediting", "the policy agrees, and no goods are to come"),
    Transition("checking", "ending", "nothing may come back, or it is called off"),
    Transition("awaiting_approval", "authorizing", "a person agrees"),
    Transition("awaiting_approval", "crediting", "a person agrees, and no goods are to come"),
    Transition("awaiting_approval", "ending", "a person refuses, or it is called off"),
    Transition("authorizing", "awaiting_goods", "all know of it"),
    Transition("authorizing", "awaiting_inspection", "the goods are there already"),
    Transition("authorizing", "awaiting_credit_approval", "a person has to agree to a refund ahead of the goods"),
    Transition("authorizing", "crediting", "no more will come, and what came is decided on"),
    Transition("authorizing", "ending", "it is called off"),
    Transition("awaiting_goods", "awaiting_inspection", "all goods are in, or no more will come"),
    Transition("awaiting_goods", "awaiting_credit_approval", "a person has to agree to a refund or a write-off"),
    Transition("awaiting_goods", "crediting", "no more will come, and what came is decided on"),
    Transition("awaiting_goods", "ending", "it expires, or is called off"),
    Transition("awaiting_inspection", "crediting", "all goods are decided on"),
    Transition("awaiting_inspection", "awaiting_credit_approval", "a person has to agree to a credit or a write-off"),
    Transition("crediting", "awaiting_credit_approval", "a person has to agree to a credit"),
    Transition("crediting", "awaiting_inspection", "a decision is taken back, or more goods come in"),
    Transition("crediting", "awaiting_settlement", "all is credited, not all settled or ordered"),
    Transition("crediting", "ending", "nothing more is to come"),
    Transition("awaiting_credit_approval", "crediting", "the person has decided"),
    Transition("awaiting_credit_approval", "authorizing", "so they have, and not all know of the return"),
    Transition("awaiting_credit_approval", "awaiting_goods", "so they have, and goods are to come"),
    Transition("awaiting_credit_approval", "awaiting_inspection", "so they have, and goods are to be decided on"),
    Transition("awaiting_settlement", "ending", "all is settled and ordered"),
    Transition("awaiting_settlement", "awaiting_inspection", "a decision is taken back, or more goods come in"),
    Transition("ending", "closed", "the last command is done"),
    Transition("ending", "declined", "the last command is done"),
    Transition("ending", "cancelled", "the last command is done"),
    Transition("ending", "expired", "the last command is done"),
    Transition("ending", "awaiting_goods", "the warehouse will not cancel"),
    Transition("ending", "awaiting_inspection", "a decision is taken back"),
    Transition("closed", "awaiting_inspection", "a decision is taken back"),
)
"""Every change of stage, in the order of the story."""


def may_follow(before: str | None, to: str) -> bool:
    """Say whether a stage may follow another, at once or with stages between that are passed over."""
    reached: set[str] = set()
    begun = [before]
    while begun:
        place = begun.pop()
        new = {one.to for one in TRANSITIONS if one.before == place} - reached
        reached |= new
        begun += [stage for stage in new if stage in PASSED]
    return to in reached
