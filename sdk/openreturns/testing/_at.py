"""An adapter's client at its simulated vendor: made from the manifest, let in by what the manifest says."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from importlib import import_module
from inspect import signature
from typing import Any

from openreturns._json import dump
from openreturns.adapters import Adapter
from openreturns.errors import MappingError
from openreturns.ports import Port
from openreturns.sandbox import Simulator, serving
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import NoEvidence
from openreturns.transport import Budget, Time
from openreturns.transport._limits import forget

__all__ = ["At", "at_vendor", "clients", "connection", "holdings", "simulated"]


def _skipping() -> Time:
    """Return a clock on which waiting takes no time: its hands are moved ahead."""
    ahead = 0.0

    def sleep(seconds: float) -> None:
        nonlocal ahead
        ahead += seconds

    return Time(monotonic=lambda: time.monotonic() + ahead, sleep=sleep)


NO_WAIT = _skipping()
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True)
class At:
    """A client at its vendor; `seeded` is what the vendor said of its first data."""

    client: Any
    simulator: Simulator
    seeded: Mapping[str, Any]


def clients(candidate: Candidate) -> Mapping[str, str]:
    """Return the adapter's clients by role. Raises NoEvidence for an adapter that has none."""
    found: Mapping[str, str] = candidate.manifest.get("clients", {})
    if not found:
        raise NoEvidence("the manifest names no client (clients): this adapter only translates")
    return found


def simulated(candidate: Candidate, **more: Any) -> Simulator:
    """Return the vendor, simulated as the manifest and `[simulator]` of verbs.toml say. Raises NoEvidence."""
    module, _, name = str(candidate.manifest.get("simulator", "")).partition(":")
    if not name:
        raise NoEvidence("the manifest names no simulator")
    make: Callable[..., Simulator] = getattr(import_module(module), name)
    given = {**candidate.evidence.verbs.get("simulator", {}), **more}
    strange = sorted(set(given) - set(signature(make).parameters))
    if strange:
        raise NoEvidence(f"the simulator does not take {', '.join(strange)}")
    return make(**given)


def connection(candidate: Candidate) -> tuple[Adapter, dict[str, Any]]:
    """Return the adapter as the simulator wants it configured, and the credentials that let it in.

    Of the manifest's `sandbox`, what is a setting configures the adapter; the rest is for the client.
    """
    sandbox: Mapping[str, Any] = candidate.manifest.get("sandbox", {})
    declared = {row["name"] for row in candidate.manifest.get("settings", ())}
    own = {name: value for name, value in sandbox.items() if name in declared}
    tenant = dict(candidate.evidence.tenant)
    given = candidate.evidence.verbs.get("settings", {})
    tenant["settings"] = {**tenant.get("settings", {}), **own, **given}
    adapter = candidate.adapter.configure(tenant)
    return adapter, {name: value for name, value in sandbox.items() if name not in own}


@contextmanager
def at_vendor(
    candidate: Candidate,
    role: str = "",
    *,
    simulator: Mapping[str, Any] | None = None,
    change: Callable[[Adapter], None] = lambda adapter: None,
    **options: Any,
) -> Iterator[At]:
    """Serve the simulated vendor, seeded, and connect the adapter's client of a role to it.

    `simulator` is how the vendor is made beyond what the evidence says, `change` may change the adapter before
    it is connected, `options` are the client's. Nothing waits, unless a `time` says so.
    """
    roles = clients(candidate)
    adapter, credentials = connection(candidate)
    change(adapter)
    vendor = simulated(candidate, **(simulator or {}))
    seeded = vendor.vendor.seed()
    forget()
    with serving([vendor]) as addresses:
        given = {"base_url": addresses[vendor.name], "time": NO_WAIT, "budget": Budget(), **credentials, **options}
        given = {name: value for name, value in given.items() if value is not None}
        with adapter.connect(role or next(iter(roles)), **given) as client:
            yield At(client, vendor, seeded)


def port(candidate: Candidate, role: str) -> type[Port]:
    """Return the class of the adapter's client of a role. Raises MappingError where there is no such class."""
    module, _, name = clients(candidate)[role].partition(":")
    found = getattr(import_module(module), name, None)
    if not isinstance(found, type) or not issubclass(found, Port):
        raise MappingError(
            f"the manifest's client {module}:{name} is no class of openreturns.ports", kind="declaration"
        )
    return found


def holdings(simulator: Simulator) -> Counter[str]:
    """Return what a vendor holds, record by record, times left out: how often there is each.

    Raises NoEvidence for a simulator that does not tell.
    """
    if simulator.vendor.held is None:
        raise NoEvidence("the simulator does not tell what it holds (Vendor.held)")
    return Counter(_records(_plain(simulator.vendor.held())))


def _records(held: Any, at: str = "") -> Iterator[str]:
    """Yield the records of what is held: the elements of its lists, and of the objects that hold lists."""
    if isinstance(held, list):
        yield from (f"{at} {dump(one).decode('utf-8')}" for one in held)
    elif isinstance(held, dict) and held and all(isinstance(one, dict | list) for one in held.values()):
        for name, one in held.items():
            yield from _records(one, f"{at}/{name}")
    else:
        yield f"{at} {dump(held).decode('utf-8')}"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in sorted(value.items(), key=lambda pair: str(pair[0]))}
    if isinstance(value, str):
        return _MOMENT.sub("<time>", value)
    if isinstance(value, datetime):
        return "<time>"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
