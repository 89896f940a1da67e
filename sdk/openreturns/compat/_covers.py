"""Questions put to jsonschema-rs: whether a value is valid, a schema covers another, a schema admits nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from openreturns.compat._facts import Conjunction, known_language
from openreturns.compat._language import Undecided
from openreturns.compat._schema import children, schemas_in

__all__ = ["Covers", "Definitions"]

Definitions: TypeAlias = Mapping[str, Any]
_TARGET: Final = "#/$defs/"
_LARGEST: Final = 4000  # schemas in one question; beyond that it is not worth the time


@dataclass
class Covers:
    """The engine's answers about schemas of one space of definitions, each asked once."""

    definitions: Definitions
    formats: bool
    _validators: dict[int, Any] = field(default_factory=dict)
    _answers: dict[tuple[frozenset[int], int], bool] = field(default_factory=dict)
    _uses: dict[str, list[str]] = field(default_factory=dict)
    _kept: list[object] = field(default_factory=list)

    def valid(self, schema: Any, value: object) -> bool:  # noqa: ANN401 - any schema
        """Return whether a value is valid."""
        return bool(self.validator(schema).is_valid(value))

    def validator(self, schema: Any) -> Any:  # noqa: ANN401 - any schema, jsonschema-rs's own
        """Return the engine's validator of a schema."""
        import jsonschema_rs

        if isinstance(schema, bool):
            return jsonschema_rs.Draft202012Validator(schema)
        if id(schema) not in self._validators:
            self._kept.append(schema)
            self._validators[id(schema)] = jsonschema_rs.Draft202012Validator(
                self.alone(schema), validate_formats=self.formats, offline=True
            )
        return self._validators[id(schema)]

    def alone(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        """Return a schema with every definition it uses inside it."""
        found: dict[str, Any] = {}
        todo = list(_names(schema))
        while todo:
            name = todo.pop()
            if name not in found:
                found[name] = self.definitions[name]
                if name not in self._uses:
                    self._uses[name] = list(dict.fromkeys(_names(found[name])))
                todo.extend(self._uses[name])
        return {**schema, "$defs": found} if found else dict(schema)

    def yes(self, new: Any, old: Conjunction) -> bool:  # noqa: ANN401 - any schema
        """Return whether the engine proves that `new` admits all that `old` admits."""
        return self._ask(frozenset(map(id, old)), old, new)

    def nothing(self, old: Conjunction) -> bool:
        """Return whether the engine proves that a conjunction admits nothing."""
        return self._ask(frozenset(map(id, old)), old, False)

    def _ask(self, key: frozenset[int], old: Conjunction, new: Any) -> bool:  # noqa: ANN401 - any schema
        asked = (key, 0 if new is False else id(new))
        if asked not in self._answers:
            self._kept.append((old, new))
            self._answers[asked] = self._answer(old, new)
        return self._answers[asked]

    def _answer(self, old: Conjunction, new: Any) -> bool:  # noqa: ANN401 - any schema
        from jsonschema_rs import canonical

        left = self._inlined({"allOf": list(old)} if old else True, wider=True)
        right = self._inlined(new, wider=False)
        if left is None or right is None:
            return False
        try:
            return _covered(left, _comparable(right, left), formats=self.formats)
        except (ValueError, canonical.CanonicalizationError, RecursionError):
            return False

    def _inlined(self, schema: Any, *, wider: bool) -> Any:  # noqa: ANN401 - any schema
        """Return a schema without references; None for one that is too large.

        A reference that is recursive becomes what admits more (`wider`) or less than it names; None where its
        place does not tell which that is.
        """
        left = _LARGEST

        def made(node: Any, inside: tuple[str, ...], up: bool | None) -> Any:  # noqa: ANN401 - any schema
            nonlocal left
            left -= 1
            if left < 0:
                raise Undecided("too large")
            if not isinstance(node, dict):
                return node
            if "$ref" in node:
                name = node["$ref"].removeprefix(_TARGET)
                if name in inside and up is None:
                    raise Undecided("recursive")
                target = up if name in inside else made(self.definitions[name], (*inside, name), up)
                rest = made({key: value for key, value in node.items() if key != "$ref"}, inside, up)
                return {"allOf": [target, rest]} if rest else target
            changed = {key: value for key, value in node.items() if key not in _SILENT and not key.startswith("x-")}
            clear = not changed.keys() & {"unevaluatedProperties", "unevaluatedItems"}
            for steps, inner in children(node):
                upward = _direction(steps[0], up, node) if clear else None
                if len(steps) == 1:
                    changed[steps[0]] = made(inner, inside, upward)
                    continue
                key, name_or_place = steps
                held = changed[key]
                if held is node[key]:
                    held = changed[key] = dict(held) if isinstance(held, dict) else list(held)
                held[name_or_place if isinstance(held, dict) else int(name_or_place)] = made(inner, inside, upward)
            return changed

        try:
            return made(schema, (), wider)
        except Undecided:
            return None


def _direction(key: str, up: bool | None, node: Mapping[str, Any]) -> bool | None:
    """Return whether a schema within another must admit more for the other to admit more."""
    if key == "not":
        return None if up is None else not up
    if key in {"oneOf", "if"} or (key == "contains" and "maxContains" in node):
        return None
    return up


_SILENT: Final = frozenset({
    "title", "description", "default", "deprecated", "examples", "example", "readOnly", "writeOnly", "$comment",
    "discriminator", "externalDocs", "xml", "contentMediaType", "contentEncoding", "contentSchema",
})  # fmt: skip


def _names(schema: object) -> Iterator[str]:
    return (one["$ref"].removeprefix(_TARGET) for one in schemas_in(schema) if "$ref" in one)


def _covered(old: Any, new: Any, *, formats: bool) -> bool:  # noqa: ANN401 - any schema
    from jsonschema_rs import canonical, canonicalize

    left = canonicalize(old, draft=_draft(), validate_formats=formats, offline=True)
    if new is False:
        return left.satisfiability() == canonical.Satisfiability.NO
    right = canonicalize(new, draft=_draft(), validate_formats=formats, offline=True)
    return right.covers(left) == canonical.Containment.YES


def _draft() -> int:
    import jsonschema_rs

    return jsonschema_rs.Draft202012


def _comparable(new: Any, old: Any) -> Any:  # noqa: ANN401 - any schema
    """Return `new` saying beside each pattern those patterns of `old` that lie within it, which changes nothing.

    The engine takes two patterns for comparable only where they are spelled alike.
    """
    wanted = {one["pattern"] for one in schemas_in(new) if "pattern" in one}
    given = {one["pattern"] for one in schemas_in(old) if "pattern" in one}
    narrower = {pattern: [other for other in sorted(given - wanted) if _inside(other, pattern)] for pattern in wanted}
    return _said(new, narrower) if any(narrower.values()) else new


def _inside(narrow: str, wide: str) -> bool:
    for lines in ("\n", "\n\r\u2028\u2029"):
        one, other = known_language(narrow, lines), known_language(wide, lines)
        try:
            if one is None or other is None or not one.within(other):
                return False
        except Undecided:
            return False
    return True


def _said(node: Any, narrower: Mapping[str, list[str]]) -> Any:  # noqa: ANN401 - any part of a schema
    if isinstance(node, list):
        return [_said(one, narrower) for one in node]
    if not isinstance(node, dict):
        return node
    made = {key: _said(value, narrower) for key, value in node.items() if key not in {"enum", "const"}}
    made |= {key: node[key] for key in ("enum", "const") if key in node}
    others = narrower.get(node["pattern"], []) if isinstance(node.get("pattern"), str) else []
    if others:
        either = {"anyOf": [{"pattern": pattern} for pattern in (made.pop("pattern"), *others)]}
        made["allOf"] = [*made.get("allOf", ()), either]
    return made
