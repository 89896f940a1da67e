"""A file of interchanges as parts for an inbox: the good transaction sets, the bad with their places, the 997s."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import BinaryIO

from openreturns import Adapter
from openreturns.files import Part, Parting

from openreturns_adapters.x12.acknowledgment import Verdict, acknowledgment
from openreturns_adapters.x12.control import ControlNumbers
from openreturns_adapters.x12.envelope import interchange
from openreturns_adapters.x12.format import alone, raw_of, read_set
from openreturns_adapters.x12.interchange import Group, Head, Interchange, TransactionSet, interchanges, sets
from openreturns_adapters.x12.segments import Fault, RefusedError, Shape, shape

__all__ = ["parting"]

_NATIVE = ("rma", "warehouse_receipt", "inventory_adjustment", "credit_debit", "acknowledgment")


def parting(x12: Adapter, numbers: ControlNumbers, now: Callable[[], datetime]) -> Parting:
    """Return what parts a partner's files: each good transaction set, what is refused, and a 997 for each group.

    An interchange whose envelope is broken, or that is not from the partner or not for us where the settings
    `receiver_id` and `sender_id` say who they are, is refused whole and has no 997: nobody knows what it was.
    """
    shapes = {of.set_id: (native, of) for native in _NATIVE for of in [shape(x12.contract(native).schema)]}

    def part(file: BinaryIO) -> Iterator[Part]:
        for found in interchanges(file):
            head, faults = found.head, [*found.faults]
            if head is not None and not faults:
                faults += _strange(x12, head)
            if head is None or faults:
                error = RefusedError("the interchange is broken", faults)
                yield Part(raw_of(file, found), batch=head.identity if head else "", error=error)
            else:
                yield from _inside(file, found, head)

    def _inside(file: BinaryIO, found: Interchange, head: Head) -> Iterator[Part]:
        answers = _Answers(found)
        for one in sets(file, found):
            answers.note(one.group)
            native, error = _judged(one, shapes)
            if error is not None:
                answers.bad.append(Verdict(one.set_id, one.control, error.faults))
            key = f"{head.identity}/{one.group.control}/{one.control}"
            yield Part(alone(head, one), native, key, head.identity, error)
        for record in answers.records():
            data = interchange(x12, "acknowledgment", [record], numbers, now())
            yield Part(data, "acknowledgment", batch=head.identity, reply=True)

    return part


def _strange(x12: Adapter, head: Head) -> Iterator[Fault]:
    settings = x12.tenant.settings
    for said, name, what in ((head.sender, "receiver", "sender"), (head.receiver, "sender", "receiver")):
        if (known := settings.get(f"{name}_id")) and said != f"{settings[f'{name}_qualifier']}:{known}":
            yield Fault(f"its {what} is {said}, which is not the one that was agreed", 1, "ISA")


def _judged(one: TransactionSet, shapes: dict[str, tuple[str, Shape]]) -> tuple[str, RefusedError | None]:
    native, of = shapes.get(one.set_id, ("", None))
    try:
        if of is None or (of.group != one.group.kind and not one.faults):
            message = f"a {one.set_id:.3} in a group {one.group.kind:.2} is not taken here"
            raise RefusedError(message, one.faults or [Fault(message, 1, "ST", set_code="1")])
        read_set(of, one, one.group.release)
    except RefusedError as error:
        return native, error
    return native, None


class _Answers:
    """What is to be said of the groups of an interchange. 997s are never answered."""

    def __init__(self, found: Interchange) -> None:
        self.found = found
        self.done: list[tuple[Group, int, list[Verdict]]] = []
        self.bad: list[Verdict] = []

    def note(self, group: Group) -> None:
        if not self.done or self.done[-1][0].ordinal != group.ordinal:
            self.bad = []
            self.done.append((group, 0, self.bad))
        group_, count, bad = self.done[-1]
        self.done[-1] = (group_, count + 1, bad)

    def records(self) -> Iterator[dict[str, object]]:
        for group, count, bad in self.done:
            if group.kind != "FA":
                yield acknowledgment(group, count, bad, self.found.group_faults.get(group.ordinal, ()))
