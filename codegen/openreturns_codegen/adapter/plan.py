"""A package to be written: what was chosen, drafted and detected, in one place."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openreturns._fields import Field
from openreturns._schemas import code_list
from openreturns.errors import MappingError
from openreturns.ports import ROLES
from openreturns.validation import document_validator

from openreturns_codegen.adapter.choose import Resource, choose
from openreturns_codegen.adapter.codes import Crossed
from openreturns_codegen.adapter.contract import extract
from openreturns_codegen.adapter.draft import Draft, draft
from openreturns_codegen.adapter.model import Description, Note, Operation
from openreturns_codegen.adapter.text import camel, snake, version
from openreturns_codegen.adapter.verbs import Likely, Verb, likely, served

__all__ = ["Package", "plan"]


@dataclass(frozen=True)
class Package:
    """Everything about one adapter to be written."""

    name: str
    role: str
    description: Description = field(repr=False)
    resources: Sequence[Resource] = field(repr=False)
    drafts: Sequence[Draft] = field(repr=False)
    verbs: Sequence[Verb] = field(repr=False)
    notes: Sequence[Note] = field(repr=False)
    sources: Sequence[str] = ()

    @property
    def module(self) -> str:
        """The name of the Python package."""
        return f"{self.name}_returns"

    @property
    def class_name(self) -> str:
        """The name of the client's class."""
        return camel(self.name)

    @property
    def title(self) -> str:
        """The API's title."""
        return " ".join(self.description.title.split()) or self.name

    @property
    def form(self) -> str:
        """The form of the description."""
        return self.description.form

    @property
    def version(self) -> str:
        """The vendor's version, as a folder's name."""
        return version(self.description.version)

    @property
    def base_url(self) -> str:
        """Where the vendor is."""
        return self.description.base_url or "https://vendor.example"

    @property
    def auth(self) -> str:
        """The kind of credentials."""
        return self.description.auth if self.description.auth != "none" else "bearer"

    @property
    def credentials(self) -> Mapping[str, str]:
        """What the client takes, and what lets in at the simulator."""
        if self.auth == "basic":
            return {"user": "sandbox", "password": "sandbox-password"}
        return {"token": "sandbox-token"}

    @cached_property
    def contracts(self) -> Mapping[str, Mapping[str, Any]]:
        """The contracts by record."""
        return {one.native: one.contract.schema for one in self.drafts}

    @cached_property
    def settings(self) -> Mapping[str, tuple[str, list[str]]]:
        """What a tenant must say: its meaning, and the records that need it."""
        found: dict[str, tuple[str, list[str]]] = {}
        for one in self.drafts:
            for name, (_, meaning) in one.settings.items():
                found.setdefault(name, (meaning, []))[1].append(one.native)
        return found

    @cached_property
    def tables(self) -> Mapping[str, Sequence[Crossed]]:
        """The code tables, with the words of all records; those that are written come first."""
        found: dict[str, dict[str, Crossed]] = {}
        for one in sorted(self.drafts, key=lambda draft: draft.way != "out"):
            for name, rows in one.tables.items():
                for row in rows:
                    found.setdefault(name, {}).setdefault(row.word, row)
        return {name: tuple(rows.values()) for name, rows in found.items()}

    def refused(self, table: str) -> list[str]:
        """Return the codes that no word of a table stands for."""
        said = {row.code for row in self.tables[table] if row.sure}
        return [code for code in _codes(table) if code not in said]

    def verbs_of(self, one: Draft) -> list[str]:
        """Return the verbs that use a record."""
        return [verb.name for verb in self.verbs if verb.draft is one]

    @property
    def idempotency(self) -> Mapping[str, str]:
        """How each verb that writes is done once."""
        return {verb.name: "none" for verb in self.verbs if verb.draft.way == "out"}

    @property
    def unsupported(self) -> Mapping[str, str]:
        """The verbs that are not generated, and why."""
        return {
            verb: f"not generated; perhaps {', '.join(map(str, found))}"
            if found
            else "not generated: no operation of the description does it by its name"
            for verb, found in self.likely.items()
        }

    @cached_property
    def likely(self) -> Mapping[str, Sequence[Likely]]:
        """The operations that may serve each verb that is not generated, likeliest first."""
        done = {verb.name for verb in self.verbs} | {"hear"}
        return {
            verb: likely(verb, self.role, self.description.operations, self.resources)
            for verb in ROLES[self.role].verbs
            if verb not in done
        }

    @property
    def hints(self) -> list[str]:
        """What the description hints at and a person has to look into."""
        operations = [one for resource in self.resources for one in resource.operations]
        query = sorted({name for one in operations for name in one.query if _PAGES(name)})
        keys = sorted({name for one in operations for name in one.keys})
        throttled = any(429 in one.statuses for one in operations)
        found = [f"pages: by {', '.join(query)}"] if query else ["pages: the description does not say"]
        found += ["429 is documented: too many requests"] if throttled else []
        return found + ([f"idempotency: the header {', '.join(keys)}"] if keys else [])


