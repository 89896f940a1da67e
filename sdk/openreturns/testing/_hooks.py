"""Provers: webhooks are taken from the vendor only, once, and while one secret replaces another."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openreturns.errors import RejectedError
from openreturns.testing._at import at_vendor, clients, port
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable, NoEvidence
from openreturns.testing._manifest import sends_webhooks
from openreturns.testing._verbs import Run, row
from openreturns.webhooks import SCHEMES, Event, Inbox, Received, verify

__all__ = ["forged", "genuine", "replayed", "rotated", "webhooks"]

_OTHER = "whsec_AAAAr8GKYqrTwjUPD8ILPZIo2LaLaSwA"
_HOUR = 3600.0


@dataclass(frozen=True)
class Hook:
    """A webhook, its secret, and who is asked whether it is genuine.

    `hear(received, secrets, seconds)` returns the id of the event so many seconds later, or raises RejectedError.
    """

    received: Received
    secret: str
    hear: Callable[[Received, Sequence[str], float], str]
    about: str = ""


def webhooks(candidate: Candidate) -> Iterator[Case]:
    """Yield each recorded webhook (`[[webhook]]` of verbs.toml), and each client that hears the simulator's."""
    if not sends_webhooks(candidate):
        raise Inapplicable("the manifest says that the vendor sends no webhooks (webhooks.signature)")
    recorded = candidate.evidence.verbs.get("webhook", ())
    hearing = [role for role in clients(candidate) if hasattr(port(candidate, role), "subscribe")]
    if not recorded and not hearing:
        raise NoEvidence("verbs.toml has no recorded webhook ([[webhook]]), and no client has `subscribe`")
    yield from (Case(one.get("name", str(place)), (_recorded(candidate, one),)) for place, one in enumerate(recorded))
    yield from (Case(f"{role} hears", (_heard(candidate, role),)) for role in hearing)


def _recorded(candidate: Candidate, told: Mapping[str, Any]) -> Callable[[], Any]:
    """Return what gives a recorded webhook: `secret`, `body`, `headers`, and `at`, the time that it came."""
    at: datetime = told["at"]

    def hear(received: Received, secrets: Sequence[str], later: float) -> str:
        scheme = SCHEMES[candidate.manifest["webhooks"]["signature"]]
        return verify(scheme, received, secrets, now=at.timestamp() + later).id

    @contextmanager
    def given() -> Iterator[Hook]:
        received = Received(told["body"].encode(), told["headers"], "POST", told.get("url", ""))
        yield Hook(received, told["secret"], hear)

    return given


def _heard(candidate: Candidate, role: str) -> Callable[[], Any]:
    """Return what gives a webhook that the simulated vendor sends now, to a client that has subscribed."""

    @contextmanager
    def given() -> Iterator[Hook]:
        told = candidate.evidence.verbs.get("pages")
        if not told:
            raise NoEvidence("verbs.toml has no [pages] that says which row makes something new (made_by)")
        with at_vendor(candidate, role) as there:
            secret = there.client.subscribe("https://hooks.example.com/")
            ref = Run(candidate, there, 1).done(row(candidate, told["made_by"]))
            sent = there.simulator.outbox.take()
            if not sent:
                raise CheckFailure("a client has subscribed, something was made, and no webhook was sent")
            received = Received(sent[0].body, dict(sent[0].headers), "POST", sent[0].url)

            def hear(received: Received, secrets: Sequence[str], later: float) -> str:
                if later:
                    raise RejectedError("time cannot be moved for a client", kind="auth")
                change = there.client.hear(received, secrets)
                if change.ref.id != ref.id:
                    raise CheckFailure(f"the webhook is about {ref}, and heard as {change.ref}")
                return str(change.event_id)

            yield Hook(received, secret, hear)

    return given


def genuine(candidate: Candidate, given: Callable[[], Any]) -> None:
    """Prove by the webhook as it came."""
    with given() as hook:
        try:
            hook.hear(hook.received, (hook.secret,), 0.0)
        except RejectedError as error:
            raise _failure(f"a genuine webhook is refused: {error}", hook) from error


def forged(candidate: Candidate, given: Callable[[], Any]) -> None:
    """Prove by another body, other headers that are signed, no headers, and another secret."""
    scheme = SCHEMES[candidate.manifest["webhooks"]["signature"]]
    signed = {scheme.header, scheme.timestamp, scheme.id if "{id}" in scheme.signed else ""}
    names = {one.lower() for one in signed if one}
    with given() as hook:
        body, headers = hook.received.body, dict(hook.received.headers)
        changed = {name: {**headers, name: f"{value[:-4]}AAA="} for name, value in headers.items()}
        forgeries = {
            "another body": (body.replace(b"1", b"2", 1) if b"1" in body else body + b" ", headers),
            "an empty body": (b"", headers),
            "no headers": (body, {}),
            **{f"another {name}": (body, made) for name, made in changed.items() if name.lower() in names},
        }
        for what, (content, made) in forgeries.items():
            received = Received(content, made, "POST", hook.received.url)
            _refused(hook, received, (hook.secret,), what)
        _refused(hook, hook.received, (_OTHER,), "another secret")


def _refused(hook: Hook, received: Received, secrets: Sequence[str], what: str, later: float = 0.0) -> None:
    try:
        hook.hear(received, secrets, later)
    except RejectedError:
        return
    raise _failure(f"a webhook with {what} is taken", hook)


def replayed(candidate: Candidate, given: Callable[[], Any]) -> None:
    """Prove by the same webhook again: it is one event, and an hour later too old, where it says its time."""
    with given() as hook:
        ids = [hook.hear(hook.received, (hook.secret,), 0.0) for _ in range(2)]
        inbox = Inbox()
        taken = [inbox.receive(Event(candidate.name, one, "entity", 1, hook.received.body)) for one in ids]
        if taken != [True, False]:
            raise _failure("a webhook that comes again is two events", hook)
        if SCHEMES[candidate.manifest["webhooks"]["signature"]].timestamp:
            _refused(hook, hook.received, (hook.secret,), "a signature of an hour ago", _HOUR)


def rotated(candidate: Candidate, given: Callable[[], Any]) -> None:
    """Prove by two secrets, one of which is the webhook's, in either order."""
    with given() as hook:
        for secrets in ((_OTHER, hook.secret), (hook.secret, _OTHER)):
            try:
                hook.hear(hook.received, secrets, 0.0)
            except RejectedError as error:
                raise _failure(f"refused while a secret is replaced: {error}", hook) from error


def _failure(said: str, hook: Hook) -> CheckFailure:
    return CheckFailure(said, native="body", document=hook.received.body.decode("utf-8", "replace"))
