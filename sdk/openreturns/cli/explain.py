"""`openreturns explain`: a mapping as a table, or as the Python it compiles to."""

from __future__ import annotations

from pathlib import Path

import click

from openreturns._json import dump
from openreturns.adapters import adapter, load_tenant
from openreturns.cli._help import examples
from openreturns.cli._record import mapping_of, parted
from openreturns.cli._table import table
from openreturns.mapping import explain as rows_of

__all__ = ["explain"]


@click.command(
    epilog=examples(
        "explain shipbob.return_create",
        "explain shipbob.return --to disposition",
        "explain netsuite.item_receipt --source --tenant tenant.toml",
    )
)
@click.argument("record")
@click.option("--to", "document", help="The canonical document, where the record serves several.")
@click.option("--source", is_flag=True, help="Print the compiled Python of each direction.")
@click.option("--tenant", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Settings, code tables.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(record: str, document: str | None, source: bool, tenant: Path | None, as_json: bool) -> None:
    """Print what becomes what between RECORD (adapter.record) and its canonical document."""
    system, native = parted(record)
    ours = adapter(system, load_tenant(tenant).get(system) if tenant else None)
    mapping = mapping_of(ours, native, document)
    if source:
        compiled = ours.translator(native, mapping.canonical).compiled
        sources = {way: one.source for way, one in compiled.items()}
        click.echo(dump(sources) if as_json else "\n".join(sources.values()))
        return
    rows = rows_of(mapping)
    click.echo(dump(rows) if as_json else table(rows))
