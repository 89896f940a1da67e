"""The words a mapping is written in: rules, losses and ignored fields, as plain data.

A path names fields from the scope it stands in: `item.sku`. `refs[type=invoice].id` means the element of
the list `refs` whose `type` is `invoice`; reading one that is not there gives nothing, writing makes it.
`extensions[com.vendor.colour]` is the member of that name, which may have points in it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from inspect import signature
from typing import TYPE_CHECKING, Any, Literal

from openreturns.errors import MappingError
from openreturns.mapping._codecs import SAME, Codec

if TYPE_CHECKING:
    from openreturns.mapping._environment import Environment

__all__ = [
    "Call",
    "Case",
    "Choice",
    "Constant",
    "Each",
    "Gap",
    "Numbered",
    "Pair",
    "Rule",
    "Select",
    "Setting",
    "Step",
    "constant",
    "dropped",
    "each",
    "ignored",
    "lossy",
    "numbered",
    "one_of",
    "one_way_in",
    "one_way_out",
    "pair",
    "parse_path",
    "setting",
    "when",
]

Direction = Literal["in", "out"]
Function = Callable[[Any, "Environment"], Any]


@dataclass(frozen=True, slots=True)
class Select:
    """A path step into the one element of a list whose `key` has this `value`."""

    name: str
    key: str
    value: str

    def __str__(self) -> str:
        """Return the step as it is written."""
        return f"{self.name}[{self.key}={self.value}]"


Step = str | Select


_is_step = re.compile(r"([^.\[\]]+)(?:\[([^\[\]]+)\])?").fullmatch


def parse_path(text: str) -> tuple[Step, ...]:
    """Return the steps of a path. Raises MappingError (kind `declaration`) if it is not one."""
    steps: list[Step] = []
    for part in re.split(r"\.(?![^\[]*\])", text):  # a name in brackets may have points
        found = _is_step(part)
        key, equals, value = (found[2] or "").partition("=") if found else ("", "", "")
        if not found or (equals and not (key and value)):
            hint = "; lists are joined with each()" if "[]" in text else ""
            raise MappingError(f"{text!r} is not a path{hint}", kind="declaration")
        if equals:
            steps.append(Select(found[1], key, value))
        else:
            steps += [found[1], key] if key else [found[1]]
    return tuple(steps)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that each tenant configures, by its name in the manifest."""

    name: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One canonical field and one vendor field, joined by a codec; `proposed` until a person has confirmed it."""

    canonical: str
    native: str
    codec: Codec
    only: Direction | None
    proposed: bool = False


@dataclass(frozen=True, slots=True)
class Each:
    """Two lists of objects, element by element; `key` names the vendor field that tells elements apart."""

    canonical: str
    native: str
    rules: tuple[Rule, ...]
    key: str | None
    where_in: Function | None
    where_out: Function | None
    only: Direction | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A canonical id that is the element's place in the vendor's list: "1", "2", ..."""

    canonical: str


@dataclass(frozen=True, slots=True)
class Constant:
    """A field on one side that always has the same value, or the tenant's."""

    side: Literal["canonical", "native"]
    path: str
    value: object


