"""Run a mapping: the compiled pass first; the interpreted one where that fails, or to say what was lost."""

from __future__ import annotations

from collections.abc import Mapping as Values
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from openreturns._fields import Field
from openreturns.errors import MappingError, Problem
from openreturns.mapping._compile import Compiled, compile_ops
from openreturns.mapping._environment import Environment, Tenant
from openreturns.mapping._interpret import interpret
from openreturns.mapping._mapping import Mapping
from openreturns.mapping._plan import Op, plan
from openreturns.mapping._rules import Direction

__all__ = ["Translation", "Translator"]


@dataclass(frozen=True)
class Translation:
    """A translated document, and what this very document lost or left open on the way.

    `losses` are values that did not reach the other side, `findings` are things a person should look at (an
    unknown code, say). Both are worked out when first asked for; `clean` says at once that there are none.
    """

    document: dict[str, Any]
    clean: bool
    _again: Environment | None = field(repr=False, default=None)

    @property
    def losses(self) -> tuple[Problem, ...]:
        """What did not reach the other side, with the place on the side it was on."""
        return tuple(self._again.losses) if self._again else ()

    @property
    def findings(self) -> tuple[Problem, ...]:
        """What a person should look at."""
        return tuple(self._again.findings) if self._again else ()


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
        self._fields = {"in": native_fields, "out": canonical_fields}

    @cached_property
    def _plans(self) -> dict[Direction, tuple[Op, ...]]:
        return {way: plan(self.mapping, way, self.tenant) for way in self.mapping.directions}

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
        return self._translate("in", record, given)

    def to_native(self, document: Values[str, Any], given: Values[str, Any] | None = None) -> Translation:
        """Return the vendor record of a valid canonical document. Raises MappingError as `to_canonical`."""
        return self._translate("out", document, given)

    def _translate(
        self, way: Direction, source: Values[str, Any], given: Values[str, Any] | None
    ) -> Translation:
        if way not in self._plans:
            verb = "read from" if way == "in" else "written as"
            raise MappingError(
                f"a {self.mapping.canonical} cannot be {verb} {self.mapping.native}", kind="declaration"
            )
        env = Environment(self.tenant, source, given or {})
        try:
            self._prepare(way, source, env)
            document = self.compiled[way].run(source, env)
        except Exception as error:  # noqa: BLE001 - whatever it is, the second pass says where
            return self.interpreted(way, source, given, because=error)
        if not env.noted:
            return Translation(document, clean=True)
        return self.interpreted(way, source, given)

    def interpreted(
        self,
        way: Direction,
        source: Values[str, Any],
        given: Values[str, Any] | None = None,
        *,
        because: Exception | None = None,
    ) -> Translation:
        """Translate by the slow reference pass; used for records that fail or have something to report."""
        env = Environment(self.tenant, source, given or {})
        problems: list[Problem] = []
        try:
            self._prepare(way, source, env)
        except (ValueError, TypeError, KeyError, AttributeError, MappingError) as error:
            problems += getattr(error, "problems", ()) or [Problem("document", str(error))]
        document, wrong = interpret(self._plans[way], source, env, way, self.mapping.losses)
        problems += wrong
        if problems:
            ends = f"{self.mapping.native} -> {self.mapping.canonical}"
            raise MappingError(
                f"cannot translate {ends if way == 'in' else ' -> '.join(reversed(ends.split(' -> ')))}",
                kind="translation",
                problems=problems,
            ) from None
        if because is not None:
            raise because
        return Translation(document, clean=not (env.losses or env.findings), _again=env)

    def _prepare(self, way: Direction, source: Values[str, Any], env: Environment) -> None:
        currency = self.mapping.currency_in if way == "in" else self.mapping.currency_out
        if currency is not None:
            env.currency = currency(source, env)
        for guard in self.mapping.guards_in if way == "in" else self.mapping.guards_out:
            guard(source, env)
