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

DESCRIBED = schemathesis.openapi.from_dict(simulator().description)
DESCRIBED.config.generation.update(deterministic=True, max_examples=6)
NOT_CHECKED = [
    positive_data_acceptance,  # a valid body may still break a rule between documents
    allow_header_conformance,  # a GET of /transactions/create is one of /transactions/{id}
    unsupported_method,
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving([simulator()]) as at:
        httpx.post(at["avatax"].replace("/api/v2", "/_sandbox/seed")).raise_for_status()
        yield at["avatax"]


@DESCRIBED.parametrize()
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: schemathesis.Case[Any], address: str) -> None:
    case.call_and_validate(
        base_url=address,
        auth=("2000000000", "sandbox-license-key"),
        excluded_checks=NOT_CHECKED,
    )
