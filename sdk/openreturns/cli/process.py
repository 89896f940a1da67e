"""`openreturns process`: run returns to their credits, see where each is, and decide what only people can."""

from __future__ import annotations

import signal as signals
import sys
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from openreturns.cli._help import Group, examples
from openreturns.cli._process import Asked, asked
from openreturns.cli._process_people import COMMANDS as PEOPLE
from openreturns.cli._process_shown import COMMANDS as SHOWN

if TYPE_CHECKING:
    from openreturns.process.policy import Policy

__all__ = ["process"]

_CONFIG = """# What the process runs on: see docs/process.md
database = "sqlite:///returns.sqlite"   # or postgresql+psycopg://user@host/name, for several machines
policy = "policy.toml"

[targets.log]                           # who is told what happens: a file, webhooks, a broker
kind = "lines"
path = "events.jsonl"

# [systems.netsuite]
# settings = { account_id = "1234567_SB1" }
# [systems.netsuite.connection.auth]
# kind = "oauth1"
# consumer_key = "env:NETSUITE_CONSUMER_KEY"
# consumer_secret = "env:NETSUITE_CONSUMER_SECRET"
# token = "env:NETSUITE_TOKEN"
# token_secret = "env:NETSUITE_TOKEN_SECRET"
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


@click.group(
    cls=Group,
    epilog=examples(
        "process init",
        "process up",
        "process status",
        "process show RMA-2026-1002",
        "process approve RMA-2026-1002 credit --by cora",
        "process doctor",
        more="Exit codes: 0 all well, 1 findings, 2 wrong usage.",
    ),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=Path("process.toml"),
    show_default=True,
    help="Says where the database, the policy, the systems and the targets are.",
)
@click.pass_context
def process(ctx: click.Context, config: Path) -> None:
    """Run returns to their credits, durably, over the connected systems."""
    try:
        import openreturns.process.store  # noqa: F401 - is the extra there?
    except ImportError as error:
        raise click.UsageError(f"this needs the extra: pip install 'openreturns[process]' ({error})") from None
    ctx.obj = Asked(config)


# ---------------------------------------------------------------- running


@process.command()
@asked
def init(told: Asked) -> None:
    """Make the tables; and a configuration and a policy to fill in, where there are none."""
    from openreturns.process.engine_dbos import migrate

    for path, text in ((told.path, _CONFIG), (told.path.with_name("policy.toml"), _POLICY)):
        if not path.exists():
            path.write_text(text, "utf-8")
            click.echo(f"made {path}")
    told.config.policy_file()
    migrate(told.config.database)
    click.echo(f"the tables are there: {told.config.database}")


@process.command()
@click.option("--worker", default="", help="The worker's name; one of its own where it is left out.")
@click.option("--threads", type=click.IntRange(1, 64), default=8, show_default=True, help="Returns worked on at once.")
@click.option("--idle", is_flag=True, help="Stop when nothing is left to do now.")
@asked
def up(told: Asked, worker: str, threads: int, idle: bool) -> None:
    """Work, until Ctrl-C or SIGTERM: then what runs is finished and the rest left to others.

    Beside that it tells the targets what happens, reconciles and forgets, as the configuration says.
    """
    from openreturns.process.chores import Chores
    from openreturns.process.config import connect, not_connected, open_targets
    from openreturns.process.engine_dbos import DbosEngine

    stop = _until_stopped()
    config = told.config
    policy = config.policy_file()

    def current() -> Policy:
        return policy.current

    with (
        connect(config, policy.current) as systems,
        open_targets(config) as targets,
        DbosEngine(config.database, systems, current, worker=worker, threads=threads, lease=config.lease) as at,
        Chores(config, at.store, systems, targets, current, at.worker, forget=at.forget) as chores,
    ):
        click.echo(f"worker {at.worker} works on {config.database}", err=True)
        for problem in not_connected(config, policy.current):
            click.echo(f"! {problem}", err=True)
        trouble = wrong = ""
        while not stop.wait(0.2):
            trouble, wrong = _said(trouble, at.trouble), _refused(wrong, policy.error)
            if idle and not at.store.received() and not at.store.unfinished():
                chores.once()
                break


@process.command()
@click.option("--once", is_flag=True, help="Stop when nothing can be sent now.")
@click.option("--again", default="", metavar="TARGET", help="Let what a target refused for good be sent again, first.")
@asked
def relay(told: Asked, once: bool, again: str) -> None:
    """Tell the targets what happens, and nothing else; `up` does so too."""
    from openreturns.process.config import open_targets
    from openreturns.process.jobs import Jobs
    from openreturns.process.outbox import Outbox
    from openreturns.process.relay import Relay

    stop = _until_stopped()
    config, store = told.config, told.store
    if again and again not in config.targets:
        raise click.UsageError(f"there is no target {again}; there are: {', '.join(config.targets) or 'none'}")
    outbox = Outbox(store, config.source)
    if again:
        click.echo(f"{outbox.again(again)} to be sent again")
    with open_targets(config) as targets:
        one = Relay(outbox, targets, Jobs(store, f"relay-{uuid.uuid4().hex[:8]}"))
        count = 0
        while True:
            taken = one.once(datetime.now(UTC))
            count += taken
            if not taken and (once or stop.wait(0.5)):
                break
    click.echo(f"{count} told")
    sys.exit(1 if any(one.waiting or one.refused for one in outbox.standing(config.targets)) else 0)


def _until_stopped() -> threading.Event:
    """Return what is set when the command is told to stop."""
    stop = threading.Event()
    for number in (signals.SIGTERM, signals.SIGINT):
        signals.signal(number, lambda *_: stop.set())
    return stop


def _refused(before: str, error: Exception | None) -> str:
    """Say that a policy that has changed cannot be followed, and why, once each time: the last good one is."""
    now = str(error or "")
    if now not in {"", before}:
        click.echo(f"! {now}; the policy before it stays in force", err=True)
    return now


def _said(before: str, trouble: Exception | None) -> str:
    """Say that a worker cannot show that it lives, or can again, once each time."""
    now = type(trouble).__name__ if trouble else ""
    if now != before:
        what = f"cannot show that it lives, others take over from it: {now}" if now else "shows again that it lives"
        click.echo(f"this worker {what}", err=True)
    return now


for _command in (*SHOWN, *PEOPLE):
    process.add_command(_command)
