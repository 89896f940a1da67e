"""Returns as a client sees them: announce, change, cancel, read, list."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from openreturns.sandbox import Reply

from openreturns_adapters.shipbob.simulator._account import Account, Line, Return
from openreturns_adapters.shipbob.simulator._answers import api_error, gateway, problem_details
from openreturns_adapters.shipbob.simulator._filters import SORTS, matching
from openreturns_adapters.shipbob.simulator._given import Given
from openreturns_adapters.shipbob.simulator._paging import page
from openreturns_adapters.shipbob.simulator._webhooks import Webhooks
from openreturns_adapters.shipbob.simulator._wire import Spelling, newer, v1

__all__ = ["Channel", "Returns", "Rules"]


@dataclass(frozen=True)
class Channel:
    """A sales channel; only one with writing scopes may announce returns."""

    name: str
    application: str
    scopes: tuple[str, ...]


@dataclass(frozen=True)
class Rules:
    """What the vendor does not state, to be had both ways."""

    duplicates: bool = False
    """Whether a reference_id may be used twice."""
    known_shipments: bool = False
    """Whether original_shipment_id must be a shipment of the account."""
    nothing_is_404: bool = False
    """Whether a list without a match is answered 404 and not with an empty page."""


class Returns:
    """The operations on returns."""

    def __init__(
        self,
        account: Account,
        channels: Mapping[int, Channel],
        webhooks: Webhooks,
        spelling: Spelling,
        rules: Rules,
        page_size: int,
    ) -> None:
        self._account = account
        self._channels = channels
        self._webhooks = webhooks
        self._spelling = spelling
        self._rules = rules
        self._page_size = page_size
        names = {number: channel.name for number, channel in channels.items()}
        self.v1: Callable[[Return], dict[str, Any]] = partial(v1, account, names, spelling)
        self.newer: Callable[[Return], dict[str, Any]] = partial(newer, account, names, spelling)

    def tell(self, topic: str, returned: Return) -> None:
        """Send a webhook about a return."""
        told = {"id": returned.id, "reference_id": returned.reference, "status": returned.status}
        self._webhooks.emit(topic, told)

    def create(self, given: Given) -> Reply:
        """Announce a return."""
        channel = given.headers["shipbob_channel_id"]
        if channel not in self._channels:
            return problem_details(400, f"There is no channel {channel}.")
        if "returns_write" not in self._channels[channel].scopes:
            return gateway(403, f"Forbidden. Channel {channel} has no scope returns_write.")
        wrong = self._wrong(given.body, None)
        if wrong:
            return api_error(*wrong)
        returned = Return(next(self._account.numbers), channel, "", 0, [])
        self._fill(returned, given.body)
        self.accept(returned)
        return Reply(201, self.v1(returned))

    def accept(self, returned: Return) -> None:
        """Keep a new return and tell of it."""
        returned.move("AwaitingArrival", self._account.clock.text())
        self._account.returns[returned.id] = returned
        self.tell("return.created", returned)

    def change(self, given: Given) -> Reply:
        """Replace what was announced, as long as nothing has arrived."""
        returned = self._account.returns.get(given.path["id"])
        if returned is None:
            return problem_details(404, f"Return {given.path['id']} was not found.")
        if returned.status != "AwaitingArrival":
            return api_error(f"Return {returned.id} is {returned.status} and can no longer be changed")
        wrong = self._wrong(given.body, returned)
        if wrong:
            return api_error(*wrong)
        self._fill(returned, given.body)
        self.tell("return.updated", returned)
        return Reply(200, self.v1(returned))

    def cancel(self, given: Given) -> Reply:
        """Cancel a return, as long as nothing has arrived."""
        returned = self._account.returns.get(given.path["id"])
        if returned is None:
            return problem_details(400, f"Return {given.path['id']} was not found.")
        try:
            returned.move("Cancelled", self._account.clock.text())
        except ValueError as error:
            return problem_details(400, f"{error}.")
        self.tell("return.updated", returned)
        return Reply(200, {})

    def get(self, given: Given) -> Reply:
        """Read one return."""
        returned = self._account.returns.get(given.path["id"])
        if returned is None:
            return problem_details(404, f"Return {given.path['id']} was not found.")
        return Reply(200, self.newer(returned))

    def find(self, given: Given) -> Reply:
        """List returns: filtered, sorted, by pages."""
        asked = given.query
        try:
            found = matching(self._account.returns.values(), asked)
        except ValueError as error:
            return problem_details(400, f"{error}.")
        found.sort(key=SORTS[asked.get("Sortby", "Id")], reverse=asked.get("SortOrder") == "Desc")
        if not found and self._rules.nothing_is_404:
            return problem_details(404, "No returns were found.")
        rows = page(found, given.url, asked.get("Cursor", 1), asked.get("Limit", self._page_size))
        return Reply(200, {**rows, "items": [self.newer(one) for one in rows["items"]]})

    def _wrong(self, body: Mapping[str, Any], changed: Return | None) -> list[str]:
        """Return what is wrong with an announcement beyond its form."""
        account, errors = self._account, []
        if body["fulfillment_center"]["id"] not in account.centers:
            errors.append(f"Fulfillment center {body['fulfillment_center']['id']} does not exist")
        ids = [line["id"] for line in body["inventory"]]
        errors += [f"Inventory {one} is included more than once" for one in dict.fromkeys(ids) if ids.count(one) > 1]
        errors += [f"Inventory {one} does not exist" for one in dict.fromkeys(ids) if one not in account.items]
        shipment = body.get("original_shipment_id")
        if self._rules.known_shipments and shipment is not None and shipment not in account.shipments:
            errors.append(f"Shipment {shipment} does not exist")
        same = (one for one in account.returns.values() if one.reference == body["reference_id"] and one is not changed)
        if not self._rules.duplicates and any(same):
            errors.append("Duplicate reference ID: you have already created a return with the same reference_id")
        return errors

    def _fill(self, returned: Return, body: Mapping[str, Any]) -> None:
        """Write what a client announces into a return."""
        returned.reference = body["reference_id"]
        returned.center = body["fulfillment_center"]["id"]
        returned.shipment_id = body.get("original_shipment_id")
        returned.shipment = self._account.shipments.get(returned.shipment_id or 0)
        returned.tracking = body.get("tracking_number")
        returned.lines = [
            Line(line["id"], line["quantity"], line["requested_action"], line.get("lot_number"), line.get("lot_date"))
            for line in body["inventory"]
        ]
