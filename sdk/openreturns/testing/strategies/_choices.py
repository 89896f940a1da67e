"""Many choices from few draws: quick to draw, and plain where a failure has shrunk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hypothesis import strategies as st

__all__ = ["Choices"]

T = TypeVar("T")

# Drawing a number takes longer than making a choice. Up to 24 bits hypothesis draws all numbers alike.
_BITS = 24
_PACK = st.integers(0, 2**_BITS - 1)
_NOTHING = st.none()


@dataclass(slots=True)
class Choices:
    """Choices taken from drawn numbers, a few bits each. Zeros are the plainest, so a failure shrinks to those."""

    draw: st.DrawFn
    _pack: int = field(default=0, init=False)
    _room: int = field(default=0, init=False)

    def place(self, size: int) -> int:
        """Return a place in a list of so many."""
        bits = (size - 1).bit_length()
        if bits > self._room:
            self._pack, self._room = self.draw(_PACK), _BITS
        digit = self._pack & ((1 << bits) - 1)
        self._pack >>= bits
        self._room -= bits
        return digit * size >> bits

    def one(self, options: Sequence[T]) -> T:
        """Return one of the options, the first being the simplest."""
        return options[self.place(len(options))]

    def flip(self) -> bool:
        """Return whether something optional and usual is there."""
        return self.place(2) == 1

    def rarely(self) -> bool:
        """Return whether something optional and unusual is there."""
        return self.place(8) > 5

    def another(self) -> bool:
        """Return whether there is one more."""
        return self.place(4) == 3

    def pack(self) -> int:
        """Return a number to make choices from later."""
        return self.draw(_PACK)

    def by(self, pack: int, make: Callable[..., T], *given: Any) -> T:  # noqa: ANN401 - whatever it takes
        """Return what is made, with choices taken from a number drawn before."""
        self._pack, self._room = pack, _BITS
        made = make(*given)
        self._room = 0
        return made

    def apart(self, make: Callable[..., T], *given: Any) -> T:  # noqa: ANN401 - whatever it takes
        """Return what is made, drawn so that a failure can do without it as a whole."""
        self._room = 0
        made = self.draw(_NOTHING.map(lambda _: make(*given)))
        self._room = 0
        return made
