"""All mappings between NetSuite and the canonical documents, by record."""

from openreturns_adapters.netsuite.adjustments import INVENTORY_ADJUSTMENT
from openreturns_adapters.netsuite.credits import CREDIT_MEMO
from openreturns_adapters.netsuite.returns import ITEM_RECEIPT, RETURN_AUTHORIZATION

__all__ = ["MAPPINGS"]

MAPPINGS = (RETURN_AUTHORIZATION, ITEM_RECEIPT, CREDIT_MEMO, INVENTORY_ADJUSTMENT)
