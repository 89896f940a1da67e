"""Documents and records drawn for an adapter: the same for the same seed, and shared by all checks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from openreturns._fields import Field, generic
from openreturns.errors import MappingError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Choice, Direction, Each, Rule
from openreturns.mapping._table import plain, rows
from openreturns.testing._candidate import Candidate
from openreturns.testing._filled import leaves, values

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["carried_values", "drawn", "sources"]

_BACKEND = "openreturns"
_FIELDS = 4  # of each drawn document that get another value; which, goes round


def drawn(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Sequence[dict[str, Any]]:
    """Return what is drawn for a direction: canonical documents to write, or records of the contract to read.

    There are as many as the candidate has `cases`, drawn from its `seed` by hypothesis, which remembers nothing of
    earlier runs; records on cassettes come first. Documents name what master.toml knows, records mostly the words of
    code tables. Do not change them.
    """
    kind = f"drawn:{mapping.canonical if way == 'out' else mapping.native}:{way}"
    if kind not in candidate.memory:
        strategy = _documents(candidate, mapping) if way == "out" else _records(candidate, mapping)
        taped = _taped(candidate, mapping) if way == "in" else []
        candidate.memory[kind] = taped + _examples(strategy, candidate.cases, candidate.seed)
    found: list[dict[str, Any]] = candidate.memory[kind]
    return found


def sources(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Iterator[dict[str, Any]]:
    """Yield a record that has everything, each with another value in one field, and drawn ones."""
    yield candidate.whole(mapping, way)
    yield from (other for _, other in candidate.changed(mapping, way))
    yield from drawn(candidate, mapping, way)


def _documents(candidate: Candidate, mapping: DocumentMapping) -> SearchStrategy[Any]:
    from openreturns.testing.strategies import MasterData, documents

    try:
        known = MasterData(**candidate.evidence.master)
    except TypeError as error:
        raise MappingError(f"master.toml: {error}", kind="setting") from None
    return documents(mapping.canonical, known).map(lambda document: document.to_dict())


def _taped(candidate: Candidate, mapping: DocumentMapping) -> list[Any]:
    """Return the records of a kind in the answers of the evidence's cassettes."""
    if not candidate.evidence.cassettes:
        return []
    from openreturns.testing.cassettes import read, records_of

    tapes = map(read, candidate.evidence.cassettes)
    found = (pair for tape in tapes for pair in records_of(tape, candidate.configured))
    return [record for native, record in found if native == mapping.native]


def _records(candidate: Candidate, mapping: DocumentMapping) -> SearchStrategy[Any]:
    from openreturns.testing.strategies import records

    ours, native = candidate.configured, mapping.native
    return records(ours, native, strange=False) | records(ours, native)  # what nothing knows is mostly refused


def _examples(strategy: SearchStrategy[Any], cases: int, seed: int) -> list[Any]:
    """Return the first so many that a strategy draws from a seed, in whatever process."""
    import hypothesis

    found: list[Any] = []
    _without_local_constants()
    rule = hypothesis.settings(
        backend=_BACKEND,
        max_examples=cases,
        phases=[hypothesis.Phase.generate],
        derandomize=False,  # the seed below is what it is drawn from
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    hypothesis.seed(seed)(rule(hypothesis.given(strategy)(lambda one: found.append(one))))()
    return found


def _without_local_constants() -> None:
    """Register a source of values that takes none from whatever modules are loaded, as hypothesis's does."""
    from hypothesis.internal.conjecture import providers

    class Apart(providers.HypothesisProvider):
        def _maybe_draw_constant(self, *_: Any, **__: Any) -> None:
            return None

    providers.AVAILABLE_PROVIDERS[_BACKEND] = Apart


def carried_values(
    candidate: Candidate, mapping: DocumentMapping, way: Direction
) -> Iterator[tuple[dict[str, Any], str, Field, tuple[Any, Any]]]:
    """Yield drawn documents, each with pointers of values that a codec carries, their field, and two values for it.

    What a function reads, or a list's condition leaves out, may count in some documents only: of that, the record
    that has everything is asked.
    """
    fields, chosen = candidate.fields(mapping, way), candidate.values(mapping, way)
    carried, left_out = _carried(mapping, way), tuple(f"{path}[]" for path in _conditional(mapping.rules, way))
    for number, document in enumerate(drawn(candidate, mapping, way)):
        there = {generic(pointer): pointer for pointer, _ in leaves(document)}  # of a list, the last that has it
        paths = [path for path in there if path in fields and fields[path].leaf and path.startswith(carried)]
        paths = [path for path in paths if not path.startswith(left_out) and _is_in(path, carried)]
        for place in range(min(_FIELDS, len(paths))):
            path = paths[(number * _FIELDS + place) % len(paths)]
            pair = values(fields[path], chosen)
            if pair:
                yield document, there[path], fields[path], (pair[0], pair[1])


def _carried(mapping: DocumentMapping, way: Direction) -> tuple[str, ...]:
    ends = ("canonical" if way == "out" else "native", ("both", way))
    return tuple(plain(getattr(row, ends[0])) for row in rows(mapping) if row.codec and row.direction in ends[1])


def _is_in(path: str, carried: tuple[str, ...]) -> bool:
    return any(path == one or path[len(one)] in ".[" for one in carried if path.startswith(one))


def _conditional(rules: Sequence[Rule], way: Direction, at: str = "") -> Iterator[str]:
    """Yield the lists of which a condition leaves elements out."""
    for rule in rules:
        if isinstance(rule, Each):
            here = at + (rule.canonical if way == "out" else rule.native)
            if (rule.where_out if way == "out" else rule.where_in) is not None:
                yield plain(here)
            yield from _conditional(rule.rules, way, f"{here}[].")
        elif isinstance(rule, Choice):
            for case in rule.cases:
                yield from _conditional(case.rules, way, at)
