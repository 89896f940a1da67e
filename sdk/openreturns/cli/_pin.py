"""The option that pins a version of the contract, which several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click
from click.core import ParameterSource

from openreturns import _schemas

__all__ = ["pinned", "refuse_pin"]

_Command = TypeVar("_Command", bound=Callable[..., Any])


def pinned(what: str) -> Callable[[_Command], _Command]:
    """Return the option `--pin`, whose help says what is in the version; the environment may pin for all commands."""
    return click.option(
        "--pin",
        type=click.Choice(_schemas.versions()),
        default=_schemas.VERSION,
        show_default=True,
        envvar="OPENRETURNS_PIN",
        show_envvar=True,
        help=what,
    )


def refuse_pin(option: str) -> None:
    """Raise UsageError if `--pin` is given (the environment's is for all) where this option names a vendor's record."""
    if click.get_current_context().get_parameter_source("pin") is ParameterSource.COMMANDLINE:
        raise click.UsageError(f"--pin is about canonical documents; {option} names a vendor's record")
