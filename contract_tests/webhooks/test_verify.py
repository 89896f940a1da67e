"""Each vendor's signature as its pages describe it, and everything that must not pass for one."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from openreturns import adapter, adapter_names
from openreturns.errors import MappingError, RejectedError
from openreturns.webhooks import SCHEMES, Received, validation_token, verify

BODY = b'{"id":1,"status":"closed"}'
NOW = 1_795_518_000.0
PLAIN = "+wLJTRaIoKGkvT1Souz1jPEZcAqYuI4BJWahRfg0vpc="
SHIPBOB_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass(frozen=True)
class Vector:
    """One genuine webhook, worked out by hand from the vendor's rules, and what must be known about it."""

    scheme: str
    headers: Mapping[str, str]
    id: str
    body: bytes = BODY
    secret: str = "hush"
    url: str = ""
    now: float = NOW

    @property
    def received(self) -> Received:
        return Received(self.body, self.headers, "POST", self.url)

    def verify(self, **changed: Any) -> Any:
        secrets = changed.pop("secrets", [self.secret])
        now = changed.pop("now", self.now)
        return verify(SCHEMES[self.scheme], replace(self.received, **changed), secrets, now=now)


BY_CONTENT = f"sha256:{hashlib.sha256(BODY).hexdigest()}"
SHIPBOB = {
    "webhook-id": "msg_2Lx1",
    "webhook-timestamp": "1795518000",
    "webhook-signature": "v1,YRWDKnnUOjOpeSsQnmbtttYJUdaFjFMbboQJfitw1zU=",
    "x-webhook-topic": "return.completed",
}
SHIPBOB_BODY = b'{"id":78101,"reference_id":"RMA-2026-0001","status":"Completed"}'
HUBSPOT = "https://hooks.example.com/hubspot"
CHANGES = b'{"value":[{"clientState":"hush","resource":"a"},{"clientState":"hush","resource":"b"}]}'

VECTORS = [
    Vector("shipbob", SHIPBOB, "msg_2Lx1", SHIPBOB_BODY, SHIPBOB_SECRET),
    Vector("standard", SHIPBOB, "msg_2Lx1", SHIPBOB_BODY, SHIPBOB_SECRET),
    Vector("shiphero", {"X-Shiphero-Hmac-Sha256": PLAIN, "X-Shiphero-Message-ID": "m1"}, "m1"),
    Vector("shopify", {"X-Shopify-Hmac-Sha256": PLAIN, "X-Shopify-Webhook-Id": "w1"}, "w1"),
    Vector("shopify_events", {"Shopify-Hmac-Sha256": PLAIN, "Shopify-Webhook-Id": "w1"}, "w1"),
    Vector("loop", {"X-Loop-Signature": PLAIN}, BY_CONTENT),
    Vector(
        "loop",
        {"X-Loop-Signature": "OYyxUsAFGQPAfDB+znfUgcw3CE71nNSutk5HDKapN4c="},
        "sha256:" + hashlib.sha256(rb'{"url":"https:\/\/x.test\/1"}').hexdigest(),
        rb'{"url":"https:\/\/x.test\/1"}',
    ),
    Vector("aftership", {"as-signature-hmac-sha256": PLAIN}, "1"),
    Vector("woocommerce", {"X-WC-Webhook-Signature": PLAIN, "X-WC-Webhook-Delivery-ID": "d1"}, "d1"),
    Vector(
        "zendesk",
        {
            "X-Zendesk-Webhook-Signature": "ooA6c657paEdkSD1rMOMotoSiiwbH+4KvzNe0O3EWWQ=",
            "X-Zendesk-Webhook-Signature-Timestamp": "2026-11-24T11:00:00Z",
        },
        BY_CONTENT,
    ),
    Vector(
        "hubspot_v3",
        {
            "X-HubSpot-Signature-v3": "AgRQs4XjXOlwKbPdEIZjYDDgW2Zerpfg2b1BGBHQH0Q=",
            "X-HubSpot-Request-Timestamp": "1795518000000",
        },
        BY_CONTENT,
        url=HUBSPOT,
    ),
    Vector(
        "hubspot_v2",
        {"X-HubSpot-Signature": "42607c9f2d90c69c724434ce7b4958d894703e48a8f252b7bf1593f120a95957"},
        BY_CONTENT,
        url=HUBSPOT,
    ),
    Vector(
        "hubspot_v1",
        {"X-HubSpot-Signature": "2bf68e9a3ceeb8619c144a55f137d4511ef77c2e7f4fa7ad15ee95fde8dc18f1"},
        BY_CONTENT,
    ),
    Vector(
        "stripe",
        {"Stripe-Signature": "t=1795518000,v1=dd6d70542206d131b5b819ce8923f8e5fee5df95dacfb12c2eb9b7a1deed70a1"},
        "1",
        secret="whsec_test",
    ),
    Vector(
        "easypost",
        {"X-Hmac-Signature": "hmac-sha256-hex=4e1e061bb9c26456b9aa8cf36ec671ec8d4d141acee63f12df3d63e670855edd"},
        "1",
        secret="s\u00e9cret",
    ),
    Vector("business_central", {}, "sha256:" + hashlib.sha256(CHANGES).hexdigest(), CHANGES),
    Vector("bigcommerce", {"X-Webhook-Secret": "hush"}, "h1", b'{"hash":"h1"}'),
]
each = pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.scheme)
SIGNED = [vector for vector in VECTORS if SCHEMES[vector.scheme].algorithm != "equal"]
signed = pytest.mark.parametrize("vector", SIGNED, ids=lambda vector: vector.scheme)


