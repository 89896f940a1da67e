"""Hypothesis strategies for tests of your own: canonical documents, whole cases, vendors' records.

Needs the extra `openreturns[testing]`. See docs/testing.md.
"""

from openreturns.testing.strategies._cases import (
    DrawnCase,
    adjustments,
    cases,
    credits,
    dispositions,
    documents,
    returns,
)
from openreturns.testing.strategies._master import MasterData
from openreturns.testing.strategies._records import records
from openreturns.testing.strategies._schema import from_schema

__all__ = [
    "DrawnCase",
    "MasterData",
    "adjustments",
    "cases",
    "credits",
    "dispositions",
    "documents",
    "from_schema",
    "records",
    "returns",
]
