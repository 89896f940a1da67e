"""A simulated AvaTax: transactions with taxes, their life and their errors, for any client of the vendor.

What the vendor does not publish is a switch: which status a created document is answered with, what a create
over a committed code is refused with, how strictly signs are held, what a time-out that is asked for leaves.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from openreturns.sandbox import Call, Clock, Operation, Outbox, Reply, Simulator, Vendor

from openreturns_adapters.avatax.simulator import story
from openreturns_adapters.avatax.simulator.access import Access, Limit
from openreturns_adapters.avatax.simulator.ledger import Company, Ledger, Signs
from openreturns_adapters.avatax.simulator.models import DEFINITIONS
from openreturns_adapters.avatax.simulator.operations import Service
from openreturns_adapters.avatax.simulator.places import PLACES, Place
from openreturns_adapters.avatax.simulator.problems import Fault, refusal
from openreturns_adapters.avatax.simulator.rates import JURIS_CODES, RATES, Rate, RateTable
from openreturns_adapters.avatax.simulator.taxing import Policy

__all__ = ["Rate", "simulator"]

ACCOUNT, LICENSE_KEY = "2000000000", "sandbox-license-key"
USER, PASSWORD = "clerk@example.com", "sandbox-password"
READER = "auditor@example.com"
CLIENT, SECRET = "sandbox-client", "sandbox-secret"

_SECURITY = {
    "basic": {"type": "http", "scheme": "basic"},
    "bearer": {"type": "http", "scheme": "bearer"},
}
_PROBLEMS = {
    400: "ModelStateInvalid",
    404: "EntityNotFoundError",
    405: "ValidationException",
    429: "RateLimitExceeded",
    503: "ServerUnreachable",
}


def simulator(
    *,
    clock: Clock | None = None,
    accounts: Mapping[str, str] | None = None,
    users: Mapping[str, str] | None = None,
    clients: Mapping[str, str] | None = None,
    token_seconds: int = 3600,
    readers: Iterable[str] = (READER,),
    companies: Mapping[str, int] | None = None,
    rates: Iterable[Rate] = RATES,
    places: Sequence[Place] = PLACES,
    exempt: Iterable[str] | None = None,
    rate_limit: int | None = None,
    per_seconds: int = 60,
    page_size: int = 1000,
    created_status: Literal[200, 201] = 201,
    signs: Literal["line", "total", "free"] = "total",
    committed_conflict: Literal["TransactionIsCommitted", "DocumentCodeConflict"] = "TransactionIsCommitted",
    uncommitted_status: Literal["Saved", "Uncommitted"] = "Saved",
    records_before_timeout: bool = False,
    outbox: Outbox | None = None,
) -> Simulator:
    """Return the simulator.

    `accounts` are licence keys by account, `users` passwords by user name, `clients` secrets of those who get a
    token for `token_seconds` from `/connect/token`, which the vendor has on another host; `readers` among them
    may not change anything.
    The first of `companies` (numbers by code) is the default one. `rate_limit` calls in `per_seconds` are let
    in. Of the vendor's text only the amounts' total is held to the sign of the type unless `signs` is `line`:
    clients in use send a fee with a return as a line the other way.
    """
    clock = clock or Clock()
    policy = Policy(RateTable(rates), set(story.exempt_customers() if exempt is None else exempt))
    known = {code: Company(number, story.locations()) for code, number in (companies or {"DEFAULT": 12345}).items()}
    ledger = Ledger(
        clock=clock,
        policy=policy,
        companies=known,
        places=places,
        signs=Signs(signs),
        committed_conflict=committed_conflict,
        uncommitted_status=uncommitted_status,
    )
    access = Access(
        clock,
        accounts={ACCOUNT: LICENSE_KEY} if accounts is None else accounts,
        users={USER: PASSWORD, READER: PASSWORD} if users is None else users,
        clients={CLIENT: SECRET} if clients is None else clients,
        readers=frozenset(readers),
        token_seconds=token_seconds,
    )
    service = Service(
        ledger,
        access,
        clock,
        page_size=page_size,
        created_status=created_status,
        records_before_timeout=records_before_timeout,
    )
    door = _Door(access, Limit(clock, rate_limit, per_seconds))
    vendor = Vendor(
        name="avatax",
        title="Avalara AvaTax REST v2 (simulated)",
        version="v2",
        base="/api/v2",
        operations=tuple(replace(operation, do=_traced(operation.do)) for operation in service.operations()),
        security=_SECURITY,
        definitions=DEFINITIONS,
        refuse=door.refuse,
        problem=_problem,
        seed=lambda: _seed(ledger),
        steps=_steps(ledger, door),
        held=lambda: [document for company in ledger.companies for document in ledger.all(company)],
    )
    return Simulator(vendor, outbox)


def _trace(reply: Reply) -> Reply:
    """Return an answer with the id that every answer of the service carries."""
    return replace(reply, headers={**reply.headers, "x-correlation-id": str(uuid.uuid4())})


def _traced(do: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    return lambda call: _trace(do(call))


def _problem(status: int, message: str) -> Reply:
    code = _PROBLEMS.get(status, "UnhandledException")
    headers = {"Retry-After": "1"} if status in (429, 503) else {}
    return _trace(replace(refusal([Fault(code, message)], headers), status=status))


class _Door:
    """Lets calls in: not while the service cannot be reached, not over the limit, not unknown callers."""

    def __init__(self, access: Access, limit: Limit) -> None:
        self._access = access
        self._limit = limit
        self.closed_for = 0

    def refuse(self, operation: Operation, call: Call) -> Reply | None:
        """Return the vendor's answer to a call that is not let in."""
        if self.closed_for:
            self.closed_for -= 1
            return _problem(503, "Try again.")
        reply = self._limit.refuse() or self._access.refuse(operation, call)
        return _trace(reply) if reply is not None else None


