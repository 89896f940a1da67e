"""X12 transaction sets of the reverse flow: 180, 944, 947 and 812, and the 997 that answers them."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.x12.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
