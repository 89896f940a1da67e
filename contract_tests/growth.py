"""How much more is done for more: counted in steps of the interpreter, which are the same wherever a test runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

SIZE = 40
LINEAR = 1.05
"""As much as `grows` says at most of what is no more than sorted: that takes a little longer each."""


def steps(call: Callable[[], object]) -> int:
    """Return how many steps of bytecode a call takes, with all that it calls in Python."""
    count = 0

    def trace(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def grows(of_size: Callable[[int], Callable[[], object]], size: int = SIZE) -> float:
    """Return how the steps of each further one grow with the size: 1 if not at all, 2 if as the size does."""
    of_size(1)()  # what is made once is made
    one, two, four = (steps(of_size(times * size)) for times in (1, 2, 4))
    return (four - two) / (two - one) / 2