# --- the vendor's side ---------------------------------------------------------------------------------------------


def _seed(ledger: Ledger) -> dict[str, Any]:
    """Put the story's invoices in; those that are there already stay as they are."""
    company = ledger.company(None)
    missing = [m for m in story.invoices() if ledger.current(company, "SalesInvoice", m["code"]) is None]
    for model in missing:
        ledger.create(model)
    return {"companies": list(ledger.companies), "invoices": [model["code"] for model in story.invoices()]}


def _steps(ledger: Ledger, door: _Door) -> dict[str, Callable[..., Any]]:
    """Return what happens on the vendor's side, and no client of these operations can call."""

    def report(until: str, company: str | None = None) -> list[str]:
        """File the committed documents up to a day: they are locked from then on."""
        filed = [
            document
            for document in ledger.all(ledger.company(company))
            if document["status"] == "Committed" and document["date"] <= until
        ]
        for document in filed:
            ledger.lock(document, locked=True)
        return [document["code"] for document in filed]

    def post(code: str, document_type: str, company: str | None = None) -> str:
        """Post a saved document, as the older interface does."""
        document = ledger.change(ledger.company(company), code, document_type)
        document["status"] = "Posted"
        return str(document["status"])

    def change_rate(country: str, region: str, kind: str, code: str, authority: str, rate: str, since: str) -> str:
        """Let an authority take another rate from a day on, or a new authority its first one."""
        if kind not in JURIS_CODES:
            raise ValueError(f"a jurisdiction is one of {', '.join(JURIS_CODES)}")
        words, tax_type = (f"{region} {kind.upper()} TAX", "Sales") if region else (f"{country} VAT", "Output")
        begins = date.fromisoformat(since)
        ledger.policy.rates.add(Rate(country, region, kind, code, authority, words, Decimal(rate), begins, tax_type))
        return rate

    def exempt(customer: str) -> list[str]:
        """File a certificate of a customer: nothing is taxed from now on."""
        ledger.policy.exempt.add(customer)
        return sorted(ledger.policy.exempt)

    def unreachable(calls: int = 1) -> int:
        """Answer the next calls with 503."""
        door.closed_for = calls
        return calls

    steps = (report, post, change_rate, exempt, unreachable)
    return {step.__name__: step for step in steps}
