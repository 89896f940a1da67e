"""Oracle NetSuite (ERP): return authorizations, item receipts, inventory adjustments, credit memos."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.netsuite.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
