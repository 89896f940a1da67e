"""A mapping for people: the table of its rules, losses and ignored fields."""

from __future__ import annotations

from openreturns.mapping._mapping import Mapping
from openreturns.mapping._table import rows

__all__ = ["explain"]

_ARROWS = {"both": "<->", "in": "<-", "out": "->"}


def explain(mapping: Mapping) -> list[dict[str, str]]:
    """Return the rows: canonical path, arrow (`<-` is read, `->` is written), vendor path, how."""
    table = [
        {
            "canonical": row.canonical or ", ".join(row.reads),
            "": _ARROWS[row.direction],
            "native": row.native or (", ".join(row.reads) if row.canonical else ""),
            "how": f"{row.how} (unconfirmed)" if row.proposed else row.how,
        }
        for row in rows(mapping)
    ]
    table += [
        {"canonical": gap.path, "": "-x", "native": "", "how": f"{gap.kind}: {gap.reason}"} for gap in mapping.losses
    ]
    return table + [
        {"canonical": "", "": "x-", "native": gap.path, "how": f"ignored: {gap.reason}"} for gap in mapping.ignored
    ]
