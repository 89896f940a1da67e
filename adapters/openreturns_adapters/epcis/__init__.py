"""EPCIS 2.0: dispositions and stock moves as object events; what was received and inspected, read from them."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.epcis.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
