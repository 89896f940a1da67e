"""The business rules of a tenant, as data: who may approve what, how long things may take, which systems take part.

A policy file is TOML; a wrong one is refused whole, naming each wrong place, and the last good one stays in force.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from openreturns.errors import MappingError, Problem
from openreturns.models import Return
from openreturns.process._model import Kept

__all__ = [
    "Approvals",
    "AutomaticReturn",
    "Limit",
    "Policy",
    "PolicyFile",
    "PreliminaryRefund",
    "Priority",
    "RestockingFee",
    "Route",
    "Routing",
    "ServiceLevel",
    "VendorBudget",
    "Window",
    "load_policy",
]


def _exact(value: object) -> object:
    if isinstance(value, float):
        raise ValueError('an amount is text, such as "500.00": a number with a point is not exact')
    return value


Amount: TypeAlias = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0)]
Amounts: TypeAlias = dict[str, Amount]
"""Amounts by currency."""


class AutomaticReturn(Kept, frozen=True):
    """When a return needs nobody's approval: all that is said here must hold.

    `up_to` is of the goods' value at invoice price, by currency; a currency that is not named is never automatic.
    """

    up_to: Amounts = Field(default_factory=dict)
    good_standing: bool = True
    fully_eligible: bool = True
    reasons: tuple[str, ...] = ()
    """Return reasons that qualify; none named: all do."""


class Limit(Kept, frozen=True):
    """What a role may approve of one return, by currency; no amounts: anything."""

    role: str
    up_to: Amounts = Field(default_factory=dict)


class Approvals(Kept, frozen=True):
    """Who approves. A credit or write-off at or below `free` needs nobody; above, a role whose limit reaches it.

    Both are held against what a return comes to so far: its credits that are out and this one, what its decisions have
    written off and this one. Who has none of the roles may not refuse either. Where `credit_limits` names nobody, a
    credit that needs somebody all the same is decided on by `return_roles`; where they name nobody either, by anybody
    who has a role.
    """

    automatic_return: AutomaticReturn = Field(default_factory=AutomaticReturn)
    decline_ineligible: bool = False
    """Whether a return of which only a part may come back is declined whole, and not for somebody to decide."""
    return_roles: tuple[str, ...] = ()
    credit_free: Amounts = Field(default_factory=dict)
    credit_limits: tuple[Limit, ...] = ()
    write_off_free: Amounts = Field(default_factory=dict)
    write_off_limits: tuple[Limit, ...] = ()


class ServiceLevel(Kept, frozen=True):
    """How long a stage may last, and what then: `escalate` tells a role, `expire` ends a return nobody sent.

    Of one of which a part came in, the rest is short then, and the part is dealt with.
    """

    stage: str
    hours: int = Field(gt=0)
    then: Literal["escalate", "expire"] = "escalate"
    escalate_to: str = ""

    @property
    def within(self) -> timedelta:
        """The time that the stage may last."""
        return timedelta(hours=self.hours)


class RestockingFee(Kept, frozen=True):
    """The part of creditable goods that the distributor keeps, where the return agreed on none.

    `percent` is of the lines before tax; goods returned for one of `waived_for` (return reasons) pay none.
    """

    percent: Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, le=100)] = Decimal(0)
    waived_for: tuple[str, ...] = ("defective", "wrong_item", "damaged", "damaged_in_transit", "recall", "warranty")


class Window(Kept, frozen=True):
    """How many days after it was sold goods may be asked to be returned, for some reasons: a warranty's are more."""

    days: int = Field(ge=0)
    reasons: tuple[str, ...] = ()
    """Return reasons; none named: any."""


class PreliminaryRefund(Kept, frozen=True):
    """When all that was agreed to is credited before it is inspected; what the inspection finds is made good later.

    `up_to` is of the goods' value at invoice price, by currency; a currency that is not named never is.
    """

    at: Literal["authorized", "received"] = "received"
    up_to: Amounts = Field(default_factory=dict)
    customers: tuple[str, ...] = ()
    """Customers who are trusted that far; none named: all are."""


