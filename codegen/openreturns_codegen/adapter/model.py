"""What any description tells of a vendor, in one form: operations, schemas, credentials, limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Description", "Note", "Operation", "Schema"]

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Note:
    """Something of the description that could not be used, or was cut: where it stands, and why."""

    at: str
    why: str

    def __str__(self) -> str:
        return f"{self.at}: {self.why}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the vendor offers.

    `path` is an OpenAPI path (of GraphQL the field's name, with the method QUERY or MUTATION). `takes` and `gives`
    are the schemas of one record, as the description has them; `takes_in` and `gives_in` name the members of body
    and answer that hold it, and `many` says that the answer holds a list of them.
    """

    method: str
    path: str
    name: str = ""
    summary: str = ""
    takes: Schema | None = None
    takes_in: str = ""
    gives: Schema | None = None
    gives_in: str = ""
    many: bool = False
    query: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()
    statuses: tuple[int, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The headers that a key of the write goes into."""
        return tuple(name for name in self.headers if "idempot" in name.lower())


@dataclass(frozen=True)
class Description:
    """A vendor's API as far as its description tells.

    `root` is the document that references in schemas start from, `schemas` its named schemas. `auth` is bearer, basic,
    api_key, oauth2 or none; `auth_detail` says more (the header of a key, the address of tokens).
    """

    form: str
    title: str
    version: str
    root: Any = field(repr=False)
    operations: Sequence[Operation] = ()
    schemas: Mapping[str, Schema] = field(default_factory=dict, repr=False)
    base_url: str = ""
    auth: str = "none"
    auth_detail: str = ""
    notes: tuple[Note, ...] = ()
