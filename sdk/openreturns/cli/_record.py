"""Which mapping a command is about, where a record may serve several documents."""

from __future__ import annotations

import click

from openreturns.adapters import Adapter, not_a_record
from openreturns.mapping import Mapping

__all__ = ["mapping_of", "parted"]


def parted(record: str) -> tuple[str, str]:
    """Return adapter and record of `adapter.record`. Raises MappingError (kind `unknown_name`) where it is not that."""
    system, dot, native = record.partition(".")
    if not dot:
        raise not_a_record(record)
    return system, native


def mapping_of(ours: Adapter, native: str, document: str | None) -> Mapping:
    """Return the mapping of a record.

    Raises UsageError where the record serves several documents and none is named, MappingError where there is none.
    """
    choices = [mapping.canonical for mapping in ours.mappings if mapping.native == native]
    if document is None and len(choices) > 1:
        raise click.UsageError(f"{ours.name}.{native} serves several documents; choose: --to {' or '.join(choices)}")
    return ours.mapping(native, document)