class Route(Kept, frozen=True):
    """Which systems a return runs over: installed adapters, or what the runner calls its connections."""

    erp: str = ""
    wms: str = ""
    crm: str = ""
    tax: str = ""
    seller: str = ""
    location: str = ""
    """Where received goods wait for inspection, as the ERP names it."""
    adjustments: tuple[Literal["stock", "exit"], ...] = ("stock", "exit")
    """The moves the ERP is told: within stock, out of stock. Leave out what its receipt or credit moves itself."""
    put_away: bool = False
    """Whether the warehouse is told where to put goods: one that does not decide itself."""
    replacements: Literal["erp", "others"] = "others"
    """Who orders what is sent instead: the ERP's own verb, or somebody who is told (`replacement.wanted`)."""


class Routing(Kept, frozen=True):
    """The route of a return: the first rule that fits its site and source system, else the default."""

    class Rule(Kept, frozen=True):
        """A route for returns to some sites (`return_to`), or from some source systems."""

        sites: tuple[str, ...] = ()
        sources: tuple[str, ...] = ()
        route: Route

    default: Route = Field(default_factory=Route)
    rules: tuple[Rule, ...] = ()


class VendorBudget(Kept, frozen=True):
    """What a system may be asked: calls at a time, calls a period; what waits longer than that is buffered."""

    concurrent: int = Field(default=4, gt=0)
    calls: int | None = Field(default=None, gt=0)
    per_seconds: int = Field(default=1, gt=0)
    attempts: int = Field(default=5, gt=0)
    """Tries until a call that fails without being done becomes a dead letter."""
    patience_hours: int = Field(default=24, ge=0)
    """How long tries go on all the same while the system is away: unavailable, out of time, or without room."""
    retry_seconds: int = Field(default=30, gt=0)
    breaker_failures: int = Field(default=5, gt=0)
    breaker_seconds: int = Field(default=60, gt=0)


class Priority(Kept, frozen=True):
    """Returns that go first when there is more than can be done: by value or customer. The lowest number wins."""

    priority: int = Field(ge=1, le=1000)
    at_least: Amounts = Field(default_factory=dict)
    customers: tuple[str, ...] = ()


