"""The steps between the published versions, oldest first: what each brought, and what becomes of it downwards."""

from __future__ import annotations

from typing import Final

from openreturns.mapping import dropped
from openreturns.migrations._migration import Change, Migration

__all__ = ["MIGRATIONS"]

_REMARKS: Final = dropped("note", "1.0 has no remark on the whole document")

_V1_1: Final = Migration(
    "1.0.0",
    "1.1.0",
    {
        "return": Change(
            losses=(
                _REMARKS,
                dropped(
                    "expectedReceipt.parcels", "1.0 has the tracking numbers of all parcels, and one carrier and label"
                ),
            )
        ),
        "adjustment": Change(losses=(_REMARKS,)),
        "credit": Change(losses=(_REMARKS,)),
    },
)

MIGRATIONS: Final[tuple[Migration, ...]] = (_V1_1,)
