"""`openreturns sandbox`: the simulated vendors of all installed adapters, served on this machine."""

from __future__ import annotations

import errno
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib import import_module
from inspect import signature
from typing import TYPE_CHECKING, Any

import click

from openreturns._json import dump
from openreturns.adapters import Adapter, adapter, adapter_names
from openreturns.cli._help import examples

if TYPE_CHECKING:
    from openreturns.sandbox import Simulator

__all__ = ["sandbox"]

_PAUSE = 0.2  # seconds between two looks for webhooks that wait
_PATIENCE = 15.0  # seconds an endpoint has to answer a webhook


@click.command(
    epilog=examples(
        "sandbox",
        "sandbox shipbob --port 8700",
        "sandbox --json",
        more="Steps, faults and what each vendor has in stock: docs/sandbox.md",
    )
)
@click.argument("names", nargs=-1, metavar="[ADAPTER]...")
@click.option(
    "--port", type=click.IntRange(1, 65000), help="The first vendor's port, the others follow; else free ones."
)
@click.option("--empty", is_flag=True, help="Leave the vendors without goods, customers and orders.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, a line a vendor.")
def sandbox(names: tuple[str, ...], port: int | None, empty: bool, as_json: bool) -> None:
    """Serve the simulated vendors of the installed adapters, or of those named, until Ctrl-C.

    Prints of each where it is, what lets a client in, and where it describes itself.
    """
    try:
        import openreturns.sandbox as served
    except ImportError as error:
        raise click.UsageError(f"this needs the extra: pip install 'openreturns[sandbox]' ({error})") from None
    with _End().heard() as end:
        chosen = _chosen(names)
        vendors = [_made(one, served.WallClock()) for one in chosen]
        for vendor in () if empty else vendors:
            vendor.vendor.seed()
        ports = range(port, port + len(vendors)) if port else ()
        with _listening(ports), served.serving(vendors, ports=ports) as addresses:
            for one, vendor in zip(chosen, vendors, strict=True):
                _tell(one, vendor, addresses[vendor.name], as_json=as_json)
            _deliver(vendors, end)


def _chosen(names: Sequence[str]) -> list[Adapter]:
    """Return the adapters that have a simulator. Raises UsageError where one that is named has none."""
    found = [adapter(name) for name in names or adapter_names()]
    without = [one.name for one in found if "simulator" not in one.manifest]
    if names and without:
        raise click.UsageError(f"{', '.join(without)}: no simulator is declared in the adapter's manifest")
    having = [one for one in found if "simulator" in one.manifest]
    if not having:
        raise click.UsageError("no installed adapter has a simulator")
    return having


def _made(one: Adapter, clock: object) -> Simulator:
    module, _, name = one.manifest["simulator"].partition(":")
    make: Callable[..., Simulator] = getattr(import_module(module), name)
    return make(**({"clock": clock} if "clock" in signature(make).parameters else {}))


def _tell(one: Adapter, vendor: Simulator, address: str, *, as_json: bool) -> None:
    credentials: Mapping[str, Any] = one.manifest.get("sandbox", {})
    openapi = address.removesuffix(vendor.vendor.base) + "/openapi.json"
    if as_json:
        told = {"adapter": one.name, "address": address, "credentials": credentials, "openapi": openapi}
        click.echo(dump(told))
    else:
        pairs = [f"{name}={value}" for name, value in credentials.items()]
        click.echo("  ".join([f"{one.name:<12}{address}", *pairs, openapi]))


def _deliver(vendors: Sequence[Simulator], end: _End) -> None:
    """Send webhooks as they come, until the person has had enough."""
    import httpx

    with httpx.Client(timeout=_PATIENCE) as client:
        while not end.asked:
            for vendor in vendors:
                vendor.outbox.deliver(client)
                if vendor.outbox.failed:
                    click.echo(f"{vendor.name}: {len(vendor.outbox.failed)} webhooks were not taken", err=True)
                    vendor.outbox.failed.clear()
            time.sleep(_PAUSE)


class _End:
    """Hears Ctrl-C, and a supervisor that ends us; who asks twice does not wait for a webhook.

    No KeyboardInterrupt the first time: raised inside an import or a callback it could be lost.
    """

    def __init__(self) -> None:
        self.asked = False

    @contextmanager
    def heard(self) -> Iterator[_End]:
        """Hear it until the end of the block."""
        before = {one: signal.signal(one, self._hear) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield self
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _hear(self, *_: object) -> None:
        if self.asked:
            raise KeyboardInterrupt
        self.asked = True


@contextmanager
def _listening(ports: Sequence[int]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        taken = f"{ports[0]} to {ports[-1]}" if len(ports) > 1 else str(*ports)
        raise click.UsageError(f"cannot listen on port {taken}: somebody else does") from None
