"""One vocabulary: the port's verbs are those of the manifest, and each that changes something is proved done once."""

from __future__ import annotations

from importlib import import_module
from typing import get_args

import pytest
from clients.verbs import VERBS
from live.verbs import VERBS as LIVE
from openreturns import adapter
from openreturns.adapters import adapter_names
from openreturns.idempotency import Rule
from openreturns.ports import ROLES, Port

CLIENTS = [(name, role) for name in adapter_names() for role in adapter(name).manifest.get("clients", ())]


def client(name: str, role: str) -> type[Port]:
    module, _, made = adapter(name).manifest["clients"][role].partition(":")
    found: type[Port] = getattr(import_module(module), made)
    return found


@pytest.mark.parametrize(("name", "role"), CLIENTS)
def test_a_client_is_of_its_role(name: str, role: str) -> None:
    assert client(name, role).role == role
    assert role in adapter(name).manifest["roles"]


@pytest.mark.parametrize("role", ROLES)
def test_what_changes_something_is_a_verb(role: str) -> None:
    assert set(ROLES[role].writes) <= set(ROLES[role].verbs)
    assert not set(Port.verbs) & set(ROLES[role].writes)


@pytest.mark.parametrize("name", sorted({name for name, _ in CLIENTS}))
def test_a_manifest_says_of_each_write_how_it_is_done_once_and_of_nothing_else(name: str) -> None:
    ours = adapter(name)
    roles = [role for one, role in CLIENTS if one == name]
    writes = {verb for role in roles for verb in client(name, role).supported() & set(ROLES[role].writes)}
    assert set(ours.manifest["idempotency"]) == writes
    assert {ours.rule(verb) for verb in writes} <= set(get_args(Rule))


def test_a_verb_that_a_manifest_does_not_name_is_never_repeated() -> None:
    assert adapter("shipbob").rule("demolish") == "none"


@pytest.mark.parametrize(("name", "role"), CLIENTS)
def test_every_write_of_every_client_is_proved_done_once(name: str, role: str) -> None:
    proved = {verb.port for verb in VERBS if verb.system == name}
    proved |= {verb.name for verb in LIVE if (verb.system, verb.role) == (name, role)}
    assert proved == client(name, role).supported() & set(ROLES[role].writes)
