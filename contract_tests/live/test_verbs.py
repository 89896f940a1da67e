"""Each verb on a real server: done once, told so when it is asked again, and whatever the server says in between."""

from __future__ import annotations

import uuid

import pytest
from live.verbs import VERBS, Clients, LiveVerb, done


@pytest.mark.parametrize("verb", VERBS, ids=str)
def test_a_verb_is_done_once_however_often_it_is_asked_for(clients: Clients, verb: LiveVerb) -> None:
    document = verb.prepare(clients, f"RMA-{uuid.uuid4().hex[:12]}")
    assert not done(verb.act(clients, document)).repeated
    assert verb.effects(clients, document) == verb.expected
    assert done(verb.act(clients, document)).repeated
    assert verb.effects(clients, document) == verb.expected
