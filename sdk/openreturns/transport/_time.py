"""The clocks that waiting, deadlines and signatures go by, in one place, so that a test can bring its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["SYSTEM", "Time"]


@dataclass(frozen=True, slots=True)
class Time:
    """`monotonic` measures waiting (seconds), `wall` is the time of day (Unix seconds), `sleep` waits."""

    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep


SYSTEM = Time()
