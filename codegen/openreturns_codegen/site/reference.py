"""The pages of the reference: every command by its own help, every public module by its docstrings."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

import click
import openreturns
from openreturns.cli import main

from openreturns_codegen.markdown import table
from openreturns_codegen.site.contract_pages import listed

__all__ = ["reference_pages"]


def reference_pages() -> dict[str, str]:
    """Return the pages by name. Imports every public module, and so needs what the extras bring."""
    modules = [*_modules()]
    owners = _owners(modules)
    pages = {f"reference/{one.__name__}": "\n\n".join(_module(one, owners)) for one in modules}
    summary = table(
        ("module", "what"),
        ((f"[`{one.__name__}`]({one.__name__}.md)", (one.__doc__ or "").partition("\n")[0]) for one in modules),
    )
    below = listed([one.__name__ for one in modules], hidden=True)
    return pages | {
        "reference/api": f"# Python\n\nThe public modules; the rest is nobody's.\n\n{summary}\n\n{below}",
        "reference/commands": "\n\n".join(["# All commands", *_commands("openreturns", main)]),
    }


def _commands(name: str, command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    yield f"## {name}\n\n```text\n{command.get_help(context)}\n```"
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            if found:
                yield from _commands(f"{name} {below}", found)


def _modules() -> Iterator[ModuleType]:
    yield openreturns
    for found in pkgutil.walk_packages(openreturns.__path__, "openreturns."):
        parts = found.name.split(".")
        if not any(part.startswith("_") for part in parts) and parts[1] != "cli":
            yield import_module(found.name)


def _owners(modules: list[ModuleType]) -> dict[int, str]:
    """Return the module that tells of each thing: of several that offer it, the one that is named most exactly."""
    owners: dict[int, str] = {}
    for one in sorted(modules, key=lambda module: -module.__name__.count(".")):
        for name in getattr(one, "__all__", ()):
            owners.setdefault(id(getattr(one, name)), one.__name__)
    return owners


def _module(one: ModuleType, owners: dict[int, str]) -> Iterator[str]:
    names = list(getattr(one, "__all__", ()))
    elsewhere = {name: owners[id(getattr(one, name))] for name in names}
    elsewhere = {name: owner for name, owner in elsewhere.items() if owner != one.__name__}
    told = [name for name in names if name not in elsewhere]
    yield f"# {one.__name__}"
    members = [f"   :members: {', '.join(told)}"] if told and one.__name__ != "openreturns.models" else []
    yield "\n".join(["```{eval-rst}", f".. automodule:: {one.__name__}", *members, "```"])
    if one.__name__ == "openreturns.models":
        yield table(("class", "what"), ((f"`{name}`", _first(getattr(one, name))) for name in told))
    if elsewhere:
        yield "Also here:"
        yield table(("name", "of"), ((f"`{name}`", f"[`{owner}`]({owner}.md)") for name, owner in elsewhere.items()))


def _first(thing: object) -> str:
    return (getattr(thing, "__doc__", None) or "").strip().partition("\n")[0]
