"""Roundup (CRM): a return as an issue of a tracker."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.roundup.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
