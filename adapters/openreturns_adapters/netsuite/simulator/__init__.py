"""A simulated NetSuite account: the REST record service of 2026.1 with its state rules, for any client of it.

What the vendor leaves open, or an account's owner decides, is a switch: which taxes lines show, whether a return
is approved at once, what becomes of lines that a transformation does not name, what an overload answers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from openreturns.sandbox import Call, Clock, Operation, Outbox, Reply, Simulator, Vendor

from openreturns_adapters.netsuite.simulator._access import Access, Limit, Running
from openreturns_adapters.netsuite.simulator._books import Books, Rules
from openreturns_adapters.netsuite.simulator._filters import Dates
from openreturns_adapters.netsuite.simulator._jobs import Jobs
from openreturns_adapters.netsuite.simulator._operations import operations
from openreturns_adapters.netsuite.simulator._problems import refusal
from openreturns_adapters.netsuite.simulator._queries import Queries
from openreturns_adapters.netsuite.simulator._records import Records
from openreturns_adapters.netsuite.simulator._schemas import DEFINITIONS
from openreturns_adapters.netsuite.simulator._steps import Office
from openreturns_adapters.netsuite.simulator._stock import Stock
from openreturns_adapters.netsuite.simulator._store import Store
from openreturns_adapters.netsuite.simulator._story import Story
from openreturns_adapters.netsuite.simulator._tables import Tables

__all__ = ["simulator"]

_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "oauth1": {"type": "http", "scheme": "OAuth"},
}


def simulator(
    *,
    account: str = "1234567_SB1",
    client_id: str = "sandbox-client",
    certificates: Mapping[str, str] | None = None,
    token_seconds: int = 3600,
    consumer_key: str = "sandbox-consumer",
    consumer_secret: str = "sandbox-consumer-secret",  # noqa: S107 - opens nothing but the simulation
    tokens: Mapping[str, str] | None = None,
    viewers: Collection[str] = (),
    administrators: Collection[str] = (),
    concurrent: int = 5,
    call_seconds: int = 0,
    overload: Literal[429, 401] = 429,
    clock: Clock | None = None,
    outbox: Outbox | None = None,
    async_seconds: int = 2,
    first_id: int = 90311,
    page_size: int = 1000,
    strict_offset: bool = False,
    date_preference: str = "MM/DD/YYYY",
    custom_fields: Mapping[str, str] | None = None,
    tax: Literal["suitetax", "legacy", "none"] = "suitetax",
    approval: Literal["A", "B"] = "A",
    unsent_lines: Literal["received", "left"] = "received",
    keyless_lines: Literal["matched", "added"] = "matched",
    negative_stock: bool = False,
    duplicate_code: str = "DUP_RCRD",
    refund_in_advance: bool = False,
) -> Simulator:
    """Return an account, empty until it is seeded.

    - Callers: `certificates` are the public keys (PEM) of the client by certificate id, `tokens` the secrets of
      OAuth 1 tokens; `viewers` and `administrators` name certificates and tokens that may only read, or may see
      the limits. Without a `clock` the time is the wall's, as signatures carry it.
    - Limits: `concurrent` calls at a time, each going on for `call_seconds` of the clock; the step `occupy` lets
      others take some. `overload` is the status of one call too many. A job is done after `async_seconds`.
    - `custom_fields` are what the account's custom fields hold (text, int, number, bool, date) by name; None
      lets any field be there whose name starts as custom fields do.
    - `approval` is the status of a new return that says none; `unsent_lines` of a receipt are received in full,
      or left; `keyless_lines` of a repeated PUT are those that are there already, or come in addition;
      `refund_in_advance` lets a return be credited before its goods are received.
    """
    clock = clock or Running()
    store = Store(clock, first_id)
    rules = Rules(tax, approval, unsent_lines, keyless_lines, negative_stock, duplicate_code, refund_in_advance)
    books = Books(store, Stock(store, negative=negative_stock), rules)
    access = Access(
        clock,
        account,
        client_id,
        certificates or {},
        (consumer_key, consumer_secret),
        {"sandbox-token": "sandbox-token-secret"} if tokens is None else tokens,
        viewers=viewers,
        administrators=administrators,
        token_seconds=token_seconds,
    )
    limit = Limit(clock, concurrent, call_seconds, overload)
    jobs, dates = Jobs(clock, async_seconds), Dates(date_preference)
    records = Records(books, jobs, custom_fields, dates, page_size, strict_offset=strict_offset)
    queries = Queries(records, Tables(store, books.stock), dates)
    story = Story(books)

    def refuse(operation: Operation, call: Call) -> Reply | None:
        return None if operation.open else limit.refuse() or access.refuse(operation, call)

    vendor = Vendor(
        name="netsuite",
        title="Oracle NetSuite SuiteTalk REST (simulated)",
        version="2026.1",
        base="/services/rest",
        operations=operations(records, queries, jobs, access, limit),
        security=_SECURITY,
        definitions=DEFINITIONS,
        refuse=refuse,
        problem=_problem,
        seed=story.seed,
        steps=Office(books, story, access, limit, jobs).steps(),
        held=store.held,
    )
    return Simulator(vendor, outbox)


def _problem(status: int, message: str) -> Reply:
    said = {
        404: "The requested resource does not exist.",
        429: "Concurrent request limit exceeded. Request blocked.",
        500: "An unexpected error has occurred.",
    }
    return refusal(status, said.get(status, message))
