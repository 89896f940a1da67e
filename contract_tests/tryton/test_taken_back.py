"""A document that takes another back says the same goods and amounts: written like any other it would do so twice."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from openreturns import adapter
from openreturns.errors import MappingError
from openreturns.models import Credit, Disposition

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    ("example", "model", "native"),
    [
        ("credit-less-a-fee-as-sent", Credit, "credit_note"),
        ("one-to-stock-one-to-quarantine", Disposition, "put_away"),
    ],
)
def test_what_takes_back_is_not_done_once_more(
    example: str, model: type[Credit] | type[Disposition], native: str
) -> None:
    at = adapter("tryton", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["tryton"])
    document = json.loads((HERE / f"{example}.json").read_text("utf-8"))["written_from"]
    kind = model.__name__.lower()
    reversal = model.model_validate({**document, "reverses": {"type": kind, "id": "another"}})
    with pytest.raises(MappingError) as refused:
        at.write(reversal, native)
    assert [one.code for one in refused.value.problems] == ["reversal"]
