"""Tables for people: one row a line, and on a terminal no wider than it is."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence

from tabulate import tabulate

__all__ = ["table"]

_BETWEEN = 2
_NARROWEST = 10


def table(rows: Sequence[Mapping[str, object]], *, width: int | None = None) -> str:
    """Return a table with the keys as its head.

    Long cells are broken to fit `width`, in columns: the terminal's where standard output is one. Anything else that
    reads the table, `grep` say, gets each row on a line of its own.
    """
    if width is None and sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
    most = _fitting(rows, width) if width and rows else None
    return tabulate(rows, headers="keys", disable_numparse=True, maxcolwidths=most)


def _fitting(rows: Sequence[Mapping[str, object]], width: int) -> list[int]:
    """Return how wide each column may be: short ones as they are, the long ones share what is left."""
    wants = [max(len(name), *(len(str(row[name])) for row in rows)) for name in rows[0]]
    left, given = width - _BETWEEN * (len(wants) - 1), list(wants)
    long = sorted(range(len(wants)), key=lambda at: wants[at])
    for place, at in enumerate(long):
        given[at] = min(wants[at], max(_NARROWEST, left // (len(long) - place)))
        left -= given[at]
    return given
