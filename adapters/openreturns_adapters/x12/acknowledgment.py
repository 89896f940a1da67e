"""The 997: which transaction sets of a group were taken, and where the others are wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from openreturns import Adapter

from openreturns_adapters.x12.format import transaction
from openreturns_adapters.x12.interchange import Group
from openreturns_adapters.x12.segments import Fault

__all__ = ["Answer", "Verdict", "acknowledgment", "answer"]

Record = dict[str, Any]

_CODES = 5  # that AK5 and AK9 have room for


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with one transaction set of a group."""

    set_id: str
    control: str
    faults: tuple[Fault, ...]


def acknowledgment(group: Group, count: int, bad: Sequence[Verdict], condemned: Sequence[Fault] = ()) -> Record:
    """Return the record of the 997 that answers a group of `count` transaction sets, of which some are bad.

    Only what is rejected is named one by one. `condemned` are the faults of the whole group: then all is rejected.
    """
    accepted = 0 if condemned else count - len(bad)
    verdict = "R" if condemned or (bad and not accepted) else "P" if bad else "A"
    ak9: Record = {"AK901": verdict, "AK902": count, "AK903": count, "AK904": accepted}
    ak9 |= {f"AK9{n:02}": code for n, code in enumerate(_codes(condemned), 5)}
    number = int(group.control) if group.control.isascii() and group.control.isdigit() else 0
    record: Record = {"AK1": {"AK101": _told(group.kind, 2, 2), "AK102": min(number, 999_999_999)}}
    if bad and not condemned:
        record["AK2Loop"] = [_rejected(one) for one in bad]
    return {**record, "AK9": ak9}


def _told(text: str, least: int, most: int) -> str:
    """Return a text that came as an answer may repeat it: nothing but letters and digits of it, as many as fit."""
    return "".join(one for one in text if one.isascii() and one.isalnum())[:most].rjust(least, "0")


def _codes(faults: Sequence[Fault]) -> list[str]:
    return sorted({fault.set_code for fault in faults})[:_CODES]


def _rejected(one: Verdict) -> Record:
    placed = [fault for fault in one.faults if fault.segment_code and fault.place]
    loops = [
        _segment(place, list(faults)) for place, faults in groupby(placed, lambda fault: (fault.place, fault.segment))
    ]
    ak5 = {"AK501": "R", **{f"AK5{n:02}": code for n, code in enumerate(_codes(one.faults), 2)}}
    head = {"AK201": _told(one.set_id, 3, 3), "AK202": _told(one.control, 4, 9)}
    return {"AK2": head, **({"AK3Loop": loops} if loops else {}), "AK5": ak5}


def _segment(place: tuple[int, str], faults: Sequence[Fault]) -> Record:
    """Return where a segment is wrong; the wrong values are not repeated: they may be personal."""
    found: Record = {"AK3": {"AK301": _told(place[1], 2, 3), "AK302": place[0], "AK304": faults[0].segment_code}}
    rows = [{"AK401": str(fault.element), "AK403": fault.element_code} for fault in faults if fault.element]
    return {**found, "AK4": rows[:99]} if rows else found


# --- reading --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """What a partner's 997 says of a group that we sent: its kind and control number, and what was not accepted.

    `accepted` is whether all of it was. `rejected` are the control numbers of transaction sets, with the places.
    """

    kind: str
    control: int
    accepted: bool
    counts: tuple[int, int, int]
    rejected: Mapping[str, tuple[str, ...]]


def answer(x12: Adapter, data: bytes) -> Answer:
    """Return what a 997 says. Raises RefusedError for bytes that are none."""
    record = transaction(x12.contract("acknowledgment").schema, x12.tenant).read(data)
    ak1, ak9 = record["AK1"], record["AK9"]
    rejected = {
        loop["AK2"]["AK202"]: tuple(_places(loop))
        for loop in record.get("AK2Loop") or ()
        if loop["AK5"]["AK501"] not in ("A", "E")
    }
    counts = ak9["AK902"], ak9["AK903"], ak9["AK904"]
    return Answer(ak1["AK101"], ak1["AK102"], ak9["AK901"] in ("A", "E") and not rejected, counts, rejected)


def _places(loop: Record) -> Iterator[str]:
    for inner in loop.get("AK3Loop") or ():
        at = f"/{inner['AK3']['AK302']}/{inner['AK3']['AK301']}"
        elements = inner.get("AK4") or ()
        yield from (f"{at}/{row['AK401']}: {row['AK403']}" for row in elements)
        if not elements:
            yield f"{at}: {inner['AK3'].get('AK304', '')}"
    yield from (f"AK5: {loop['AK5'][name]}" for name in sorted(loop["AK5"]) if name != "AK501")
