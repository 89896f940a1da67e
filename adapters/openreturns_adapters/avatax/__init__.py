"""Avalara AvaTax (tax): the tax side of a credit, recorded as a ReturnInvoice and read back."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.avatax.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
