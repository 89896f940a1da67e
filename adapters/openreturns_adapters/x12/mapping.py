"""All mappings between X12 transaction sets and the canonical documents."""

from openreturns_adapters.x12.adjustments import INVENTORY_ADJUSTMENT
from openreturns_adapters.x12.credits import CREDIT_DEBIT
from openreturns_adapters.x12.receipts import WAREHOUSE_RECEIPT
from openreturns_adapters.x12.returns import RMA

__all__ = ["MAPPINGS"]

MAPPINGS = (RMA, WAREHOUSE_RECEIPT, INVENTORY_ADJUSTMENT, CREDIT_DEBIT)
