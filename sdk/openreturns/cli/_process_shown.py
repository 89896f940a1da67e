"""`openreturns process`: where every return is, how systems and targets stand, what does not fit."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from openreturns.cli._process import AS_JSON, Asked, amount, asked, day, shown

if TYPE_CHECKING:
    from openreturns.process.config import Config
    from openreturns.process.store import Store

__all__ = ["COMMANDS"]


@click.command()
@AS_JSON
@asked
def status(told: Asked, as_json: bool) -> None:
    """Count returns by stage; and say how systems, targets and jobs stand.

    Of a system: what is open since when, calls that run and count of those that may, and whether it is left alone.
    """
    store, config = told.store, told.config
    parts = {
        "stages": [_money(row) for row in _rows(store, "stage_board")],
        "systems": _rows(store, "vendor_health"),
        "targets": _targets(store, config),
        "jobs": _jobs(store),
    }
    if as_json:
        click.echo(json.dumps(parts, ensure_ascii=False))
        return
    shown([{key: one[key] for key in _STAGE} for one in parts["stages"]], "there are no returns")
    for title, rows in (
        ("systems", [_system(one) for one in parts["systems"]]),
        ("targets", parts["targets"]),
        ("jobs that fail", [one for one in parts["jobs"] if one["failures"]]),
    ):
        if rows:
            click.echo(f"\n{title}:")
            shown(rows)


_STAGE = ("stage", "waits_for", "currency", "returns", "value", "dead_letters", "oldest")


def _system(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return how a system stands, in few words: its budget and its breaker only while a worker says so."""
    window = f" in {row['per_seconds']} s" if row["calls"] else ""
    return {
        "system": row["system"],
        "open": row["open"],
        "since": row["oldest"],
        "later": row["later"],
        "rejected": row["rejected"],
        "unknown": row["unknown"],
        "running": f"{row['running']} of {row['concurrent']}" if row["concurrent"] else None,
        "calls": f"{row['used']} of {row['calls']}{window}" if row["calls"] else None,
        "failures": row["failures"],
        "left alone until": row["left_alone_until"],
    }


@click.command()
@click.argument("number")
@AS_JSON
@asked
def show(told: Asked, number: str, as_json: bool) -> None:
    """Tell the whole story of a return: what happened, who decided, what was done where."""
    from openreturns.process import audit

    state = told.state(number)
    entries = audit.story(told.store, number)
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


@click.command()
@AS_JSON
@asked
def doctor(told: Asked, as_json: bool) -> None:
    """Prove that no return is lost: each is finished, waiting, running or in dead letters, and the counts add up.

    What the policy routes to and nobody connected is a problem too: returns wait for it. A policy that asks of a system
    what it is not set to do is refused.
    """
    from openreturns.process.config import not_connected
    from openreturns.process.doctor import examine

    config = told.config
    health = examine(
        told.store,
        datetime.now(UTC),
        lease=config.lease,
        more=not_connected(config, config.policy_file().current),
    )
    problems = [one.to_dict() for one in health.problems]
    if as_json:
        counts = {"total": health.total, **health.counts, "problems": problems, "sound": health.sound}
        click.echo(json.dumps(counts))
    else:
        parts = " + ".join(f"{count} {name.replace('_', ' ')}" for name, count in health.counts.items())
        click.echo(f"{health.total} returns = {parts}")
        for problem in health.problems:
            click.echo(f"! {problem}")
    sys.exit(0 if health.sound else 1)


@click.command()
@click.argument("number", required=False)
@click.option("--head", default="", help="A head that was printed before: all that it seals has to be as it was.")
@click.option("--seal", is_flag=True, help="Seal what is sound now; workers do so every quarter of an hour.")
@AS_JSON
@asked
def audit(told: Asked, number: str | None, head: str, seal: bool, as_json: bool) -> None:
    """Verify the audit: that no entry was changed, put in or taken out; with a NUMBER, print that return's.

    Prints the head of the seals over all returns: keep it where who can write to the database cannot.
    """
    from openreturns.process import audit as chain
    from openreturns.process import seals

    if number is not None:
        told.state(number)
        rows = [
            {"place": one.place, "at": one.at.isoformat(), "kind": one.kind, "by": one.by, "told": one.sentence}
            for one in chain.story(told.store, number)
        ]
        shown(rows, as_json=as_json)
        return
    store = told.store
    problems = list(chain.verify(store, head))
    if seal and not problems:
        seals.seal(store, datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([one.to_dict() for one in problems]))
    else:
        for problem in problems:
            click.echo(f"! {problem}")
        click.echo(f"{len(store.chains())} chains, {len(problems)} broken")
        if last := seals.head(store):
            click.echo(f"head {last}")
    sys.exit(1 if problems else 0)


