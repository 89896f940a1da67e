"""What a decision comes to in the tables, as rows. Pure, but for the numbers of attempts, which are counted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from openreturns.process import _documents as documents
from openreturns.process._inbox import Incoming
from openreturns.process._owners import owned
from openreturns.process._statements import Row
from openreturns.process._values import digest, micros, minor
from openreturns.process.machine import Decision, waits_for
from openreturns.process.policy import Policy
from openreturns.process.state import Command, ProcessState
from openreturns.process.telemetry import traceparent

__all__ = ["Told", "deadlines", "entry", "findings", "finished", "given", "kept", "notices", "state_row", "told"]

Told = tuple[str, str, dict[str, Any]]
"""An entry of the audit: what happened, by whom, and what is known of it."""


def state_row(state: ProcessState, policy: Policy, now: datetime) -> dict[str, Any]:
    """Return a return's row, without the end of its audit chain."""
    return_ = state.return_
    return {
        "number": state.number,
        "version": state.version,
        "stage": state.stage,
        "status": return_.status,
        "entered": micros(state.entered),
        "updated": micros(now),
        "priority": state.priority,
        "customer": return_.customer.id,
        "currency": return_.currency,
        "value_minor": minor(documents.value_of(return_), return_.currency),
        "credited_minor": sum(
            minor(one.totals.tax_inclusive.amount, one.currency)
            for one in state.credits
            if one.status != "voided" and state.over("issue_credit", one.number)
        ),
        "running": len(state.running),
        "dead": len(state.dead_letters),
        "waits_for": waits_for(state, policy),
        "body": state.to_json(),
    }


def finished(before: ProcessState | None, state: ProcessState, now: datetime) -> list[Row]:
    """Return the commands that came to an end, each with what became of it."""
    known = before.effects if before else {}
    return [
        {"key": key, "status": effect.status, "finished": micros(now)}
        for key, effect in state.effects.items()
        if effect.status != "started" and key in known and known[key].status == "started"
    ]


def given(command: Command, number: str, root: str, attempt: int, now: datetime, worker: str) -> Row:
    """Return a command that is given out to a worker because of an event."""
    return {
        "key": command.key, "attempt": attempt, "number": number, "step": command.step, "subject": command.subject,
        "system": command.system, "worker": worker, "status": "given", "given": micros(now), "begun": None,
        "finished": None, "event": root, "body": command.to_json(),
    }  # fmt: skip


def deadlines(before: ProcessState | None, state: ProcessState) -> tuple[list[Row], list[Row], list[Row]]:
    """Return the deadlines that others take the place of, with those; the ones that fall away; the new ones."""
    number, old = state.number, before.deadlines if before else {}
    other = {name: micros(at) for name, at in state.deadlines.items() if old.get(name) != at}
    gone = [name for name in old if name not in state.deadlines]
    new = [name for name in other if name not in old]
    pairs = [*((name, name) for name in other if name in old), *zip(gone, new, strict=False)]
    return (
        [{"number": number, "before": name, "name": to, "at": other[to]} for name, to in pairs],
        [{"number": number, "before": name} for name in gone[len(new) :]],
        [{"number": number, "name": name, "at": other[name]} for name in new[len(gone) :]],
    )


def findings(before: ProcessState | None, state: ProcessState, now: datetime) -> list[Row]:
    """Return what was found."""
    known = len(before.findings) if before else 0
    return [
        {
            "id": digest(state.number, one.code, one.subject), "number": state.number, "source": "process",
            "code": one.code, "subject": one.subject, "message": one.message, "systems": "",
            **owned(one.code), "first_seen": micros(one.at), "last_seen": micros(now), "gone": None,
            "currency": one.value.currency if one.value else None,
            "value_minor": minor(one.value.amount, one.value.currency) if one.value else None,
        }
        for one in state.findings[known:]
    ]  # fmt: skip


def notices(state: ProcessState, decision: Decision, cause: str, now: datetime) -> Iterator[Row]:
    """Yield what the world is told."""
    for place, notice in enumerate(decision.notices):
        body = {"notice": notice.to_dict(), "correlation": state.return_.meta.correlation_id, "causation": cause}
        if trace := traceparent():
            body["trace"] = trace
        yield {
            "id": f"evt_{digest(state.number, str(state.version), str(place))[:32]}",
            "number": state.number,
            "type": notice.type,
            "at": micros(now),
            "relayed": None,
            "body": json.dumps(body, ensure_ascii=False),
        }


def told(incoming: Incoming, state: ProcessState, decision: Decision) -> Iterator[Told]:
    """Yield what the audit keeps of a decision: the event, whole, and what was given out because of it."""
    event = incoming.event
    yield event.type, event.by, {"event": incoming.id, "body": incoming.body, "stage": state.stage}
    for one in decision.commands:
        command = {"key": one.key, "step": one.step, "subject": one.subject, "system": one.system}
        yield "command.given", "", {**command, "causation": incoming.id}


def kept(incoming: Incoming, code: str, reason: str) -> Told:
    """Return what the audit keeps of an event that changed nothing."""
    event = incoming.event
    return "event.kept", event.by, {"event": incoming.id, "type": event.type, "code": code, "reason": reason}


def entry(number: str, place: int, before: str, told: Told, now: datetime) -> dict[str, Any]:
    """Return an entry of a return's audit: its hash is of the one before and of the entry."""
    kind, by, what = told
    at, body = micros(now), json.dumps(what, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    hash_ = digest(before, number, str(place), str(at), kind, by, body)
    return {"number": number, "place": place, "at": at, "kind": kind, "by": by, "body": body, "hash": hash_}
