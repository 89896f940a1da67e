"""`openreturns process`: run returns to their credits, see where each is, and decide what only people can."""

from __future__ import annotations

import csv
import getpass
import json
import signal as signals
import sys
import threading
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from tabulate import tabulate

from openreturns.cli._help import examples

if TYPE_CHECKING:
    from openreturns.process.config import Config
    from openreturns.process.state import ProcessState
    from openreturns.process.store import Store

__all__ = ["process"]

_CONFIG = """# What the process runs on: see docs/process.md
database = "sqlite:///returns.sqlite"   # or postgresql+psycopg://user@host/name, for several machines
policy = "policy.toml"

# [systems.netsuite]
# settings = { account_id = "1234567_SB1" }
# [systems.netsuite.connection.auth]
# kind = "oauth1"
# consumer_key = "env:NETSUITE_CONSUMER_KEY"
"""
_POLICY = """# Who may approve what, how long things may take, which systems take part: see docs/process.md
[approvals.automatic_return]
up_to = { USD = "500" }

[[service_levels]]
stage = "awaiting_goods"
hours = 720
then = "expire"

[routing.default]
erp = "netsuite"
"""


class _Asked:
    """The configuration that the commands go by, read when one needs it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def config(self) -> Config:
        from openreturns.process.config import load_config

        return load_config(self.path)

    @property
    def store(self) -> Store:
        from openreturns.process.store import Store

        return Store(self.config.database)

    def state(self, number: str) -> ProcessState:
        found = self.store.load(number)
        if found is None:
            raise click.UsageError(f"the process knows no return {number}")
        return found


_asked = click.make_pass_decorator(_Asked)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_BY = click.option("--by", default=getpass.getuser, show_default="you", help="Who does this, as the policy names them.")


@click.group(
    epilog=examples(
        "process init",
        "process up",
        "process status",
        "process show RMA-2026-1002",
        "process approve RMA-2026-1002 credit --by cora",
        "process doctor",
        more="Exit codes: 0 all well, 1 findings, 2 wrong usage.",
    )
)
@click.option("--config", type=click.Path(path_type=Path), default=Path("process.toml"), show_default=True)
@click.pass_context
def process(ctx: click.Context, config: Path) -> None:
    """Run returns to their credits, durably, over the connected systems."""
    try:
        import openreturns.process.store  # noqa: F401 - is the extra there?
    except ImportError as error:
        raise click.UsageError(f"this needs the extra: pip install 'openreturns[process]' ({error})") from None
    ctx.obj = _Asked(config)


# ---------------------------------------------------------------- running


@process.command()
@_asked
def init(asked: _Asked) -> None:
    """Make the tables; and a configuration and a policy to fill in, where there are none."""
    from openreturns.process.engine_dbos import migrate

    for path, text in ((asked.path, _CONFIG), (asked.path.with_name("policy.toml"), _POLICY)):
        if not path.exists():
            path.write_text(text, "utf-8")
            click.echo(f"made {path}")
    asked.config.policy_file()
    migrate(asked.config.database)
    click.echo(f"the tables are there: {asked.config.database}")


@process.command()
@click.option("--worker", default="", help="The worker's name; one of its own where it is left out.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True)
@click.option("--idle", is_flag=True, help="Stop when nothing is left to do now.")
@_asked
def up(asked: _Asked, worker: str, threads: int, idle: bool) -> None:
    """Work, until Ctrl-C or SIGTERM: then what runs is finished and the rest left to others."""
    from openreturns.process.config import connect
    from openreturns.process.engine_dbos import DbosEngine

    stop = threading.Event()
    for number in (signals.SIGTERM, signals.SIGINT):
        signals.signal(number, lambda *_: stop.set())
    config = asked.config
    policy = config.policy_file()
    with (
        connect(config, policy.current) as systems,
        DbosEngine(
            config.database, systems, lambda: policy.current, worker=worker, threads=threads, lease=config.lease
        ) as at,
    ):
        click.echo(f"worker {at.worker} works on {config.database}", err=True)
        while not stop.wait(0.2):
            if idle and not at.store.received() and not at.store.unfinished():
                break


# ---------------------------------------------------------------- looking


@process.command()
@_JSON
@_asked
def status(asked: _Asked, as_json: bool) -> None:
    """Count returns by stage: how many, since when, what they are worth, what they wait for."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for one in asked.store.board():
        row = rows.setdefault(
            (one.stage, one.currency),
            {"stage": one.stage, "currency": one.currency, "returns": 0, "value": 0, "dead_letters": 0, "oldest": ""},
        )
        row["returns"] += 1
        row["value"] += one.value_minor
        row["dead_letters"] += one.dead
        row["oldest"] = min(filter(None, (row["oldest"], _day(one.entered))))
    for row in rows.values():
        row["value"] = _amount(row["value"], row["currency"])
    _print(list(rows.values()), as_json)


