"""Tryton (ERP and warehouse): complaints, return sales, return shipments, internal shipments, credit notes."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.tryton.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
