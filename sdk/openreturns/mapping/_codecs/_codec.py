"""What a codec is, and how most are made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openreturns.mapping._environment import Environment, Tenant

__all__ = ["AS_IS", "SAME", "Bound", "Codec", "Converter", "another_kind", "calling", "fixed", "joined"]


@dataclass(frozen=True, slots=True)
class Converter:
    """One direction: a function of (value, environment), and where it is shorter the same as an expression.

    The expression is Python over `{v}` (the value) and `env`; `names` are the other names in it.
    """

    call: Callable[[Any, Environment], Any]
    expression: str = ""
    names: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bound:
    """A codec bound to a tenant: the canonical parts by path below the field (`""` is the field), and back."""

    parts: Mapping[str, Converter]
    write: Converter


@dataclass(frozen=True, slots=True)
class Codec:
    """A named pair of conversions.

    `canonical` and `native` are the kinds of field it fits on each side (`_fields.Field.kind`; a canonical
    object by the name of its definition). `covers` are the parts of a canonical object it carries, `table`
    the code table it needs.
    """

    name: str
    canonical: frozenset[str]
    native: frozenset[str]
    bind: Callable[[Tenant], Bound]
    covers: tuple[str, ...] = ("",)
    table: str = ""


def joined(name: str, canonical: str, native: str, read: Converter, write: Converter) -> Codec:
    """Return a codec of a plain field, the same for every tenant."""
    bound = Bound({"": read}, write)
    return Codec(name, frozenset(canonical.split()), frozenset(native.split()), lambda tenant: bound)


def calling(function: Callable[[Any], Any], name: str, quick: str = "") -> Converter:
    """Return a converter by a function; `quick` says the same for the usual value, without a call."""
    text = f"{name}({{v}})"
    return Converter(lambda value, env: function(value), f"({quick} else {text})" if quick else text, {name: function})


AS_IS = Converter(lambda value, env: value, "{v}")
_EVERY_KIND = "text code decimal timestamp date integer boolean array map"

SAME = joined("same", _EVERY_KIND, "text code timestamp date integer boolean array", AS_IS, AS_IS)
"""The same value on both sides."""


def another_kind(value: object, wanted: str) -> TypeError:
    """Return what to raise for a value of another kind than the one that is wanted."""
    if isinstance(value, (dict, list)):
        said = "an object" if isinstance(value, dict) else "a list"
    elif isinstance(value, str):
        said = f"the text {value!r:.40}"
    else:
        said = str(value).lower() if isinstance(value, bool) else f"the number {value!s:.40}"
    return TypeError(f"{said}, not {wanted}")


def fixed(value: str) -> Converter:
    """Return what gives the same text whatever it is given."""
    return Converter(lambda _value, env: value, repr(value).replace("{", "{{").replace("}", "}}"))
