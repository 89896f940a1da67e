"""onX returns: projected from and read as a Return, their inspections read as a Disposition."""

from pathlib import Path

from openreturns.adapters import Adapter

from openreturns_adapters.onx.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
