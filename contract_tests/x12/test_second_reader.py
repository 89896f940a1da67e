"""Another reader of X12, which knows nothing of ours, reads what we write as we mean it, and finds the same faults."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest
from openreturns_adapters.x12.control import ControlNumbers
from openreturns_adapters.x12.envelope import interchange
from openreturns_adapters.x12.interchange import parted
from pyx12.x12file import X12Reader  # type: ignore[import-untyped] # it says no types of its own
from x12.cases import partner, recorded

NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
RECORDED = list(recorded())


def read(data: bytes) -> tuple[list[list[str]], list[str]]:
    """Every segment as the other reader has it, and the codes of what it finds wrong."""
    reader = X12Reader(StringIO(data.decode()))
    segments = [[one.get_seg_id(), *(one.get_value(f"{n:02}") or "" for n in range(1, len(one) + 1))] for one in reader]
    wrong = [code for _, code, *_ in reader.pop_errors()]
    reader.cleanup()
    return segments, wrong + [code for _, code, *_ in reader.pop_errors()]


@pytest.mark.parametrize("release", ["004010", "005010"])
@pytest.mark.parametrize("row", RECORDED, ids=[row[0] for row in RECORDED])
def test_every_segment_is_read_as_it_is_meant(row: tuple[str, str, dict[str, object]], release: str) -> None:
    x12 = partner(release=release, sender_id="NORTHGATE", receiver_id="PARTNER")
    data = interchange(x12, row[1], [row[2]], ControlNumbers(":memory:"), NOW)
    segments, wrong = read(data)
    assert wrong == []
    assert segments == [parted(raw, b"*") for raw in data.split(b"~")[:-1]]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"SE*7*", b"SE*8*", "4"),
        (b"SE*7*0001", b"SE*7*0002", "3"),
        (b"GE*1*", b"GE*2*", "5"),
        (b"GE*1*1", b"GE*1*9", "4"),
        (b"IEA*1*", b"IEA*2*", "021"),
        (b"IEA*1*000000001~", b"", "023"),
    ],
)
def test_both_readers_find_the_same_faults(old: bytes, new: bytes, code: str) -> None:
    x12 = partner(sender_id="NORTHGATE", receiver_id="PARTNER")
    record = next(record for name, _, record in RECORDED if name == "counted-two-more-and-one-less")
    data = interchange(x12, "inventory_adjustment", [record], ControlNumbers(":memory:"), NOW)
    assert old in data
    assert code in read(data.replace(old, new))[1]
