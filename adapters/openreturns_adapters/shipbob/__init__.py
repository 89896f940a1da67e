"""ShipBob (WMS, third-party warehouse): returns announced, received and acted upon."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.shipbob.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