def refused(vector: Vector, code: str, **changed: Any) -> RejectedError:
    with pytest.raises(RejectedError) as caught:
        vector.verify(**changed)
    assert caught.value.kind == "auth"
    assert [problem.code for problem in caught.value.problems] == [code]
    assert vector.secret not in str(caught.value)
    return caught.value


def test_every_scheme_has_a_vector() -> None:
    assert {vector.scheme for vector in VECTORS} == set(SCHEMES)


@pytest.mark.parametrize("name", adapter_names())
def test_what_a_manifest_says_of_signatures_is_a_scheme(name: str) -> None:
    told = adapter(name).manifest.get("webhooks", {"signature": "none"})  # a file format sends none
    assert told["signature"] in {*SCHEMES, "none"}


@each
def test_what_the_vendor_signed_is_genuine(vector: Vector) -> None:
    assert vector.verify().id == vector.id


def test_the_example_that_hubspot_publishes() -> None:
    header = {"X-HubSpot-Signature": "9569219f8ba981ffa6f6f16aa0f48637d35d728c7e4d93d0d52efaa512af7900"}
    received = Received(b'{"example_field":"example_value"}', header, "POST", "https://www.example.com/webhook_uri")
    assert verify(SCHEMES["hubspot_v2"], received, ["yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"]).at is None


@each
def test_names_of_headers_are_taken_in_any_case(vector: Vector) -> None:
    assert vector.verify(headers={name.swapcase(): value for name, value in vector.headers.items()}).id == vector.id


@each
def test_while_a_secret_is_replaced_both_are_good(vector: Vector) -> None:
    other = "whsec_b3RoZXI=" if vector.secret.startswith("whsec_M") else "another"
    assert vector.verify(secrets=[other, vector.secret]).id == vector.id
    refused(vector, "wrong_signature", secrets=[other])


@signed
def test_one_bit_of_the_body_changed(vector: Vector) -> None:
    for place in range(len(vector.body)):
        body = bytearray(vector.body)
        body[place] ^= 1
        refused(vector, "wrong_signature", body=bytes(body))


