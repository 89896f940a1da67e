"""The vendor's payloads as JSON Schemas, in the vendor's own names."""

from __future__ import annotations

from collections.abc import Mapping

from openreturns_adapters.avatax.simulator.given import GIVEN
from openreturns_adapters.avatax.simulator.reference import Schema
from openreturns_adapters.avatax.simulator.taken import TAKEN

__all__ = ["DEFINITIONS"]

DEFINITIONS: Mapping[str, Schema] = {**TAKEN, **GIVEN}
