"""The components of a vendor's contract, and which of them an adapter's record is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from openreturns._fields import Field
from openreturns.compat import Source
from openreturns.compat._reader import read_set
from openreturns.compat._schema import SchemaSet
from openreturns.errors import MappingError

__all__ = ["Components"]

_ALIKE: Final = 0.5  # of a record's fields that a component must have to be taken for it


class Components:
    """The components of a vendor's contract by name. Raises ContractError for what is no contract."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._set: SchemaSet = read_set(source, "vendor")
        self.names = {**self._set.documents, **self._set.parts}

    def source(self, component: str) -> Source:
        """Return one component as a set of one schema. Raises MappingError (kind `unknown_name`)."""
        if component not in self.names:
            raise MappingError(self.lacks(component), kind="unknown_name")
        file, pointer = self._set.roots[self.names[component]]
        root = json.dumps({"$ref": f"{file}#{pointer}"}).encode()
        name = "\x00record.json"  # a name that no file has
        return replace(
            self._source,
            names=(name,),
            alone=True,
            read=lambda asked: root if asked == name else self._source.read(asked),
            _texts={file: self._source.text(file)},
        )

    def lacks(self, component: str) -> str:
        """Return the sentence that a component is not there, and what is."""
        return f"{self._source.label} has no {component!r}; it has: {', '.join(list(self.names)[:20])}"

    def matched(self, wanted: Mapping[str, Mapping[str, Field]], named: Mapping[str, str]) -> dict[str, str]:
        """Return the component of each record: the named one if it is there, else one that has most of its fields."""
        sure = {record: named[record] for record in wanted if named.get(record) in self.names}
        rest = {record: paths for record, paths in wanted.items() if record not in sure}
        return {**sure, **self._recognised(rest, set(sure.values()))}

    def _recognised(self, wanted: Mapping[str, Mapping[str, Field]], taken: set[str]) -> dict[str, str]:
        """Return the component of each record that one has most of the fields of, each component for one record."""
        found: dict[str, tuple[float, str]] = {}
        for record, paths in wanted.items():
            names = {path.partition(".")[0].removesuffix("[]") for path in paths}
            for component, definition in self.names.items():
                there = self._members(definition)
                alike = len(names & there) / max(len(names | there), 1)
                enough = len(names & there) >= _ALIKE * len(names) > 0
                if component not in taken and enough and alike > found.get(component, (0.0, ""))[0]:
                    found[component] = alike, record
        best: dict[str, tuple[float, str]] = {}
        for component, (alike, record) in found.items():
            best[record] = max(best.get(record, (0.0, "")), (alike, component))
        return {record: component for record, (_, component) in best.items()}

    def _members(self, definition: str) -> set[str]:
        found: set[str] = set()
        todo = [self._set.definitions[definition]]
        while todo:
            _, node = self._set.target(todo.pop())
            if isinstance(node, dict):
                found |= node.get("properties", {}).keys()
                todo += node.get("allOf", ())
        return found
