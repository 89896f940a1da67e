"""All mappings of the adapter."""

from openreturns_adapters.tryton.adjustments import INTERNAL_SHIPMENT
from openreturns_adapters.tryton.credits import CREDIT_NOTE
from openreturns_adapters.tryton.returns import COMPLAINT, RMA
from openreturns_adapters.tryton.warehouse import ANNOUNCEMENT, PUT_AWAY, RECEIPT, RMA_DISPOSITION

__all__ = ["MAPPINGS"]

MAPPINGS = (RMA, RMA_DISPOSITION, COMPLAINT, RECEIPT, ANNOUNCEMENT, PUT_AWAY, INTERNAL_SHIPMENT, CREDIT_NOTE)
