"""The base of what the process keeps: unchangeable values that go to JSON and back exactly."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from openreturns.models._base import wire_name

__all__ = ["Kept"]


class Kept(BaseModel, frozen=True):
    """A value that a database row, an event or a policy file holds: camelCase in JSON, and no null."""

    model_config = ConfigDict(
        alias_generator=wire_name,
        extra="forbid",
        hide_input_in_errors=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    def to_json(self) -> str:
        """Return the value as compact JSON."""
        return self.model_dump_json(by_alias=True, exclude_none=True)

    def to_dict(self) -> dict[str, Any]:
        """Return the value as plain data, as JSON has it."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def replace(self, **changes: Any) -> Self:  # noqa: ANN401 - each class has its own fields
        """Return a copy with the changes, which must be of the fields' own types."""
        return self.model_copy(update=changes)
