"""Transaction sets as an interchange: ISA, one group, the sets, their counts and control numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from openreturns import Adapter
from openreturns.errors import MappingError
from openreturns.mapping import Tenant

from openreturns_adapters.x12.codecs import release
from openreturns_adapters.x12.control import ControlNumbers
from openreturns_adapters.x12.format import Delimiters, spelled
from openreturns_adapters.x12.segments import shape, to_segments

__all__ = ["interchange"]

_WITHOUT_REPETITION = "004010"


def interchange(
    x12: Adapter, native: str, records: Iterable[Mapping[str, Any]], numbers: ControlNumbers, at: datetime
) -> bytes:
    """Return records of one kind as an interchange to the tenant's partner, made at that moment, by its clock.

    Raises MappingError (kind `setting`) where a setting of the envelope is missing or does not fit, RefusedError for a
    record that does not.
    """
    tenant = x12.tenant
    of, version, marks = shape(x12.contract(native).schema), release(tenant), Delimiters(tenant)
    written = [to_segments(of, record, version) for record in records]  # before a number is used up
    envelope = _Envelope(tenant, at, version, marks)
    control, group = (numbers.next(envelope.partner, kind) for kind in ("interchange", "group"))
    segments = [envelope.isa(control), envelope.gs(of.group, group)]
    for place, inner in enumerate(written, 1):
        number = f"{place:04}"
        segments += [["ST", of.set_id, number], *inner, ["SE", str(len(inner) + 2), number]]
    segments += [["GE", str(len(written)), str(group)], ["IEA", "1", f"{control:09}"]]
    return spelled(segments[:1], marks, version, head=True) + spelled(segments[1:], marks, version)


class _Envelope:
    def __init__(self, tenant: Tenant, at: datetime, version: str, marks: Delimiters) -> None:
        self.tenant, self.at, self.version, self.marks = tenant, at, version, marks
        self.sender, self.receiver = self._said("sender_id", 15), self._said("receiver_id", 15)
        self.qualifiers = self._said("sender_qualifier", 2), self._said("receiver_qualifier", 2)
        self.partner = f"{self.qualifiers[0]}:{self.sender}/{self.qualifiers[1]}:{self.receiver}"

    def _said(self, name: str, most: int) -> str:
        found = str(self.tenant.setting(name))
        if not 1 <= len(found) <= most or not found.isascii() or found != found.strip():
            raise MappingError(f"x12 setting {name!r} is a text of 1 to {most} characters", kind="setting")
        return found

    def isa(self, control: int) -> list[str]:
        usage = str(self.tenant.setting("usage_indicator"))
        eleventh = "U" if self.version == _WITHOUT_REPETITION else self.marks.repetition
        return [
            *("ISA", "00", " " * 10, "00", " " * 10),
            *(self.qualifiers[0].ljust(2), self.sender.ljust(15), self.qualifiers[1].ljust(2), self.receiver.ljust(15)),
            *(f"{self.at:%y%m%d}", f"{self.at:%H%M}", eleventh, self.version[:5], f"{control:09}"),
            *("1" if self.tenant.setting("acknowledgment_requested") else "0", usage, self.marks.component),
        ]

    def gs(self, group: str, control: int) -> list[str]:
        settings = self.tenant.settings
        sender, receiver = settings.get("group_sender") or self.sender, settings.get("group_receiver") or self.receiver
        said = [group, str(sender), str(receiver), f"{self.at:%Y%m%d}", f"{self.at:%H%M}", str(control), "X"]
        return ["GS", *said, self.version]
