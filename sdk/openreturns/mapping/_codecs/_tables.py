"""Codecs of words, through the code tables of a tenant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from openreturns.mapping._codecs._codec import AS_IS, Bound, Codec, Converter, another_kind, fixed
from openreturns.mapping._codecs._ids_and_times import digits_of, integer_of

if TYPE_CHECKING:
    from openreturns.mapping._environment import CodeTable, Environment

__all__ = ["code", "coded", "lookup"]


def code(table: str) -> Codec:
    """Join a canonical code to a vendor word through the tenant's code table of that name."""
    return _table_codec(f"code {table}", {"code"}, table, lambda t: Bound({"": _read_code(t)}, _write_code(t)), ("",))


def lookup(table: str, native: str = "text code") -> Codec:
    """Join an open id (a SKU, a unit, a currency) to the vendor's id through the tenant's code table."""

    def bind(t: CodeTable) -> Bound:
        if native != "integer":
            return Bound({"": _read_code(t)}, _write_code(t))
        return Bound(
            {"": Converter(lambda value, env: t.require(digits_of(value), env))},
            Converter(lambda value, env: integer_of(t.word(value))),
        )

    return _table_codec(f"lookup {table}", {"text", "code"}, table, bind, ("",), native)


def coded(table: str) -> Codec:
    """Join a coded value `{code, source, note}` to a vendor word; the word itself is kept in `source`."""

    def bind(t: CodeTable) -> Bound:
        def write(value: Mapping[str, Any], env: Environment) -> str:
            if not isinstance(value, dict):
                raise another_kind(value, "an object with code")
            source = value.get("source")
            if source and source["scheme"] == t.scheme:
                if t.stands_for(source["value"], value["code"]):
                    return str(source["value"])
                env.lose("the word kept as source no longer says the code", below="/source")
                return _word(t, value["code"], env)
            if source:
                env.lose("the code of another system is not kept", below="/source")
            return _word(t, value["code"], env)

        parts = {"code": _read_code(t), "source.scheme": fixed(t.scheme), "source.value": AS_IS}
        return Bound(parts, Converter(write))

    kinds = {"ReturnReason", "DispositionCode", "ConditionGrade", "AdjustmentReason", "CreditReason"}
    return _table_codec(f"coded {table}", kinds, table, bind, ("code", "source.scheme", "source.value"))


def _table_codec(
    name: str,
    canonical: set[str],
    table: str,
    bind: Callable[[CodeTable], Bound],
    covers: tuple[str, ...],
    native: str = "text code",
) -> Codec:
    kinds = frozenset(canonical), frozenset(native.split())
    return Codec(name, *kinds, lambda tenant: bind(tenant.table(table)), covers=covers, table=table)


def _read_code(table: CodeTable) -> Converter:
    read, require = table.read.get, table.require

    def find(word: str, env: Environment) -> str:
        if not isinstance(word, str):
            raise another_kind(word, "a text")
        return read(word) or require(word, env)

    return Converter(find, "find({v}, env)", {"find": find})


def _write_code(table: CodeTable) -> Converter:
    return Converter(lambda value, env: _word(table, value, env))


def _word(table: CodeTable, value: str, env: Environment) -> str:
    if not isinstance(value, str):
        raise another_kind(value, "a text")
    word = table.word(value)
    if value in table.lossy:
        env.lose(f"{value!r} is written as {word!r}, which reads back as {table.code(word)!r}")
    return word
