"""`openreturns schema breaking`: what a change of schemas breaks."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from openreturns.cli._help import examples
from openreturns.errors import OpenReturnsError

__all__ = ["breaking"]

_PATH = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    epilog=examples(
        "schema breaking schemas/next --against 1.0.0",
        "schema breaking schemas --against origin/main --compat full",
        "schema breaking openapi.yaml --against v1.4.0:openapi.yaml --form sarif",
        more="Exit codes: 0 nothing breaks, 100 findings, 1 it could not run.",
    )
)
@click.argument("new")
@click.option("--against", required=True, help="What was: folder, file, published version, git commit, COMMIT:PATH.")
@click.option("--compat", type=click.Choice(["backward", "forward", "full"]), help="What must hold; else backward.")
@click.option("--reader", type=click.Choice(["strict", "tolerant"]), help="Whether readers take unknown members.")
@click.option("--formats", type=click.Choice(["assertion", "annotation"]), help="Whether a format refuses values.")
@click.option(
    "--form", type=click.Choice(["text", "json", "junit", "github", "sarif"]), default="text", help="How it is told."
)
@click.option("--json", "form", flag_value="json", help="The same as --form json.")
@click.option("--all", "everything", is_flag=True, help="Show what only informs, and what is proven harmless.")
@click.option("--config", type=_PATH, help="A pyproject.toml; else the nearest one.")
def breaking(
    new: str,
    against: str,
    compat: str | None,
    reader: str | None,
    formats: str | None,
    form: str,
    everything: bool,
    config: Path | None,
) -> None:
    """Tell what a change from --against to NEW breaks: any JSON Schemas, or an OpenAPI document's components.

    BACKWARD: all that was valid still is. FORWARD: all that is valid was. FULL: both. Each finding has a rule, a
    file and a line, and a document that shows it. Rules are chosen in [tool.openreturns.breaking].
    """
    from openreturns.compat import compare, load_settings, render, sources

    try:
        settings = load_settings(config, compat=compat, reader=reader, formats=formats)
        now, was = sources(new, against)
        report = compare(was, now, settings)
        click.echo(render(report, form, everything=everything))
    except OpenReturnsError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(1)
    sys.exit(100 if report.failed else 0)
