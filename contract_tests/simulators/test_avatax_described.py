"""What the AvaTax simulator says of itself is what it does, whatever schemathesis sends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openreturns.sandbox import serving
from openreturns_adapters.avatax.simulator import simulator
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    positive_data_acceptance,
    unsupported_method,
)

NOT_CHECKED = [
    positive_data_acceptance,  # a valid body may still break a rule between documents
    allow_header_conformance,  # a GET of /transactions/create is one of /transactions/{id}
    unsupported_method,
]
ONCE = settings(
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def described(*, coverage: bool, examples: int) -> Any:
    """The description to call by: every value of interest in turn if `coverage`, and examples made at random."""
    schema = schemathesis.openapi.from_dict(simulator().description)
    schema.config.generation.update(deterministic=True, max_examples=examples)
    schema.config.phases.coverage.enabled = coverage
    schema.config.phases.coverage.unexpected_methods = set()
    return schema


# Both take a whole create model inside another body: the thousands of values tried on it once need no repeating.
WRAPPED = "adjust$"
PLAIN = described(coverage=True, examples=5).exclude(path_regex=WRAPPED)
AROUND = described(coverage=False, examples=25).include(path_regex=WRAPPED)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving([simulator()]) as at:
        httpx.post(at["avatax"].replace("/api/v2", "/_sandbox/seed")).raise_for_status()
        yield at["avatax"]


@PLAIN.parametrize()  # type: ignore[untyped-decorator] # schemathesis's
@ONCE
def test_every_answer_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    called(case, address)


@AROUND.parametrize()  # type: ignore[untyped-decorator] # schemathesis's
@ONCE
def test_every_answer_to_a_body_around_another_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    called(case, address)


def called(case: schemathesis.Case[Any], address: str) -> None:
    auth = ("2000000000", "sandbox-license-key")
    case.call_and_validate(base_url=address, auth=auth, excluded_checks=NOT_CHECKED)
