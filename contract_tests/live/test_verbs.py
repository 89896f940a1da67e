"""Each verb on a real server: done once, told so when it is asked again, and whatever the server says in between."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from live.connect import tryton_client
from live.servers import Tryton
from live.shop import Shop
from live.verbs import VERBS, Clients, LiveVerb, done


@pytest.fixture
def clients(tryton: Tryton, database: str) -> Iterator[Clients]:
    rpc = tryton.user(database, "integration")
    with tryton_client(tryton, database, "erp") as erp, tryton_client(tryton, database, "wms") as wms:
        yield Clients(erp, wms, Shop(rpc, tryton.ids))
    rpc.close()


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_verb_is_done_once_however_often_it_is_asked_for(clients: Clients, verb: LiveVerb) -> None:
    document = verb.prepare(clients, "RMA-1")
    assert not done(verb.act(clients, document)).repeated
    assert verb.effects(clients, document) == verb.expected
    assert done(verb.act(clients, document)).repeated
    assert verb.effects(clients, document) == verb.expected