@process.command()
@click.argument("number")
@_JSON
@_asked
def show(asked: _Asked, number: str, as_json: bool) -> None:
    """Tell the whole story of a return: what happened, who decided, what was done where."""
    from openreturns.process import audit

    state = asked.state(number)
    entries = audit.story(asked.store, number)
    if as_json:
        lines = [{"at": one.at.isoformat(), "kind": one.kind, "by": one.by, "told": one.sentence} for one in entries]
        click.echo(json.dumps({"number": number, "stage": state.stage, "story": lines}, ensure_ascii=False))
        return
    click.echo(f"{number}: {state.stage}, the return is {state.return_.status}")
    for one in entries:
        click.echo(f"  {one.at:%Y-%m-%d %H:%M:%S}  {one.by or 'process':12}  {one.sentence}")
    for finding in state.findings:
        click.echo(f"! {finding.code} {finding.subject}: {finding.message}")
    for key, effect in state.dead_letters.items():
        click.echo(
            f"! dead letter {key}: {effect.step} is {effect.status} ({effect.kind}) {'; '.join(effect.problems)}"
        )


@process.command()
@_JSON
@_asked
def doctor(asked: _Asked, as_json: bool) -> None:
    """Prove that no return is lost: each is finished, waiting, running or in dead letters, and the counts add up."""
    from openreturns.process.doctor import examine

    health = examine(asked.store, datetime.now(UTC), lease=asked.config.lease)
    problems = [one.to_dict() for one in health.problems]
    if as_json:
        told = {"total": health.total, **health.counts, "problems": problems, "sound": health.sound}
        click.echo(json.dumps(told))
    else:
        parts = " + ".join(f"{count} {name.replace('_', ' ')}" for name, count in health.counts.items())
        click.echo(f"{health.total} returns = {parts}")
        for problem in health.problems:
            click.echo(f"! {problem}")
    sys.exit(0 if health.sound else 1)


@process.command()
@click.argument("number", required=False)
@_JSON
@_asked
def audit(asked: _Asked, number: str | None, as_json: bool) -> None:
    """Verify the audit: that no entry was changed, put in or taken out; with a NUMBER, print that return's."""
    from openreturns.process import audit as chain

    if number is not None:
        asked.state(number)
        rows = [
            {"place": one.place, "at": one.at.isoformat(), "kind": one.kind, "by": one.by, "told": one.sentence}
            for one in chain.story(asked.store, number)
        ]
        _print(rows, as_json)
        return
    problems = list(chain.verify(asked.store))
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in problems]))
    else:
        for problem in problems:
            click.echo(f"! {problem}")
        click.echo(f"{len(asked.store.chains())} chains, {len(problems)} broken")
    sys.exit(1 if problems else 0)


@process.command()
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How far to look back.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@_JSON
@_asked
def reconcile(asked: _Asked, days: int, as_csv: bool, as_json: bool) -> None:
    """Ask every system what it holds and compare: what differs, what is at stake, who looks, what to do."""
    from openreturns.process.config import connect
    from openreturns.process.reconcile import examine

    config = asked.config
    policy = config.policy_file().current
    now = datetime.now(UTC)
    with connect(config, policy) as systems:
        rows = examine(asked.store, systems.by_name(), policy, now - timedelta(days=days), now)
    told = [
        {
            "number": row["number"],
            "what": row["message"],
            "at_stake": "" if row["value_minor"] is None else _amount(row["value_minor"], row["currency"]),
            "currency": row["currency"],
            "first_seen": _day(row["first_seen"]),
            "owner": row["owner"],
            "action": row["action"],
        }
        for row in rows
    ]
    if as_csv:
        writer = csv.DictWriter(sys.stdout, ["number", "what", "at_stake", "currency", "first_seen", "owner", "action"])
        writer.writeheader()
        writer.writerows(told)
    else:
        _print(told, as_json)
    sys.exit(1 if rows else 0)


