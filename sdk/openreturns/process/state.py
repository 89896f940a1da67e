"""All that the process knows of one return: its row. Stage, documents, what was told to whom, who decided what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator, Field, Tag

from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Money, Return
from openreturns.process._model import Kept, WrittenLaterError, reading
from openreturns.process.events import ApprovalStep
from openreturns.process.policy import Route

__all__ = ["FORMAT", "STAGES", "TERMINAL", "Command", "Decided", "Effect", "Finding", "Notice", "ProcessState", "Stage"]

FORMAT = 1
"""What a row of a return says: one more when who does not know what is new may not decide on the return."""

Stage: TypeAlias = Literal[
    "checking",
    "awaiting_approval",
    "authorizing",
    "awaiting_goods",
    "awaiting_inspection",
    "crediting",
    "awaiting_credit_approval",
    "awaiting_settlement",
    "ending",
    "closed",
    "declined",
    "cancelled",
    "expired",
]
STAGES: tuple[Stage, ...] = get_args(Stage)
TERMINAL: frozenset[Stage] = frozenset({"closed", "declined", "cancelled", "expired"})

EffectStatus: TypeAlias = Literal["started", "done", "later", "rejected", "held", "poison", "discarded"]
_DEAD: frozenset[EffectStatus] = frozenset({"rejected", "held", "poison"})


class Effect(Kept, frozen=True, extra="allow"):
    """What became of one command.

    `started`: given out, no result yet; `later`: to be tried again; `rejected`: the system said no; `held`: its
    outcome is unknown and may not be repeated; `poison`: it cannot be done as it is; the last three are dead
    letters until a person retries or discards them. `done` and `discarded` are the end.
    """

    step: str
    subject: str = ""
    system: str = ""
    status: EffectStatus
    attempts: int = 1
    at: datetime
    ref: DocumentRef | None = None
    kind: str = ""
    problems: tuple[str, ...] = ()
    reason: str = ""
    away: datetime | None = None
    """Since when every try has found the system away."""
    doubt: bool = False
    """Whether it may be there although no answer said so. Such a one is looked up or for a person, never dropped."""

    @property
    def doubtful(self) -> bool:
        """Whether it has yet to be found out if it is there."""
        return self.doubt and not self.over

    @property
    def uncertain(self) -> bool:
        """Whether it may be there by now: it is under way, or in doubt."""
        return self.status == "started" or self.doubtful

    @property
    def dead(self) -> bool:
        """Whether only a person can take it further."""
        return self.status in _DEAD

    @property
    def over(self) -> bool:
        """Whether nothing more is to come of it."""
        return self.status in {"done", "discarded"}


class Decided(Kept, frozen=True, extra="allow"):
    """What a person said about a return, a credit or a write-off."""

    step: ApprovalStep
    subject: str = ""
    decision: Literal["approved", "rejected"]
    by: str
    at: datetime


class Finding(Kept, frozen=True, extra="allow"):
    """Something a person should know of a return; it stops nothing by itself."""

    code: str
    subject: str = ""
    message: str
    at: datetime
    value: Money | None = None


def _kind(document: Any) -> str:  # noqa: ANN401 - a document, or one as JSON has it
    schema: str = document["meta"]["schema"] if isinstance(document, dict) else document.meta.schema_
    return schema.split("/")[1]


_Document: TypeAlias = Annotated[
    Annotated[Return, Tag("return")]
    | Annotated[Disposition, Tag("disposition")]
    | Annotated[Adjustment, Tag("adjustment")]
    | Annotated[Credit, Tag("credit")],
    Discriminator(_kind),
]


class Command(Kept, frozen=True):
    """Something to be done in another system: a verb of a port, by a key that is the same each time it is given."""

    key: str
    step: str
    subject: str = ""
    role: Literal["erp", "wms", "crm", "tax"]
    verb: str
    system: str
    priority: int = 1000
    document: _Document | None = None
    ref: DocumentRef | None = None


class Notice(Kept, frozen=True):
    """Something the world is told, once: the body of an event in the outbox."""

    type: str
    subject: str = ""
    data: dict[str, Any] = Field(default_factory=dict)


class ProcessState(Kept, frozen=True, extra="allow"):
    """One return as the process sees it. `version` counts its decisions: who writes must have seen the last one.

    Fields that a later version of the library has put in, here and in effects, decisions and findings, stay as they
    are when an earlier one decides on the return.
    """

    number: str
    version: int = 0
    format: int = FORMAT
    stage: Stage = "checking"
    entered: datetime
    requested_by: str = ""
    priority: int = 1000
    route: Route | None = None
    """The systems that the return runs over, as the policy had them when it was opened: they know it, others do not."""
    return_: Return
    checks: dict[str, Any] = Field(default_factory=dict)
    """What the questions brought: `eligibility`, `standing`; and per credit its tax quote."""
    decisions: tuple[Decided, ...] = ()
    dispositions: tuple[Disposition, ...] = ()
    reported_by: tuple[str, ...] = ()
    """Who told of inspections: who inspected, where the disposition does not say."""
    reversed_: tuple[str, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    credits: tuple[Credit, ...] = ()
    settled: tuple[str, ...] = ()
    """Credits of which nothing is due any more: the customer has it."""
    to_void: tuple[str, ...] = ()
    """Credits that are out, or may be, and are taken back."""
    ending: Literal["", "declined", "cancelled", "expired"] = ""
    effects: dict[str, Effect] = Field(default_factory=dict)
    asked: tuple[str, ...] = ()
    """Orders and claims that were asked for: `replacement/<line>`, `vendor_claim/<disposition>/<line>/<split>`."""
    placed: dict[str, DocumentRef] = Field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    deadlines: dict[str, datetime] = Field(default_factory=dict)

    @classmethod
    def read(cls, body: str, number: str) -> ProcessState:
        """Return the state that a row holds. Raises WrittenLaterError if this version may not decide on it."""
        state = reading(cls.model_validate_json, body, f"the state of {number}")
        if state.format > FORMAT:
            told = (
                f"the state of {number} has format {state.format}, this version reads up to {FORMAT}; it is left alone"
            )
            raise WrittenLaterError(told, kind="version")
        return state

    def effect(self, step: str, subject: str = "") -> Effect | None:
        """Return what became of a step, if it was ever begun."""
        return next((one for one in self.effects.values() if one.step == step and one.subject == subject), None)

    def of_step(self, step: str) -> Iterator[Effect]:
        """Yield what became of a step, for all it is done for."""
        return (one for one in self.effects.values() if one.step == step)

    def over(self, step: str, subject: str = "") -> bool:
        """Say whether a step is done, or given up by a person."""
        effect = self.effect(step, subject)
        return effect is not None and effect.over

    def doubtful(self, step: str, subject: str = "") -> bool:
        """Say whether it has yet to be found out if a step was done."""
        effect = self.effect(step, subject)
        return effect is not None and effect.doubtful

    def begun(self, step: str) -> bool:
        """Say whether a step was ever given out, and not refused."""
        return any(one.status != "rejected" for one in self.of_step(step))

    def decided(self, step: ApprovalStep, subject: str = "") -> Decided | None:
        """Return the last decision about something."""
        found = [one for one in self.decisions if one.step == step and one.subject == subject]
        return found[-1] if found else None

    @property
    def standing(self) -> tuple[Disposition, ...]:
        """The dispositions that were not taken back."""
        return tuple(one for one in self.dispositions if one.meta.document_id not in self.reversed_)

    @property
    def dead_letters(self) -> dict[str, Effect]:
        """What only a person can take further, by key."""
        return {key: one for key, one in self.effects.items() if one.dead}

    @property
    def running(self) -> dict[str, Effect]:
        """What was given out and has no result yet, by key."""
        return {key: one for key, one in self.effects.items() if one.status == "started"}
