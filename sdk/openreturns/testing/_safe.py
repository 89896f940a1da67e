"""Provers: the same twice, the same in many threads, light to import, and nothing personal in what is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points
from typing import Any

from openreturns._fields import Field, generic
from openreturns._json import dump, parse
from openreturns._tenants import GROUP
from openreturns.errors import OpenReturnsError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Direction
from openreturns.testing._apart import made_of, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, NoEvidence
from openreturns.testing._drawn import sources
from openreturns.testing._ends import ends
from openreturns.testing._filled import copied, difference
from openreturns.testing._smallest import held
from openreturns.validation import document_validator

__all__ = ["entry", "light", "repeatable", "reticent", "shareable"]

SECRET = "Quagmire-7788 of Zebulon Lane"  # noqa: S105 - looked for in messages
_THREADS, _TIMES = 8, 4
# What an adapter needs only once it talks to its vendor, or is simulated, or tested.
_HEAVY = {"anyio", "httpcore", "httpx", "hypothesis", "pytest", "starlette", "uvicorn"}


def repeatable(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by translating twice, the second time with an adapter made anew; the source must stay as it was."""
    again = candidate.adapter.configure(candidate.evidence.tenant).translator(mapping.native, mapping.canonical)

    def repeats(source: dict[str, Any]) -> None:
        before = copied(source)
        made = [_spelled(one, way, source) for one in (candidate.translator(mapping), again)]
        if source != before:
            place, (was, value) = difference(before, source)
            source.update(before)
            said = f"translating changes {was!r} in what is translated into {value!r}"
            raise CheckFailure(said, value=value, document=before, **ends(mapping, way, generic(place), place))
        _the_same(mapping, way, made[0], made[1], "the same source makes two things", before)

    held(repeats, sources(candidate, mapping, way))


def _the_same(mapping: DocumentMapping, way: Direction, one: bytes, another: bytes, said: str, source: Any) -> None:
    if one != another:
        place, (wanted, value) = difference(parse(one), parse(another))
        _, _, inside = place.partition("/")[2].partition("/")  # of the records that one source makes, one of them
        places = ends(mapping, way, generic(f"/{inside}"), f"/{inside}", made=True)
        raise CheckFailure(f"{said}: {wanted!r} and {value!r}", value=value, document=source, **places)


def shareable(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by translating different sources in many threads at once with one translator."""
    translator, given = candidate.translator(mapping), list(sources(candidate, mapping, way))
    alone = [_spelled(translator, way, source) for source in given]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            together = list(pool.map(lambda source: _spelled(translator, way, source), given * _TIMES))
    finally:
        sys.setswitchinterval(before)
    for place, made in enumerate(together):
        said = "translated beside others, a source makes something else than alone"
        _the_same(mapping, way, alone[place % len(given)], made, said, given[place % len(given)])


def _spelled(translator: Any, way: Direction, source: dict[str, Any]) -> bytes:
    made = translated(translator, way, source)
    return b'"refused"' if made is None else dump(made.documents)


def reticent(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a value in every personal field, of the right and of the wrong kind, and reading all that is said."""
    whole, translator = candidate.whole(mapping, way), candidate.translator(mapping)
    for field in candidate.fields(mapping, way).values():
        if not field.personal or not field.leaf:
            continue

        def keeps_it(record: Any, field: Field = field) -> None:
            said = _said(candidate, mapping, way, translator, record)
            if SECRET in said:
                places = ends(mapping, way, field.path)
                raise CheckFailure(f"the value of {field.path} is repeated: {said[:300]}", value=SECRET, **places)

        held(keeps_it, (with_value(whole, field.path, value) for value in (SECRET, [SECRET], {"a": SECRET})))


def _said(candidate: Candidate, mapping: DocumentMapping, way: Direction, translator: Any, record: Any) -> str:
    """Return all that is said of a source: refusals, losses, findings."""
    told: list[object] = []
    try:
        if way == "in":
            candidate.configured.read(mapping.native, record, mapping.canonical)
        else:
            document_validator(mapping.canonical).check(record, "the document")
    except OpenReturnsError as error:
        told += [error, *error.problems]
    try:
        told += made_of(translator, way, record).told
    except OpenReturnsError as error:
        told += [error, *error.problems]
    return "\n".join(map(str, told))


def entry(candidate: Candidate) -> Iterator[Case]:
    """Yield the module that the adapter's entry point names."""
    found = [one for one in entry_points(group=GROUP) if one.name == candidate.name]
    if not found:
        raise NoEvidence(f"no entry point of the group {GROUP} is called {candidate.name}")
    yield Case(found[0].module, (found[0].module,))


def light(candidate: Candidate, module: str) -> None:
    """Prove by importing the adapter in a process of its own, and looking at what came with it."""
    code = f"import sys, {module}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if ran.returncode:
        raise CheckFailure(f"cannot be imported: {ran.stderr.strip().splitlines()[-1]}", value=module)
    heavy = sorted(_HEAVY & set(ran.stdout.split()))
    if heavy:
        raise CheckFailure(f"importing {module} imports {', '.join(heavy)}", value=heavy)
