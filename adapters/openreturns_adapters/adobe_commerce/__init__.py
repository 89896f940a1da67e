"""Adobe Commerce (ERP of a shop): returns read and written; documents only."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.adobe_commerce.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
