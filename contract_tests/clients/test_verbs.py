"""One vocabulary: the verbs of the ports. What each client makes of them, the contract kit proves."""

from __future__ import annotations

from importlib import import_module

import pytest
from live.verbs import VERBS as LIVE
from openreturns import adapter
from openreturns.adapters import adapter_names
from openreturns.ports import ROLES, Port


@pytest.mark.parametrize("role", ROLES)
def test_what_changes_something_is_a_verb(role: str) -> None:
    assert set(ROLES[role].writes) <= set(ROLES[role].verbs)
    assert not set(Port.verbs) & set(ROLES[role].writes)


def test_a_verb_that_a_manifest_does_not_name_is_never_repeated() -> None:
    assert adapter("shipbob").rule("demolish") == "none"


REAL = [
    (name, role)
    for name in adapter_names()
    for role in adapter(name).manifest.get("clients", ())
    if "simulator" not in adapter(name).manifest
]


@pytest.mark.parametrize(("name", "role"), REAL)
def test_every_write_of_a_client_without_a_simulator_is_proved_on_a_real_system(name: str, role: str) -> None:
    module, _, made = adapter(name).manifest["clients"][role].partition(":")
    client: type[Port] = getattr(import_module(module), made)
    proved = {verb.name for verb in LIVE if (verb.system, verb.role) == (name, role)}
    assert proved == client.supported() & set(ROLES[role].writes)
