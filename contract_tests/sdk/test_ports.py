"""A role's verbs refuse until an adapter writes them, before anything is sent."""

from __future__ import annotations

import inspect
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from openreturns import Adapter
from openreturns.errors import MappingError, RejectedError
from openreturns.models import DocumentRef
from openreturns.ports import ROLES, Erp, Wms

VERBS = [(role, verb) for role, port in ROLES.items() for verb in port.verbs]
REF = DocumentRef(type="return", id="RMA-1")


class Reading(Erp):
    def __init__(self) -> None:
        self.seen: list[Any] = []

    def read(self, ref: DocumentRef) -> Any:
        self.seen.append(ref)
        return ref


@pytest.mark.parametrize(("role", "verb"), VERBS)
def test_a_verb_that_no_adapter_wrote_refuses_and_names_itself(role: str, verb: str) -> None:
    method = getattr(ROLES[role](), verb)
    given = [REF for _ in inspect.signature(method).parameters]
    with pytest.raises(RejectedError, match=f"{role}.{verb}") as raised:
        method(*given)
    assert raised.value.kind == "unsupported"
    assert not raised.value.retryable


@pytest.mark.parametrize("role", ROLES)
def test_every_public_method_of_a_role_is_one_of_its_verbs(role: str) -> None:
    port = ROLES[role]
    public = {n for n, m in inspect.getmembers(port, inspect.isfunction) if not n.startswith("_")} - {"close"}
    assert (port.role, public) == (role, set(port.verbs))


def test_what_an_adapter_writes_itself_is_supported() -> None:
    assert Reading.supported() == {"read"}
    assert all(port.supported() == frozenset() for port in ROLES.values())
    with Reading() as port:
        assert port.read(REF) is port.seen[0]


TWO_CLIENTS = """
name = "both"
title = "Both"
roles = ["erp", "wms"]
vendor = "Nobody"
api_version = "1"
clients = { erp = "test_ports_clients:Books", wms = "test_ports_clients:Dock" }
"""


@pytest.fixture
def both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Adapter:
    (tmp_path / "manifest.toml").write_text(TWO_CLIENTS)
    clients: Any = ModuleType("test_ports_clients")
    clients.Books = type("Books", (Erp,), {"__init__": lambda self, adapter, **given: None})
    clients.Dock = type("Dock", (Wms,), {"__init__": lambda self, adapter, **given: None})
    monkeypatch.setitem(sys.modules, "test_ports_clients", clients)
    return Adapter(tmp_path, ())


def test_a_system_with_several_roles_has_a_client_for_each(both: Adapter) -> None:
    assert (both.connect("erp").role, both.connect(role="wms").role) == ("erp", "wms")


@pytest.mark.parametrize(("role", "said"), [("", "several clients: say which role"), ("crm", "no client of the role")])
def test_a_role_that_is_not_there_or_not_said_is_refused_by_name(both: Adapter, role: str, said: str) -> None:
    with pytest.raises(MappingError, match=f"{said}.*there are: erp, wms") as raised:
        both.connect(role)
    assert raised.value.kind == "unknown_name"
