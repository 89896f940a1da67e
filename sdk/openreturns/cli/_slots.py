"""Memory that a process has in common with its copies: what goes to and fro in it passes no pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from mmap import mmap

__all__ = ["Place", "Slots"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where pieces of bytes lie, one behind the other: the number of the slot and the size of each."""

    slot: int
    sizes: list[int]


class Slots:
    """So many slots. Whoever makes them gives them out and takes them back; copies of the process read and write."""

    def __init__(self, count: int, size: int = 2 * 1024 * 1024) -> None:
        self._memory = [mmap(-1, size) for _ in range(count)]
        self._size = size
        self._free = list(range(count))

    def put(self, pieces: Sequence[bytes]) -> Place | None:
        """Lay pieces into a free slot. Returns None where there is none or they are too large for one."""
        if not self._free:
            return None
        place = self.fill(self._free[-1], pieces)
        if place:
            self._free.pop()
        return place

    def fill(self, slot: int, pieces: Sequence[bytes]) -> Place | None:
        """Lay pieces into this slot, in place of what lies there. Returns None where they are too large for it."""
        sizes = [len(piece) for piece in pieces]
        if sum(sizes) > self._size:
            return None
        memory = self._memory[slot]
        memory.seek(0)
        for piece in pieces:
            memory.write(piece)
        return Place(slot, sizes)

    def taken(self, place: Place) -> list[bytes]:
        """Return the pieces."""
        memory, end = self._memory[place.slot], 0
        return [memory[end : (end := end + size)] for size in place.sizes]

    def seen(self, place: Place) -> memoryview:
        """Return the pieces as one, where they lie: good until the slot is free."""
        return memoryview(self._memory[place.slot])[: sum(place.sizes)]

    def free(self, place: Place) -> None:
        """Take the slot back."""
        self._free.append(place.slot)
