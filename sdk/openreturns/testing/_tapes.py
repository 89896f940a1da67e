"""Provers: what was recorded of a vendor is still read, and the client still says what it said then.

`cassettes/*.json` beside an adapter's test file are recorded exchanges; verbs.toml says what was done on each:

    [[cassette]]
    file = "cassettes/opened-and-followed.json"
    verbs = ["open_case", "update_case"]      # rows of verbs.toml, in this order, all of one role
    seed = { sale = "SO-1" }                  # what `{seed.PATH}` was, {n} is 000001
    connection = { base_url = "http://recorded.example/desk", login = "any", password = "any" }
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openreturns.errors import ContractError, MappingError
from openreturns.testing._at import NO_WAIT, At, connection
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable, NoEvidence
from openreturns.testing._verbs import Run, row
from openreturns.transport import Budget
from openreturns.transport._limits import forget

if TYPE_CHECKING:
    from openreturns.testing.cassettes import Cassette

__all__ = ["act", "played", "plays", "read_again", "tapes"]


def tapes(candidate: Candidate) -> Iterator[Case]:
    """Yield each cassette."""
    if not candidate.evidence.cassettes:
        raise Inapplicable("there is no cassette (cassettes/*.json)")
    yield from (Case(path.stem, (path,)) for path in candidate.evidence.cassettes)


def read_again(candidate: Candidate, path: Path) -> None:
    """Prove by each record in the cassette's answers."""
    from openreturns.testing.cassettes import records_of

    ours = candidate.configured
    for native, record in records_of(_tape(path), ours):
        for problem in ours.check_record(native, record):
            raise CheckFailure(f"{native} breaks its contract: {problem}", native=problem.native, document=record)
        for mapping in candidate.mappings:
            if mapping.native == native and "in" in mapping.directions:
                try:
                    ours.read(native, record, mapping.canonical)
                except (ContractError, MappingError) as refused:
                    if not refused.problems:
                        raise CheckFailure(f"is refused without a reason: {refused}", document=record) from refused


def plays(candidate: Candidate) -> Iterator[Case]:
    """Yield each cassette with what verbs.toml says of it."""
    told = {row["file"]: row for row in candidate.evidence.verbs.get("cassette", ())}
    for case in tapes(candidate):
        [path] = case.given
        name = f"cassettes/{path.name}"
        if name not in told:
            raise NoEvidence(f"verbs.toml does not say what was done on {name} ([[cassette]])")
        yield Case(case.name, (path, told[name]))


def played(candidate: Candidate, path: Path, told: Mapping[str, Any]) -> None:
    """Prove by doing again what was done, answered from the cassette, until all of it has been asked for."""
    from openreturns.testing.cassettes import CassetteError, replaying

    tape = _tape(path)
    with replaying(tape, adapter=candidate.configured, personal=told.get("personal", ())) as player:
        try:
            act(candidate, told, told.get("connection", {}))
        except (CassetteError, CheckFailure) as error:
            raise CheckFailure(player.unmatched[0] if player.unmatched else str(error), value=tape.story) from error
    if player.unplayed:
        first = player.unplayed[0].request
        said = f"{len(player.unplayed)} recorded exchanges are not asked for, first {first['method']} {first['path']}"
        raise CheckFailure(said, native=str(first["path"]), document=first)


def act(candidate: Candidate, told: Mapping[str, Any], connected: Mapping[str, Any]) -> None:
    """Do the verbs of a cassette's row, with the client connected to wherever the vendor is."""
    verbs = [row(candidate, name) for name in told["verbs"]]
    forget()
    given = {"time": NO_WAIT, "budget": Budget(), **connected}
    with connection(candidate)[0].connect(verbs[0].role, **given) as client:
        at = At(client, None, told.get("seed", {}))  # type: ignore[arg-type] # nothing here is simulated
        run = Run(candidate, at, 1)
        for verb in verbs:
            run.done(verb)


def _tape(path: Path) -> Cassette:
    from openreturns.testing.cassettes import read

    return read(path)
