"""The checks of the level `documents`: mapping and contract, without calling anybody."""

from __future__ import annotations

from openreturns.testing import _codecs, _declared, _exact, _kept, _manifest, _recorded, _rough, _round, _safe, _tapes
from openreturns.testing._check import table
from openreturns.testing._over import adapter_itself, directions, mappings, read_back, records, written_records

__all__ = ["DOCUMENTS"]

DOCUMENTS = table(
    "documents",
    {
        "MANIFEST_TRUE": (adapter_itself, _manifest.told),
        "MAPPING_COMPLETE": (mappings, _declared.complete),
        "TABLES_TOTAL": (_codecs.tables, _codecs.total),
        "CODECS_REVERSIBLE": (_codecs.codecs, _codecs.reversible),
        "CANONICAL_FIELDS_KEPT": (directions("out"), _kept.fields),
        "VENDOR_FIELDS_KEPT": (directions("in"), _kept.fields),
        "LOSSES_TOLD": (directions("out"), _kept.losses_told),
        "LOSSES_TRUE": (directions("in", "out"), _kept.losses_true),
        "ENGINES_AGREE": (directions("in", "out"), _kept.engines),
        "RECORDS_READ": (records, _recorded.becomes),
        "RECORDS_EXPECTED": (records, _recorded.expected),
        "TAPES_READ": (_tapes.tapes, _tapes.read_again),
        "RECORDS_WRITTEN": (written_records, _recorded.as_written),
        "DOCUMENTS_RETURN": (read_back, _round.documents_return),
        "RECORDS_RETURN": (read_back, _round.records_return),
        "WORDS_UNKNOWN_TOLD": (directions("in"), _rough.unknown_words),
        "FIELDS_UNKNOWN_TOLD": (directions("in"), _rough.unknown_fields),
        "FIELDS_MISSING_TAKEN": (directions("in", "out"), _rough.missing),
        "ANY_TAKEN": (directions("in", "out"), _rough.any_taken),
        "NULLS_TAKEN": (directions("in"), _rough.nulls),
        "LISTS_EMPTY_TAKEN": (directions("in", "out"), _rough.empty_lists),
        "DIGITS_KEPT": (_exact.numbers_over, _exact.digits),
        "FLOATS_UNDERSTOOD": (_exact.numbers_in, _exact.floats),
        "SIGNS_KEPT": (_exact.numbers_over, _exact.signs),
        "CURRENCIES_KEPT": (_exact.numbers_over, _exact.currencies),
        "MOMENTS_KEPT": (_exact.moments_over, _exact.moments),
        "UNITS_KEPT": (_exact.units_over, _exact.units),
        "LOTS_REFUSED": (_exact.lots_over, _exact.lots),
        "PERSONAL_HIDDEN": (directions("in", "out"), _safe.reticent),
        "TRANSLATION_REPEATABLE": (directions("in", "out"), _safe.repeatable),
        "TRANSLATION_SHAREABLE": (directions("in", "out"), _safe.shareable),
        "IMPORT_LIGHT": (_safe.entry, _safe.light),
    },
)
