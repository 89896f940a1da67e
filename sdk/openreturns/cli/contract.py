"""`openreturns contract`: what an adapter must prove, run over an installed one."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tabulate import tabulate

from openreturns.cli._help import examples
from openreturns.testing import CHECKS, LEVELS, Level, Report, candidate, run
from openreturns.testing._report import summary

__all__ = ["contract"]


@click.command(
    epilog=examples(
        "contract shipbob",
        "contract shipbob --level documents",
        "contract acme --evidence tests --check VENDOR_FIELDS_KEPT",
        more="Each check, what failing means and how to fix it: docs/contract-kit.md",
    )
)
@click.argument("name")
@click.option("--level", type=click.Choice(LEVELS), default="vendor", show_default=True, help="How far to go.")
@click.option("--check", "ids", multiple=True, help="Run this check only; may be given again.")
@click.option("--select", default="*", help="Run the cases with such a name only, as 'return*'.")
@click.option("--seed", type=int, default=0, show_default=True, help="What everything at random is drawn from.")
@click.option(
    "--evidence",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of tenant.toml and recorded records; else contract_tests/NAME, tests/NAME, tests, or this one.",
)
def contract(name: str, level: Level, ids: tuple[str, ...], select: str, seed: int, folder: Path | None) -> None:
    """Prove that the installed adapter NAME keeps the contract, check by check.

    Prints what failed and how to run it again, then a line a check and the level that is reached.
    """
    strange = sorted(set(ids) - set(CHECKS))
    if strange:
        raise click.UsageError(f"no check {', '.join(strange)}; there are: {', '.join(CHECKS)}")
    subject = candidate(name, folder, seed=seed)
    report = Report(subject, level, list(run(subject, level, ids=ids, select=select)))
    for result in report.failed:
        click.echo(result.told(subject) + "\n")
    click.echo(tabulate(summary(report), headers="keys"))
    if not ids and select == "*":
        click.echo(f"\n{name}: level {report.reached() or 'none'} reached of {level}")
        sys.exit(0 if report.reached() == level else 1)
    sys.exit(1 if {"failed", "not run"} & {result.ending for result in report.results} else 0)
