"""How far the other system's clock is ahead of ours, learned when it refuses what we signed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

__all__ = ["Skew"]

# Less than this is the way there and back, and what every verifier lets pass.
_WORTH_SECONDS = 30.0


@dataclass
class Skew:
    """Add `seconds` to our time of day to get theirs."""

    seconds: float = 0.0

    def learn(self, theirs: datetime | None, ours: float) -> bool:
        """Go by their time of day from now on; return whether that makes a difference."""
        if theirs is None:
            return False
        before, self.seconds = self.seconds, theirs.timestamp() - ours
        if abs(self.seconds - before) > _WORTH_SECONDS:
            return True
        self.seconds = before
        return False
