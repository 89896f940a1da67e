"""What the demo shows: progress while it runs, then the reconciliation by return and in total."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import click
from demo.flow import Case, Told
from openreturns.reconciliation import Counts, Reconciliation
from tabulate import tabulate

__all__ = ["progress", "show"]

COLUMNS = ("authorized", "received", "out of stock", "credited", "net", "tax")


@contextmanager
def progress(returns: int) -> Iterator[Told]:
    """Show what happens: a bar on a terminal, a line a step elsewhere."""
    if not sys.stdout.isatty():
        yield lambda case, step: click.echo(f"{case.return_.number}  {step:<18} {case.about}")
        return
    current = [""]
    shown: Any = click.progressbar(length=returns, item_show_func=lambda _: current[0], show_eta=False)
    with shown as bar:

        def told(case: Case, step: str) -> None:
            current[0] = f"{case.return_.number} {step}: {case.about}"
            bar.update(1 if case.ended else 0)
            bar.render_progress()

        yield told


def show(cases: Sequence[Case], found: Reconciliation) -> None:
    """Print what the systems hold, by return and in total, and every difference."""
    about = {case.return_.number: case for case in cases}
    rows = [
        [
            number,
            about[number].about if number in about else "nobody asked for it",
            about[number].return_.status if number in about else "",
            *(_agreed(found.held[number, fact]) for fact in COLUMNS),
        ]
        for number in found.returns
    ]
    print("\nWhat the systems hold, by return: where they agree one value, else each system's")
    print(tabulate(rows, ["RMA", "about", "ended", *COLUMNS], disable_numparse=True))
    print("\nIn total")
    print(tabulate(_totals(found), ["fact", "of", "ERP", "WMS", "CRM", "tax", ""], disable_numparse=True))
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
            each = [
                f"{sums[name].get(of, Decimal(0)):f}" if name in sums else "" for name in ("ERP", "WMS", "CRM", "tax")
            ]
            yield [fact, of, *each, "equal" if len({text for text in each if text}) == 1 else "DIFFERENT"]


def _by_unit(counts: Counts) -> dict[str, Decimal]:
    """Return sums by currency, and of goods by unit."""
    sums: dict[str, Decimal] = {}
    for of, amount in counts.items():
        unit = of.rpartition(" ")[2]
        sums[unit] = sums.get(unit, Decimal(0)) + amount
    return sums
