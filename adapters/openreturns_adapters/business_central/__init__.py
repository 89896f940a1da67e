"""Microsoft Dynamics 365 Business Central (ERP): credits written as sales credit memos; documents only."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.business_central.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
