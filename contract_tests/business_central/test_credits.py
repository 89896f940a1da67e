"""What no sales credit memo is made of."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from openreturns import adapter
from openreturns.errors import MappingError
from openreturns.models import Credit

HERE = Path(__file__).parent


@pytest.mark.parametrize(
    "changed",
    [
        {"reverses": {"type": "credit", "id": "CR-2026-0006"}},
        {"status": "pending_approval"},
        {"status": "rejected"},
        {"status": "voided"},
    ],
)
def test_a_credit_that_is_not_given_is_no_memo(changed: dict[str, Any]) -> None:
    at = adapter("business_central", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["business_central"])
    example = json.loads((HERE / "two-pumps-of-one-invoice.json").read_text("utf-8"))["written_from"]
    with pytest.raises(MappingError):
        at.write(Credit.model_validate({**example, **changed}), "sales_credit_memo_create")
