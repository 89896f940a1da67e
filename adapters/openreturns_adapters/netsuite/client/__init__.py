"""NetSuite as the ERP, over SuiteTalk REST."""

from openreturns_adapters.netsuite.client._netsuite import NetSuite

__all__ = ["NetSuite"]
