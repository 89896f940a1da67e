"""Salesforce (CRM): cases and return orders along the return."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.salesforce.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
