"""How each vendor signs what it sends, one row a vendor. Sources: the vendors' pages on webhook security, 2026."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["SCHEMES", "Scheme"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """What is signed, with what, and where the signature is.

    - `signed`: the bytes that are signed, made of `{method}`, `{url}`, `{id}`, `{timestamp}`, `{body}`, `{secret}`;
    - `header`: the header with the signature; with a `separator` several, any of which may match, each after
      `prefix`;
    - `algorithm`: `equal` is no signature: the secret itself, in the header or in the body at `member`;
    - `key`: what of the secret is the key: its text, its text in Unicode's decomposed form, or what its base64
      says after `whsec_`;
    - `timestamp`: the header with the time it was signed, in `unit`; at `timestamp_prefix` of the header where
      it shares one with the signature; not more than `tolerance` seconds off;
    - `id`: the header that is the same for each attempt to deliver one event, or `id_member` of the body.
    """

    name: str
    header: str = ""
    signed: str = "{body}"
    algorithm: Literal["hmac-sha256", "sha256", "equal"] = "hmac-sha256"
    encoding: Literal["base64", "hex"] = "base64"
    prefix: str = ""
    separator: str = ""
    key: Literal["text", "decomposed", "whsec"] = "text"
    member: tuple[str, ...] = ()
    timestamp: str = ""
    timestamp_prefix: str = ""
    unit: Literal["seconds", "milliseconds", "iso"] = "seconds"
    tolerance: float = 300.0
    id: str = ""
    id_member: tuple[str, ...] = ()


_STANDARD = {
    "header": "webhook-signature",
    "signed": "{id}.{timestamp}.{body}",
    "prefix": "v1,",
    "separator": " ",
    "timestamp": "webhook-timestamp",
    "id": "webhook-id",
}

_ROWS = (
    # Standard Webhooks 1.0; ShipBob keeps to it.
    Scheme(name="standard", key="whsec", **_STANDARD),  # type: ignore[arg-type] # by name
    Scheme(name="shipbob", key="whsec", **_STANDARD),  # type: ignore[arg-type] # by name
    Scheme(name="shiphero", header="x-shiphero-hmac-sha256", id="X-Shiphero-Message-ID"),
    Scheme(name="shopify", header="X-Shopify-Hmac-Sha256", id="X-Shopify-Webhook-Id"),
    Scheme(name="shopify_events", header="Shopify-Hmac-Sha256", id="Shopify-Webhook-Id"),
    Scheme(name="loop", header="X-Loop-Signature"),
    Scheme(name="aftership", header="as-signature-hmac-sha256", id_member=("id",)),
    Scheme(name="woocommerce", header="X-WC-Webhook-Signature", id="X-WC-Webhook-Delivery-ID"),
    Scheme(
        name="zendesk",
        header="X-Zendesk-Webhook-Signature",
        signed="{timestamp}{body}",
        timestamp="X-Zendesk-Webhook-Signature-Timestamp",
        unit="iso",
        id="X-Zendesk-Webhook-Invocation-Id",  # bodies are the tenant's own, and often the same for two events
    ),
    Scheme(
        name="hubspot_v3",
        header="X-HubSpot-Signature-v3",
        signed="{method}{url}{body}{timestamp}",
        timestamp="X-HubSpot-Request-Timestamp",
        unit="milliseconds",
    ),
    Scheme(
        name="hubspot_v2",
        header="X-HubSpot-Signature",
        signed="{secret}{method}{url}{body}",
        algorithm="sha256",
        encoding="hex",
    ),
    Scheme(
        name="hubspot_v1", header="X-HubSpot-Signature", signed="{secret}{body}", algorithm="sha256", encoding="hex"
    ),
    Scheme(
        name="stripe",
        header="Stripe-Signature",
        signed="{timestamp}.{body}",
        encoding="hex",
        prefix="v1=",
        separator=",",
        timestamp="Stripe-Signature",
        timestamp_prefix="t=",
        id_member=("id",),
    ),
    Scheme(
        name="easypost",
        header="X-Hmac-Signature",
        encoding="hex",
        prefix="hmac-sha256-hex=",
        key="decomposed",
        id_member=("id",),
    ),
    Scheme(name="business_central", algorithm="equal", member=("value", "*", "clientState")),
    Scheme(name="bigcommerce", algorithm="equal", header="X-Webhook-Secret", id_member=("hash",)),
)

SCHEMES: dict[str, Scheme] = {row.name: row for row in _ROWS}
