"""The standard streams at the two ends of a command: those that were closed before it, and output nobody takes."""

from __future__ import annotations

import os
import sys

__all__ = ["open_closed", "silence"]


def open_closed() -> None:
    """Open the streams that whoever started us closed: else the next file opened would be in their place.

    Reading from such an input and printing to such an output fail, as with a file that cannot be read or written,
    for nobody may take what is lost for done; what is told on standard error is told nobody.
    """
    if sys.stdin is None:
        sys.stdin = open(os.open(os.devnull, os.O_WRONLY), encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")  # noqa: SIM115


def silence() -> None:
    """Let nothing more be written to standard output, not even what is buffered on the way out."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
