"""A role's verbs refuse until an adapter writes them, before anything is sent."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from openreturns.errors import RejectedError
from openreturns.models import DocumentRef
from openreturns.ports import ROLES, Erp

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