class Policy(Kept, frozen=True):
    """All business rules of a tenant."""

    approvals: Approvals = Field(default_factory=Approvals)
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Who has which roles: person -> roles."""
    service_levels: tuple[ServiceLevel, ...] = ()
    restocking_fee: RestockingFee = Field(default_factory=RestockingFee)
    preliminary_refund: PreliminaryRefund | None = None
    windows: tuple[Window, ...] = ()
    """Until when what may come back: the first that fits a line's reason; without one, any time."""
    routing: Routing = Field(default_factory=Routing)
    vendors: dict[str, VendorBudget] = Field(default_factory=dict)
    priorities: tuple[Priority, ...] = ()
    trusted_sources: tuple[str, ...] = ()
    """Source systems whose authorised returns are agreed to already; any other's are checked like a request."""
    not_creditable: tuple[str, ...] = ()
    """What an inspector notes of goods that the customer has to bear: they are dealt with and not credited."""
    over_receipts: Literal["raise", "accept", "hold"] = "raise"
    """More came than was agreed to: agree to it as far as it was sold, and raise the RMA (`raise`) or not, where the
    ERP takes more in than its RMA says (`accept`); or leave it to a person."""
    blind_receipt_hours: int = Field(default=24, ge=0)
    """How long goods of a return that nobody asked for may wait for its request until somebody has to look."""
    await_settlement: bool = False
    """Whether a return stays open until a `credit.settled` event; otherwise the credit on account settles it."""

    @model_validator(mode="after")
    def _roles_are_held(self) -> Policy:
        held = {role for roles in self.roles.values() for role in roles}
        limits = (*self.approvals.credit_limits, *self.approvals.write_off_limits)
        asked = {*self.approvals.return_roles, *(limit.role for limit in limits)}
        if nobody := sorted(asked - held):
            raise ValueError(f"nobody has the role {', '.join(nobody)}")
        return self

    def has_role(self, person: str, roles: Iterable[str]) -> bool:
        """Say whether a person has one of the roles."""
        return bool({*roles} & {*self.roles.get(person, ())})

    @property
    def credit_limits(self) -> tuple[Limit, ...]:
        """Who decides on credits, and up to what: never nobody, while anybody has a role."""
        roles = self.approvals.return_roles or {role for held in self.roles.values() for role in held}
        return self.approvals.credit_limits or tuple(Limit(role=role) for role in sorted(roles))

    def may_approve(self, person: str, limits: Iterable[Limit], amount: Decimal, currency: str) -> bool:
        """Say whether one of a person's limits reaches an amount."""
        own = [limit for limit in limits if self.has_role(person, [limit.role])]
        return any(not one.up_to or amount <= one.up_to.get(currency, Decimal(-1)) for one in own)

    def route(self, return_: Return) -> Route:
        """Return the systems that a return runs over."""
        site = return_.return_to.id if return_.return_to else ""
        for rule in self.routing.rules:
            if (not rule.sites or site in rule.sites) and (
                not rule.sources or return_.meta.source_system in rule.sources
            ):
                return rule.route
        return self.routing.default

    def priority(self, return_: Return) -> int:
        """Return how soon a return is dealt with: 1 first, 1000 when nothing says otherwise."""
        value = sum(
            (one.requested.value * one.unit_price.amount for one in return_.lines if one.unit_price), Decimal(0)
        )
        fits = [
            one.priority
            for one in self.priorities
            if (not one.customers or return_.customer.id in one.customers)
            and (not one.at_least or value >= one.at_least.get(return_.currency, Decimal("Infinity")))
        ]
        return min(fits, default=1000)

    def window(self, reason: str) -> Window | None:
        """Return how long goods may be asked to be returned for a reason, if anybody says."""
        return next((one for one in self.windows if not one.reasons or reason in one.reasons), None)

    def service_level(self, stage: str) -> ServiceLevel | None:
        """Return how long a stage may last, if anybody says."""
        return next((one for one in self.service_levels if one.stage == stage), None)


def load_policy(data: str | bytes | Mapping[str, Any]) -> Policy:
    """Return a policy from TOML text or plain data. Raises MappingError (kind `setting`) with every wrong place."""
    try:
        if not isinstance(data, Mapping):
            data = tomllib.loads(data.decode("utf-8") if isinstance(data, bytes) else data)
        return Policy.model_validate(data)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"the policy is no TOML: {error}", kind="setting") from None
    except ValidationError as error:
        problems = [
            Problem("policy", one["msg"], "/" + "/".join(map(str, one["loc"])))
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise MappingError("the policy cannot be followed", kind="setting", problems=problems) from None


def _nothing(policy: Policy) -> Iterable[Problem]:
    return ()


class PolicyFile:
    """A policy file that may change while the process runs: read again when it does, kept while it is wrong.

    `refused` yields what of a policy the connected systems cannot do: such a policy is as wrong as one of another form.
    """

    def __init__(self, path: str | Path, refused: Callable[[Policy], Iterable[Problem]] = _nothing) -> None:
        self._path = Path(path)
        self._refused = refused
        self._stamp = self._stamped()
        self._policy = self._read()
        self.error: MappingError | None = None

    @property
    def current(self) -> Policy:
        """The rules in force: the file's, or, while it cannot be read or followed, the last good ones."""
        try:
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                self._policy, self.error = self._read(), None
        except MappingError as error:
            self.error = error
        except OSError as error:
            self.error = MappingError(f"cannot read the policy file: {error.strerror}", kind="setting")
        return self._policy

    def _read(self) -> Policy:
        policy = load_policy(self._path.read_bytes())
        if problems := [*self._refused(policy)]:
            raise MappingError("the policy cannot be followed", kind="setting", problems=problems)
        return policy

    def _stamped(self) -> tuple[int, int]:
        told = self._path.stat()
        return told.st_mtime_ns, told.st_size
