"""Provers: what a verb says it did is done, once, whatever answers are lost, and seen by looking."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from inspect import signature
from typing import Any

from openreturns._json import parse
from openreturns.errors import OpenReturnsError, RejectedError
from openreturns.idempotency import Done, Outcome
from openreturns.ports import ROLES
from openreturns.sandbox import Fault
from openreturns.testing._at import At, at_vendor, clients, holdings, port
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable, NoEvidence
from openreturns.testing._told import tells
from openreturns.testing._verbs import Run, Verb, at, rows, settled, told, writes
from openreturns.transport import Timeouts

__all__ = [
    "clean",
    "delivered",
    "forgetful",
    "lost_answers",
    "once",
    "refuses",
    "same_as",
    "seen",
    "shared",
    "supported",
    "tried",
    "twice",
    "unsupported",
    "works",
]

RUNS = 15
_THREADS = 8
_LOST = {
    "error_after": "500 after the effect",
    "cut_after": "connection cut after the effect",
    "hang_after": "time-out after the effect",
    "cut_before": "connection cut before the effect",
    "error_before": "500 before the effect",
    "truncated": "half of the answer",
    "html": "a proxy's page",
}
_FEW = 2
_PATIENCE = 0.05  # seconds that a client waits for an answer that hangs twice as long


def supported(candidate: Candidate) -> Iterator[Case]:
    """Yield each verb that a client of the adapter writes."""
    for role in clients(candidate):
        # What is heard is proven by the checks of webhooks.
        found = sorted(port(candidate, role).supported() - {"hear"})
        yield from (Case(f"{role}.{verb}", (role, verb)) for verb in found)


def works(candidate: Candidate, role: str, verb: str) -> None:
    """Prove by doing it, as verbs.toml says."""
    if verb == "changes":
        with at_vendor(candidate, role) as there:
            list(there.client.changes(datetime.now(UTC) - timedelta(days=1)))
        return
    found = [one for one in rows(candidate).values() if one.verb == verb and one.role == role]
    if not found:
        raise NoEvidence(f"verbs.toml has no row for the verb {verb!r}")
    for one in found:
        with at(candidate, one) as there:
            if Run(candidate, there, 1).done(one) is None:
                raise CheckFailure(f"{one.name} returns nothing")
            if (
                candidate.manifest.get("webhooks", {}).get("signature", "none") == "none"
                and there.simulator.outbox.take()
            ):
                raise CheckFailure("the manifest says that no webhooks are sent, and some were")
        with at(candidate, one) as there:
            tells(Run(candidate, there, 1), one)


def unsupported(candidate: Candidate) -> Iterator[Case]:
    """Yield each verb of the adapter's roles that it does not write."""
    missing = [
        (role, verb)
        for role in clients(candidate)
        for verb in ROLES[role].verbs
        if verb not in port(candidate, role).supported()
    ]
    if not missing:
        raise Inapplicable("every verb of the role is supported")
    yield from (Case(f"{role}.{verb}", (role, verb)) for role, verb in missing)


def refuses(candidate: Candidate, role: str, verb: str) -> None:
    """Prove by calling it: it refuses as `unsupported`, and sends nothing."""
    with at_vendor(candidate, role) as there:
        before, does = len(there.simulator.calls), getattr(there.client, verb)
        try:
            does(*(None for _ in signature(does).parameters))
        except RejectedError as error:
            if error.kind != "unsupported":
                raise CheckFailure(f"{verb} is refused as {error.kind!r}, not as 'unsupported'") from None
            if len(there.simulator.calls) != before:
                raise CheckFailure(f"{verb} is not supported, and calls the vendor") from None
            return
        raise CheckFailure(f"{verb} is not supported, and does not refuse")


def lost_answers(candidate: Candidate) -> Iterator[Case]:
    """Yield each call that changes something with each way in which its answer can be lost."""
    for case in writes(candidate):
        [verb] = case.given
        for number, write in enumerate(verb.write):
            place = f":{number + 1}" if len(verb.write) > 1 else ""
            yield from (Case(f"{verb.name}{place}/{kind}", (verb, write, kind)) for kind in _LOST)


def once(candidate: Candidate, verb: Verb, write: str, kind: Any) -> None:
    """Prove by losing the answer in run after run, and comparing what the vendor holds with runs without faults."""
    hangs = kind == "hang_after"
    timeouts = Timeouts(read=_PATIENCE) if hangs else Timeouts()
    with at(candidate, verb, timeouts=timeouts, simulator=forgetful(candidate)) as there:
        for number in range(RUNS):
            run = Run(candidate, there, number)
            run.prepare(verb)
            there.simulator.faults.add(Fault(kind, write, seconds=2 * _PATIENCE if hangs else 0.0))
            outcome = settled(run, verb)
            if there.simulator.faults.waiting:
                raise CheckFailure(f"no call of {verb.name} matches {write!r}", document=run.document(verb))
            if not isinstance(outcome, Done):
                said = f"{_LOST[kind]} of {write}: {verb.name} ends as {told(outcome)}"
                raise CheckFailure(said, document=run.document(verb))
        same_as(clean(candidate, verb), holdings(there.simulator), f"{_LOST[kind]} of {write}", run.document(verb))


