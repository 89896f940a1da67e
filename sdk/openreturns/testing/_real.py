"""Provers: what real systems did that simulated ones had not: each is what a live server taught."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from typing import Any

from openreturns._json import parse
from openreturns.errors import RejectedError
from openreturns.idempotency import Done, Outcome
from openreturns.sandbox import Fault
from openreturns.testing import _done
from openreturns.testing._answers import calls_of, reads
from openreturns.testing._at import holdings
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import CheckFailure
from openreturns.testing._filled import leaves
from openreturns.testing._verbs import Run, Verb, at, settled, told

__all__ = ["as_asked", "mislabelled", "renewed", "together"]

_THREADS = 4
_SLOW = 0.02  # seconds that a write takes, so that whoever looks first has not written yet
_OFTEN = 1000
_LOGINS = 4  # a call, one more after a new login, and each of the two logins


def together(candidate: Candidate, verb: Verb) -> None:
    """Prove by several threads that ask for the same at once, in run after run: it is done once."""
    with at(candidate, verb, simulator=_done.forgetful(candidate)) as there:
        for number in range(_done.RUNS):
            run = Run(candidate, there, number)
            run.prepare(verb)
            run.subject(verb)
            there.simulator.faults.add(*(Fault("slow", write, times=_THREADS, seconds=_SLOW) for write in verb.write))
            outcomes = _at_once(run, verb)
            there.simulator.faults.clear()
            refs = {one.ref for one in outcomes if isinstance(one, Done)}
            if len(refs) != 1 or not all(isinstance(one, Done) for one in outcomes):
                said = f"{verb.name} asked for {_THREADS} times at once: {'; '.join(map(told, outcomes))}"
                raise CheckFailure(said, document=run.document(verb))
        _done.same_as(
            _done.clean(candidate, verb), holdings(there.simulator), f"{verb.name} at once", run.document(verb)
        )


def _at_once(run: Run, verb: Verb) -> list[Outcome]:
    begin = threading.Barrier(_THREADS)

    def one(_: int) -> Outcome:
        begin.wait()
        return settled(run, verb)

    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(one, range(_THREADS)))


def mislabelled(candidate: Candidate, verb: Verb) -> None:
    """Prove by a server that says of each body that it is packed: the verb is done, and nothing is held twice."""
    with at(candidate, verb) as there:
        for number in range(_done.RUNS):
            run = Run(candidate, there, number)
            there.simulator.faults.add(Fault("mislabelled", times=_OFTEN))
            run.prepare(verb)
            outcome = _done.tried(run, verb)
            there.simulator.faults.clear()
            if not isinstance(outcome, Done):
                said = f"bodies that say they are packed and are not: {verb.name} ends as {told(outcome)}"
                raise CheckFailure(said, document=run.document(verb))
        wanted = _done.clean(candidate, verb)
        _done.same_as(wanted, holdings(there.simulator), "bodies that say they are packed", run.document(verb))


def renewed(candidate: Candidate) -> None:
    """Prove by a vendor that ends a session once, then always: a new one is asked for, then it is told; no storm."""
    verb = reads(candidate)
    told_by: Mapping[str, Any] = next((one for one in candidate.manifest.get("errors", ()) if one["status"] == 401), {})
    said: dict[str, Any] = {"status": 401, "body": parse(told_by["body"].encode()) if "body" in told_by else None}
    with at(candidate, verb) as there:
        run = Run(candidate, there, 1)
        run.done(verb)
        calls = calls_of(there, run, verb)
        there.simulator.faults.add(Fault("answer", calls[0], **said))
        refused = _refused(run, verb)
        if refused is not None and _renewable(candidate):
            raise CheckFailure(f"a session that was ended once ends {verb.name}: {refused}")
        there.simulator.calls.clear()
        there.simulator.faults.add(*(Fault("answer", call, times=_OFTEN, **said) for call in calls))
        if _refused(run, verb) is None:
            raise CheckFailure(f"{verb.name} is refused with 401 for good, and says nothing")
        if len(there.simulator.calls) > _LOGINS:
            raise CheckFailure(f"{len(there.simulator.calls)} calls for one that is refused with 401: a lockout")


def _refused(run: Run, verb: Verb) -> RejectedError | None:
    try:
        run.act(verb)
    except RejectedError as error:
        if error.kind != "auth":
            raise CheckFailure(f"a 401 is told as {error.kind!r}, not as 'auth': {error}") from None
        return error
    return None


def _renewable(candidate: Candidate) -> bool:
    """Whether the client logs in by itself, or has a token that somebody else must renew."""
    return any(way.startswith(("oauth2", "session")) for way in candidate.manifest.get("auth", ()))


def as_asked(candidate: Candidate, verb: Verb) -> None:
    """Prove by a vendor that takes one number for another, each in turn: what it holds then is not called done."""
    unproven = candidate.evidence.verbs.get("unproven", {})
    places: dict[tuple[str, str], None] = {}
    for write in verb.write:
        bodies: list[Any] = []
        outcome, wanted = _held(candidate, verb, Fault("altered", write, times=_OFTEN, change=partial(_kept, bodies)))
        if not isinstance(outcome, Done):
            raise CheckFailure(f"{verb.name} is not done: {told(outcome)}")
        found = [at for body in bodies for at, value in leaves(body) if _is_number(value)]
        places |= dict.fromkeys((write, at) for at in found if at.rpartition("/")[2] not in unproven)
    for write, place in places:
        altered = Fault("altered", write, times=_OFTEN, change=partial(_one_more, place))
        outcome, held = _held(candidate, verb, altered)
        if isinstance(outcome, Done) and held != wanted:
            said = f"the vendor took another number in {place} of {write}, and {verb.name} says {told(outcome)}"
            raise CheckFailure(said, native=place, value=next(iter(held - wanted), ""))


def _held(candidate: Candidate, verb: Verb, fault: Fault) -> tuple[Outcome | None, Counter[str]]:
    """Do a verb with a fault on; return what came of it, and what the vendor holds then."""
    with at(candidate, verb) as there:
        run = Run(candidate, there, 1)
        run.prepare(verb)
        there.simulator.faults.add(fault)
        return _done.tried(run, verb), holdings(there.simulator)


def _is_number(value: object) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def _kept(to: list[Any], body: Any) -> Any:
    to.append(body)
    return body


def _one_more(place: str, body: Any) -> Any:
    """Return a body whose number at a pointer is one more; one without it as it is."""
    step, _, rest = place.removeprefix("/").partition("/")
    if not place:
        return body + 1 if _is_number(body) else body
    name = step.replace("~1", "/").replace("~0", "~")
    below = f"/{rest}" if rest else ""
    if isinstance(body, dict) and name in body:
        return {**body, name: _one_more(below, body[name])}
    if isinstance(body, list) and name.isdigit() and int(name) < len(body):
        return [_one_more(below, one) if at == int(name) else one for at, one in enumerate(body)]
    return body
