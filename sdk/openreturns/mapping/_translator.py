"""Run a mapping: the compiled pass first; the interpreted one where that fails, or to say what was lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as Values
from dataclasses import replace
from functools import cached_property, partial
from typing import Any

from openreturns._fields import Field, generic
from openreturns.decimals import exactly
from openreturns.errors import ContractError, MappingError, Problem
from openreturns.mapping._compile import Compiled, compile_ops
from openreturns.mapping._environment import Environment, Tenant
from openreturns.mapping._interpret import BAD_VALUE, interpret
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._plan import Steps, plan
from openreturns.mapping._rules import Direction

__all__ = ["Translation", "Translator", "absent"]

_VALUELESS = frozenset({"missing", "type"})
"""Codes of problems whose sentences never repeat a value."""


class Translation:
    """A translated document, and what this very document lost or left open on the way.

    `clean` says at once that nothing is lost beyond the fields that the mapping drops from every document
    it could ever be given. `losses` (values that did not reach the other side) and `findings` (what a person
    should look at, such as an unknown code) are worked out from the source when first asked for: ask before
    changing it.
    """

    __slots__ = ("_again", "_found", "_read", "clean", "document")

    _found: Environment

    def __init__(self, document: dict[str, Any], clean: bool, read: bool, again: Callable[[], Environment]) -> None:
        self.document = document
        self.clean = clean
        self._read = read
        self._again = again

    @property
    def _notes(self) -> Environment:
        if not hasattr(self, "_found"):
            self._found = self._again()
        return self._found

    @property
    def losses(self) -> tuple[Problem, ...]:
        """What did not reach the other side, with the place on the side it was on."""
        # What is written may lack what every document has, and is declared dropped: that is told, and no news.
        return () if self.clean and self._read else tuple(self._notes.losses)

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What a person should look at."""
        return () if self.clean else tuple(self._notes.findings)


