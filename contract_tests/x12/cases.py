"""The recorded transaction sets of this folder, and the adapter for a tenant or partner."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from openreturns import Adapter, adapter
from openreturns._json import parse

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["x12"]
SETS = {"rma": "180", "warehouse_receipt": "944", "inventory_adjustment": "947", "credit_debit": "812"}


def partner(**settings: object) -> Adapter:
    """The adapter as agreed with a partner."""
    return adapter("x12", {"settings": {**TENANT["settings"], **settings}})


def recorded() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, kind and record of every incident of this folder."""
    for path in sorted(HERE.glob("*.json")):
        said = parse(path.read_bytes())
        yield path.stem, said["native_type"].removeprefix("x12."), said["native"]
