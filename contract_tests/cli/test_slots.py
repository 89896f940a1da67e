"""What is laid into memory that a process has in common with its copies comes out again, on either side."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from openreturns.cli._slots import Slots

PIECES = st.lists(st.binary(max_size=50), max_size=20)


@given(st.lists(PIECES, min_size=1, max_size=4))
def test_pieces_come_out_as_they_were_laid_in(chunks: list[list[bytes]]) -> None:
    slots = Slots(len(chunks))
    places = [place for pieces in chunks if (place := slots.put(pieces))]
    assert [slots.taken(place) for place in places] == chunks
    assert [bytes(slots.seen(place)) for place in places] == [b"".join(pieces) for pieces in chunks]


def test_a_slot_is_given_out_again_only_when_it_is_free() -> None:
    slots = Slots(1)
    first = slots.put([b"one"])
    assert first
    assert slots.put([b"another"]) is None
    slots.free(first)
    assert slots.put([b"another"])


def test_what_is_too_large_takes_no_slot() -> None:
    slots = Slots(1)
    assert slots.put([b"x" * 1024 * 1024] * 3) is None
    assert slots.put([b"small"])