@dataclass(frozen=True, slots=True)
class Call:
    """A field on one side, or several, made by a plain function from fields on the other."""

    direction: Direction
    paths: tuple[str, ...]
    by: Function
    of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """Rules that hold when a condition holds; each side's condition is (path, value or predicate)."""

    canonical: tuple[str, object] | None
    native: tuple[str, object] | None
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """Cases of which the first that holds is taken; where none holds the document is refused."""

    cases: tuple[Case, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that does not reach the other side, or not whole, and why."""

    path: str
    reason: str
    kind: Literal["dropped", "lossy", "ignored"]


Rule = Pair | Each | Numbered | Constant | Call | Choice


def pair(
    canonical: str, native: str, codec: Codec = SAME, *, only: Direction | None = None, proposed: bool = False
) -> Pair:
    """Join two fields; `only` limits the rule to reading (`in`) or writing (`out`) the vendor's record.

    `proposed` marks what the generator guessed and no person has confirmed (`openreturns adapter review`): it works,
    but of money and quantities it keeps the adapter from the level `vendor`.

    Raises MappingError (kind `declaration`) for what is no codec: `code` is a function that makes one.
    """
    named = f"pair {canonical} <- {native}"
    _known_way(named, only)
    if not isinstance(codec, Codec):
        said = _unmade(codec, native) if callable(codec) else f"{codec!r} is no codec"
        raise MappingError(f"{named}: {said}", kind="declaration")
    return Pair(canonical, native, codec, only, proposed)


def _known_way(named: str, only: object) -> None:
    if only not in (None, "in", "out"):
        raise MappingError(f"{named}: only is 'in' or 'out', not {only!r}", kind="declaration")


def _unmade(maker: Callable[..., object], native: str) -> str:
    """Return what to say of a function that makes codecs, given in the place of one."""
    takes = next(iter(signature(maker).parameters), "")
    example = native.rpartition(".")[2] if takes == "table" else takes
    return f"the codec must be made, as in {maker.__name__}({example!r})"


def each(
    canonical: str,
    native: str,
    *rules: Rule,
    key: str | None = None,
    where_in: Function | None = None,
    where_out: Function | None = None,
    only: Direction | None = None,
) -> Each:
    """Join two lists of objects; the rules' paths start inside an element; `only` is as for `pair`.

    `key` is the vendor field by which an update finds the element it belongs to; without it the list is
    replaced whole. `where_in(vendor_element, environment)` and `where_out(canonical_element, environment)`
    say which elements belong to this rule, so that two rules can share one list: it gets what each of them makes,
    in the order of the rules. A list that an `each` fills, nothing else may fill.
    """
    _known_way(f"each {canonical} <- {native}", only)
    return Each(canonical, native, rules, key, where_in, where_out, only)


def numbered(canonical: str) -> Numbered:
    """Fill an id with the element's place in the vendor's list, where the vendor has none of its own."""
    return Numbered(canonical)


def constant(*, canonical: str = "", native: str = "", value: object) -> Constant:
    """Write `value` (or `setting(name)`) on the one side named; reading the other way ignores it."""
    if bool(canonical) == bool(native):
        raise MappingError("a constant names one side, canonical or native", kind="declaration")
    return Constant("canonical" if canonical else "native", canonical or native, value)


def setting(name: str) -> Setting:
    """Stand for the tenant's setting of that name."""
    return Setting(name)


def one_way_in(canonical: str | Sequence[str], by: Function, of: Sequence[str]) -> Call:
    """Fill a canonical field with `by(vendor_scope, environment)`; `of` names the vendor fields it reads.

    The function returns None for nothing, and raises ValueError where the record makes no sense. Given several fields,
    it returns a value or None for each of them, in their order.
    """
    return Call("in", _several(canonical), by, tuple(of))


def one_way_out(native: str | Sequence[str], by: Function, of: Sequence[str]) -> Call:
    """Fill a vendor field with `by(canonical_scope, environment)`, or several; `of` names the fields it reads."""
    return Call("out", _several(native), by, tuple(of))


def _several(paths: str | Sequence[str]) -> tuple[str, ...]:
    return (paths,) if isinstance(paths, str) else tuple(paths)


def when(*rules: Rule, canonical: tuple[str, object] | None = None, native: tuple[str, object] | None = None) -> Case:
    """Apply rules when the source side's condition holds.

    A condition is (path, value) or (path, predicate). A condition with a value works both ways: it is
    tested on the side that is read, and set on the side that is written.
    """
    return Case(canonical, native, rules)


def one_of(*cases: Case) -> Choice:
    """Take the first case whose condition holds; refuse the document where none does."""
    return Choice(cases)


def dropped(canonical: str, reason: str) -> Gap:
    """Declare that a canonical field, with all below it, does not reach the vendor."""
    return Gap(canonical, reason, "dropped")


def lossy(canonical: str, reason: str) -> Gap:
    """Declare that a canonical field reaches the vendor in part, or not in every case."""
    return Gap(canonical, reason, "lossy")


def ignored(native: str, reason: str) -> Gap:
    """Declare that a vendor field, with all below it, says nothing about the canonical document."""
    return Gap(native, reason, "ignored")
