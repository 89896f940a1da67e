"""The checks of the level `documents`: mapping and contract, without calling anybody."""

from __future__ import annotations

from openreturns.testing import _declared, _kept, _recorded
from openreturns.testing._check import table
from openreturns.testing._over import directions, mappings, records, written_records

__all__ = ["DOCUMENTS"]

DOCUMENTS = table(
    "documents",
    {
        "MAPPING_COMPLETE": (mappings, _declared.complete),
        "CANONICAL_FIELDS_KEPT": (directions("out"), _kept.fields),
        "VENDOR_FIELDS_KEPT": (directions("in"), _kept.fields),
        "LOSSES_TOLD": (directions("out"), _kept.losses_told),
        "ENGINES_AGREE": (directions("in", "out"), _kept.engines),
        "RECORDS_READ": (records, _recorded.becomes),
        "RECORDS_EXPECTED": (records, _recorded.expected),
        "RECORDS_WRITTEN": (written_records, _recorded.as_written),
    },
)
