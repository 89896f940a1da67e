"""`openreturns process`: what only people can decide."""

from __future__ import annotations

import json
import sys
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from openreturns.cli._process import AS_JSON, BY, Asked, amount, asked, shown

__all__ = ["COMMANDS"]


@click.command()
@click.argument("number")
@click.argument("file", type=click.File("rb"))
@asked
def signal(told: Asked, number: str, file: Any) -> None:  # noqa: ANN401 - click's own
    """Let something happen to a return: an event as JSON, from a file or `-`; a Return is a request."""
    data = json.loads(file.read())
    if "meta" in data:
        meta = data["meta"]
        data = {
            "type": "return.requested",
            "id": f"{meta['documentId']}:{meta['revision']}",
            "at": meta["issuedAt"],
            "by": meta["sourceSystem"],
            "return": data,
        }
    _submit(told, number, data)


@click.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@BY
@asked
def approve(told: Asked, number: str, step: str, subject: str | None, by: str) -> None:
    """Agree to a return, a credit or a write-off, as far as the policy lets you."""
    _submit(told, number, _said("approval.given", by, step=step, subject=_subject(told, number, step, subject)))


@click.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@click.option("--reason", required=True)
@BY
@asked
def reject(told: Asked, number: str, step: str, subject: str | None, reason: str, by: str) -> None:
    """Say no to a return, a credit or a write-off."""
    about = _subject(told, number, step, subject)
    _submit(told, number, _said("approval.refused", by, step=step, subject=about, reason=reason))


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
    shown(rows, as_json=as_json)


@dlq.command()
@click.argument("number")
@click.argument("key")
@BY
@asked
def retry(told: Asked, number: str, key: str, by: str) -> None:
    """Let a command be tried again, or an event be decided on anew, the cause mended."""
    from openreturns.process.replay import reopen

    if reopen(told.store, key):
        click.echo(f"{key} to be decided on again")
        return
    _submit(told, number, _said("dead_letter.retried", by, key=key))


@dlq.command()
@click.argument("number")
@click.argument("key")
@click.option("--reason", required=True)
@BY
@asked
def discard(told: Asked, number: str, key: str, reason: str, by: str) -> None:
    """Give a command or an event up, or say that it was done by hand."""
    from openreturns.process import replay as again

    if again.discard(told.store, key, reason, by):
        click.echo(f"{key} is given up")
        return
    _submit(told, number, _said("dead_letter.discarded", by, key=key, reason=reason))


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
        shown(rows, as_json=as_json)
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


def _subject(told: Asked, number: str, step: str, subject: str | None) -> str:
    """Return what a decision is about: as said, or the only thing it can be about."""
    if step == "return" or subject:
        return subject or ""
    state = told.state(number)
    known = (
        [one.number for one in state.credits] if step == "credit" else [one.meta.document_id for one in state.standing]
    )
    if len(known) != 1:
        raise click.UsageError(f"say which: {', '.join(known) or 'there is none yet'}")
    return known[0]


def _said(kind: str, by: str, **given: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"type": kind, "id": f"cli-{uuid.uuid4()}", "at": at, "by": by, **given}


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
    accepted = submit(config.database, number, event, config.policy_file().current)
    click.echo(f"{event.id} is {accepted}")
    sys.exit(1 if accepted == "conflict" else 0)


COMMANDS = (signal, approve, reject, dlq, replay)
