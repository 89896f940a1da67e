"""What is laid into memory that a process has in common with its copies comes out again, on either side."""

from __future__ import annotations

import pytest
from cli.running import VENDOR
from hypothesis import given
from hypothesis import strategies as st
from openreturns.cli import _work
from openreturns.cli._slots import Slots
from openreturns.cli._work import Way

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
    slots = Slots(1, size=8)
    assert slots.put([b"large"] * 2) is None
    assert slots.put([b"small"])


def test_lines_that_are_too_large_for_the_slot_are_sent_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    slots, way = Slots(1, size=len(VENDOR)), Way("shipbob.return", "return", {})
    monkeypatch.setattr(_work, "_route", way.route(), raising=False)
    monkeypatch.setattr(_work, "_slots", slots, raising=False)
    place = slots.put([VENDOR])
    assert place
    [line] = way.route().run(VENDOR).records
    assert len(line) > len(VENDOR)
    assert _work._work(place, join=True) == (1, 1, line + b"\n")
