"""The RMA number is told from a delivery's id by the slash between them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from openreturns import adapter
from openreturns.errors import MappingError
from openreturns.models import Return

HERE = Path(__file__).parent
WRITTEN = {
    "announcement": "announced-to-the-warehouse",
    "complaint": "complaint-as-sent",
    "receipt": "two-of-three-pumps-as-received",
}


@pytest.mark.parametrize("native", WRITTEN)
def test_a_number_that_would_be_read_as_another_is_refused(native: str) -> None:
    at = adapter("tryton", tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["tryton"])
    document = json.loads((HERE / f"{WRITTEN[native]}.json").read_text("utf-8"))["written_from"]
    with pytest.raises(MappingError, match="has a slash"):
        at.write(Return.model_validate({**document, "number": "RMA/2026/1"}), native)