_PAGES = re.compile(r"page|cursor|limit|offset|\$top|\$skip|pagesize|per_page|after|first$", re.IGNORECASE).search


def _codes(table: str) -> list[str]:
    named = {"return_reason": "return-reason-value", "credit_reason": "credit-reason-value"}
    return [str(one["code"]) for one in code_list(named.get(table, table.replace("_", "-")))["values"]]


def plan(name: str, role: str, description: Description, sources: Sequence[str], given: Mapping[str, str]) -> Package:
    """Return the package for a description. Raises MappingError (kind `description`) where it has no record to use."""
    chosen, notes = choose(description, role, dict(given))
    drafts: list[Draft] = []
    verbs: list[Verb] = []
    for resource in chosen:
        made, more = _drafts(name, role, resource, description)
        drafts += [one for one, _ in made]
        notes += more
        verbs += served(role, resource, made)
    if not drafts:
        raise MappingError("no chosen record has fields to translate", kind="description")
    return Package(name, role, description, chosen, drafts, verbs, [*description.notes, *notes], list(sources))


def _drafts(
    name: str, role: str, resource: Resource, description: Description
) -> tuple[list[tuple[Draft, Operation]], list[Note]]:
    native, document, notes = snake(resource.name), resource.document, list[Note]()
    made: list[tuple[Draft, Operation]] = []
    read, create = resource.read, resource.create
    if read is not None and read.gives is not None:
        contract = extract(description.root, read.gives, writing=False)
        one = draft(native, document, "in", contract, name)
        notes += [Note(f"{native}: {note.at}", note.why) for note in contract.notes]
        if one.impossible:
            notes.append(Note(native, f"is not read as a {document}: {one.impossible}"))
        else:
            made.append((one, read))
    source = create if create is not None else read if not made else None
    schema = None if source is None else source.takes if source.takes is not None else source.gives
    if source is not None and schema is not None:
        contract = extract(description.root, schema, writing=True)
        one = draft(f"{native}_create", document, "out", contract, name)
        notes += [Note(f"{one.native}: {note.at}", note.why) for note in contract.notes]
        notes += _relaxed(one)
        if contract.schema["properties"]:
            made.append((one, source))
    return made, notes


def _relaxed(one: Draft) -> list[Note]:
    """Take out of a contract to be written what the vendor requires and nothing of ours says; tell it."""
    notes: list[Note] = []
    ours = document_validator(one.document).fields
    used = {
        line.candidate.native for line in (*one.rules, *one.lines) if line.candidate and always(line.canonical, ours)
    }

    def relax(schema: dict[str, Any], at: str) -> None:
        for name, inner in schema.get("properties", {}).items():
            path = f"{at}.{name}" if at else name
            held = any(native == path or native.startswith((f"{path}.", f"{path}[].")) for native in used)
            if name in schema.get("required", ()) and not held:
                schema["required"].remove(name)
                notes.append(
                    Note(
                        f"{one.native}: {path}", "the vendor requires it, and not every document of ours surely has it"
                    )
                )
            relax(inner, path)
            relax(inner.get("items", {}), f"{path}[]")
        if not schema.get("required", True):
            del schema["required"]

    relax(one.contract.schema, "")
    return notes


def always(path: str, there: Mapping[str, Field]) -> bool:
    """Whether every document has a value at a path."""
    steps = path.split(".")
    above = [".".join(steps[:size]).removesuffix("[]") for size in range(1, len(steps) + 1)]
    return all(step in there and there[step].required for step in above)
