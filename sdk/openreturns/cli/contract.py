"""`openreturns contract`: what an adapter must prove, run over an installed one."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from tabulate import tabulate

from openreturns._json import dump
from openreturns.cli._help import examples
from openreturns.testing import CHECKS, LEVELS, Level, Report, candidate, run
from openreturns.testing._candidate import CASES
from openreturns.testing._report import badge, data, junit, page, summary

__all__ = ["contract"]

_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command(
    epilog=examples(
        "contract shipbob",
        "contract shipbob --level documents --junit report.xml --page shipbob.md --badge shipbob.svg",
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
    "--cases", type=click.IntRange(1), default=CASES, show_default=True, help="How many are drawn of each kind."
)
@click.option(
    "--evidence",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="The folder of tenant.toml and recorded records; else contract_tests/NAME, tests/NAME, tests, or this one.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--junit", "junit_file", type=_FILE, help="Write JUnit XML, for CI.")
@click.option("--page", "page_file", type=_FILE, help="Write the conformance page, Markdown.")
@click.option("--badge", "badge_file", type=_FILE, help="Write the badge, SVG.")
def contract(
    name: str,
    level: Level,
    ids: tuple[str, ...],
    select: str,
    seed: int,
    cases: int,
    folder: Path | None,
    as_json: bool,
    junit_file: Path | None,
    page_file: Path | None,
    badge_file: Path | None,
) -> None:
    """Prove that the installed adapter NAME keeps the contract, check by check.

    Prints what failed and how to run it again, then a line a check and the level that is reached.
    """
    strange = sorted(set(ids) - set(CHECKS))
    if strange:
        raise click.UsageError(f"no check {', '.join(strange)}; there are: {', '.join(CHECKS)}")
    subject = candidate(name, folder, seed=seed, cases=cases)
    report = Report(subject, level, list(run(subject, level, ids=ids, select=select)))
    for path, written in ((junit_file, junit), (page_file, page), (badge_file, badge)):
        if path is not None:
            path.write_text(written(report), "utf-8")
    whole = not ids and select == "*"
    if as_json:
        click.echo(dump(data(report)))
    else:
        _tell(report, whole=whole)
    if whole:
        sys.exit(0 if report.reached() == level else 1)
    sys.exit(1 if {"failed", "not run"} & {result.ending for result in report.results} else 0)


def _tell(report: Report, *, whole: bool) -> None:
    for result in report.failed:
        click.echo(result.told(report.candidate) + "\n")
    click.echo(tabulate(summary(report), headers="keys"))
    if whole:
        click.echo(f"\n{report.candidate.name}: level {report.reached() or 'none'} reached of {report.level}")
