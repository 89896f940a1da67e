"""What a warehouse's client did, its `status` tells: the number, all goods, and that a return is cancelled."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.idempotency import Done
from openreturns.models import DocumentRef
from openreturns.testing._check import CheckFailure
from openreturns.testing._recorded import document_of
from openreturns.testing._verbs import Run, Verb, told

__all__ = ["tells"]


def tells(run: Run, verb: Verb) -> None:
    """Prove by asking for the status of what was announced or cancelled. Raises CheckFailure."""
    if verb.role != "wms" or "status" not in type(run.at.client).supported():
        return
    if verb.verb == "announce" and not verb.kind:
        _announced(run, verb)
    if verb.verb == "cancel" and verb.on:
        _cancelled(run, verb)


def _announced(run: Run, verb: Verb) -> None:
    data = _of_two_lines(run.document(verb))
    outcome = run.at.client.announce(document_of(data))
    if not isinstance(outcome, Done):
        raise CheckFailure(f"{verb.name} of two lines is not done: {told(outcome)}", document=data)
    seen = run.at.client.status(outcome.ref).to_dict()
    if seen["number"] != data["number"]:
        raise CheckFailure(f"announced as {data['number']!r}, told by status as {seen['number']!r}", document=data)
    asked, known = _goods(data), _goods(seen)
    if asked != known:
        said = f"announced were {_listed(asked)}; status tells {_listed(known)}"
        raise CheckFailure(said, canonical="lines[]", document=data)


def _cancelled(run: Run, verb: Verb) -> None:
    ref = run.subject(verb)
    assert isinstance(ref, DocumentRef)  # a row that is `on` another has what that left
    run.done(verb)
    status = run.at.client.status(ref).status
    if status != "cancelled":
        raise CheckFailure(f"cancelled, and told by status as {status!r}", canonical="status")


def _of_two_lines(data: Any) -> Any:
    """Return a return that has more than one line: of one alone nobody sees that others are dropped."""
    if len(data["lines"]) > 1:
        return data
    [line] = data["lines"]
    return {**data, "lines": [line, {**line, "lineId": f"{line['lineId']}0"}]}


def _goods(data: Any) -> dict[tuple[str, str], Decimal]:
    """Return how much of each item is asked to come back, by unit."""
    found: dict[tuple[str, str], Decimal] = {}
    for line in data["lines"]:
        asked = line["requested"]
        goods = line["item"].get("sku", ""), asked["uom"]
        found[goods] = found.get(goods, Decimal(0)) + Decimal(asked["value"])
    return found


def _listed(goods: dict[tuple[str, str], Decimal]) -> str:
    return ", ".join(f"{count} {uom} of {sku}" for (sku, uom), count in sorted(goods.items())) or "no goods"
