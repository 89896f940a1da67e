"""What becomes what between Salesforce and the canonical documents; nothing else."""

from openreturns_adapters.salesforce.cases import CASE
from openreturns_adapters.salesforce.orders import RETURN_ORDER, RETURN_ORDER_LINE_ITEM

__all__ = ["MAPPINGS"]

MAPPINGS = (CASE, RETURN_ORDER, RETURN_ORDER_LINE_ITEM)