@click.command()
@click.argument("name", required=False)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@AS_JSON
@asked
def view(told: Asked, name: str | None, as_csv: bool, as_json: bool) -> None:
    """Print one of the SQL views; without a NAME, list them."""
    from openreturns.process.views import VIEWS

    if name is None:
        rows = [{"view": key, "answers": one.sentence} for key, one in VIEWS.items()]
    elif name in VIEWS:
        rows = [_money(row) for row in _rows(told.store, name)]
    else:
        raise click.UsageError(f"there is no view {name}; there are: {', '.join(VIEWS)}")
    shown(rows, f"there is nothing in {name}", as_json=as_json, as_csv=as_csv)


@click.command()
@click.option("--days", type=click.IntRange(1), default=90, show_default=True, help="How far to look back.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV.")
@AS_JSON
@asked
def reconcile(told: Asked, days: int, as_csv: bool, as_json: bool) -> None:
    """Ask every system what it holds and compare: what differs, what is at stake, who looks, what to do."""
    from openreturns.process.config import connect
    from openreturns.process.reconcile import examine

    config = told.config
    policy = config.policy_file().current
    now = datetime.now(UTC)
    with connect(config, policy) as systems:
        found = examine(told.store, systems.by_name(), policy, now - timedelta(days=days), now)
    rows = [
        {
            "number": row["number"],
            "what": row["message"],
            "at_stake": "" if row["value_minor"] is None else amount(row["value_minor"], row["currency"]),
            "currency": row["currency"],
            "first_seen": day(row["first_seen"]),
            "owner": row["owner"],
            "action": row["action"],
        }
        for row in found
    ]
    shown(rows, "nothing differs", as_json=as_json, as_csv=as_csv)
    sys.exit(1 if rows else 0)


# ---------------------------------------------------------------- parts


def _rows(store: Store, name: str) -> list[dict[str, Any]]:
    """Return the rows of a view, moments as text."""
    from openreturns.process.views import rows

    return [{key: _moment(key, value) for key, value in row.items()} for row in rows(store, name)]


_MOMENTS = frozenset(
    [
        "at",
        "authorized",
        "credited",
        "entered",
        "first_seen",
        "inspected",
        "last_seen",
        "left_alone_until",
        "oldest",
        "overdue_since",
        "received",
        "requested",
        "since",
    ]
)


def _moment(key: str, value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    from openreturns.process._values import moment

    return moment(int(value)).isoformat(timespec="seconds") if key in _MOMENTS and value is not None else value


def _money(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with its amounts as text, in the currency's own digits."""
    return {
        key.removesuffix("_minor"): amount(int(value), row["currency"])
        if key.endswith("_minor") and value is not None
        else value
        for key, value in row.items()
    }


def _targets(store: Store, config: Config) -> list[dict[str, Any]]:
    from openreturns.process.outbox import Outbox

    return [
        {
            "target": one.target,
            "waiting": one.waiting,
            "since": one.oldest.isoformat(timespec="seconds") if one.oldest else None,
            "refused": one.refused,
        }
        for one in Outbox(store, config.source).standing(config.targets)
    ]


def _jobs(store: Store) -> list[dict[str, Any]]:
    from openreturns.process.jobs import Jobs

    return [
        {"job": one.name, "due": one.due.isoformat(timespec="seconds"), "failures": one.failures, "why": one.why}
        for one in Jobs(store, "").known()
    ]


COMMANDS = (status, show, doctor, audit, view, reconcile)
