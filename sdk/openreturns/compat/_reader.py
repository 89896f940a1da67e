"""Read a set of schemas into one graph: references across files followed, dialects said in one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urldefrag, urljoin

from openreturns.compat import _keywords as words
from openreturns.compat._schema import Place, Schema, SchemaSet, Unsupported, children
from openreturns.compat._source import Source, named
from openreturns.compat._text import escape
from openreturns.errors import ContractError, Problem

__all__ = ["read_set"]

_BASE: Final = "set:/"
_TARGET: Final = "#/$defs/"
_UNKNOWN: Final = ("$dynamicRef", "$recursiveRef")


def read_set(source: Source, side: str, *, formats: bool = True) -> SchemaSet:
    """Return the graph of a set; `side` begins the names of its definitions, so that two sets can share one space.

    Without `formats`, a format says nothing about values: it is kept under the name `x-format`.

    Raises ContractError naming file and JSON pointer: kind `unreadable` for a file that cannot be parsed, kind
    `schema` for what is no schema, a reference to nothing, and references that go round without a value between.
    """
    return _Reader(source, side, formats=formats).read()


class _Reader:
    def __init__(self, source: Source, side: str, *, formats: bool) -> None:
        self.formats = formats
        self.source = source
        self.side = side
        self.files = dict(named(source))
        self.result = SchemaSet(source)
        self.identified: dict[str, Place] = {}
        self.dynamic: dict[str, list[Place]] = {}
        self.bases: dict[Place, str] = {}
        self.dialects: dict[Place, str] = {}
        self.names: dict[Place, str] = {}
        self.todo: list[Place] = []
        self.taken: list[Unsupported] = []
        """Dynamic references that lead to one place, as far as the files that were read until then say."""
        for name in list(self.files):
            self.index(name)

    def read(self) -> SchemaSet:
        single = self.source.alone
        roots: list[tuple[str, str, Place]] = []
        for name, text in self.files.items():
            if not isinstance(text.value, (dict, bool)):
                raise self.wrong((name, ""), f"a schema is an object, true or false, not {_kind(text.value)}")
            roots.extend(("" if single else name, *root) for root in self.roots_of(name, text.value))
        for file, _, place in (root for root in roots if not root[1]):
            self.result.documents[self.called(file)] = self.define(place)
        self.run()
        for file, part, place in (root for root in roots if root[1]):
            used, library = place in self.names, not self.constrains((place[0], ""))
            title = f"{self.called(file)}#{part}" if file or not library else part
            if used or library:  # a definition that its own file's schema does not use says nothing about documents
                (self.result.parts if used else self.result.documents)[title] = self.define(place)
        self.run()
        self.refuse_circles()
        self.doubt()
        written = (text.value for text in self.files.values())
        self.result.dialects = frozenset(words.dialect_of(value) for value in written if isinstance(value, dict))
        return self.result

    def called(self, file: str) -> str:
        return re.sub(r"(\.schema)?\.[a-z]+$", "", file) or "schema"

    def roots_of(self, file: str, value: Schema) -> Iterator[tuple[str, Place]]:
        """Yield what a file offers: its own schema under no name, and its definitions."""
        if isinstance(value, bool):
            yield "", (file, "")
            return
        if "openapi" in value or "swagger" in value:
            holder = value.get("components", {}).get("schemas", {}) if "openapi" in value else value.get("definitions")
            base = "/components/schemas" if "openapi" in value else "/definitions"
            if not isinstance(holder, dict):
                raise self.wrong((file, base), f"schemas by name are wanted here, not {_kind(holder)}")
            yield from ((name, (file, f"{base}/{escape(name)}")) for name in holder)
            return
        if not self.constrains((file, "")) and not value.keys() & words.BESIDE and value.keys() - words.ANNOTATIONS:
            strange = ", ".join(sorted(value)[:5])
            raise self.wrong((file, ""), f"this is no JSON Schema and no OpenAPI document; it has: {strange}")
        yield "", (file, "")
        for key in ("$defs", "definitions"):
            inner = value.get(key, {})
            if not isinstance(inner, dict):
                raise self.wrong((file, f"/{key}"), f"{key} must be schemas by name, not {_kind(inner)}")
            yield from ((name, (file, f"/{key}/{escape(name)}")) for name in inner)

    def constrains(self, place: Place) -> bool:
        value = self.files[place[0]].value
        return isinstance(value, bool) or bool(value.keys() & (words.ASSERTIONS | {"$ref", "dependencies", *_UNKNOWN}))

    def wrong(self, place: Place, why: str) -> ContractError:
        file, pointer = place
        line = self.files[file].line(pointer)
        message = f"{self.source.shown(file)}:{line}: not a schema that can be compared"
        return ContractError(message, kind="schema", problems=[Problem("schema", why, pointer or "/")])

    # --- references -------------------------------------------------------------------------------------------

    def index(self, file: str) -> None:
        """Note the identifiers and anchors of a file."""
        self.identified[_BASE + file] = (file, "")
        value = self.files[file].value
        openapi = isinstance(value, dict) and ("openapi" in value or "swagger" in value)
        roots = [
            (f"/components/schemas/{escape(n)}", v) for n, v in _dict(_dict(value, "components"), "schemas").items()
        ]
        roots = [*roots, *((f"/definitions/{escape(n)}", v) for n, v in _dict(value, "definitions").items())]
        dialect = words.dialect_of(value) if isinstance(value, dict) else ""
        for pointer, node in roots if openapi else [("", value)]:
            self.index_below(file, pointer, node, _BASE + file, dialect)

    def index_below(self, file: str, pointer: str, node: object, base: str, dialect: str) -> None:
        if not isinstance(node, dict):
            return
        dialect = _dialect(node, dialect)
        self.dialects[file, pointer] = dialect
        identifier = node.get("$id", node.get("id"))
        if isinstance(identifier, str):
            if identifier.startswith("#"):
                self.identified[urldefrag(base)[0] + identifier] = (file, pointer)
            else:
                base = urldefrag(urljoin(base, identifier))[0]
                self.identified[base] = (file, pointer)
        for key in ("$anchor", "$dynamicAnchor"):
            if isinstance(node.get(key), str):
                self.identified[f"{base}#{node[key]}"] = (file, pointer)
        if isinstance(node.get("$dynamicAnchor"), str):
            self.dynamic.setdefault(node["$dynamicAnchor"], []).append((file, pointer))
        self.bases[file, pointer] = base
        for step, inner in _written(node):
            self.index_below(file, pointer + step, inner, base, dialect)

    def resolve(self, reference: object, at: Place) -> Place:
        if not isinstance(reference, str):
            raise self.wrong(at, f"a reference is a text, not {_kind(reference)}")
        base = self.bases.get(at, _BASE + at[0])
        whole = urljoin(base, reference) if not reference.startswith("#") else base + reference
        address, fragment = urldefrag(whole)
        fragment = unquote(fragment)
        resource = self.identified.get(address) or self.beside(reference, at[0])
        if resource is None:
            raise self.wrong(at, f"the reference {reference!r} names no file or $id of this set; nothing is fetched")
        if fragment and not fragment.startswith("/"):
            found = self.identified.get(f"{address}#{fragment}")
            if found is None:
                raise self.wrong(at, f"the reference {reference!r} names an anchor that is not there")
            return found
        file, pointer = resource[0], resource[1] + fragment
        value = _at(self.files[file].value, pointer)
        if value is None:
            raise self.wrong(
                at, f"the reference {reference!r} names nothing: {self.source.shown(file)} has no {pointer}"
            )
        return file, pointer

    def beside(self, reference: str, file: str) -> Place | None:
        """Return a file of the set by its path, read now if nothing has asked for it yet."""
        path = urldefrag(reference)[0]
        if "://" in path or not path:
            return None
        name = _normal(PurePosixPath(file).parent / unquote(path))
        if name not in self.files:
            text = self.source.text(name)
            if text is None:
                return None
            self.files[name] = text
            self.index(name)
        return name, ""

    # --- the graph --------------------------------------------------------------------------------------------

    def define(self, place: Place) -> str:
        if place not in self.names:
            file, pointer = place
            stem = pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~") or self.called(file)
            plain = f"{self.side}.{re.sub(r'[^A-Za-z0-9_.-]', '_', stem) or 'schema'}"
            name, count = plain, 2
            while name in self.result.roots:
                name, count = f"{plain}_{count}", count + 1
            self.names[place] = name
            self.result.roots[name] = place
            self.todo.append(place)
        return self.names[place]

    def run(self) -> None:
        while self.todo:
            place = self.todo.pop()
            file, pointer = place
            value = self.files[file].value
            dialect = self.dialects.get(place) or (words.dialect_of(value) if isinstance(value, dict) else "2020-12")
            self.result.definitions[self.names[place]] = self.node(_at(value, pointer), place, dialect)

    def node(self, raw: object, at: Place, dialect: str) -> Schema:
        if isinstance(raw, bool):
            return raw
        if not isinstance(raw, dict):
            raise self.wrong(at, f"a schema is an object, true or false, not {_kind(raw)}")
        file, pointer = at
        dialect = _dialect(raw, dialect)
        made: dict[str, Any] = {}
        self.result.places[id(made)] = at
        for key, value in words.modern(raw, dialect).items():
            here = (file, f"{pointer}/{escape(key)}")
            if key == "$ref":
                made["$ref"] = _TARGET + self.define(self.resolve(value, at))
            elif key in words.ASSERTIONS:
                wanted = words.wrong_shape(key, value)
                if wanted:
                    raise self.wrong(here, f"{key} must be {wanted}, not {_kind(value)}")
                silent = key == "format" and not self.formats
                made["x-format" if silent else key] = self.inside(key, value, here, dialect)
            elif key in words.ANNOTATIONS or key.startswith("x-"):
                made[key] = value
            elif key not in words.BESIDE:
                self.other(key, value, at, made)
        if self.formats:
            words.implied(made)
        return made

    def inside(self, key: str, value: Any, at: Place, dialect: str) -> Any:  # noqa: ANN401 - any keyword's value
        file, pointer = at
        if key in words.SINGLE:
            return self.node(value, at, dialect)
        if key in words.LISTS:
            return [self.node(one, (file, f"{pointer}/{place}"), dialect) for place, one in enumerate(value)]
        if key in words.MAPS:
            if key == "patternProperties":
                for name in value:
                    self.expression(name, at)
            return {name: self.node(one, (file, f"{pointer}/{escape(name)}"), dialect) for name, one in value.items()}
        if key == "pattern":
            self.expression(value, at)
        return value

    def expression(self, pattern: str, at: Place) -> None:
        import jsonschema_rs

        try:
            jsonschema_rs.validator_for({"pattern": pattern})
        except ValueError:
            raise self.wrong(at, f"{pattern!r} is not a regular expression as ECMA 262 has it") from None

    def other(self, key: str, value: object, at: Place, made: dict[str, Any]) -> None:
        """Take a dynamic reference that can only mean one thing; note every other keyword nothing can judge."""
        found = Unsupported(at, key, value)
        if key not in _UNKNOWN or self.ambiguous(found):
            self.result.unsupported.append(found)
            return
        made["$ref"] = _TARGET + self.define(self.only(found))
        self.taken.append(found)

    def ambiguous(self, one: Unsupported) -> bool:
        """Return whether what a dynamic reference names depends on the schemas by which one came to it."""
        if one.keyword == "$recursiveRef":
            written = (text.value for text in self.files.values())
            return one.value != "#" or any(isinstance(v, dict) and v.get("$recursiveAnchor") is True for v in written)
        return not isinstance(one.value, str) or len(self.dynamic.get(one.value.rpartition("#")[2], ())) > 1

    def only(self, one: Unsupported) -> Place:
        anchors = self.dynamic.get(str(one.value).rpartition("#")[2], ()) if one.keyword == "$dynamicRef" else ()
        return anchors[0] if anchors else self.resolve(one.value, one.place)

    def doubt(self) -> None:
        """Note dynamic references that a file read later made ambiguous, and with each all that it may depend on.

        What one names may change by a change anywhere on the way to it, so it is the same only where all is.
        """
        self.result.unsupported += filter(self.ambiguous, self.taken)
        whole = [text.value for text in self.files.values()]
        self.result.unsupported = [
            replace(one, value=(one.value, whole)) if one.keyword in _UNKNOWN else one
            for one in self.result.unsupported
        ]

    def refuse_circles(self) -> None:
        """Refuse definitions that are defined by themselves, with no value taken apart in between."""
        done: set[str] = set()

        def follow(name: str, path: tuple[str, ...]) -> None:
            if name in path:
                circle = " -> ".join(one.partition(".")[2] for one in (*path[path.index(name) :], name))
                raise self.wrong(self.result.roots[name], f"a reference that leads back to itself: {circle}")
            if name not in done:
                for other in _same_value(self.result.definitions[name]):
                    follow(other, (*path, name))
                done.add(name)

        for name in self.result.roots:
            follow(name, ())


def _same_value(node: object) -> Iterator[str]:
    """Yield the definitions that are applied to the very value that a schema is applied to."""
    if not isinstance(node, dict):
        return
    if "$ref" in node:
        yield node["$ref"].removeprefix(_TARGET)
    for steps, inner in children(node):
        if steps[0] in words.IN_PLACE:
            yield from _same_value(inner)


def _written(node: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield what stands where a schema holds schemas, in whatever dialect, with the pointer that leads to it."""
    for key, inner in node.items():
        if isinstance(inner, list) and (key in words.LISTS or key == "items"):
            yield from ((f"/{key}/{place}", one) for place, one in enumerate(inner))
        elif isinstance(inner, dict) and key in {*words.MAPS, "$defs", "definitions", "dependencies"}:
            yield from ((f"/{key}/{escape(name)}", one) for name, one in inner.items())
        elif key in words.SINGLE or key == "additionalItems":
            yield f"/{key}", inner


def _dialect(node: Mapping[str, Any], around: str) -> str:
    """Return the dialect of a schema: its own where it is a resource that says one, else that around it."""
    return words.dialect_of(node) if isinstance(node.get("$schema"), str) else around


def _dict(value: object, key: str) -> dict[str, Any]:
    inner = value.get(key) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else {}


def _normal(path: PurePosixPath) -> str:
    parts: list[str] = []
    for part in path.parts:
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def _at(value: Any, pointer: str) -> Any:  # noqa: ANN401 - any JSON value
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value.get(name)
        elif isinstance(value, list) and name.isdigit() and int(name) < len(value):
            value = value[int(name)]
        else:
            return None
    return value


def _kind(value: object) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "true or false", type(None): "null"}
    return next((said for kind, said in kinds.items() if isinstance(value, kind)), f"{value!r:.40}")