@signed
def test_the_same_json_written_otherwise(vector: Vector) -> None:
    refused(vector, "wrong_signature", body=vector.body.replace(b'":', b'": '))
    refused(vector, "wrong_signature", body=vector.body + b"\n")


@signed
def test_without_a_signature(vector: Vector) -> None:
    name = SCHEMES[vector.scheme].header.lower()
    without = {each: value for each, value in vector.headers.items() if each.lower() != name}
    refused(vector, "missing_signature", headers=without)
    refused(vector, "missing_signature", headers={**without, name: ""})


@signed
def test_a_signature_that_is_cut_or_of_another_kind(vector: Vector) -> None:
    name = next(each for each in vector.headers if each.lower() == SCHEMES[vector.scheme].header.lower())
    value = vector.headers[name]
    for wrong in (value[:-2], value + "A", value[:-4] + "AAA=", value.upper(), value + "\u00e9"):
        if wrong != value:
            with pytest.raises(RejectedError):
                vector.verify(headers={**vector.headers, name: wrong})


@pytest.mark.parametrize("vector", [v for v in SIGNED if SCHEMES[v.scheme].prefix], ids=lambda vector: vector.scheme)
def test_a_signature_of_another_version(vector: Vector) -> None:
    scheme = SCHEMES[vector.scheme]
    name = next(each for each in vector.headers if each.lower() == scheme.header.lower())
    for prefix in ("", "v0=", "v2,", "sha1="):
        headers = {**vector.headers, name: vector.headers[name].replace(scheme.prefix, prefix)}
        refused(vector, "missing_signature", headers=headers)


@pytest.mark.parametrize("vector", [v for v in SIGNED if SCHEMES[v.scheme].separator], ids=lambda vector: vector.scheme)
def test_of_several_signatures_any_may_match(vector: Vector) -> None:
    scheme = SCHEMES[vector.scheme]
    good = vector.headers[scheme.header]
    bad = scheme.prefix + "A" * 44
    both = [f"{bad}{scheme.separator}{good}", f"{good}{scheme.separator}{bad}"]
    for headers in both:
        assert vector.verify(headers={**vector.headers, scheme.header: headers}).id == vector.id


TIMED = [vector for vector in SIGNED if SCHEMES[vector.scheme].timestamp]
timed = pytest.mark.parametrize("vector", TIMED, ids=lambda vector: vector.scheme)


@timed
@pytest.mark.parametrize("seconds", [-301, 301, 86_400, -86_400])
def test_signed_too_long_ago_or_in_the_future(vector: Vector, seconds: float) -> None:
    refused(vector, "stale", now=NOW + seconds)


@timed
@pytest.mark.parametrize("seconds", [-300, 0, 300])
def test_signed_recently(vector: Vector, seconds: float) -> None:
    at = vector.verify(now=NOW + seconds).at
    assert at is not None
    assert at.timestamp() == NOW


@timed
@pytest.mark.parametrize("text", ["", "now", "-1", "1e9", "99999999999999999", "\u0661"])
def test_a_time_that_is_none(vector: Vector, text: str) -> None:
    scheme = SCHEMES[vector.scheme]
    value = vector.headers[scheme.timestamp]
    wrong = value.replace("t=1795518000", f"t={text}") if scheme.timestamp_prefix else text
    with pytest.raises(RejectedError):
        vector.verify(headers={**vector.headers, scheme.timestamp: wrong})


@timed
def test_a_time_that_was_made_newer(vector: Vector) -> None:
    scheme = SCHEMES[vector.scheme]
    newer = vector.headers[scheme.timestamp].replace("17955180", "17956180").replace("T11:00", "T12:00")
    refused(vector, "wrong_signature", headers={**vector.headers, scheme.timestamp: newer})


def test_the_id_is_signed_where_it_is_a_part_of_what_is_signed() -> None:
    [vector, *_] = VECTORS
    refused(vector, "wrong_signature", headers={**SHIPBOB, "webhook-id": "msg_2Lx2"})


