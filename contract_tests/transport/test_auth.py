"""Each way to show credentials, as the other side checks it; a token is asked for once, and again when it has to be."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

import httpx
import jwt
import pytest
import respx
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from openreturns.errors import ContractError, MappingError, OpenReturnsError, RejectedError, RetryableError
from openreturns.sandbox import Answer, Call, Operation, Reply, serving
from openreturns.transport import (
    SYSTEM,
    ApiKey,
    Auth,
    Basic,
    Bearer,
    ClientAssertion,
    ClientCredentials,
    JwtBearer,
    OAuth1,
    Retry,
)
from openreturns.transport._tokens import Token, TokenCache
from transport.made import BASE, FakeClock, client
from transport.toys import Toy

TOKENS = "https://login.vendor.example/oauth2/token"
OK = httpx.Response(200, json={})

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEYS = {"ES256": ec.SECP256R1(), "ES384": ec.SECP384R1(), "ES512": ec.SECP521R1()}
KEYS: dict[str, Any] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), RSA_KEY),
    **{name: ec.generate_private_key(curve) for name, curve in EC_KEYS.items()},
}


def pem(algorithm: str) -> str:
    key = KEYS[algorithm].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return str(key.decode())


def granted(**said: Any) -> httpx.Response:
    return httpx.Response(200, json={"access_token": "T1", "token_type": "bearer", "expires_in": 3600, **said})


# ---------------------------------------------------------------- credentials that stay

STANDING: dict[str, tuple[Auth, dict[str, str]]] = {
    "key": (ApiKey("k1"), {"X-API-Key": "k1"}),
    "key by another name": (ApiKey("k1", header="X-Acme-Token"), {"X-Acme-Token": "k1"}),
    "basic": (Basic("2000123", "lic:ence"), {"Authorization": "Basic MjAwMDEyMzpsaWM6ZW5jZQ=="}),
    "basic beyond ASCII": (Basic("ren\u00e9", "p"), {"Authorization": "Basic cmVuw6k6cA=="}),
    "bearer": (Bearer("t1"), {"Authorization": "Bearer t1"}),
}


@pytest.mark.parametrize("name", STANDING)
def test_credentials_that_stay(name: str, respx_mock: respx.MockRouter) -> None:
    auth, headers = STANDING[name]
    route = respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    client(auth=auth).request("read", "GET", "/it")
    sent = route.calls.last.request.headers
    assert {each: sent[each] for each in headers} == headers


@pytest.mark.parametrize("name", STANDING)
def test_credentials_that_stay_are_not_tried_twice(name: str, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/it").mock(return_value=httpx.Response(401))
    with pytest.raises(RejectedError) as caught:
        client(auth=STANDING[name][0]).request("read", "GET", "/it")
    assert (caught.value.kind, route.call_count) == ("auth", 1)


def test_a_key_with_the_end_of_its_line_is_a_setting_to_be_put_right() -> None:
    with pytest.raises(MappingError, match="X-API-Key") as caught:
        client(auth=ApiKey("hunter2\n")).request("read", "GET", "/it")
    assert "hunter2" not in str(caught.value)


def test_a_name_with_a_colon_cannot_be_sent() -> None:
    with pytest.raises(ValueError, match="colon"):
        client(auth=Basic("a:b", "c")).request("read", "GET", "/it")


# ---------------------------------------------------------------- OAuth 2.0


def form(route: respx.Route) -> dict[str, str]:
    return dict(parse_qsl(route.calls.last.request.content.decode()))


def test_client_credentials_in_the_form(respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(return_value=granted())
    route = respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    auth = ClientCredentials(token_url=TOKENS, client_id="id", client_secret="s&=1", more={"scope": "a b"})
    client(auth=auth).request("read", "GET", "/it")
    assert form(tokens) == {
        "grant_type": "client_credentials",
        "client_id": "id",
        "client_secret": "s&=1",
        "scope": "a b",
    }
    assert "authorization" not in tokens.calls.last.request.headers
    assert route.calls.last.request.headers["authorization"] == "Bearer T1"


def test_client_credentials_in_the_header(respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(return_value=granted())
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    auth = ClientCredentials(token_url=TOKENS, client_id="i:d", client_secret="s%1", in_header=True)
    client(auth=auth).request("read", "GET", "/it")
    assert form(tokens) == {"grant_type": "client_credentials"}
    sent = tokens.calls.last.request.headers["authorization"].removeprefix("Basic ")
    assert b64decode(sent) == b"i%3Ad:s%251"


@pytest.mark.parametrize("algorithm", KEYS)
def test_an_assertion_that_the_other_side_can_check(algorithm: str, respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(return_value=granted())
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    clock = FakeClock()
    auth = ClientAssertion(
        token_url=TOKENS,
        private_key=pem(algorithm),
        algorithm=algorithm,
        issuer="client-1",
        key_id="cert-1",
        claims={"scope": "rest_webservices"},
        time=clock.time,
    )
    client(auth=auth, clock=clock).request("read", "GET", "/it")
    sent = form(tokens)
    assertion = sent.pop("client_assertion")
    assert sent == {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    assert jwt.get_unverified_header(assertion) == {"typ": "JWT", "alg": algorithm, "kid": "cert-1"}
    claims = read(assertion, algorithm)
    assert claims.pop("jti")
    now = int(clock.start)
    assert claims == {
        "iss": "client-1",
        "aud": TOKENS,
        "iat": now - 30,
        "exp": now + 150,
        "scope": "rest_webservices",
    }


def read(assertion: str, algorithm: str) -> dict[str, Any]:
    options = {"verify_aud": False, "verify_exp": False, "verify_iat": False}
    return dict(jwt.decode(assertion, KEYS[algorithm].public_key(), [algorithm], options=options))  # type: ignore[arg-type] # jwt names its options


def test_a_signed_grant(respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(return_value=granted(expires_in=None))
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    auth = JwtBearer(
        token_url=TOKENS,
        private_key=pem("RS256"),
        algorithm="RS256",
        issuer="key",
        subject="robot@example.com",
        audience="https://login.vendor.example",
    )
    client(auth=auth).request("read", "GET", "/it")
    sent = form(tokens)
    assert sent["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = read(sent["assertion"], "RS256")
    assert (claims["sub"], claims["aud"]) == ("robot@example.com", "https://login.vendor.example")


def test_an_assertion_is_made_again_by_the_other_sides_clock(respx_mock: respx.MockRouter) -> None:
    refused = httpx.Response(400, json={"error": "invalid_grant"}, headers={"Date": "Tue, 24 Nov 2026 12:00:00 GMT"})
    tokens = respx_mock.post(TOKENS).mock(side_effect=[refused, granted(), refused])
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    clock = FakeClock()  # stands at 11:00
    auth = ClientAssertion(token_url=TOKENS, private_key=pem("PS256"), algorithm="PS256", issuer="c", time=clock.time)
    client(auth=auth, clock=clock).request("read", "GET", "/it")
    assert tokens.call_count == 2
    assert read(form(tokens)["client_assertion"], "PS256")["iat"] == int(clock.start) + 3600 - 30


@pytest.mark.parametrize(
    ("key", "algorithm"), [("nonsense", "PS256"), (pem("ES256"), "PS256"), (pem("RS256"), "ES256"), ("", "RS256")]
)
def test_a_key_that_cannot_sign_is_a_setting_to_be_put_right(key: str, algorithm: str) -> None:
    auth = JwtBearer(token_url=TOKENS, private_key=key, algorithm=algorithm, issuer="i")
    with pytest.raises(MappingError, match="private key") as caught:
        client(auth=auth).request("read", "GET", "/it")
    assert caught.value.kind == "setting"


@pytest.mark.parametrize("algorithm", ["none", "HS256", "rs256", ""])
def test_an_algorithm_without_a_private_key_is_refused(algorithm: str) -> None:
    with pytest.raises(MappingError, match="is not one of"):
        JwtBearer(token_url=TOKENS, private_key=pem("RS256"), algorithm=algorithm, issuer="i")


GRANTS: dict[str, tuple[Any, float]] = {
    "a number": (3600, 3540),
    "a number as text": ("3600", 3540),
    "a short life": (10, 8),
    "nothing": (None, 840),
    "nonsense": ("soon", 840),
    "less than nothing": (-1, 840),
    "a truth": (True, 840),
}


@pytest.mark.parametrize("name", GRANTS)
def test_a_token_is_kept_until_shortly_before_its_end(name: str, respx_mock: respx.MockRouter) -> None:
    said, kept = GRANTS[name]
    tokens = respx_mock.post(TOKENS).mock(return_value=granted(expires_in=said))
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    clock = FakeClock()
    ours = client(
        auth=ClientCredentials(token_url=TOKENS, client_id="i", client_secret="s", time=clock.time), clock=clock
    )
    for moment, asked in ((0, 1), (kept - 1, 1), (kept, 2)):
        clock.now = moment
        ours.request("read", "GET", "/it")
        assert tokens.call_count == asked


REFUSALS: dict[str, tuple[httpx.Response | type[httpx.TransportError], type[OpenReturnsError], str, str]] = {
    "a wrong secret": (httpx.Response(400, json={"error": "invalid_client"}), RejectedError, "auth", "invalid_client"),
    "no word": (httpx.Response(403, text="no"), RejectedError, "auth", ""),
    "a person in the error": (httpx.Response(400, json={"error": "bob@x.test"}), RejectedError, "auth", ""),
    "busy": (httpx.Response(429), RetryableError, "throttled", ""),
    "down": (httpx.Response(503), RetryableError, "unavailable", ""),
    "no answer": (httpx.ReadTimeout, RetryableError, "timeout", ""),
    "no token": (httpx.Response(200, json={}), ContractError, "contract_drift", ""),
    "a list": (httpx.Response(200, json=[]), ContractError, "contract_drift", ""),
    "a page": (httpx.Response(200, text="<form>"), ContractError, "contract_drift", ""),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_token_that_is_not_granted_leaves_a_write_undone(name: str, respx_mock: respx.MockRouter) -> None:
    answer, error, kind, code = REFUSALS[name]
    respx_mock.post(TOKENS).mock(side_effect=[answer] * 9)
    route = respx_mock.post(f"{BASE}/it").mock(return_value=OK)
    auth = ClientCredentials(token_url=TOKENS, client_id="i", client_secret="hunter2")
    with pytest.raises(error) as caught:
        client(auth=auth).request("write", "POST", "/it", json={}, key="n")
    assert (type(caught.value), caught.value.kind, caught.value.vendor_code) == (error, kind, code)
    assert caught.value.correlation_id
    assert "bob" not in str(caught.value)
    assert route.call_count == 0


def test_a_token_that_is_late_is_waited_for(respx_mock: respx.MockRouter) -> None:
    respx_mock.post(TOKENS).mock(side_effect=[httpx.ConnectError, httpx.Response(503), granted()])
    respx_mock.post(f"{BASE}/it").mock(return_value=OK)
    auth = ClientCredentials(token_url=TOKENS, client_id="i", client_secret="s")
    assert client(auth=auth).request("write", "POST", "/it", json={}).status == 200


@pytest.mark.parametrize("address", ["http://login.vendor.example/token", "https://a:b@login.vendor.example/token"])
def test_secrets_go_to_no_address_that_gives_them_away(address: str) -> None:
    auth = ClientCredentials(token_url=address, client_id="i", client_secret="s")
    with pytest.raises(MappingError, match="the token address"):
        client(auth=auth).request("read", "GET", "/it")


def test_a_token_that_no_longer_works_is_replaced_and_the_write_is_done(respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(side_effect=[granted(), granted(access_token="T2")])
    respx_mock.get(f"{BASE}/it").mock(return_value=OK)
    route = respx_mock.post(f"{BASE}/it").mock(side_effect=[httpx.Response(401), OK])
    clock = FakeClock()
    ours = client(auth=ClientCredentials(token_url=TOKENS, client_id="i", client_secret="s"), clock=clock)
    ours.request("read", "GET", "/it")
    assert ours.request("write", "POST", "/it", json={}, idempotency="none").status == 200
    assert [call.request.headers["authorization"] for call in route.calls] == ["Bearer T1", "Bearer T2"]
    assert (tokens.call_count, clock.slept) == (2, [])


def test_a_new_token_that_is_refused_is_a_refusal(respx_mock: respx.MockRouter) -> None:
    tokens = respx_mock.post(TOKENS).mock(return_value=granted())
    route = respx_mock.post(f"{BASE}/it").mock(return_value=httpx.Response(401))
    ours = client(auth=ClientCredentials(token_url=TOKENS, client_id="i", client_secret="s"))
    with pytest.raises(RejectedError) as caught:
        ours.request("write", "POST", "/it", json={})
    assert (caught.value.kind, tokens.call_count, route.call_count) == ("auth", 1, 1)


# ---------------------------------------------------------------- eight threads, one token


class Login(Toy):
    """A toy that grants tokens T1, T2, .. and lets in only who has the newest."""

    def __init__(self) -> None:
        super().__init__()
        self.granted = 0
        self.grants = True
        self.refuse = self.check

    def grant(self, call: Call) -> Reply:
        if not self.grants:
            return Reply(400, {"error": "invalid_client"})
        self.granted += 1
        return Reply(200, {"access_token": f"T{self.granted}", "expires_in": "3600"})

    def check(self, call: Call) -> Reply | None:
        return None if call.headers.get("authorization") == f"Bearer T{self.granted}" else Reply(401)


@pytest.fixture
def login() -> Login:
    return Login()


@pytest.fixture
def base(login: Login) -> Iterator[str]:
    token = Operation("POST", "/token", login.grant, "a token", {200: Answer("granted")}, open=True)
    with serving([login.simulator(token)]) as addresses:
        yield addresses["toy"]


def test_eight_threads_ask_for_one_token_and_for_one_new_one(base: str, login: Login) -> None:
    auth = ClientCredentials(token_url=f"{base}/token", client_id="i", client_secret="s")
    clients = [client(base, auth=auth, time=SYSTEM, account="eight") for _ in range(8)]
    login.notes["n"] = 1
    start = threading.Barrier(8, action=lambda: None)
    statuses: list[int] = []

    def work(n: int) -> None:
        for _ in range(5):
            start.wait()
            statuses.append(clients[n].request("read", "GET", "/notes/n").status)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses, login.granted) == ([200] * 40, 1)

    login.granted += 1  # the vendor forgets the token that all of them hold
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (statuses, login.granted) == ([200] * 80, 3)
    for ours in clients:
        ours.close()


def test_a_refusal_is_told_to_all_who_waited_for_the_token(base: str, login: Login) -> None:
    login.grants = False
    ours = client(
        base,
        auth=ClientCredentials(token_url=f"{base}/token", client_id="i", client_secret="s"),
        time=SYSTEM,
        retry=Retry(attempts=1),
    )
    start, said = threading.Barrier(8), list[str]()

    def work() -> None:
        start.wait()
        with pytest.raises(RejectedError) as caught:
            ours.request("read", "GET", "/notes/n")
        said.append(caught.value.correlation_id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ours.close()
    assert len(set(said)) == 8, "each caller's error is its own"


def test_a_token_that_is_not_granted_is_not_asked_for_by_every_thread_in_turn() -> None:
    cache, start, asked = TokenCache(SYSTEM), threading.Barrier(8), list[int]()
    told: list[RejectedError] = []

    def ask() -> Token:
        asked.append(1)
        SYSTEM.sleep(0.3)  # long enough for others to come and wait
        raise RejectedError("no", kind="auth")

    def work() -> None:
        start.wait()
        with pytest.raises(RejectedError) as caught:
            cache.get(ask)
        told.append(caught.value)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) < 8
    assert len({id(error) for error in told}) == 8, "each can be told its own correlation id"
    with pytest.raises(RejectedError):
        cache.get(ask)
    assert len(asked) > 1, "who comes later asks again"


# ---------------------------------------------------------------- OAuth 1.0a


def oauth1(clock: FakeClock) -> OAuth1:
    return OAuth1("ck", "cs&", "tk", "ts", realm="1234567_SB1", time=clock.time)


def check_signature(request: httpx.Request) -> dict[str, str]:
    """Check as RFC 5849 has it, and return the parameters; written without the library that signs."""
    scheme, _, text = request.headers["authorization"].partition(" ")
    assert scheme == "OAuth"
    parameters = {}
    for pair in text.split(","):
        name, _, value = pair.strip().partition("=")
        [(_, parameters[name])] = parse_qsl(f"x={value.strip(chr(34)).replace('+', '%2B')}", keep_blank_values=True)
    signature = parameters.pop("oauth_signature")
    parts = urlsplit(str(request.url))
    signed = [(name, value) for name, value in parameters.items() if name != "realm"]
    signed += parse_qsl(parts.query, keep_blank_values=True)
    encoded = sorted((quote(name, safe="~"), quote(value, safe="~")) for name, value in signed)
    base = "&".join(
        quote(part, safe="~")
        for part in (
            request.method,
            f"{parts.scheme}://{parts.netloc}{parts.path}",
            "&".join(f"{name}={value}" for name, value in encoded),
        )
    )
    mac = HMAC(b"cs%26&ts", SHA256())
    mac.update(base.encode())
    mac.verify(b64decode(signature))
    return parameters


SIGNED: list[tuple[str, str, Mapping[str, Any]]] = [
    ("GET", "/record/v1/customer", {}),
    ("GET", "/record", {"params": {"q": 'lastModifiedDate ON_OR_AFTER "11/22/2026"', "limit": 5, "x": "a+b/~*é"}}),
    ("POST", "/record/v1/creditMemo", {"json": {"memo": "RMA 1"}}),
    ("PUT", "/record/v1/x/eid:{key}", {"at": {"key": "a b"}, "json": {}}),
    ("POST", "/form", {"content": b"a=1", "headers": {"Content-Type": "text/plain"}}),
]


@pytest.mark.parametrize(("method", "path", "given"), SIGNED)
def test_a_signature_that_the_other_side_can_check(
    method: str, path: str, given: Mapping[str, Any], respx_mock: respx.MockRouter
) -> None:
    route = respx_mock.route(method=method).mock(return_value=OK)
    clock = FakeClock()
    client(auth=oauth1(clock), clock=clock).request("verb", method, path, **given)
    parameters = check_signature(route.calls.last.request)
    assert parameters.pop("oauth_nonce")
    assert parameters == {
        "realm": "1234567_SB1",
        "oauth_consumer_key": "ck",
        "oauth_token": "tk",
        "oauth_signature_method": "HMAC-SHA256",
        "oauth_timestamp": str(int(clock.start)),
        "oauth_version": "1.0",
    }


def test_each_request_is_signed_for_itself(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(f"{BASE}/it").mock(side_effect=[httpx.Response(503), OK])
    clock = FakeClock()
    client(auth=oauth1(clock), clock=clock).request("read", "GET", "/it")
    nonces = {check_signature(call.request)["oauth_nonce"] for call in route.calls}
    assert len(nonces) == 2


def test_a_signature_is_made_again_by_the_other_sides_clock(respx_mock: respx.MockRouter) -> None:
    late = httpx.Response(401, headers={"Date": "Tue, 24 Nov 2026 11:10:00 GMT"})
    hardly = httpx.Response(401, headers={"Date": "Tue, 24 Nov 2026 11:10:05 GMT"})
    route = respx_mock.post(f"{BASE}/it").mock(side_effect=[late, OK, hardly])
    clock = FakeClock()
    ours = client(auth=oauth1(clock), clock=clock)
    assert ours.request("write", "POST", "/it", json={}).status == 200
    assert check_signature(route.calls.last.request)["oauth_timestamp"] == str(int(clock.start) + 600)
    with pytest.raises(RejectedError):
        ours.request("write", "POST", "/it", json={})
    assert route.call_count == 3, "with the right time a refusal is one"


def test_a_forms_fields_are_signed_too(respx_mock: respx.MockRouter) -> None:
    route = respx_mock.post(f"{BASE}/it").mock(return_value=OK)
    clock = FakeClock()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    client(auth=oauth1(clock), clock=clock).request("verb", "POST", "/it", content=b"a=1&b=2", headers=headers)
    request = route.calls.last.request
    assert parse_qs(request.content.decode()) == {"a": ["1"], "b": ["2"]}
    with_form = httpx.Request("POST", f"{BASE}/it?{request.content.decode()}", headers=request.headers)
    assert check_signature(with_form)["oauth_token"] == "tk"
