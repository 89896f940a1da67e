"""The server is killed before, while and after each call by which a verb changes something, and started again.

Then the verb is asked for again, as whoever drives our clients does: it ends done, once.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from live.between import Between, Moment
from live.connect import tryton_client
from live.servers import Tryton, prepared_database, running
from live.shop import Shop
from live.verbs import VERBS, Clients, LiveVerb
from openreturns.errors import OpenReturnsError
from openreturns.idempotency import Done
from openreturns.testing._at import NO_WAIT

# How many calls of a verb change something. A test holds the numbers to what is seen.
CALLS = {
    "tryton.erp.authorize": 7,
    "tryton.erp.cancel": 5,
    "tryton.erp.receive": 7,
    "tryton.erp.post_adjustment": 4,
    "tryton.erp.order_replacement": 3,
    "tryton.erp.issue_credit": 3,
    "tryton.erp.void_credit": 4,
    "tryton.wms.announce": 1,
    "tryton.wms.cancel": 1,
    "tryton.wms.put_away": 2,
}
KILLED = [verb for verb in VERBS if str(verb) in CALLS]
MOMENTS: tuple[Moment, ...] = ("before", "during", "after")
RUNS = [
    pytest.param(verb, call, moment, id=f"{verb}-{call}-{moment}")
    for verb in KILLED
    for call in range(1, CALLS[str(verb)] + 1)
    for moment in MOMENTS
]
_numbers = itertools.count(1)


class Shaken:
    """A server of its own, with something between it and our clients, and one database for all runs."""

    def __init__(self, server: Tryton, between: Between) -> None:
        self.server = server
        self.between = between
        self.database = server.database("shaken")

    def crash(self) -> None:
        self.server.program.kill()
        self.server.program.start()
        self.server.warm(self.database)


@pytest.fixture(scope="module")
def shaken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shaken]:
    with running(Tryton(tmp_path_factory.mktemp("shaken") / "server", prepared_database())) as server:
        between = Between(server.url)
        yield Shaken(server, between)
        between.close()


@pytest.fixture
def clients(shaken: Shaken) -> Iterator[Clients]:
    with ExitStack() as stack:
        given: dict[str, Any] = {"base_url": f"{shaken.between.url}/{shaken.database}", "time": NO_WAIT}
        erp, wms = (
            stack.enter_context(tryton_client(shaken.server, shaken.database, role, **given)) for role in ("erp", "wms")
        )
        rpc = shaken.server.user(shaken.database, "integration")
        yield Clients(erp, wms, Shop(rpc, shaken.server.ids))
        rpc.close()


def until_done(clients: Clients, verb: LiveVerb, document: object) -> Done:
    """Ask for a verb until it is done, as whoever drives our clients does, and fail if that takes long."""
    for _ in range(4):
        outcome: object = None
        try:
            outcome = verb.act(clients, document)
        except OpenReturnsError as error:
            outcome = error
        if isinstance(outcome, Done):
            return outcome
    raise AssertionError(f"not done after four times: {outcome}")


@pytest.mark.parametrize(("verb", "call", "moment"), RUNS)
def test_a_killed_server_makes_nothing_twice_and_loses_nothing(
    shaken: Shaken, clients: Clients, verb: LiveVerb, call: int, moment: Moment
) -> None:
    document = verb.prepare(clients, f"RMA-{next(_numbers):04}")
    shaken.between.crash_at(call, moment, shaken.crash)
    until_done(clients, verb, document)
    assert len(shaken.between.writes) >= call, "the server was not killed"
    assert verb.effects(clients, document) == verb.expected


@pytest.mark.parametrize("verb", KILLED, ids=str)
def test_a_verb_changes_something_by_as_many_calls_as_it_is_killed_at(
    shaken: Shaken, clients: Clients, verb: LiveVerb
) -> None:
    document = verb.prepare(clients, f"RMA-{next(_numbers):04}")
    shaken.between.writes.clear()
    until_done(clients, verb, document)
    assert len(shaken.between.writes) == CALLS[str(verb)], shaken.between.writes


def test_there_are_sixty_runs_at_least() -> None:
    assert len(RUNS) >= 60
