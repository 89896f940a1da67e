"""The base of what the process keeps: unchangeable values that go to JSON and back exactly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from openreturns.errors import ContractError, Problem
from openreturns.models._base import wire_name

__all__ = ["Kept", "WrittenLaterError", "reading"]

_T = TypeVar("_T")


class WrittenLaterError(ContractError):
    """What is kept of a return is not for this version of the library: a later one wrote it, and it is left alone."""


def reading(read: Callable[[str], _T], body: str, what: str) -> _T:
    """Return what a row holds. Raises WrittenLaterError (kind `version`) naming what this version cannot read."""
    try:
        return read(body)
    except ValidationError as error:
        places = error.errors(include_url=False, include_input=False)
        problems = [Problem("version", one["msg"], "/" + "/".join(map(str, one["loc"]))) for one in places]
        raise WrittenLaterError(
            f"{what} was not written for this version of openreturns, and is left alone",
            kind="version",
            problems=problems,
        ) from None


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
