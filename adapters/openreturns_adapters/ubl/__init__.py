"""UBL 2.1 to 2.4 credit notes, as EN 16931 and Peppol BIS Billing 3 have them."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.ubl.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
