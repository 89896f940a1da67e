"""The demo, run by `make demo`: records are translated, then returns run through four systems that have to agree.

The returns are carried by the durable process, in worker processes of which one is killed on the way.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from demo import report, returns, translate
from demo.sandbox import Sandbox, running
from demo.workers import OPENRETURNS, Workers, configured
from demo.workers import running as working
from openreturns.invariants import check_case
from openreturns.models import Document
from openreturns.ports import Port
from openreturns.process import doctor, events
from openreturns.process.config import load_config
from openreturns.process.engine_dbos import migrate, submit
from openreturns.process.policy import Policy, load_policy
from openreturns.process.reconcile import compare, held_by
from openreturns.process.state import ProcessState
from openreturns.process.store import Store
from openreturns.reconciliation import reconcile

__all__ = ["main", "reverse_flow", "verdict"]

POLICY = Path(__file__).with_name("policy.toml")
OUT = translate.OUT / "process"
TOLD = "RMA-2026-2007"  # whose story is told
LONGEST = 180.0  # seconds; on two quiet cores it takes a tenth of that


def main() -> int:
    """Run both parts; 1 if a document breaks a rule, a return does not end, or two systems hold something else."""
    print("== A folder of warehouse records becomes documents and ERP records ==\n")
    translated = translate.main()
    print("\n\n== Returns through ERP, warehouse, service desk and tax engine, with faults on ==\n", flush=True)
    return translated or reverse_flow(OUT)


def reverse_flow(folder: Path) -> int:
    """Let the returns happen, kill a worker on the way, and compare what the systems hold then."""
    logging.getLogger("openreturns").setLevel(logging.CRITICAL)  # each fault would be a warning
    folder.mkdir(parents=True)
    began = datetime.now(UTC)
    with running() as sandbox:
        path = configured(folder, POLICY, sandbox.systems)
        config, policy = load_config(path), load_policy(POLICY.read_bytes())
        migrate(config.database)
        store = Store(config.database)
        take_in = partial(_submitted, config.database, policy)
        with report.progress() as progress, working(path, "worker-1", "worker-2") as workers:
            story = returns.Story(
                sandbox,
                store,
                take_in,
                progress.told,
            )
            story.begin()
            _carried(story, store, workers, progress.said)
        sandbox.forge("78101")
        sandbox.calm()
        wrong = verdict(sandbox, story, store, policy, began, config.lease)
        store.close()
    print(f"\n$ openreturns process --config {path} show {TOLD}", flush=True)
    subprocess.run([OPENRETURNS, "process", "--config", str(path), "show", TOLD], check=True)  # noqa: S603 - ours
    return wrong


def _submitted(database: str, policy: Policy, number: str, event: events.Event) -> None:
    submit(database, number, event, policy)


def _carried(story: returns.Story, store: Store, workers: Workers, said: Callable[[str], None]) -> None:
    """Let the story happen to its end; once some goods are awaited, kill a worker that has work in its hands."""
    end, killed = time.monotonic() + LONGEST, False
    while not story.go_on():
        if died := workers.died():
            raise RuntimeError(f"{', '.join(died)} ended; {OUT} has what was said")
        if time.monotonic() > end:
            raise TimeoutError(f"not at an end: {', '.join(story.ends_as_told())}")
        underway = [row.number for row in store.board() if row.running]
        if not killed and underway and "awaiting_goods" in story.stages.values():
            killed = True
            workers.kill("worker-1")
            said(f"worker-1 is killed (-9) with {len(underway)} returns under way; worker-3 takes its place")
            workers.start("worker-3")
        time.sleep(0.05)


def verdict(
    sandbox: Sandbox, story: returns.Story, store: Store, policy: Policy, began: datetime, lease: timedelta
) -> int:
    """Ask each system what it holds, print it side by side, and return 1 if anything is not as it should be."""
    ports: dict[str, list[Port]] = {name: [port] for name, port in sandbox.ports.items()}
    books = held_by(ports, policy, began)
    states = [state for number in store.numbers() if (state := store.load(number)) is not None]
    found, open_ = reconcile(books), compare(books, states, policy)
    report.show({state.number: (story.asked[state.number]["about"], state.stage) for state in states}, found)
    health = doctor.examine(store, datetime.now(UTC), lease=lease)
    broken = {state.number: problems for state in states if (problems := check_case(_documents(state)))}
    desk = sum(change.ref.type == "case" for change in sandbox.ports["salesforce"].changes(began))
    otherwise = story.ends_as_told()
    print(f"\nFaults that hit a call: {', '.join(f'{n} {kind}' for kind, n in sorted(sandbox.hit().items()))}")
    print(f"Webhooks: {', '.join(f'{n} {what}' for what, n in sandbox.webhooks.items())}")
    print(f"The service desk has {desk} cases for {len(states)} returns")
    print("Process: " + " + ".join(f"{n} {name.replace('_', ' ')}" for name, n in health.counts.items() if n))
    print("Ended otherwise: " + (", ".join(otherwise) or "none"))
    print("Case invariants: " + ("all kept" if not broken else "broken"))
    for name, problems in broken.items():
        print(f"- {name}", *problems, sep="\n    ")
    print("Findings of the process: " + (str(len(open_)) if open_ else "none"))
    for one in open_:
        print(f"- {one.number} {one.code}: {one.message}")
    for problem in health.problems:
        print(f"- {problem}")
    sound = health.sound and health.counts["finished"] == len(story.asked) == desk
    return 0 if found.equal and sound and not (open_ or otherwise or broken) else 1


def _documents(state: ProcessState) -> list[Document]:
    return [state.return_, *state.dispositions, *state.adjustments, *state.credits]


if __name__ == "__main__":
    sys.exit(main())
