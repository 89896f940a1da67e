"""Webhooks: subscriptions, and deliveries signed as Standard Webhooks has it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from openreturns.sandbox import Clock, Delivery, Outbox, Reply

from openreturns_adapters.shipbob.simulator._given import Given
from openreturns_adapters.shipbob.simulator._paging import numbered

__all__ = ["Payload", "Webhooks", "signature"]

Payload = Literal["plain", "return_id", "data"]
"""Where the body has the return's number, which the vendor does not publish: `id`, `return_id` or `data.id`."""

_OVERLAP = timedelta(hours=24)  # how long an old secret signs beside the new one


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of one secret (`whsec_` and base64) over id, timestamp and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@dataclass
class Subscription:
    """One endpoint of the merchant's."""

    id: str
    url: str
    topics: Sequence[str]
    description: str | None
    created: str
    secrets: list[tuple[str, datetime | None]] = field(repr=False)
    enabled: bool = True


class Webhooks:
    """Subscriptions, and what is sent to them."""

    def __init__(self, clock: Clock, outbox: Outbox, payload: Payload, *, seed: int, page_size: int) -> None:
        self._clock = clock
        self._outbox = outbox
        self._payload = payload
        self._page_size = page_size
        self._random = random.Random(seed)  # noqa: S311 - ids of a simulation, secrets of nobody
        self._subscriptions: dict[str, Subscription] = {}

    def emit(self, topic: str, told: Mapping[str, Any]) -> None:
        """Send an event to everyone who subscribed to its topic: one message, one id, a signature each."""
        wanted = [one for one in self._subscriptions.values() if one.enabled and topic in one.topics]
        if not wanted:
            return
        now = self._clock.now()
        body = json.dumps(self._shaped(told), separators=(",", ":")).encode()
        for one in wanted:
            message, timestamp = self._id("msg"), int(now.timestamp())
            live = [secret for secret, ends in one.secrets if ends is None or now < ends]
            headers = {
                "content-type": "application/json",
                "webhook-id": message,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": " ".join(signature(secret, message, timestamp, body) for secret in live),
                "x-webhook-topic": topic,
            }
            self._outbox.put(Delivery(one.url, headers, body))

    def _shaped(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        if self._payload == "data":
            return {"data": told}
        return {("return_id" if name == "id" and self._payload == "return_id" else name): v for name, v in told.items()}

    def create(self, given: Given) -> Reply:
        """Subscribe; the secret is told here and never again."""
        body = given.body
        one = Subscription(
            self._id("ep"),
            body["url"],
            list(dict.fromkeys(body["topics"])),
            body.get("description"),
            self._clock.text(),
            [(body.get("secret") or self._secret(), None)],
        )
        self._subscriptions[one.id] = one
        return Reply(200, {**_shown(one), "secret": one.secrets[0][0]})

    def subscriptions(self, given: Given) -> Reply:
        """List the subscriptions, without their secrets."""
        rows = [{**_shown(one), "enabled": one.enabled} for one in self._subscriptions.values()]
        size = given.query.get("RecordsPerPage", self._page_size)
        return Reply(200, numbered(rows, given.query.get("Cursor"), size))

    def delete(self, given: Given) -> Reply:
        """End a subscription; one there is not is gone already."""
        self._subscriptions.pop(given.path["id"], None)
        return Reply(204)

    def rotate(self, id: str, secret: str = "") -> dict[str, str]:
        """Give a subscription another secret; the old one signs beside it for a day."""
        one = self._known(id)
        new = secret or self._secret()
        ends = self._clock.now() + _OVERLAP
        one.secrets = [(new, None), *((old, until or ends) for old, until in one.secrets)]
        return {"id": one.id, "secret": new}

    def disable(self, id: str) -> dict[str, Any]:
        """Switch an endpoint off, as happens after five days of failing."""
        self._known(id).enabled = False
        return {"id": id, "enabled": False}

    def _known(self, id: str) -> Subscription:
        if id not in self._subscriptions:
            raise ValueError(f"there is no subscription {id}")
        return self._subscriptions[id]

    def _id(self, kind: str) -> str:
        return f"{kind}_" + "".join(self._random.choices(string.ascii_letters + string.digits, k=27))

    def _secret(self) -> str:
        return "whsec_" + base64.b64encode(self._random.randbytes(24)).decode()


def _shown(one: Subscription) -> dict[str, Any]:
    return {
        "id": one.id,
        "url": one.url,
        "topics": list(one.topics),
        "description": one.description,
        "created_at": one.created,
    }