# ---------------------------------------------------------------- deciding


@process.command()
@click.argument("number")
@click.argument("file", type=click.File("rb"))
@_asked
def signal(asked: _Asked, number: str, file: Any) -> None:  # noqa: ANN401 - click's own
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
    _submit(asked, number, data)


@process.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@_BY
@_asked
def approve(asked: _Asked, number: str, step: str, subject: str | None, by: str) -> None:
    """Agree to a return, a credit or a write-off, as far as the policy lets you."""
    _submit(asked, number, _said("approval.given", by, step=step, subject=_subject(asked, number, step, subject)))


@process.command()
@click.argument("number")
@click.argument("step", type=click.Choice(["return", "credit", "write_off"]))
@click.argument("subject", required=False)
@click.option("--reason", required=True)
@_BY
@_asked
def reject(asked: _Asked, number: str, step: str, subject: str | None, reason: str, by: str) -> None:
    """Say no to a return, a credit or a write-off."""
    about = _subject(asked, number, step, subject)
    _submit(asked, number, _said("approval.refused", by, step=step, subject=about, reason=reason))


@process.group()
def dlq() -> None:
    """Deal with dead letters: what only a person can take further."""


@dlq.command("list")
@_JSON
@_asked
def dlq_list(asked: _Asked, as_json: bool) -> None:
    """List the dead letters: the return, what was to be done where, why it was not, and the value that is held."""
    rows = []
    for one in asked.store.board():
        if one.dead:
            state = asked.state(one.number)
            rows += [
                {
                    "number": one.number,
                    "key": key,
                    "step": effect.step,
                    "system": effect.system,
                    "is": effect.status,
                    "why": f"{effect.kind} {'; '.join(effect.problems)}".strip(),
                    "held": _amount(one.value_minor, one.currency),
                }
                for key, effect in state.dead_letters.items()
            ]
    _print(rows, as_json)


@dlq.command()
@click.argument("number")
@click.argument("key")
@_BY
@_asked
def retry(asked: _Asked, number: str, key: str, by: str) -> None:
    """Let a command be tried again, its cause mended."""
    _submit(asked, number, _said("dead_letter.retried", by, key=key))


@dlq.command()
@click.argument("number")
@click.argument("key")
@click.option("--reason", required=True)
@_BY
@_asked
def discard(asked: _Asked, number: str, key: str, reason: str, by: str) -> None:
    """Give a command up, or say that it was done by hand."""
    _submit(asked, number, _said("dead_letter.discarded", by, key=key, reason=reason))


# ---------------------------------------------------------------- parts


def _subject(asked: _Asked, number: str, step: str, subject: str | None) -> str:
    """Return what a decision is about: as said, or the only thing it can be about."""
    if step == "return" or subject:
        return subject or ""
    state = asked.state(number)
    known = (
        [one.number for one in state.credits] if step == "credit" else [one.meta.document_id for one in state.standing]
    )
    if len(known) != 1:
        raise click.UsageError(f"say which: {', '.join(known) or 'there is none yet'}")
    return known[0]


def _said(kind: str, by: str, **given: str) -> dict[str, Any]:
    at = datetime.now(UTC).isoformat()
    return {"type": kind, "id": f"cli-{uuid.uuid4()}", "at": at, "by": by, **given}


def _submit(asked: _Asked, number: str, data: Mapping[str, Any]) -> None:
    from pydantic import ValidationError

    from openreturns.process.engine_dbos import submit
    from openreturns.process.events import EVENT

    try:
        event = EVENT.validate_python(data)
    except ValidationError as error:
        said = [f"/{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors(include_input=False)]
        raise click.UsageError("that is no event: " + "; ".join(said)) from None
    config = asked.config
    accepted = submit(config.database, number, event, config.policy_file().current)
    click.echo(f"{event.id} is {accepted}")
    sys.exit(1 if accepted == "conflict" else 0)


def _day(at: int) -> str:
    from openreturns.process._values import moment

    return moment(at).date().isoformat()


def _amount(minor: int, currency: str) -> str:
    from openreturns.invariants._exact import minor_unit

    return f"{minor * minor_unit(currency):f}"


def _print(rows: Iterable[Mapping[str, Any]], as_json: bool) -> None:
    click.echo(
        json.dumps(list(rows), ensure_ascii=False) if as_json else tabulate(rows, headers="keys", disable_numparse=True)
    )
