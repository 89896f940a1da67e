# Generated from schemas/event/1.0.0/event.schema.json. Do not edit: python -m openreturns_codegen
"""The event classes."""

from typing import Annotated, Literal

from pydantic import Field, StrictInt, StrictStr

from openreturns.models._base import CanonicalModel
from openreturns.models._scalars import Timestamp

from . import common


class ReturnChanged(CanonicalModel, frozen=True):
    """A return has another status; the type says which."""

    status: Annotated[StrictStr, Field(max_length=40, min_length=1)]
    """The return's status now, one of the canonical model's."""
    revision: Annotated[StrictInt, Field(ge=1)]
    """The revision of the return that has it."""


class FindingRaised(CanonicalModel, frozen=True):
    """Something that a person should know of a return; it stops nothing by itself."""

    code: Annotated[StrictStr, Field(max_length=60, min_length=1)]
    """What was found."""
    about: Annotated[StrictStr | None, Field(max_length=300, min_length=1)] = None
    """The line, document or stage it is about; left out where it is about the whole return."""
    message: Annotated[StrictStr, Field(max_length=2000, min_length=1)]
    """What was found, in words, without anything personal."""


class DeadLetterAdded(CanonicalModel, frozen=True):
    """A command that only a person can take further."""

    key: Annotated[StrictStr, Field(max_length=60, min_length=1)]
    """The command's key, to retry or discard it by."""
    step: Annotated[StrictStr, Field(max_length=40, min_length=1)]
    """What was to be done."""
    system: Annotated[StrictStr, Field(max_length=60, min_length=1)]
    """In which system."""
    kind: Annotated[StrictStr | None, Field(max_length=60, min_length=1)] = None
    """Why it was not done, as the system's adapter names it."""


class ReplacementWanted(CanonicalModel, frozen=True):
    """A replacement is to be ordered; whoever places it says so with the event `order.placed`."""

    line: Annotated[StrictStr, Field(max_length=200, min_length=1)]
    """The line of the return that it replaces."""
    item: common.ItemRef
    """What to send."""
    quantity: common.Quantity
    """How much of it."""
    order: common.DocumentRef | None = None
    """The order it goes with, where there is one already."""


class ReplacementNotWanted(CanonicalModel, frozen=True):
    """The return of a replacement that was asked for has ended without goods; an order stands until somebody cancels it, or charges for it."""

    line: Annotated[StrictStr, Field(max_length=200, min_length=1)]
    """The line of the return that it replaces."""
    item: common.ItemRef
    """What was to be sent."""
    quantity: common.Quantity
    """How much of it."""
    order: common.DocumentRef | None = None
    """The order that stands; left out where none is known to be placed."""
    status: Annotated[StrictStr, Field(max_length=40, min_length=1)]
    """The return's status: `cancelled` or `expired`."""


class VendorClaimWanted(CanonicalModel, frozen=True):
    """Goods go back to their vendor, who is to credit them; whoever claims it says so with the event `order.placed`."""

    claim: Annotated[StrictStr, Field(max_length=300, min_length=1)]
    """What the claim is about: disposition, line and split."""
    item: common.ItemRef
    """Which goods."""
    quantity: common.Quantity
    """How many."""
    vendor_id: Annotated[StrictStr | None, Field(max_length=200, min_length=1)] = None
    """Which vendor, where it is known."""


class CloudEvent(CanonicalModel, frozen=True):
    """Something the process tells the world: a CloudEvents 1.0 event in its JSON format. One is delivered at least once; source and id together are the same each time."""

    specversion: Literal["1.0"]
    """The version of CloudEvents."""
    id: Annotated[StrictStr, Field(max_length=80, min_length=1, pattern="^[A-Za-z0-9_-]+$")]
    """The event, unique at its source, the same each time it is delivered."""
    source: Annotated[StrictStr, Field(max_length=2000, min_length=1)]
    """The process that tells it: a URI reference, as it is configured."""
    type: Annotated[StrictStr, Field(max_length=120, min_length=1, pattern="^org\\.openreturns(\\.[a-z_]+)+$")]
    """What happened."""
    subject: Annotated[StrictStr, Field(max_length=200, min_length=1)]
    """The return's number."""
    time: Timestamp
    """When it was decided."""
    datacontenttype: Literal["application/json"]
    """The format of `data`."""
    dataschema: Annotated[StrictStr, Field(max_length=2000, pattern="^https://[!-~]+$")]
    """The schema of `data`, with its version."""
    correlationid: Annotated[StrictStr | None, Field(max_length=200, min_length=1)] = None
    """The case that all documents of the return share."""
    causationid: Annotated[StrictStr | None, Field(max_length=300, min_length=1)] = None
    """The event of the process that led to this one."""
    traceparent: Annotated[
        StrictStr | None, Field(max_length=55, pattern="^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$")
    ] = None
    """The W3C trace that it was decided in, where traces are kept."""
    data: ReturnChanged | FindingRaised | DeadLetterAdded | ReplacementWanted | ReplacementNotWanted | VendorClaimWanted
    """What is known of it; which of these, `type` and `dataschema` say."""