class Translator:
    """One mapping bound to one tenant. Make it once and share it; it holds no state between documents.

    `canonical_fields` and `native_fields` are the fields of the two contracts.
    """

    def __init__(
        self,
        mapping: Mapping,
        tenant: Tenant,
        *,
        canonical_fields: Values[str, Field],
        native_fields: Values[str, Field],
    ) -> None:
        self.mapping = mapping
        self.tenant = tenant
        self._fields: dict[Direction, Values[str, Field]] = {"in": native_fields, "out": canonical_fields}

    @cached_property
    def _plans(self) -> dict[Direction, Steps]:
        return {way: plan(self.mapping, way, self.tenant) for way in self.mapping.directions}

    @cached_property
    def _prepares(self) -> dict[Direction, bool]:
        """Whether anything of a document is looked at before its fields."""
        reads = self.mapping.currency_in is not None or bool(self.mapping.guards_in)
        return {"in": reads, "out": True}

    @cached_property
    def compiled(self) -> dict[Direction, Compiled]:
        """The compiled directions, with the Python they were made from."""
        return {
            way: compile_ops(
                ops,
                f"{self.mapping.native} {way} {self.mapping.canonical}",
                self._fields[way],
                self.mapping.losses if way == "out" else (),
            )
            for way, ops in self._plans.items()
        }

    def to_canonical(self, record: Values[str, Any], given: Values[str, Any] | None = None) -> Translation:
        """Return the canonical document of a vendor record that keeps its contract.

        `given` are values that do not stand in the record, such as `correlation_id`. Raises MappingError
        with every wrong field, both paths each.
        """
        return self._translate("in", record, given or {})

    def to_native(self, document: Values[str, Any], given: Values[str, Any] | None = None) -> Translation:
        """Return the vendor record of a valid canonical document. Raises MappingError as `to_canonical`."""
        return self._translate("out", document, given or {})

    def _translate(self, way: Direction, source: Values[str, Any], given: Values[str, Any]) -> Translation:
        compiled = self.compiled.get(way)
        if compiled is None:
            verb = "read from" if way == "in" else "written as"
            raise MappingError(f"a {self.mapping.canonical} cannot be {verb} {self.mapping.native}", kind="declaration")
        env = Environment(self.tenant, source, given)
        try:
            with exactly():
                if self._prepares[way]:
                    self._prepare(way, source, env)
                document = compiled.run(source, env)
        except Exception as error:
            self.interpret(way, source, given)  # raises, saying where; if not, a value is missing that has to be there
            raise self._incomplete(way, source, error) from error
        return Translation(document, not env.noted, way == "in", partial(self._notes, way, source, given))

    def _notes(self, way: Direction, source: Values[str, Any], given: Values[str, Any]) -> Environment:
        return self.interpret(way, source, given)[1]

    def _incomplete(self, way: Direction, source: Values[str, Any], error: Exception) -> ContractError:
        """Return what to say of a source that lacks what its contract requires: compiled rules rely on that."""
        name = self.mapping.native if way == "in" else self.mapping.canonical
        missing = [
            Problem("required", f"{path.rpartition('.')[2]!r} is required", *((at, "") if way == "out" else ("", at)))
            for path, field in self._fields[way].items()
            if field.required
            for at in absent(source, path)
        ]
        message = f"the {name} breaks its contract{'' if missing else f' ({type(error).__name__})'}"
        return ContractError(message, kind="schema", problems=missing)

    def interpret(
        self, way: Direction, source: Values[str, Any], given: Values[str, Any] | None = None
    ) -> tuple[dict[str, Any], Environment]:
        """Translate by the slow reference pass, which knows every place; return the document and the notes.

        Raises MappingError with everything that is wrong.
        """
        env = Environment(self.tenant, source, given or {})
        problems: list[Problem] = []
        with exactly():
            try:
                self._prepare(way, source, env)
            except BAD_VALUE as error:
                problems += getattr(error, "problems", ()) or [Problem("document", str(error))]
            document, wrong = interpret(self._plans[way], source, env, way, self.mapping.losses)
        problems += wrong
        if problems:
            ends = (self.mapping.native, self.mapping.canonical)
            named = " -> ".join(ends if way == "in" else ends[::-1])
            told = [self._discreet(problem) for problem in problems]
            raise MappingError(f"cannot translate {named}", kind="translation", problems=told)
        env.findings = [self._discreet(finding) for finding in env.findings]
        return document, env

    def _discreet(self, problem: Problem) -> Problem:
        """Return a problem without its sentence where that may repeat what names or reaches a person."""
        canonical = self._fields["out"].get(generic(problem.canonical).removesuffix("[]"))
        native = self._fields["in"].get(generic(problem.native).removesuffix("[]"))
        personal = (canonical and canonical.personal) or (native and native.personal)
        if personal and problem.code not in _VALUELESS:
            return replace(
                problem, message="has a value that the other side cannot hold (personal, not shown)", known=()
            )
        return problem

    def _prepare(self, way: Direction, source: Values[str, Any], env: Environment) -> None:
        currency = self.mapping.currency_in if way == "in" else self.mapping.currency_out
        if currency is not None:
            env.currency = currency(source, env)
        for guard in self.mapping.guards_in if way == "in" else self.mapping.guards_out:
            guard(source, env)


def absent(document: Any, path: str) -> Iterator[str]:  # noqa: ANN401 - any document
    """Yield the pointer of every place that lacks the field at a path, where what it belongs to is there."""
    first, _, rest = path.partition(".")
    name = first.removesuffix("[]")
    value = document.get(name) if isinstance(document, dict) else None
    if not rest:
        if isinstance(document, dict) and value is None:
            yield f"/{name}"
    elif first.endswith("[]"):
        for index, item in enumerate(value if isinstance(value, list) else ()):
            yield from (f"/{name}/{index}{inner}" for inner in absent(item, rest))
    else:
        yield from (f"/{name}{inner}" for inner in absent(value, rest))
