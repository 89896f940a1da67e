"""`openreturns process`: what only people can decide."""

from __future__ import annotations

import json
import sys
import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from openreturns.cli._process import AS_JSON, BY, Asked, amount, asked, shown

__all__ = ["COMMANDS"]

_WAIT = click.option(
    "--wait",
    type=click.FloatRange(0),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for what comes of it.",
)


@click.command()
@click.argument("number")
@click.argument("file", type=click.File("rb"))
@BY
@asked
def signal(told: Asked, number: str, file: Any, by: str) -> None:  # noqa: ANN401 - click's own
    """Let something happen to a return: an event as JSON, from a file or `-`; a Return is a request.

    An event that says by whom it was caused is theirs; any other, and a request, is yours or whose you say.
    """
    data = _event(file.read())
    _submit(told, number, {**data, "by": data.get("by") or by})


@click.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@BY
@_WAIT
@asked
def approve(told: Asked, number: str, step: str, subject: str | None, by: str, wait: float) -> None:
    """Agree to a return, a credit or a write-off, as far as the policy lets you.

    Exit code 1 where it does not, or nothing is there to agree to.
    """
    about = _subject(told, number, step, subject)
    _decided(told, number, _said("approval.given", by, step=step, subject=about), wait)


@click.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@click.option("--reason", required=True)
@BY
@_WAIT
@asked
def reject(told: Asked, number: str, step: str, subject: str | None, reason: str, by: str, wait: float) -> None:
    """Say no to a return, a credit or a write-off."""
    about = _subject(told, number, step, subject)
    _decided(told, number, _said("approval.refused", by, step=step, subject=about, reason=reason), wait)


@click.group()
def dlq() -> None:
    """Deal with dead letters: what only a person can take further."""


@dlq.command("list")
@AS_JSON
@asked
def dlq_list(told: Asked, as_json: bool) -> None:
    """List the dead letters: the return, what was to be done where, why it was not, and the value that is held.

    Among them are events that could not be decided on, and those of a return that nobody has asked for.
    """
    rows = []
    for one in told.store.board():
        if one.dead:
            state = told.state(one.number)
            rows += [
                {
                    "number": one.number,
                    "key": key,
                    "step": effect.step,
                    "system": effect.system,
                    "is": effect.status,
                    "why": f"{effect.kind} {'; '.join(effect.problems)}".strip(),
                    "held": amount(one.value_minor, one.currency),
                }
                for key, effect in state.dead_letters.items()
            ]
    rows += [
        {
            "number": one.number,
            "key": one.id,
            "step": one.type,
            "system": "",
            "is": "kept",
            "why": f"{one.reason} {one.why}".strip(),
            "held": "",
        }
        for one in told.store.stranded()
    ]
    shown(rows, "there are no dead letters", as_json=as_json)


@dlq.command()
@click.argument("number")
@click.argument("key")
@BY
@_WAIT
@asked
def retry(told: Asked, number: str, key: str, by: str, wait: float) -> None:
    """Let a command be tried again, or an event be decided on anew, the cause mended."""
    from openreturns.process.replay import reopen

    if reopen(told.store, key):
        click.echo(f"{key} to be decided on again")
        return
    _decided(told, number, _said("dead_letter.retried", by, key=key), wait)


@dlq.command()
@click.argument("number")
@click.argument("key")
@click.option("--reason", required=True)
@BY
@_WAIT
@asked
def discard(told: Asked, number: str, key: str, reason: str, by: str, wait: float) -> None:
    """Give a command or an event up, or say that it was done by hand."""
    from openreturns.process import replay as again

    if again.discard(told.store, key, reason, by):
        click.echo(f"{key} is given up")
        return
    _decided(told, number, _said("dead_letter.discarded", by, key=key, reason=reason), wait)


