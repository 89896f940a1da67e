"""Provers: the same twice, the same in many threads, light to import, and nothing personal in what is said."""

from __future__ import annotations

import copy
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import entry_points
from typing import Any

from openreturns._json import dump
from openreturns.adapters import GROUP
from openreturns.errors import OpenReturnsError
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping._rules import Direction
from openreturns.testing._apart import made_of, translated, with_value
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, NoEvidence
from openreturns.validation import document_validator

__all__ = ["entry", "light", "repeatable", "reticent", "shareable"]

SECRET = "Quagmire-7788 of Zebulon Lane"  # noqa: S105 - looked for in messages
_THREADS = 8
# What an adapter needs only once it talks to its vendor, or is simulated, or tested.
_HEAVY = {"anyio", "httpcore", "httpx", "hypothesis", "pytest", "starlette", "uvicorn"}


def repeatable(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by translating twice, the second time with an adapter made anew; the source must stay as it was."""
    again = candidate.adapter.configure(candidate.evidence.tenant).translator(mapping.native, mapping.canonical)
    for record in _sources(candidate, mapping, way):
        before = copy.deepcopy(record)
        made = [_spelled(one, way, record) for one in (candidate.translator(mapping), again)]
        if record != before:
            raise CheckFailure("translating changes what is translated", document=before)
        if made[0] != made[1]:
            raise CheckFailure("the same source makes two things", value=made[1], document=before)


def shareable(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by translating different sources in many threads at once with one translator."""
    translator, sources = candidate.translator(mapping), list(_sources(candidate, mapping, way))
    alone = [_spelled(translator, way, source) for source in sources]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(_THREADS) as pool:
            together = list(pool.map(lambda source: _spelled(translator, way, source), sources * _THREADS))
    finally:
        sys.setswitchinterval(before)
    for place, made in enumerate(together):
        if made != alone[place % len(sources)]:
            said = "translated beside others, a source makes something else than alone"
            raise CheckFailure(said, value=made, document=sources[place % len(sources)])


def _sources(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> Iterator[dict[str, Any]]:
    yield candidate.whole(mapping, way)
    yield from (other for _, other in candidate.changed(mapping, way))


def _spelled(translator: Any, way: Direction, source: dict[str, Any]) -> str:
    made = translated(translator, way, source)
    return "refused" if made is None else dump(made.documents).decode("utf-8")


def reticent(candidate: Candidate, mapping: DocumentMapping, way: Direction) -> None:
    """Prove by a value in every personal field, of the right and of the wrong kind, and reading all that is said."""
    whole = candidate.whole(mapping, way)
    translator = candidate.translator(mapping)
    for field in candidate.fields(mapping, way).values():
        if not field.personal or not field.leaf:
            continue
        for value in (SECRET, [SECRET], {"a": SECRET}):
            record = with_value(whole, field.path, value)
            said = _said(candidate, mapping, way, translator, record)
            if SECRET in said:
                ends = {"native": field.path} if way == "in" else {"canonical": field.path}
                raise CheckFailure(f"the value of {field.path} is repeated: {said[:300]}", document=record, **ends)


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
