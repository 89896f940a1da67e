"""The real clients against the simulated vendors: who holds what, whose answer is lost, who is killed, in processes.

One process is the vendors, and all that happens to the return outside; another works, and is told what to do wrong.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from demo import returns
from demo.run import POLICY
from demo.sandbox import HURRIED, Sandbox, running
from openreturns.ports import Port
from openreturns.process import events
from openreturns.process.config import System
from openreturns.process.engine import Systems
from openreturns.process.engine_dbos import DbosEngine, submit
from openreturns.process.policy import load_policy
from openreturns.process.store import Store
from openreturns.sandbox import Fault, Kind, Simulator
from openreturns.transport import Answer, Outgoing, Timeouts
from openreturns.transport._call import Call
from openreturns.transport._exchange import READS

__all__ = ["NUMBER", "Wrong", "twice", "vendors", "work"]

NUMBER = "RMA-2026-2001"
_RULES = load_policy(POLICY.read_bytes())
_READ = 1.0  # seconds until a client takes an answer for lost that is held up
_TOLD = ("AwaitingArrival", "Cancelled")  # what the warehouse is told, and not what it does
_LEASE = timedelta(seconds=0.6)

# Where calls say what a vendor knows a thing by: fields of bodies, not of what is named in them, and places of paths.
_KEYS = re.compile(
    r'((?<!:\{)"(?:externalId|reference_id|code|refundTransactionCode)": ?"[^"]+|/(?:eid:|RMA_\w+__c/)[^"/?]+)'
)


@dataclass(frozen=True)
class Wrong:
    """What goes wrong at each write of a verb, as the client of a system names it."""

    system: str
    verb: str
    fault: Kind | None = None
    """What becomes of the answer to the first."""
    dies: bool = False
    """Whether the worker is killed as the answer comes."""
    keys: bool = True
    """Whether a write goes out under its own key; else under another each time, which no look-up finds."""


# ---------------------------------------------------------------- who works


def work(url: str, folder: Path, wrong: Wrong) -> None:
    """Work until SIGTERM, with the clients of the systems that the vendors have told of."""
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    with _connected(folder, wrong) as systems, DbosEngine(url, systems, _RULES, lease=_LEASE):
        stop.wait()


@contextmanager
def _connected(folder: Path, wrong: Wrong) -> Iterator[Systems]:
    told = {name: System(**own) for name, own in json.loads((folder / "systems.json").read_text()).items()}
    with ExitStack() as stack:
        ports = {
            name: [
                stack.enter_context(port) for port in system.ports(name, time=HURRIED, timeouts=Timeouts(read=_READ))
            ]
            for name, system in told.items()
        }
        _spoil(ports[wrong.system], wrong)
        yield Systems(ports, {name: system.rules(name) for name, system in told.items()}, _RULES.vendors)


def _spoil(ports: list[Port], wrong: Wrong) -> None:
    """Have a client's writes of a verb go wrong, between the client and the network."""
    for port in ports:
        client: Any = vars(port)["_client"]
        plain, times = client._exchange.run, itertools.count()

        def run(call: Call, plain: Any = plain, times: Iterator[int] = times) -> Answer:
            if call.verb != wrong.verb or call.outgoing.method in READS:
                answer: Answer = plain(call)
                return answer
            time_ = next(times)
            if not wrong.keys:
                call = replace(call, outgoing=_under_another_key(call.outgoing, f"-{os.getpid()}-{time_}"))
            if wrong.fault and not time_:
                _arm(call.outgoing, wrong.fault)
            answer = plain(call)
            if wrong.dies:
                os.kill(os.getpid(), signal.SIGKILL)
                time.sleep(1)  # until the signal has come to all threads
            return answer

        client._exchange.run = run


def _under_another_key(outgoing: Outgoing, mark: str) -> Outgoing:
    """A write of the same under a key that was never used, and that creates what is not there."""
    url = outgoing.url.replace("updateOnly=true", "updateOnly=false")
    content = outgoing.content.decode()
    changed = _KEYS.sub(rf"\1{mark}", url), _KEYS.sub(rf"\1{mark}", content)
    return replace(outgoing, url=changed[0], content=changed[1].encode())


def _arm(outgoing: Outgoing, kind: Kind) -> None:
    """Have the vendor lose the answer to this call."""
    to = urlsplit(outgoing.url)
    fault = {"kind": kind, "match": f"{outgoing.method} *{to.path.rpartition('/')[2]}", "seconds": 2 * _READ}
    httpx.post(f"{to.scheme}://{to.netloc}/_sandbox/faults", json=fault).raise_for_status()


# ---------------------------------------------------------------- whom it works with


class _Calm(Sandbox):
    """Vendors without any trouble but ours."""

    def trouble(self, much: int = 1) -> None:
        pass


def vendors(url: str, folder: Path, asked: Mapping[str, Any], once: Mapping[str, int]) -> None:
    """Be the vendors, and let happen what does to the return, to its end; then tell what they hold.

    It has an end as well when something was done twice, or when a person is asked for who is not in the story.
    """
    with running() as sandbox:
        there = _held(sandbox.simulators)
        if asked.get("refused"):
            memo = Fault("answer", "POST */!transform/creditMemo", times=100, status=400)
            sandbox.simulators["netsuite"].faults.add(memo)
        (folder / "told.json").write_text(json.dumps({name: one.to_dict() for name, one in sandbox.systems.items()}))
        (folder / "told.json").rename(folder / "systems.json")
        with closing(Store(url)) as store:
            take_in = partial(submit, url, policy=_RULES)
            story = returns.Story(_Calm(**vars(sandbox)), store, take_in, lambda *_: None)
            story.asked = {NUMBER: asked}
            story.begin()
            while not story.go_on() and not twice(_held(sandbox.simulators) - there, once):
                if not _helped(store, asked, take_in):
                    break
                time.sleep(0.2)
        hit = [call.fault for one in sandbox.simulators.values() for call in one.calls if call.fault]
        more = _held(sandbox.simulators) - there
    (folder / "held.json").write_text(json.dumps({"held": more, "hit": hit}))


def _helped(store: Store, asked: Mapping[str, Any], take_in: Callable[[str, events.Event], object]) -> bool:
    """Give up what the story has a vendor refuse; say whether nothing else is left to a person."""
    state = store.load(NUMBER)
    dead = state.dead_letters if state else {}
    foreseen = {key for key, one in dead.items() if one.step == asked.get("refused")}
    for key in foreseen:
        id_, now, reason = f"{NUMBER}/given-up/{key}", datetime.now(UTC), "settled otherwise"
        take_in(NUMBER, events.DeadLetterDiscarded(id=id_, at=now, by="cora", key=key, reason=reason))
    return dead.keys() == foreseen


def _held(simulators: Mapping[str, Simulator]) -> Counter[str]:
    """How many documents of each kind vendors hold; cancelled announcements count as such, as often as they were."""
    holds = {name: one.vendor.held() for name, one in simulators.items() if one.vendor.held}
    return Counter(
        [
            *(status for one in holds["shipbob"]["returns"].values() for status, _ in one.history if status in _TOLD),
            *(one["kind"] for one in holds["netsuite"]),
            *(one["type"] for one in holds["avatax"]),
            *("voided" for one in holds["avatax"] if one["status"] == "Cancelled"),
            *(name for name, rows in holds["salesforce"].items() for _ in rows),
        ]
    )


def twice(holds: Mapping[str, int], once: Mapping[str, int]) -> dict[str, int]:
    """Return what there is more of than when each thing was done once: the judgement on all runs."""
    return {kind: count for kind, count in holds.items() if count > once.get(kind, 0)}
