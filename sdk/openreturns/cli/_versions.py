"""`openreturns schema changes`, `publish` and `published`: versions, and what they promise."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

import click

from openreturns._json import dump
from openreturns.cli._help import examples
from openreturns.errors import ContractError, OpenReturnsError

__all__ = ["changes", "publish", "published"]

_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
_ROOT = click.Path(exists=True, file_okay=False, path_type=Path)
_Command = TypeVar("_Command", bound=Callable[..., Any])


def _told(command: _Command) -> _Command:
    """End a command that cannot run with 1, as its siblings do; 2 is for wrong usage."""

    @wraps(command)
    def run(*given: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the command takes
        try:
            return command(*given, **named)
        except OpenReturnsError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(1)

    return run  # type: ignore[return-value]  # wraps says the same


@click.command(epilog=examples("schema changes schemas/1.1.0 --against schemas/1.0.0"))
@click.argument("new")
@click.option("--against", required=True, help="What was: folder, file, published version, git commit, COMMIT:PATH.")
@click.option("--bump", "only", is_flag=True, help="Print patch, minor or major, and nothing else.")
@_JSON
@_told
def changes(new: str, against: str, *, only: bool, as_json: bool) -> None:
    """Print what changed, document by document, as a section for a changelog, and the version that is due."""
    from openreturns.compat import changes as find
    from openreturns.compat import sources

    now, was = sources(new, against)
    found = find(was, now)
    if as_json:
        documents = {
            name: [{"at": one.at, "rule": one.rule, "direction": one.direction, "outcome": one.outcome} for one in some]
            for name, some in found.documents.items()
        }
        click.echo(dump({"old": found.old, "new": found.new, "needed": found.needed, "documents": documents}))
        return
    click.echo(found.needed if only else found.markdown())


@click.command(epilog=examples("schema publish 1.1.0 schemas"))
@click.argument("version")
@click.argument("root", type=_ROOT, default="schemas")
@_told
def publish(version: str, root: Path) -> None:
    """Lock VERSION, a folder below ROOT, by the hashes of its files: from now on it never changes.

    Refuses a version that is not raised by as much as its change asks for.
    """
    from openreturns.compat import versions

    there = list(versions.folders(root))
    if version in there[1:]:
        _refuse_small(root, there[there.index(version) - 1], version)
    lock = versions.publish(root, version)
    click.echo(f"{version} is published: {lock}")


@click.command(epilog=examples("schema published schemas", "schema published schemas --against origin/main"))
@click.argument("root", type=_ROOT, default="schemas")
@click.option("--against", help="A git commit whose lock must still hold: nothing published is taken back.")
@_JSON
@_told
def published(root: Path, against: str | None, *, as_json: bool) -> None:
    """Prove that every published version below ROOT is what was published, and each was raised by enough."""
    from openreturns.compat import versions

    before = versions.locked_at(root, against) if against else None
    errors = [
        f"{root}/{one.version}: error: PUBLISHED_VERSION_CHANGED: {one.file} {one.said}"
        for one in versions.broken(root, before)
    ]
    errors += [said for old, new in pairwise(versions.folders(root)) if (said := _small(root, old, new))]
    locked = versions.lock_of(root)
    if as_json:
        click.echo(dump({"published": list(locked), "errors": errors}))
    else:
        count = f"{len(errors)} error{'s' * (len(errors) != 1)}"
        click.echo("\n".join([*errors, f"{len(locked)} published: {', '.join(locked) or 'none'}; {count}"]))
    sys.exit(100 if errors else 0)


def _small(root: Path, old: str, new: str) -> str:
    """Return what is wrong with a version that was not raised by enough, or nothing."""
    from openreturns.compat import bump, open_source, versions

    needed = bump(open_source(str(root / old)), open_source(str(root / new)))
    given = versions.raised(versions.version_in(old) or (0, 0, 0), versions.version_in(new) or (0, 0, 0))
    if versions.enough(given, needed):
        return ""
    return f"{root}/{new}: error: VERSION_BUMP_TOO_SMALL: {old} -> {new} is a {given} version, a {needed} one is due"


def _refuse_small(root: Path, old: str, new: str) -> None:
    said = _small(root, old, new)
    if said:
        raise ContractError(said.partition("error: ")[2], kind="version")