@click.command()
@click.argument("numbers", nargs=-1)
@click.option("--system", "systems", multiple=True, help="Only dead letters of this system; may be given again.")
@click.option("--plan", "planned", is_flag=True, help="Change nothing: list every call that would be made.")
@AS_JSON
@BY
@asked
def replay(
    told: Asked, numbers: tuple[str, ...], systems: tuple[str, ...], planned: bool, as_json: bool, by: str
) -> None:
    """Do again what did not get through: dead letters, and events that could not be decided on; of some returns or all.

    The plan says of each call its key, what is known of it, and what keeps it from being done twice.
    """
    from openreturns.process import replay as again
    from openreturns.process.config import rules_of
    from openreturns.process.engine_dbos import submit

    config, store, now = told.config, told.store, datetime.now(UTC)
    policy = config.policy_file().current
    if planned:
        calls = again.plan(store, policy, rules_of(config), now, numbers=numbers, systems=systems)
        rows = [
            {
                "number": one.number, "cause": one.cause, "call": f"{one.system}.{one.verb}", "subject": one.subject,
                "key": one.key, "attempts": one.attempts, "known": one.known, "safety": one.safety,
            }
            for one in calls
        ]  # fmt: skip
        shown(rows, "there is nothing to be done again", as_json=as_json)
        return
    count = again.replay(
        store,
        lambda number, event: submit(config.database, number, event, policy),
        now,
        by,
        numbers=numbers,
        systems=systems,
    )
    click.echo(json.dumps({"again": count}) if as_json else f"{count} to be done again")


# ---------------------------------------------------------------- parts


def _event(text: bytes) -> Mapping[str, Any]:
    """Return the event that a file holds, a Return as the request that it is."""
    from openreturns.process.events import types

    way_out = "give a Return, or an event, which has `type`, `id`, `at` and what it is about"
    try:
        data = json.loads(text)
    except ValueError:
        raise click.UsageError(f"that is no JSON: {way_out}") from None
    meta = data.get("meta") if isinstance(data, dict) else None
    if isinstance(meta, dict) and str(meta.get("schema", "")).startswith("openreturns/return/"):
        id_ = f"{meta.get('documentId', '')}:{meta.get('revision', '')}"
        return {"type": "return.requested", "id": id_, "at": meta.get("issuedAt"), "return": data}
    if not isinstance(data, dict) or data.get("type") not in types():
        raise click.UsageError(f"that is no event: {way_out}; its `type` is one of {', '.join(types())}")
    return data


def _subject(told: Asked, number: str, step: str, subject: str | None) -> str:
    """Return what a decision is about: as said, or the only thing it can be about."""
    if step == "return" or subject:
        return subject or ""
    state = told.state(number)
    known = (
        [one.number for one in state.credits if one.status == "draft"]
        if step == "credit"
        else [one.meta.document_id for one in state.standing]
    )
    if len(known) != 1:
        raise click.UsageError(f"say which: {', '.join(known) or 'there is none yet'}")
    return known[0]


def _said(kind: str, by: str, **given: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"type": kind, "id": f"cli-{uuid.uuid4()}", "at": at, "by": by, **given}


def _decided(told: Asked, number: str, data: Mapping[str, Any], wait: float) -> None:
    """Submit what a person said, and tell what came of it; exit with 1 where it changed nothing."""
    from openreturns.process import audit
    from openreturns.process._statements import EARLY_REASONS

    _submit(told, number, data)
    store = told.store
    end = time.monotonic() + wait if store.alive(told.config.lease) else 0.0
    while (reason := store.became(data["id"])) is None and time.monotonic() < end:
        time.sleep(0.05)
    if reason is None:
        click.echo(f"a worker (`openreturns process up`) decides on it: see `openreturns process show {number}`")
        return
    said = [one.sentence for one in audit.story(store, number) if one.told.get("event") == data["id"]]
    click.echo(said[-1] if said else f"{data['type']} changed nothing: {reason}")
    if reason in EARLY_REASONS:
        click.echo("it is looked at again whenever the return goes on")
    sys.exit(1 if reason else 0)


def _submit(told: Asked, number: str, data: Mapping[str, Any]) -> None:
    from pydantic import ValidationError

    from openreturns.process.engine_dbos import submit
    from openreturns.process.events import EVENT

    try:
        event = EVENT.validate_python(data)
    except ValidationError as error:
        said = [f"/{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]
        raise click.UsageError("that is no event: " + "; ".join(said)) from None
    config = told.config
    told.store.close()
    accepted = submit(config.database, number, event, config.policy_file().current)
    click.echo(f"{event.id} is {accepted}")
    if accepted == "conflict":
        sys.exit(1)


COMMANDS = (signal, approve, reject, dlq, replay)
