"""From one system's record to another's, through the canonical document: bytes in, bytes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from openreturns._json import dump
from openreturns._schemas import DOCUMENTS, VERSION
from openreturns.adapters import Adapter, adapter, keep_invariants, not_a_record
from openreturns.errors import MappingError, Problem
from openreturns.formats import JSON, Format
from openreturns.reading import Reading, SetAside, read_value

__all__ = ["Route", "Routed"]


@dataclass(slots=True)
class Routed:
    """What one record became: the records to send (one a delivery, say), and what to know about them."""

    records: list[bytes]
    losses: tuple[Problem, ...]
    findings: tuple[Problem, ...]
    set_aside: tuple[SetAside, ...] = ()


class Route:
    """A way from `source` to `target`: each is `adapter.record` or the name of a canonical document.

    `tenants` configures the adapters by name, as a tenant file does. `via` names the canonical document
    where several could carry the record. `tolerant` lets a canonical source be of a later minor version. `pin` is the
    version that canonical documents are written in; what an older one has no place for is among the losses.
    `reads` and `writes` are the formats of the bytes on either end.
    Raises MappingError (kind `unknown_name`) where there is no way, and as `Adapter.translator`: where a tenant has not
    said what a mapping needs, say.
    """

    def __init__(
        self,
        source: str,
        target: str,
        tenants: Mapping[str, Mapping[str, Any]] | None = None,
        via: str | None = None,
        *,
        tolerant: bool = False,
        pin: str = VERSION,
    ) -> None:
        self._tolerant = tolerant
        self._pin = pin
        self._source, self._target = _end(source, tenants or {}), _end(target, tenants or {})
        shared = [name for name in _documents(self._source, "in") if name in _documents(self._target, "out")]
        if via is not None:
            shared = [name for name in shared if name == via]
        if len(shared) != 1:
            ways = f"several documents could carry it: {', '.join(shared)}; name one" if shared else "no document can"
            raise MappingError(f"no way from {source} to {target}: {ways}", kind="unknown_name")
        self.document = shared[0]
        # What a tenant has to say is told before any record.
        self._translators = [
            end[0].translator(end[1], self.document) for end in (self._source, self._target) if isinstance(end, tuple)
        ]
        self.reads, self.writes = _format(self._source), _format(self._target)

    def run(self, data: bytes) -> Routed:
        """Return what one record becomes. Raises ContractError or MappingError with everything that is wrong."""
        record = self.reads.read(data)
        if not isinstance(self._source, tuple):
            reading = read_value(record, self.document, tolerant=self._tolerant)
            keep_invariants(reading.document)
            if isinstance(self._target, tuple):
                return _written(*self._target, reading, (), ())
            data, losses = self._pinned(reading.data) or (dump(reading.data), ())
            return Routed([data], losses, (), reading.set_aside)
        ours, native = self._source
        translator = self._translators[0]
        record, findings = ours.checked(native, record)
        translation = translator.to_canonical(record)
        findings += translation.findings
        losses = translation.losses
        data = ours.check_document(translator.mapping, translation.document)
        if not isinstance(self._target, tuple):
            data, older = self._pinned(translation.document) or (data, ())
            return Routed([data], losses + older, findings)
        reading = Reading(self.document, translation.document)
        keep_invariants(reading.document)
        return _written(*self._target, reading, findings, losses)

    def _pinned(self, data: dict[str, Any]) -> tuple[bytes, tuple[Problem, ...]] | None:
        """Return a document in the version that is pinned, with what it lost; None where that is its own."""
        if self._pin == VERSION:
            return None
        from openreturns.migrations import migrate  # most routes write the newest version

        made = migrate(data, self._pin)
        return made.to_json(), made.losses


def _written(
    theirs: Adapter, native: str, reading: Reading, findings: tuple[Problem, ...], losses: tuple[Problem, ...]
) -> Routed:
    written = theirs.write_data(reading.data, native, trusted=True)
    return Routed(
        [one.to_bytes() for one in written],
        (*losses, *(loss for one in written for loss in one.losses)),
        (*findings, *(finding for one in written for finding in one.findings)),
        reading.set_aside,
    )


_End = tuple[Adapter, str] | str


def _end(name: str, tenants: Mapping[str, Mapping[str, Any]]) -> _End:
    system, dot, record = name.partition(".")
    if dot:
        return adapter(system, tenants.get(system)), record
    if name not in DOCUMENTS:
        raise not_a_record(name, DOCUMENTS)
    return name


def _format(end: _End) -> Format:
    return JSON if isinstance(end, str) else end[0].format(end[1])


def _documents(end: _End, way: str) -> list[str]:
    if isinstance(end, str):
        return [end]
    ours, native = end
    found = [m.canonical for m in ours.mappings if m.native == native and way in m.directions]
    if not found:
        ours.mapping(native)  # raises, naming what there is, if the record is unknown
        able = ", ".join(dict.fromkeys(f"{ours.name}.{m.native}" for m in ours.mappings if way in m.directions))
        said = f"cannot be {'read' if way == 'in' else 'written'}; of {ours.name} can: {able or 'none'}"
        raise MappingError(f"{ours.name}.{native} {said}", kind="unknown_name")
    return found
