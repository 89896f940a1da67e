"""How much more is done for more: counted in steps of the interpreter, which are the same wherever a test runs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

FEW, MANY = 8, 160


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


def grows(of_size: Callable[[int], Callable[[], object]]) -> float:
    """Return by how much the steps grow where the size does: 1 is as much as the size, or less."""
    of_size(FEW)()  # what is made once is made
    return steps(of_size(MANY)) / steps(of_size(FEW)) / (MANY / FEW)
