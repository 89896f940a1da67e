"""What the demo shows: progress while it runs, then the reconciliation by return and in total."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import click
from openreturns.process.state import TERMINAL
from openreturns.reconciliation import Counts, Reconciliation
from tabulate import tabulate

__all__ = ["progress", "show"]

SYSTEMS = ("netsuite", "shipbob", "salesforce", "avatax")
COLUMNS = ("authorized", "received", "out of stock", "credited", "net", "tax")


class Progress:
    """Shows what happens: a bar on a terminal, a line a step elsewhere."""

    def __init__(self) -> None:
        self.bar: Any = None
        self.current = ""

    def told(self, number: str, stage: str, about: str) -> None:
        """Show that a return has come to a stage."""
        if self.bar is None:
            click.echo(f"{number}  {stage:<24} {about}")
            return
        self.current = f"{number} {stage}: {about}"
        self.bar.update(1 if stage in TERMINAL else 0)
        self.bar.render_progress()

    def said(self, line: str) -> None:
        """Show something else that happens."""
        click.echo(f"\n{line}\n" if self.bar else f"*** {line}")


@contextmanager
def progress(returns: int = 25) -> Iterator[Progress]:
    """Show what happens to some returns."""
    if not sys.stdout.isatty():
        yield Progress()
        return
    found = Progress()
    shown: Any = click.progressbar(length=returns, item_show_func=lambda _: found.current, show_eta=False)
    with shown as found.bar:
        yield found


def show(returns: Mapping[str, tuple[str, str]], found: Reconciliation) -> None:
    """Print what the systems hold, by return and in total, and every difference.

    `returns` is by number what each is about, and how it ended.
    """
    rows = [
        [
            number,
            *returns.get(number, ("nobody asked for it", "")),
            *(_agreed(found.held[number, fact]) for fact in COLUMNS),
        ]
        for number in found.returns
    ]
    print("\nWhat the systems hold, by return: where they agree one value, else each system's")
    print(tabulate(rows, ["RMA", "about", "ended", *COLUMNS], disable_numparse=True))
    print("\nIn total")
    print(tabulate(_totals(found), ["fact", "of", *SYSTEMS, ""], disable_numparse=True))
    print("\nDifferences: " + (str(len(found.differences)) if found.differences else "none"))
    for difference in found.differences:
        print(f"- {difference}")


def _agreed(systems: Mapping[str, Counts]) -> str:
    """Return one value where all systems have it, else what each has."""
    said = {name: _summed(counts) for name, counts in systems.items()}
    if all(counts == next(iter(systems.values())) for counts in systems.values()):
        return next(iter(said.values()), "")
    return ", ".join(f"{name} {text or 'nothing'}" for name, text in said.items())


def _summed(counts: Counts) -> str:
    """Return how many units in all, or how much of each currency."""
    if all(" " in of for of in counts):
        return f"{sum(counts.values(), Decimal(0)):f}" if counts else ""
    return ", ".join(f"{amount:f} {of}" for of, amount in counts.items())


def _totals(found: Reconciliation) -> Iterator[list[str]]:
    for fact in COLUMNS:
        totals = found.totals(fact)
        sums = {name: _by_unit(counts) for name, counts in totals.items()}
        for of in sorted({of for counts in sums.values() for of in counts}):
            each = [f"{sums[name].get(of, Decimal(0)):f}" if name in sums else "" for name in SYSTEMS]
            yield [fact, of, *each, "equal" if len({text for text in each if text}) == 1 else "DIFFERENT"]


def _by_unit(counts: Counts) -> dict[str, Decimal]:
    """Return sums by currency, and of goods by unit."""
    sums: dict[str, Decimal] = {}
    for of, amount in counts.items():
        unit = of.rpartition(" ")[2]
        sums[unit] = sums.get(unit, Decimal(0)) + amount
    return sums
