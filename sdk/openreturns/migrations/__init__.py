"""From one version of the contract to another and back, by mappings like any adapter's.

A migration is a mapping a document: the newer version is its canonical side, the older one its vendor side. What
both versions have is carried without a word; the rules that are written say what became of the rest, and each field
of both is accounted for, or the migration is refused. Downwards a document says what it lost.

    from openreturns.migrations import migrate

    older = migrate(document, to="1.0.0")     # for a reader that pinned it
    older.to_json(), older.losses
"""

from openreturns.migrations._chain import Migrated, known, migrate, newest, raised, version_of
from openreturns.migrations._migration import Change, Migration, narrowed
from openreturns.migrations._steps import MIGRATIONS

__all__ = [
    "MIGRATIONS",
    "Change",
    "Migrated",
    "Migration",
    "known",
    "migrate",
    "narrowed",
    "newest",
    "raised",
    "version_of",
]