def clean(candidate: Candidate, verb: Verb) -> Counter[str]:
    """Return what a vendor holds after as many runs without any fault."""
    key = f"clean:{verb.name}"
    if key not in candidate.memory:
        with at(candidate, verb, simulator=forgetful(candidate)) as there:
            for number in range(RUNS):
                run = Run(candidate, there, number)
                run.prepare(verb)
                _done(run, verb)
            candidate.memory[key] = holdings(there.simulator)
    found: Counter[str] = candidate.memory[key]
    return found


def _done(run: Run, verb: Verb) -> Done:
    outcome = settled(run, verb)
    if not isinstance(outcome, Done):
        raise CheckFailure(f"{verb.name} is not done: {told(outcome)}", document=run.document(verb))
    return outcome


def same_as(wanted: Counter[str], found: Counter[str], what: str, document: object) -> None:
    """Raise CheckFailure where a vendor holds something else than it should."""
    more, less = found - wanted, wanted - found
    if more or less:
        said = [
            f"{sum(rows.values())} records {word}, such as {next(iter(rows))[:300]}"
            for rows, word in ((more, "too many"), (less, "missing"))
            if rows
        ]
        apart = _apart(more, less)
        said += [f"one too many and one missing differ in {apart} alone"] if apart else []
        raise CheckFailure(f"{what}: the vendor does not hold what it should: {'; '.join(said)}", document=document)


def _apart(more: Counter[str], less: Counter[str]) -> str:
    """Return the fields in which the records that are most alike differ, where they are few: a clock, say."""
    pairs = [(_record(one), _record(other)) for one in list(more)[:RUNS] for other in list(less)[:RUNS]]
    found = [
        sorted(name for name in {*one, *other} if one.get(name) != other.get(name))
        for one, other in pairs
        if one and other
    ]
    least: list[str] = min(found, key=len, default=[])
    return ", ".join(least) if 0 < len(least) <= _FEW else ""


def _record(held: str) -> dict[str, Any]:
    found = parse(held.partition(" ")[2])
    return found if isinstance(found, dict) else {}


def twice(candidate: Candidate, verb: Verb) -> None:
    """Prove by saying the same twice in run after run: one reference, and nothing held twice."""
    with at(candidate, verb, simulator=forgetful(candidate)) as there:
        for number in range(RUNS):
            run = Run(candidate, there, number)
            run.prepare(verb)
            first, second = _done(run, verb), _done(run, verb)
            if first.ref != second.ref:
                said = f"{verb.name} said twice leaves {first.ref} and {second.ref}"
                raise CheckFailure(said, value=str(second.ref), document=run.document(verb))
        same_as(clean(candidate, verb), holdings(there.simulator), f"{verb.name} said twice", run.document(verb))


def forgetful(candidate: Candidate) -> Mapping[str, Any]:
    """Return how the vendor is made where it is told something twice: as little help as it may be."""
    found: Mapping[str, Any] = candidate.evidence.verbs.get("forgetful", {})
    return found


def delivered(candidate: Candidate, verb: Verb) -> None:
    """Prove by a gateway that sends every write twice, in run after run: what the vendor knows it by must be in it."""
    with at(candidate, verb) as there:
        for number in range(RUNS):
            run = Run(candidate, there, number)
            run.prepare(verb)
            there.simulator.faults.add(*(Fault("doubled", write) for write in verb.write))
            _done(run, verb)
        same_as(clean(candidate, verb), holdings(there.simulator), f"{verb.name} arrives twice", run.document(verb))


def seen(candidate: Candidate, verb: Verb) -> None:
    """Prove by a vendor that says it is done and does nothing: it must not be believed."""
    for write in verb.write:
        with at(candidate, verb) as there:
            first, second = (Run(candidate, there, number) for number in (1, 2))
            first.prepare(verb)
            _done(first, verb)
            second.prepare(verb)
            before = holdings(there.simulator)
            there.simulator.faults.add(Fault("unheeded", write, times=20))
            outcome = tried(second, verb)
            unheeded = any(call.fault == "unheeded" for call in there.simulator.calls)
            there.simulator.faults.clear()
            if not unheeded:
                raise CheckFailure(f"no call of {verb.name} matches {write!r}", document=second.document(verb))
            if isinstance(outcome, Done) and holdings(there.simulator) == before:
                said = f"{write} was answered as done and did nothing, and {verb.name} says {told(outcome)}"
                raise CheckFailure(said, value=str(outcome.ref), document=second.document(verb))


def tried(run: Run, verb: Verb) -> Outcome | None:
    """Do what a caller does; None for an error."""
    try:
        return settled(run, verb)
    except OpenReturnsError:
        return None  # not believed


def shared(candidate: Candidate, verb: Verb) -> None:
    """Prove by many threads of an event loop that use one client, each for runs of its own."""

    async def together(there: At) -> Sequence[BaseException | None]:
        slots = asyncio.Semaphore(_THREADS)

        async def one(number: int) -> None:
            async with slots:
                await asyncio.to_thread(alone, there, number)

        return await asyncio.gather(*(one(number) for number in range(RUNS)), return_exceptions=True)

    def alone(there: At, number: int) -> None:
        run = Run(candidate, there, number)
        run.prepare(verb)
        _done(run, verb)

    with at(candidate, verb) as there:
        for error in asyncio.run(together(there)):
            if error is not None:
                raise error
        wanted, found = clean(candidate, verb), holdings(there.simulator)
        if sum(wanted.values()) != sum(found.values()):
            said = f"{sum(found.values())} records instead of {sum(wanted.values())} when threads share a client"
            raise CheckFailure(said)
