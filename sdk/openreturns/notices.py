"""What the process tells the world: each kind of notice, and the CloudEvents 1.0 event that it is told as.

A receiver reads one with `CloudEvent.model_validate_json(body)`, and may take it as known by its `id`: the same event
may come more than once, those of one return in their order. Needs no extra.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, get_args

from openreturns.models import ReturnStatus
from openreturns.models._generated.event import (
    CloudEvent,
    DeadLetterAdded,
    FindingRaised,
    ReplacementNotWanted,
    ReplacementWanted,
    ReturnChanged,
    VendorClaimWanted,
)

__all__ = [
    "MEDIA_TYPE",
    "NOTICES",
    "PREFIX",
    "SCHEMA",
    "CloudEvent",
    "DeadLetterAdded",
    "FindingRaised",
    "Kind",
    "ReplacementNotWanted",
    "ReplacementWanted",
    "ReturnChanged",
    "VendorClaimWanted",
    "cloud_event",
]

PREFIX = "org.openreturns."
SCHEMA = "https://openreturns.org/schemas/event/1.0.0/event.schema.json"
MEDIA_TYPE = "application/cloudevents+json"

Data: TypeAlias = (
    ReturnChanged | FindingRaised | DeadLetterAdded | ReplacementWanted | ReplacementNotWanted | VendorClaimWanted
)


@dataclass(frozen=True)
class Kind:
    """A kind of notice: the class of its data, the member that names what it is about, and when it is told."""

    data: type[Data]
    about: str
    sentence: str

    @property
    def schema(self) -> str:
        """The address of the data's schema."""
        return f"{SCHEMA}#/$defs/{self.data.__name__}"


NOTICES: Mapping[str, Kind] = {
    **{
        f"return.{status}": Kind(ReturnChanged, "", f"A return has become `{status}`.")
        for status in get_args(ReturnStatus)
    },
    "finding.raised": Kind(FindingRaised, "about", "There is something about a return that a person should know."),
    "dead_letter.added": Kind(DeadLetterAdded, "key", "A command waits for a person to take it further."),
    "replacement.wanted": Kind(ReplacementWanted, "line", "A replacement is to be ordered."),
    "replacement.not_wanted": Kind(
        ReplacementNotWanted, "line", "A replacement was asked for, and its return has ended without goods."
    ),
    "vendor_claim.wanted": Kind(VendorClaimWanted, "claim", "Goods are to be claimed from their vendor."),
}
"""Every kind of notice by its name; the event's type is the name after `PREFIX`."""


def cloud_event(name: str, about: str, data: Mapping[str, Any], **envelope: Any) -> CloudEvent:  # noqa: ANN401 - any JSON value
    """Return a notice as an event: `about` is a part of the return, `envelope` the other attributes."""
    kind = NOTICES[name]
    told = {**data, kind.about: about} if kind.about else data
    return CloudEvent(
        specversion="1.0",
        type=PREFIX + name,
        datacontenttype="application/json",
        dataschema=kind.schema,
        data=kind.data.model_validate({key: value for key, value in told.items() if value != ""}),
        **{key: value for key, value in envelope.items() if value},
    )
