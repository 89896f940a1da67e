"""What a rule cannot say of a shop's return."""

from __future__ import annotations

from typing import Any

from openreturns.mapping import Environment

__all__ = ["has_number", "tracking_numbers"]

Record = dict[str, Any]


def has_number(track: Record, env: Environment) -> bool:
    """Whether a parcel has its number yet."""
    return bool(track.get("track_number"))


def tracking_numbers(record: Record, env: Environment) -> list[str] | None:
    """Return the carriers' numbers of all parcels."""
    return [track["track_number"] for track in record.get("tracks") or () if has_number(track, env)] or None
