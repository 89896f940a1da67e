"""The checks of the level `live`: the same verbs at a real system, only where somebody says which one."""

from __future__ import annotations

import os
import time
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from openreturns.errors import MappingError
from openreturns.idempotency import Done
from openreturns.testing._at import At
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, NoEvidence, table
from openreturns.testing._verbs import Run, Verb, rows, settled, told

__all__ = ["LIVE", "system"]

_NUMBERS = 1_000_000


def system(candidate: Candidate) -> Mapping[str, Any]:
    """Return the real system to prove an adapter at, from the TOML file that `OPENRETURNS_LIVE_<NAME>` names.

    It holds `[settings]` and `[connection]`, which is what the client takes. Raises NoEvidence without the variable.
    """
    variable = f"OPENRETURNS_LIVE_{candidate.name.upper()}"
    path = os.environ.get(variable)
    if not path:
        raise NoEvidence(f"no real system is named: {variable} is a TOML file with [settings] and [connection]")
    try:
        return tomllib.loads(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read {path}: {error}", kind="setting") from None


@contextmanager
def _at_system(candidate: Candidate, verb: Verb) -> Iterator[Run]:
    """Connect to the real system, for a run of a number that is not used again in a long time."""
    given = system(candidate)
    settings = {**candidate.evidence.tenant.get("settings", {}), **given.get("settings", {})}
    adapter = candidate.adapter.configure({**candidate.evidence.tenant, "settings": settings})
    with adapter.connect(verb.role, **given.get("connection", {})) as client:
        at = At(client, None, given.get("seed", {}))  # type: ignore[arg-type] # nothing here is simulated
        yield Run(candidate, at, time.time_ns() // 1_000_000 % _NUMBERS)


def _live(candidate: Candidate) -> Iterator[Case]:
    """Yield each row of verbs.toml that needs no step at a simulated vendor."""
    system(candidate)
    yield from (Case(one.name, (one,)) for one in rows(candidate).values() if not one.steps)


def _writes(candidate: Candidate) -> Iterator[Case]:
    """Yield those that change something."""
    yield from (case for case in _live(candidate) if case.given[0].write)


def works(candidate: Candidate, verb: Verb) -> None:
    """Prove by doing it."""
    with _at_system(candidate, verb) as run:
        run.done(verb)


def twice(candidate: Candidate, verb: Verb) -> None:
    """Prove by saying it twice."""
    with _at_system(candidate, verb) as run:
        run.prepare(verb)
        first, second = settled(run, verb), settled(run, verb)
        if not isinstance(first, Done) or not isinstance(second, Done) or first.ref != second.ref:
            raise CheckFailure(f"said twice: {told(first)}, then {told(second)}", document=run.document(verb))


LIVE = table("live", {"LIVE_VERBS_WORK": (_live, works), "LIVE_WRITES_REPEATED_ONCE": (_writes, twice)})
