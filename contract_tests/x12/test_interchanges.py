"""What a partner's file brings: the good is taken, the bad is refused with its place, and a 997 says exactly that."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tomllib
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO, RawIOBase
from pathlib import Path
from typing import Any, BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns.errors import MappingError
from openreturns.files import Inbox, Part
from openreturns_adapters.x12.acknowledgment import answer
from openreturns_adapters.x12.control import ControlNumbers
from openreturns_adapters.x12.envelope import interchange
from openreturns_adapters.x12.inbound import parting
from openreturns_adapters.x12.interchange import interchanges, sets
from x12.cases import HERE, partner, recorded

NOW = datetime(2026, 10, 5, 8, 30, tzinfo=UTC)
OURS = partner(sender_id="NORTHGATE", receiver_id="PARTNER")
THEIRS = partner(sender_id="PARTNER", receiver_id="NORTHGATE")
FILES = tomllib.loads((HERE / "envelopes.toml").read_text("utf-8"))["file"]


def asked(number: int) -> dict[str, Any]:
    """The record of a request."""
    return {
        "BGN": {"BGN01": "13", "BGN02": f"RMA-{number}", "BGN03": "20261005"},
        "N1Loop": [{"N1": {"N101": "BY", "N103": "92", "N104": "C-2207"}}],
        "BLILoop": [{"BLI": {"BLI01": "SK", "BLI02": "VLV-12B", "BLI03": 10, "BLI04": "EA"}}],
    }


@pytest.fixture
def numbers(tmp_path: Path) -> Iterator[ControlNumbers]:
    found = ControlNumbers(tmp_path / "numbers.sqlite")
    yield found
    found.close()


def sent(numbers: ControlNumbers, count: int = 3) -> list[bytes]:
    """Interchanges of two requests each."""
    pairs = [[asked(10 * n + 1), asked(10 * n + 2)] for n in range(1, count + 1)]
    return [interchange(THEIRS, "rma", pair, numbers, NOW) for pair in pairs]


UNKEPT = ControlNumbers(":memory:")
TWO = sent(UNKEPT, 2)


def parts(data: bytes, numbers: ControlNumbers) -> list[Part]:
    return list(parting(OURS, numbers, lambda: NOW)(BytesIO(data)))


def said(part: Part) -> str:
    """A 997 in short: its verdict, what it received and accepted."""
    found = answer(THEIRS, part.data)
    verdict = "A" if found.accepted else "P" if found.counts[2] else "R"
    assert f"AK9*{verdict}*".encode() in part.data
    return f"{verdict} {found.counts[1]} {found.counts[2]}"


@pytest.mark.parametrize("case", FILES, ids=lambda case: str(case["story"]))
def test_what_is_good_is_taken_and_what_is_bad_is_refused_whole(case: dict[str, Any], numbers: ControlNumbers) -> None:
    first, second, third = sent(numbers)
    text = second.decode()
    for old, new in case["set"]:
        assert old in text
        text = text.replace(old, new, 1)
    found = parts(first + text.encode() + third, numbers)
    taken = [part for part in found if part.error is None and not part.reply]
    assert len(taken) == case["taken"]
    assert [[str(p) for p in part.error.problems] for part in found if part.error] == case["refused"]
    assert [said(part) for part in found if part.reply] == case["answers"]
    for part in taken:  # each stands for itself
        assert OURS.format(part.native).read(part.data)["BGN"]["BGN02"].startswith("RMA-")
    assert len({part.key for part in taken}) == len(taken)


def test_a_997_names_the_segment_and_element_that_are_wrong(numbers: ControlNumbers) -> None:
    data = (
        sent(numbers, 1)[0].replace(b"BGN*13*RMA-12*20261005", b"BGN*13*RMA-12*20261305").replace(b"EA~SE", b"EACH~SE")
    )
    [reply] = [part for part in parts(data, numbers) if part.reply]
    found = answer(THEIRS, reply.data)
    assert not found.accepted
    assert found.kind == "AN"
    assert found.rejected == {
        "0001": ("/4/BLI/4: 5", "AK5: 5"),
        "0002": ("/2/BGN/3: 8", "/4/BLI/4: 5", "AK5: 5"),
    }


def test_997s_are_taken_and_never_answered(numbers: ControlNumbers) -> None:
    [reply] = [part for part in parts(sent(numbers, 1)[0], numbers) if part.reply]
    theirs = list(parting(THEIRS, numbers, lambda: NOW)(BytesIO(reply.data)))
    assert [(part.native, part.error, part.reply) for part in theirs] == [("acknowledgment", None, False)]
    assert answer(THEIRS, theirs[0].data).accepted


@pytest.mark.parametrize("release", ["004010", "005010", "006030"])
def test_every_recorded_incident_goes_through_an_interchange(release: str, numbers: ControlNumbers) -> None:
    theirs = partner(sender_id="PARTNER", receiver_id="NORTHGATE", release=release)
    for _, kind, record in recorded():
        data = interchange(theirs, kind, [record], numbers, NOW)
        assert data[84:89] == release[:5].encode()
        [part, reply] = parts(data, numbers)
        assert part.error is None
        assert part.native == kind
        assert OURS.format(kind).read(part.data) == record
        assert said(reply) == "A 1 1"


@settings(deadline=None)
@given(cut=st.integers(0, 900))
def test_a_file_cut_anywhere_gives_only_whole_interchanges(cut: int) -> None:
    found = parts(b"".join(TWO)[:cut], UNKEPT)
    good = sum(len(one) <= left for one, left in zip(TWO, (cut, cut - len(TWO[0])), strict=True))
    assert sum(part.error is None and not part.reply for part in found) == 2 * good


@given(st.binary(max_size=600))
def test_no_bytes_are_too_strange(data: bytes) -> None:
    found = list(interchanges(BytesIO(data)))
    assert all(one.faults or one.head for one in found)
    assert sum(one.end - one.start for one in found) <= len(data)


@settings(deadline=None)
@given(place=st.integers(0, 700), noise=st.binary(min_size=1, max_size=30))
def test_noise_is_refused_or_stands_in_an_element(place: int, noise: bytes) -> None:
    whole = b"".join(TWO)
    data = whole[:place] + noise + whole[place:]
    good = [part for part in parts(data, UNKEPT) if not part.error and not part.reply]
    for part in good:
        assert OURS.format(part.native).read(part.data)["BGN"]["BGN02"]
    inbox = Inbox(":memory:")
    taken = inbox.take("noise.edi", BytesIO(data), parting(OURS, UNKEPT, lambda: NOW))
    assert taken.taken == len(good) <= 4
    inbox.close()


# --- control numbers ------------------------------------------------------------------------------------------


def test_control_numbers_never_repeat_after_a_restart(tmp_path: Path) -> None:
    path, found = tmp_path / "numbers.sqlite", []
    for _ in range(3):
        numbers = ControlNumbers(path)
        found += [numbers.next("a/b", "interchange") for _ in range(3)]
        numbers.close()
    assert found == list(range(1, 10))


def test_control_numbers_end_and_do_not_begin_again(tmp_path: Path) -> None:
    numbers = ControlNumbers(tmp_path / "numbers.sqlite")
    numbers._db.execute("INSERT INTO numbers VALUES ('a/b', 'group', 999999998)")
    assert numbers.next("a/b", "group") == 999_999_999
    with pytest.raises(MappingError, match="all control numbers of groups"):
        numbers.next("a/b", "group")
    numbers.close()


@pytest.mark.parametrize("settings", [{"sender_id": " "}, {"sender_id": "X" * 16}], ids=str)
def test_an_envelope_that_cannot_be_is_refused(settings: dict[str, str], numbers: ControlNumbers) -> None:
    wrong = partner(**{"sender_id": "A", "receiver_id": "B", **settings})
    with pytest.raises(MappingError) as caught:
        interchange(wrong, "rma", [asked(1)], numbers, NOW)
    assert caught.value.kind == "setting"


# --- large files ----------------------------------------------------------------------------------------------


class Made(RawIOBase):
    """A file that is made as it is read: its pieces one after the other, each any number of times."""

    def __init__(self, pieces: list[tuple[bytes, int]]) -> None:
        self.ends = list(itertools.accumulate(len(data) * count for data, count in pieces))
        self.pieces, self.at = pieces, 0

    def seek(self, at: int, whence: int = 0) -> int:
        self.at = at + (self.ends[-1] if whence == 2 else 0)
        return self.at

    def read(self, size: int = -1) -> bytes:
        wanted, found = size if size >= 0 else self.ends[-1] - self.at, bytearray()
        for (data, _), end in zip(self.pieces, self.ends, strict=True):
            while self.at < end and len(found) < wanted:
                offset = (self.at - end) % len(data)
                piece = data[offset : offset + wanted - len(found)]
                found += piece
                self.at += len(piece)
        return bytes(found)


PROGRAM = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from x12.test_interchanges import NOW, OURS, UNKEPT, parting
with Path(sys.argv[1]).open("rb") as file:
    parts = parting(OURS, UNKEPT, lambda: NOW)(file)
    taken = sum(not part.reply and part.error is None for part in parts)
print(taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_a_hundred_thousand_transactions_take_no_more_memory_than_a_thousand(tmp_path: Path) -> None:
    def peak(count: int) -> int:
        whole = interchange(THEIRS, "rma", [asked(1)], UNKEPT, NOW)
        start, end = whole.index(b"ST*"), whole.index(b"GE*")
        with (tmp_path / "large.edi").open("wb") as file:
            file.write(whole[:start])
            file.writelines(whole[start:end].replace(b"*0001~", f"*{n:06}~".encode()) for n in range(1, count + 1))
            file.write(whole[end:].replace(b"GE*1*", f"GE*{count}*".encode()))
        command = [sys.executable, "-c", PROGRAM, str(tmp_path / "large.edi"), "", str(HERE.parent)]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        assert int(said[0]) == count
        return int(said[1])  # kilobytes

    small, large = peak(1_000), peak(100_000)
    assert large - small < 8_000


def test_a_segment_without_end_is_refused_without_reading_it_into_memory(numbers: ControlNumbers) -> None:
    head = sent(numbers, 1)[0]
    made = cast(BinaryIO, Made([(head[: head.index(b"SE*")], 1), (b"x" * 1000, 100_000)]))
    tracemalloc.start()
    [found] = interchanges(made)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "goes on without end" in str(found.faults[0])
    assert list(sets(made, found)) == []
    assert used < 5_000_000


def test_control_numbers_in_any_order_are_known_again(numbers: ControlNumbers) -> None:
    whole = interchange(THEIRS, "rma", [asked(n) for n in range(1, 21)], numbers, NOW)
    start, end = whole.index(b"ST*"), whole.index(b"GE*")
    body = [b"ST*" + one for one in whole[start:end].split(b"ST*")[1:]]
    random.Random(7).shuffle(body)
    mixed = whole[:start] + b"".join([*body, body[3]]) + whole[end:].replace(b"GE*20*", b"GE*21*")
    found = [part for part in parts(mixed, numbers) if not part.reply]
    assert [part.error is None for part in found] == [True] * 20 + [False]
