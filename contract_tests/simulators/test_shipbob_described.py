"""The description of ShipBob's simulator is what it does: called with all it allows, and much it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openreturns.sandbox import serving
from openreturns_adapters.shipbob.simulator import simulator
from schemathesis.generation.case import Case
from schemathesis.specs.openapi.checks import positive_data_acceptance

DESCRIBED = schemathesis.openapi.from_dict(simulator().description)
DESCRIBED.config.generation.update(
    deterministic=True,
    max_examples=15,
    allow_extra_parameters=False,  # the vendor passes over them
)

# A number drawn at random is nobody's: most become one that the account knows.
KNOWN: Mapping[str, Sequence[int]] = {
    "id": range(78101, 78104),
    "inventoryId": range(9558000, 9558060),
    "facility_id": (22, 71),
    "shipbob_channel_id": (433808,),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    vendor = simulator(calls=1_000_000)
    vendor.vendor.seed()
    for shipment in (123079001, 123079002, 123079018):
        vendor.step("send_back", shipment_id=shipment)
    vendor.step("carry_out", id=78101)
    with serving([vendor]) as at:
        yield at["shipbob"]


def known(name: str, drawn: Any) -> Any:
    fits = isinstance(drawn, int) and 0 < drawn < 2**31
    return KNOWN[name][drawn % len(KNOWN[name])] if fits and drawn % 4 < 3 else drawn


def settle(case: Case[Any]) -> None:
    """Let a case speak of what there is."""
    for name in KNOWN.keys() & case.path_parameters.keys():
        case.path_parameters[name] = known(name, case.path_parameters[name])
    channel = case.headers.get("shipbob_channel_id", "")
    if channel.isascii() and channel.isdecimal():
        case.headers["shipbob_channel_id"] = str(known("shipbob_channel_id", int(channel)))
    body: Any = case.body
    if isinstance(body, dict):
        if "facility_id" in body:
            body["facility_id"] = known("facility_id", body["facility_id"])
        center, lines = body.get("fulfillment_center"), body.get("inventory")
        if isinstance(center, dict) and "id" in center:
            center["id"] = known("facility_id", center["id"])
        for line in lines if isinstance(lines, list) else ():
            if isinstance(line, dict) and "id" in line:
                line["id"] = known("inventoryId", line["id"])


@DESCRIBED.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_as_described(case: Case[Any], address: str) -> None:
    settle(case)
    case.call_and_validate(
        base_url=address,
        headers={"Authorization": "Bearer sandbox-token"},
        excluded_checks=[positive_data_acceptance],  # what fits the schema may still be nobody's, or twice
    )
