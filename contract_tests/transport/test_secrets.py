"""Marked secrets and personal data go everywhere they have to, and must turn up nowhere else."""

from __future__ import annotations

import logging
import pickle
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openreturns.errors import OpenReturnsError
from openreturns.transport import (
    ApiKey,
    Auth,
    Basic,
    Bearer,
    Client,
    ClientAssertion,
    ClientCredentials,
    JwtBearer,
    OAuth1,
    Outgoing,
    Retry,
)
from openreturns.webhooks import SCHEMES, Received, verify
from transport.collected import SPANS
from transport.made import BASE, client

TOKENS = "https://login.vendor.example/token"
SECRET, PERSON = "S3CRET-marker", "bob.marker@example.com"
PEM = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

AUTHS: dict[str, Callable[[], Auth]] = {
    "key": lambda: ApiKey(SECRET),
    "basic": lambda: Basic("account", SECRET),
    "bearer": lambda: Bearer(SECRET),
    "client credentials": lambda: ClientCredentials(token_url=TOKENS, client_id="i", client_secret=SECRET),
    "client credentials in the header": lambda: ClientCredentials(
        token_url=TOKENS, client_id="i", client_secret=SECRET, in_header=True
    ),
    "assertion": lambda: ClientAssertion(token_url=TOKENS, private_key=PEM, algorithm="ES256", issuer="i"),
    "grant": lambda: JwtBearer(token_url=TOKENS, private_key=PEM, algorithm="ES256", issuer="i"),
    "unusable key": lambda: JwtBearer(token_url=TOKENS, private_key=SECRET, algorithm="ES256", issuer="i"),
    "key with a line's end": lambda: ApiKey(f"{SECRET}\n"),
    "oauth1": lambda: OAuth1("ck", f"{SECRET}1", f"{SECRET}2", f"{SECRET}3", realm="R"),
}


def body(status: int, text: str = "") -> httpx.Response:
    said = text or f'{{"message": "{PERSON} {SECRET}"}}'
    kind = "text/html" if said.startswith("<") else "application/json"
    return httpx.Response(status, content=said, headers={"Content-Type": kind, "Set-Cookie": f"sid={SECRET}"})


ANSWERS: dict[str, Any] = {
    "done": body(200),
    "refused": body(400),
    "not let in": body(401),
    "busy": body(429),
    "broken": body(500),
    "a page": body(502, f"<html>{PERSON} {SECRET}"),
    "a page for an answer": body(200, f"<html>{PERSON} {SECRET}"),
    "half of the JSON": body(200, f'{{"a": "{PERSON} {SECRET}'),
    "sent on": httpx.Response(302, headers={"Location": f"https://evil.example/?token={SECRET}&who={PERSON}"}),
    "odd type": httpx.Response(200, content=b"x", headers={"Content-Type": f"text/{SECRET}; {PERSON}"}),
    "no connection": httpx.ConnectError(f"{SECRET} {PERSON}"),
    "cut": httpx.ReadError(f"{SECRET} {PERSON}"),
    "late": httpx.ReadTimeout(f"{SECRET} {PERSON}"),
    "cannot be written": httpx.LocalProtocolError(f"Illegal header value {SECRET} {PERSON}"),
}
MARKERS = [
    SECRET,
    PERSON,
    quote(PERSON),
    b64encode(f"account:{SECRET}".encode()).decode(),
    b64encode(f"i:{SECRET}".encode()).decode(),
    "eyJ",  # how every JWT begins
    PEM.splitlines()[1],
]


@pytest.fixture(autouse=True)
def _no_spans_before() -> None:
    SPANS.clear()


def leaks(text: str) -> list[str]:
    return [marker for marker in MARKERS if marker in text]


def told(error: BaseException) -> str:
    """All that a person or a log may get to see of an error; its local variables are not part of it."""
    return "\n".join(
        [
            str(error),
            repr(error),
            repr(vars(error)),
            repr(pickle.dumps(error)),
            *traceback.format_exception(error),
        ]
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("auth", AUTHS)
def test_no_secret_and_no_person_in_logs_errors_and_spans(
    auth: str, answer: str, method: str, respx_mock: respx.MockRouter, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    respx_mock.post(TOKENS).respond(200, json={"access_token": f"{SECRET}-token", "expires_in": 60})
    route = respx_mock.route(host="vendor.example").mock(side_effect=[ANSWERS[answer]] * 5)
    ours = client(auth=AUTHS[auth](), retry=Retry(attempts=2), headers={"X-Extra": SECRET})
    said = [repr(ours), repr(ours._auth)]
    try:
        got = ours.request(
            "verb",
            method,
            "/customer/{mail}",
            at={"mail": PERSON},
            params={"q": PERSON, "token": SECRET},
            json={"mail": PERSON} if method == "POST" else None,
            key="RMA-1",
        )
        said.append(repr(got))
    except OpenReturnsError as error:
        said.append(told(error))
    said += [f"{record.getMessage()} {record.args!r} {record.exc_text}" for record in caplog.records]
    said += [span.to_json() for span in SPANS.get_finished_spans()]
    assert leaks("\n".join(said)) == []
    if route.called:
        sent = route.calls.last.request
        assert SECRET in str(sent.headers.raw), "the marker was there to be leaked"
        assert caplog.records
        assert SPANS.get_finished_spans()


def test_the_scan_finds_what_it_looks_for() -> None:
    assert leaks(f"Authorization: Bearer {SECRET}") == [SECRET]
    assert leaks("eyJhbGciOi") == ["eyJ"]
    assert leaks(PEM)
    assert leaks(f"GET /customer/{quote(PERSON)}")


@pytest.mark.parametrize("name", AUTHS)
def test_credentials_are_printed_without_their_secrets(name: str) -> None:
    auth = AUTHS[name]()
    assert leaks(repr(auth)) == []
    assert leaks(str(Client(BASE, vendor="acme", account="printed", auth=auth))) == []


def test_what_is_sent_is_printed_without_its_secrets() -> None:
    request = Outgoing("GET", f"{BASE}/?t={SECRET}", {"Authorization": SECRET}, SECRET.encode())
    assert leaks(repr(request)) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_forged_webhook_is_refused_without_quoting_it(scheme: str) -> None:
    row = SCHEMES[scheme]
    headers = {row.header: f"{row.prefix}{SECRET}", row.timestamp: SECRET} if row.header else {}
    received = Received(f'{{"mail": "{PERSON}"}}'.encode(), headers)
    with pytest.raises(OpenReturnsError) as caught:
        verify(row, received, ["whsec_c2VjcmV0"])
    assert leaks(told(caught.value) + repr(received)) == []