@pytest.mark.parametrize("changed", [{"url": HUBSPOT + "?x"}, {"method": "PUT"}])
@pytest.mark.parametrize("scheme", ["hubspot_v3", "hubspot_v2"])
def test_the_address_and_method_are_signed(scheme: str, changed: Any) -> None:
    [vector] = [vector for vector in VECTORS if vector.scheme == scheme]
    refused(vector, "wrong_signature", **changed)


WRONG_TOKENS: list[tuple[str, dict[str, Any], str]] = [
    ("business_central", {"body": CHANGES.replace(b'hush","resource":"b', b'hash","resource":"b')}, "wrong_signature"),
    ("business_central", {"body": b'{"value":[{"resource":"a"}]}'}, "missing_signature"),
    ("business_central", {"body": b'{"value":[]}'}, "missing_signature"),
    ("business_central", {"body": b'{"value":[{"clientState":7}]}'}, "missing_signature"),
    ("business_central", {"body": b"not JSON"}, "missing_signature"),
    ("bigcommerce", {"headers": {"X-Webhook-Secret": "hash"}}, "wrong_signature"),
    ("bigcommerce", {"headers": {}}, "missing_signature"),
]


@pytest.mark.parametrize(("scheme", "changed", "code"), WRONG_TOKENS)
def test_a_secret_that_is_not_ours(scheme: str, changed: dict[str, Any], code: str) -> None:
    [vector] = [vector for vector in VECTORS if vector.scheme == scheme]
    refused(vector, code, **changed)


@each
@pytest.mark.parametrize("secrets", [[], [""], ["hush", ""]])
def test_without_a_secret_nothing_is_genuine(vector: Vector, secrets: Sequence[str]) -> None:
    with pytest.raises(MappingError) as caught:
        vector.verify(secrets=secrets)
    assert caught.value.kind == "setting"


@pytest.mark.parametrize("secret", ["whsec_", "whsec_not base64!", "whsec_abc"])
def test_a_secret_that_is_not_what_the_scheme_says_is_a_wrong_setting(secret: str) -> None:
    with pytest.raises(MappingError, match="is not base64 after whsec_") as caught:
        VECTORS[0].verify(secrets=[secret])
    assert secret.removeprefix("whsec_") not in str(caught.value).replace("base64 after", "") or secret == "whsec_"


def test_an_empty_body_can_be_signed() -> None:
    digest = hmac.digest(b"hush", b"2026-11-24T11:00:00Z", "sha256")
    headers = {
        "X-Zendesk-Webhook-Signature": __import__("base64").b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": "2026-11-24T11:00:00Z",
    }
    assert verify(SCHEMES["zendesk"], Received(b"", headers), ["hush"], now=NOW).id.startswith("sha256:")


def test_two_events_of_zendesk_that_say_the_same_are_two() -> None:
    genuine = next(one for one in VECTORS if one.scheme == "zendesk")
    told = [{**genuine.headers, "X-Zendesk-Webhook-Invocation-Id": name} for name in ("01A", "01B", "01A")]
    assert [genuine.verify(headers=headers).id for headers in told] == ["01A", "01B", "01A"]


def test_a_header_that_is_no_utf_8_is_no_signature() -> None:
    with pytest.raises(RejectedError) as caught:
        VECTORS[0].verify(headers={**SHIPBOB, "webhook-id": "msg_2Lx1\udc80"})
    assert caught.value.problems[0].code == "wrong_signature"


@pytest.mark.parametrize(
    ("url", "token"),
    [("/hooks/bc?validationToken=a%20b", "a b"), ("https://x.example/h?validationToken=", None), ("/hooks/bc", None)],
)
def test_the_handshake_of_business_central(url: str, token: str | None) -> None:
    assert validation_token(url) == token


@each
def test_neither_headers_nor_body_are_printed(vector: Vector) -> None:
    assert repr(vector.received) == f"Received(method='POST', url='{vector.url}')"
