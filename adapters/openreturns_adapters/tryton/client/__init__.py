"""Tryton's clients: JSON-RPC for what is written, REST for what is read. The only files that know an address."""

from openreturns_adapters.tryton.client._erp import TrytonErp
from openreturns_adapters.tryton.client._wms import TrytonWms

__all__ = ["TrytonErp", "TrytonWms"]
