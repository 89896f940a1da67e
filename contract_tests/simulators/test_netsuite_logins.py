"""NetSuite's simulator: who is let in, and how many calls at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1
from simulators.netsuite_account import (
    START,
    Json,
    Served,
    Signed,
    ql,
    rma,
    said,
    served,
)

pytestmark = pytest.mark.usefixtures("netsuite_stage")

# ---------------------------------------------------------------- logins


@cache
def private(kind: str) -> Any:
    if kind == "RSA":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key({"256": ec.SECP256R1(), "384": ec.SECP384R1(), "512": ec.SECP521R1()}[kind])


def key_of(algorithm: str) -> Any:
    return private("RSA" if algorithm[0] in "PR" else algorithm[2:])


def public(key: Any) -> str:
    return str(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def asked(one: Served, algorithm: str = "ES256", form: Json = None, kid: str = "c-1", **claims: Json) -> httpx.Response:
    """What the token endpoint answers to an assertion."""
    now = int(one.clock.now().timestamp())
    url = f"{one.client.base_url}auth/oauth2/v1/token"
    told = {"iss": "sandbox-client", "scope": "rest_webservices", "aud": url, "iat": now, "exp": now + 300, **claims}
    given = {name: value for name, value in told.items() if value is not None}
    assertion = jwt.encode(given, key_of(algorithm), algorithm=algorithm, headers={"kid": kid})
    sent = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion,
    }
    return one.client.post("/auth/oauth2/v1/token", data={**sent, **(form or {})})


@contextmanager
def certified(algorithm: str = "ES256", **settings: Any) -> Iterator[Served]:
    with served(certificates={"c-1": public(key_of(algorithm))}, **settings) as one:
        yield one


def bearing(answer: httpx.Response) -> dict[str, Any]:
    return {"auth": None, "headers": {"Authorization": f"Bearer {answer.json()['access_token']}"}}


@pytest.mark.parametrize("algorithm", ["PS256", "PS384", "PS512", "ES256", "ES384", "ES512"])
def test_a_signed_assertion_becomes_a_token(algorithm: str) -> None:
    with certified(algorithm) as one:
        answer = asked(one, algorithm)
        assert answer.json().keys() == {"access_token", "expires_in", "token_type"}
        assert (answer.status_code, answer.json()["expires_in"], answer.json()["token_type"]) == (200, "3600", "bearer")
        assert one.call("GET", "customer/1042", **bearing(answer)).status_code == 200


@pytest.mark.parametrize("scope", ["restlets,rest_webservices", "restlets, rest_webservices", ["rest_webservices"]])
def test_scopes_are_a_list_or_text_with_commas(scope: Json) -> None:
    with certified() as one:
        assert one.call("GET", "customer/1042", **bearing(asked(one, scope=scope))).status_code == 200


ELSEWHERE = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest/auth/oauth2/v1/token"
ASSERTIONS: Mapping[str, tuple[Callable[[Served], httpx.Response], int, str]] = {
    "the vendor's own address": (lambda one: asked(one, aud=ELSEWHERE), 200, ""),
    "another audience": (lambda one: asked(one, aud="https://example.com/token"), 400, "invalid_grant"),
    "another client": (lambda one: asked(one, iss="somebody"), 400, "invalid_client"),
    "an unknown certificate": (lambda one: asked(one, kid="c-2"), 400, "invalid_grant"),
    "another key": (lambda one: asked(one, "ES384"), 400, "invalid_grant"),
    "over": (lambda one: asked(one, exp=int(START.timestamp()) - 1), 400, "invalid_grant"),
    "too long": (lambda one: asked(one, exp=int(START.timestamp()) + 4000), 400, "invalid_grant"),
    "from the future": (lambda one: asked(one, iat=int(START.timestamp()) + 900), 400, "invalid_grant"),
    "without an end": (lambda one: asked(one, exp=None), 400, "invalid_grant"),
    "an unknown scope": (lambda one: asked(one, scope="everything"), 400, "invalid_scope"),
    "no scope": (lambda one: asked(one, scope=None), 400, "invalid_scope"),
    "another grant": (lambda one: asked(one, form={"grant_type": "password"}), 400, "invalid_request"),
    "another assertion": (lambda one: asked(one, form={"client_assertion_type": "saml"}), 400, "invalid_request"),
    "no token at all": (lambda one: asked(one, form={"client_assertion": "abc"}), 400, "invalid_grant"),
}


@pytest.mark.parametrize("name", ASSERTIONS)
def test_an_assertion_is_looked_at(name: str) -> None:
    ask, status, error = ASSERTIONS[name]
    with certified() as one:
        answer = ask(one)
        assert (answer.status_code, answer.json().get("error", "")) == (status, error)


def test_what_is_signed_as_samples_show_is_refused() -> None:
    with certified("RS256") as one:
        assert asked(one, "RS256").json() == {"error": "invalid_grant"}


def test_tokens_end_by_the_clock_with_their_certificate_and_when_told_to() -> None:
    with certified() as one:
        first = bearing(asked(one))
        one.vendor.step("move_time", seconds=3590)
        assert one.call("GET", "customer/1042", **first).status_code == 200
        one.vendor.step("move_time", seconds=30)
        assert said(one.call("GET", "customer/1042", **first)) == (401, "INVALID_LOGIN", "")
        second = bearing(asked(one))
        assert one.vendor.step("expire_tokens") == 2
        assert one.call("GET", "customer/1042", **second).status_code == 401
        third = bearing(asked(one))
        assert one.vendor.step("revoke", certificate="c-1") == []
        assert one.call("GET", "customer/1042", **third).status_code == 401
        assert asked(one).json() == {"error": "invalid_grant"}


def test_a_token_for_something_else_is_refused() -> None:
    with certified() as one:
        answer = one.call("GET", "customer/1042", **bearing(asked(one, scope="restlets")))
        assert said(answer) == (403, "INSUFFICIENT_PERMISSION", "")


SIGNATURES: Mapping[str, Mapping[str, Any]] = {
    "another consumer": {"client_key": "somebody"},
    "another consumer's secret": {"client_secret": "guessed"},
    "another token": {"resource_owner_key": "somebody"},
    "another token's secret": {"resource_owner_secret": "guessed"},
    "another account": {"realm": "7654321"},
    "no account": {"realm": None},
    "the older method": {"signature_method": SIGNATURE_HMAC_SHA1},
    "yesterday": {"timestamp": str(int(START.timestamp()) - 86400)},
    "no time": {"timestamp": "now"},
}


@pytest.mark.parametrize("name", SIGNATURES)
def test_a_wrong_signature_is_refused_without_a_word_of_it(netsuite: Served, name: str) -> None:
    answer = netsuite.call("GET", "customer/1042", auth=Signed(netsuite.clock, **SIGNATURES[name]))
    assert said(answer) == (401, "INVALID_LOGIN", "")
    assert answer.json()["o:errorDetails"][0]["detail"].startswith("Invalid login attempt. For more details, see the")
    assert not any(str(value) in answer.text for value in SIGNATURES[name].values())


@pytest.mark.parametrize(
    "path",
    [
        "/record/v1/customer/1042?simpleEnumFormat=true&fields=email",
        "/record/v1/customer/eid:C%2D1042",
        "/record/v1/customer?q=companyName%20IS%20%22Harrow%20%26%20Pike%20Fasteners%22",
    ],
)
def test_a_signature_is_over_the_address_and_the_query(netsuite: Served, path: str) -> None:
    url = f"{str(netsuite.client.base_url).removesuffix('/')}{path}"
    good = {"Authorization": Signed(netsuite.clock).header("GET", url)}
    assert netsuite.client.get(f"{path}&x=1" if "?" in path else f"{path}?x=1", headers=good).status_code == 401
    assert netsuite.client.get(path, headers=good).status_code == 200
    assert netsuite.client.get(path, headers=good).status_code == 401  # a nonce is good for one call


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer made-up", "Basic c2FuZGJveDo=", "OAuth", 'OAuth realm="x"'])
def test_without_a_login_nothing_is_told(netsuite: Served, header: str) -> None:
    answer = netsuite.call("GET", "customer/1042", auth=None, headers={"Authorization": header})
    assert said(answer) == (401, "INVALID_LOGIN", "")


def test_a_viewer_reads_and_asks_and_writes_nothing() -> None:
    with served(viewers=["sandbox-token"]) as one:
        assert one.call("GET", "customer/1042").status_code == 200
        assert ql(one, "SELECT id FROM customer WHERE id = 1042") == [{"id": "1042"}]
        assert said(one.call("POST", "returnAuthorization", rma())) == (403, "INSUFFICIENT_PERMISSION", "")
        assert said(one.call("GET", "/system/v1/governanceLimits")) == (403, "INSUFFICIENT_PERMISSION", "")


# ---------------------------------------------------------------- limits


@pytest.mark.parametrize(("overload", "code"), [(429, "CONCURRENCY_LIMIT_EXCEEDED"), (401, "INVALID_LOGIN")])
def test_calls_beyond_the_accounts_limit_are_refused(overload: int, code: str) -> None:
    with served(overload=overload, administrators=["sandbox-token"]) as one:
        one.vendor.step("occupy", calls=4)
        assert one.call("GET", "/system/v1/governanceLimits").json() == {
            "accountConcurrencyLimit": 5,
            "accountUnallocatedConcurrencyLimit": 1,
            "concurrencyLimitType": "Account",
        }
        one.vendor.step("occupy", calls=5)
        assert said(one.call("POST", "returnAuthorization", rma())) == (overload, code, "")
        one.vendor.step("occupy", calls=0)
        assert one.call("GET", "returnAuthorization").json()["totalResults"] == 0


def test_a_call_goes_on_for_as_long_as_it_is_told_to() -> None:
    with served(concurrent=2, call_seconds=30) as one:
        assert [one.call("GET", "customer/1042").status_code for _ in range(3)] == [200, 200, 429]
        one.vendor.step("move_time", seconds=30)
        assert one.call("GET", "customer/1042").status_code == 200
