"""Exchanges are recorded without secrets and personal data, and answer what means the same, from a file alone."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from openreturns import Return, adapter
from openreturns._json import parse
from openreturns.errors import OutcomeUnknownError, RejectedError, RetryableError
from openreturns.idempotency import Done
from openreturns.sandbox import serving
from openreturns.testing._at import NO_WAIT
from openreturns.testing.cassettes import (
    REDACTED,
    Cassette,
    CassetteError,
    Exchange,
    Player,
    Recorder,
    Redaction,
    read,
    recording,
    records_of,
    redaction_of,
    replaying,
    write,
)
from openreturns.testing.cassettes._exchange import request_of
from openreturns.testing.cassettes._match import differences
from openreturns.testing.cassettes._redact import masked
from openreturns.transport import Bearer, Client, Retry
from openreturns_adapters.shipbob.simulator import simulator

HERE = Path(__file__).parent / "cassettes"
EXAMPLES = Path(__file__).parents[2] / "schemas" / "1.1.0" / "examples" / "return" / "valid"
NOWHERE = "http://127.0.0.1:9/2026-01"
ACCOUNT = {
    "settings": {"fulfillment_center_id": 22, "channel_id": 433808},
    "tables": {"inventory": {"read": {"9557855": "SKU-77"}}},
}


def announced(at: str) -> Return:
    """Announce a return at a warehouse and read it there."""
    asked = Return.model_validate_json((EXAMPLES / "minimal.json").read_bytes())
    connected: Any = adapter("shipbob", ACCOUNT).connect(token="sandbox-token", base_url=at, time=NO_WAIT)
    with closing(connected) as client:
        outcome = client.announce(asked)
        assert isinstance(outcome, Done)
        status: Return = client.status(outcome.ref)
        return status


@pytest.fixture(scope="module")
def taped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Return]:
    path = tmp_path_factory.mktemp("tapes") / "announced-and-read.json"
    vendor = simulator()
    vendor.vendor.seed()
    with serving([vendor]) as at, recording(path, adapter=adapter("shipbob"), story="announced and read"):
        return path, announced(at["shipbob"])


def test_a_client_says_the_same_from_a_cassette_as_from_its_vendor(taped: tuple[Path, Return]) -> None:
    path, was = taped
    with replaying(path, adapter=adapter("shipbob")) as player:
        assert announced(NOWHERE) == was
    assert player.unplayed == ()
    assert "sandbox-token" not in path.read_text("utf-8")


def test_recorded_records_are_told_by_their_contracts(taped: tuple[Path, Return]) -> None:
    ours = adapter("shipbob", ACCOUNT)
    records = list(records_of(read(taped[0]), ours))
    assert {native for native, _ in records} == {"return", "return_v1"}  # what POST answers has the older shape
    for native, record in records:
        assert ours.check_record(native, record) == ()
        assert ours.read(native, record, "return").document.to_dict()["number"] == "RMA-1001"


def test_connections_are_as_before_afterwards(taped: tuple[Path, Return]) -> None:
    before = httpx.HTTPTransport.handle_request
    with pytest.raises(ZeroDivisionError), replaying(taped[0]):
        raise ZeroDivisionError
    assert httpx.HTTPTransport.handle_request is before


# ---------------------------------------------------------------- what stays out

SECRETS = {
    "token": "tok-5f0c9d21",
    "password": "Hunter2-pass",
    "client secret": "cs-77aa8899",
    "cookie": "cookievalue9876",
    "key in the query": "AIza-99887766",
    "signature": "sha256-deadbeef",
}
PERSONS = {
    "name": "Annelies Vandenbroucke",
    "e-mail": "annelies@example.org",
    "phone": "+32 3 555 77 88",
    "street": "Lange Leemstraat 372",
    "city": "Antwerpen",
    "contact": "0038d00000AbCdE",
    "phone as a number": "32478112233",
}


def vendor(request: httpx.Request) -> httpx.Response:
    """A vendor that repeats what it was told, and says more."""
    if request.url.path == "/token":
        said = {"access_token": SECRETS["token"], "token_type": "Bearer", "expires_in": 3600, "nextPageToken": "p2"}
        return httpx.Response(200, json=said, headers={"set-cookie": f"sid={SECRETS['cookie']}; Path=/"})
    if request.url.path.startswith("/contacts/"):
        return httpx.Response(200, json={"id": PERSONS["contact"], "ok": True})
    person = {
        "customer_name": PERSONS["name"],
        "shippingAddress": {"street1": PERSONS["street"], "city": PERSONS["city"], "countryCode": "BE"},
        "note": f"call {PERSONS['name']} at {PERSONS['phone']} or {PERSONS['e-mail']}",
        "contactId": PERSONS["contact"],
        "mobile": int(PERSONS["phone as a number"]),
        "amount": 12.50,
        "webhook": {"signature": SECRETS["signature"]},
    }
    return httpx.Response(200, content=json.dumps(person).replace("12.5", "12.50"), headers={"x-trace": "t-1"})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tapes") / "told-everything.json"
    recorder = Recorder(httpx.MockTransport(vendor), redaction=redaction_of(personal=["contactId"]))
    basic = base64.b64encode(f"user-of-us:{SECRETS['password']}".encode()).decode()
    with httpx.Client(transport=recorder, base_url="https://vendor.example") as http:
        http.get(f"/contacts/{PERSONS['contact']}", headers={"Authorization": f"Basic {basic}"})
        http.post("/token", data={"grant_type": "client_credentials", "client_secret": SECRETS["client secret"]})
        http.get("/orders", params={"key": SECRETS["key in the query"], "q": PERSONS["name"], "limit": "10"})
        echoed = {"said": f"the token was {SECRETS['token']}", "password was": SECRETS["password"]}
        http.post("/echo", json=echoed, headers={"Authorization": f"Bearer {SECRETS['token']}"})
    write(Cassette("told-everything", tuple(recorder.exchanges)), path, recorder.redaction)
    return path.read_text("utf-8")


@pytest.mark.parametrize("name", [*SECRETS, *PERSONS])
def test_no_secret_and_nothing_personal_is_in_the_file(written: str, name: str) -> None:
    assert {**SECRETS, **PERSONS}[name] not in written


def test_what_the_exchange_means_is_in_the_file(written: str) -> None:
    exchanges = {one["request"]["path"]: one for one in json.loads(written)["exchanges"]}
    assert exchanges["/token"]["response"]["json"] == {
        "access_token": REDACTED,
        "token_type": "Bearer",
        "expires_in": 3600,
        "nextPageToken": "p2",
    }
    assert exchanges["/orders"]["request"]["query"]["limit"] == ["10"]
    assert exchanges["/orders"]["response"]["json"]["shippingAddress"]["countryCode"] == "BE"
    assert '"amount": 12.50' in written


_HIDDEN = "s3cr3t-4711-of-nobody"


@pytest.mark.parametrize(
    "sent",
    [
        {"json": {"payload": f'{{"client_secret": "{_HIDDEN}"}}'}},
        {"json": {"inner": json.dumps({"payload": json.dumps({"access_token": _HIDDEN})})}},
        {"json": {"credentials": {"value": _HIDDEN}}},
        {"json": {"headers": [{"name": "Authorization", "value": f"Bearer {_HIDDEN}"}]}},
        {"json": {"label": f"https://labels.example/1?X-Amz-Signature={_HIDDEN}&page=2"}},
        {"json": {"label": f"https://user:{_HIDDEN}@labels.example/1"}},
        {"json": {"note": f"sent with Bearer {_HIDDEN}"}},
        {"json": {"licenseKey": _HIDDEN}},
        {"data": {"callback": f"https://us.example/?token={_HIDDEN}"}},
        {"data": {"client_secret": _HIDDEN}, "files": {"label": ("a.txt", b"x")}},
        {"content": f"<a><ns:password kind='x'>{_HIDDEN}</ns:password></a>"},
        {"content": f'{{"token":"{_HIDDEN}"}}\n{{"token":"{_HIDDEN}"}}\n'},
        {"content": f"grant_type=x&client_secret={_HIDDEN}"},
        {"params": {"subscription-key": _HIDDEN}},
    ],
    ids=lambda sent: str(sent)[:40],
)
def test_no_secret_is_kept_wherever_a_text_names_it(sent: dict[str, Any], tmp_path: Path) -> None:
    request = httpx.Request("POST", "https://vendor.example/x", **sent)
    once = request_of(request, redaction := Redaction())
    write(Cassette("hidden", (Exchange(once, {"status": 200}),)), tmp_path / "hidden.json", redaction)
    assert _HIDDEN not in (tmp_path / "hidden.json").read_text("utf-8")
    assert redaction.value(once) == once


def test_what_sounds_like_a_secret_and_is_none_is_kept() -> None:
    said = {"next": "/items?pageToken=abcdef12", "note": "name=Pump, size=12; see <b>bold</b>", "key": "RMA-1002"}
    request = httpx.Request("POST", "https://vendor.example/x", json=said)
    assert request_of(request, Redaction())["json"] == said


def test_what_is_found_personal_late_is_taken_out_of_the_beginning(written: str) -> None:
    first = json.loads(written)["exchanges"][0]["request"]["path"]
    assert first == f"/contacts/{masked(PERSONS['contact'])}"


def test_taking_out_twice_takes_out_no_more(written: str) -> None:
    again = redaction_of(personal=["contactId"])
    data = parse(written.encode())
    assert again.value(data) == data


def test_nothing_is_written_that_was_taken_out_elsewhere(tmp_path: Path) -> None:
    redaction = Redaction()
    redaction.value({"password": "Hunter2-pass"})
    with pytest.raises(CassetteError, match=REDACTED):
        write(Cassette("x", (), story="logged in with Hunter2-pass"), tmp_path / "x.json", redaction)
    assert not (tmp_path / "x.json").exists()


def test_nothing_is_written_if_the_test_fails(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), recording(tmp_path / "x.json"):
        raise ZeroDivisionError
    assert not (tmp_path / "x.json").exists()


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Anna-9 Ü", "Xxxx-0 X"),
        ("0038d00000AbCdE", "0000x00000XxXxX"),
        ("1980-02-29", "2000-01-01"),
        ("株式", "xx"),
    ],
)
def test_a_mask_keeps_the_shape_and_masks_itself_to_itself(text: str, shape: str) -> None:
    assert masked(text) == shape
    assert masked(shape) == shape


# ---------------------------------------------------------------- what answers what

ASKED: dict[str, Any] = {
    "method": "POST",
    "path": "/orders/7",
    "query": {"a": ["1", "2"], "b": ["x"]},
    "json": {"amount": Decimal("12.50"), "lines": [{"sku": "P", "at": "09:00"}], "note": None},
}


def like(**changes: Any) -> dict[str, Any]:
    return {**ASKED, **changes}


@pytest.mark.parametrize(
    "sent",
    [
        like(query={"b": ["x"], "a": ["1", "2"]}),
        like(json={"note": None, "lines": [{"at": "09:00", "sku": "P"}], "amount": Decimal("12.5")}),
        like(path="/orders/8"),
        like(json={**ASKED["json"], "lines": [{"sku": "P", "at": "10:00"}]}),
        like(headers={"etag": "other"}),
    ],
    ids=["order of the query", "members and digits", "a path of the pattern", "a volatile place", "headers"],
)
def test_what_means_the_same_matches(sent: dict[str, Any]) -> None:
    assert differences(ASKED, sent, ["/orders/{}"], ["/body/lines/*/at"]) == []


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (like(method="PUT"), "method: POST recorded, PUT sent"),
        (like(path="/orders/7/lines"), "path: /orders/7 recorded, /orders/7/lines sent"),
        (like(query={"a": ["1"], "b": ["x"]}), "/query/a: a list of 2 recorded, a list of 1 sent"),
        (like(query={"a": ["1", "2"]}), "/query/b: recorded, not sent"),
        (like(json={**ASKED["json"], "amount": Decimal("12.500000000000000001")}), "/body/amount: 12.50 recorded"),
        (like(json={**ASKED["json"], "amount": "12.50"}), "/body/amount: 12.50 recorded, '12.50' sent"),
        (like(json={"amount": Decimal("12.5"), "lines": ASKED["json"]["lines"]}), "/body/note: recorded, not sent"),
        (like(json={**ASKED["json"], "note": False}), "/body/note: nothing recorded, False sent"),
        (like(json={**ASKED["json"], "lines": [{"sku": "Q", "at": "09:00"}]}), "/body/lines/0/sku: 'P' recorded"),
    ],
)
def test_what_means_something_else_does_not_and_says_where(sent: dict[str, Any], told: str) -> None:
    [difference] = differences(ASKED, sent, ["/orders/{}"])
    assert difference.startswith(told)


def exchange(path: str, answer: str, **request: Any) -> Exchange:
    return Exchange({"method": "GET", "path": path, **request}, {"status": 200, "json": {"is": answer}})


TWICE = Cassette(
    "twice", (exchange("/a", "1"), exchange("/b", "1"), exchange("/a", "2"), exchange("/b", "2", query={"x": ["y"]}))
)


def asked(player: Player, path: str) -> str:
    with httpx.Client(transport=player, base_url="https://vendor.example") as http:
        answer: str = http.get(path).json()["is"]
    return answer


def test_answers_come_in_order_for_each_resource_and_not_over_all() -> None:
    player = Player(TWICE)
    assert [asked(player, path) for path in ("/b", "/a", "/a", "/b?x=y")] == ["1", "1", "2", "2"]


def test_an_answer_is_given_once_unless_asked_for_again() -> None:
    player = Player(TWICE)
    assert [asked(player, "/a"), asked(player, "/a")] == ["1", "2"]
    with pytest.raises(CassetteError, match="2 recorded, all of them played"):
        asked(player, "/a")
    patient = Player(TWICE, again=True)
    assert [asked(patient, "/a") for _ in range(3)] == ["1", "2", "2"]


def test_a_request_without_an_answer_is_told_with_the_nearest_and_what_differs() -> None:
    with pytest.raises(CassetteError) as raised:
        asked(Player(TWICE), "/b?x=z&more=1")
    assert str(raised.value).splitlines() == [
        "the cassette twice has no answer to GET /b",
        "  nearest: exchange 4, GET /b",
        "  differs at /query/x/0: 'y' recorded, 'z' sent",
        "  differs at /query/more: sent, not recorded",
    ]


def test_links_in_answers_lead_to_wherever_they_are_replayed() -> None:
    def paged(request: httpx.Request) -> httpx.Response:
        link = f"https://account-4711.vendor.example/list?page={int(request.url.params['page']) + 1}"
        return httpx.Response(200, json={"next": link}, headers={"link": f'<{link}>; rel="next"'})

    recorder = Recorder(httpx.MockTransport(paged))
    with httpx.Client(transport=recorder, base_url="https://account-4711.vendor.example") as http:
        http.get("/list?page=1")
    assert "4711" not in repr(recorder.exchanges)
    with httpx.Client(transport=Player(Cassette("p", tuple(recorder.exchanges))), base_url="https://x.example") as http:
        answer = http.get("/list?page=1")
    assert answer.json() == {"next": "https://x.example/list?page=2"}
    assert answer.links["next"]["url"] == "https://x.example/list?page=2"


def test_what_is_sent_is_compared_as_it_would_be_written() -> None:
    """A person's name in a test's own data is masked before it is compared and before it is told."""
    recorded = Exchange({"method": "POST", "path": "/c", "json": {"email": "xxxx@xxxxx.xx"}}, {"status": 204})
    with httpx.Client(transport=Player(Cassette("c", (recorded,))), base_url="https://vendor.example") as http:
        assert http.post("/c", json={"email": "anna@meier.be"}).status_code == 204
        with pytest.raises(CassetteError) as raised:
            http.post("/c", json={"email": "someone@else.example"})
    assert "someone" not in str(raised.value)


@pytest.mark.parametrize("kind", [httpx.ReadTimeout, httpx.ConnectError, httpx.RemoteProtocolError])
def test_a_failure_is_recorded_and_fails_again(kind: type[httpx.TransportError], tmp_path: Path) -> None:
    def fails(request: httpx.Request) -> httpx.Response:
        raise kind("no", request=request)

    recorder = Recorder(httpx.MockTransport(fails))
    for tape in (
        recorder,
        Player(Cassette("f", (Exchange({"method": "GET", "path": "/"}, {"failure": kind.__name__}),))),
    ):
        with httpx.Client(transport=tape, base_url="https://vendor.example") as http, pytest.raises(kind):
            http.get("/")
    assert [one.response for one in recorder.exchanges] == [{"failure": kind.__name__}]


def test_a_label_is_kept_as_its_size_and_hash_only() -> None:
    label = b"%PDF-1.7 \xff\xfe to: Annelies"
    recorder = Recorder(httpx.MockTransport(lambda request: httpx.Response(200, content=label)))
    with httpx.Client(transport=recorder, base_url="https://vendor.example") as http:
        assert http.get("/label").content == label
    assert recorder.exchanges[0].response["binary"]["bytes"] == len(label)
    with httpx.Client(transport=Player(Cassette("l", tuple(recorder.exchanges))), base_url="https://x.example") as http:
        assert http.get("/label").content == bytes(len(label))


@pytest.mark.parametrize("text", ["", "[]", '{"exchanges": [{}]}', "{"])
def test_a_file_that_is_no_cassette_is_refused_by_name(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.json"
    path.write_text(text, "utf-8")
    with pytest.raises(CassetteError, match=r"broken\.json"):
        read(path)


# ---------------------------------------------------------------- recordings of real systems


def client(account: str) -> Client:
    return Client(
        "https://vendor.example",
        vendor="recorded",
        account=account,
        retry=Retry(attempts=1),
        time=NO_WAIT,
        auth=Bearer("a-token-of-ours"),
    )


def test_a_case_changed_by_two_people_is_kept_from_the_second() -> None:
    with replaying(HERE / "case-changed-by-two-people.json") as player:
        ours, issue = client("case"), "/ret/rest/data/issue/2"
        read_ = ours.request("read", "GET", issue).json["data"]
        assert read_["@etag"]
        with pytest.raises(RejectedError):
            ours.request("update", "PATCH", issue, json={"status": "in-progress"})
        ours.request("update", "PATCH", issue, json={"status": "in-progress"})
        with pytest.raises(RejectedError):
            ours.request("update", "PATCH", issue, json={"status": "resolved"})
        with pytest.raises(RetryableError) as later:
            ours.request("read", "GET", issue)
        assert later.value.retry_after == 10
    assert {one.request["path"] for one in player.unplayed} == {"/ret/rest/data/issue"}


def test_calls_of_procedures_at_one_address_are_told_apart_by_their_bodies() -> None:
    tape = read(HERE / "return-refused-before-inspection.json")
    bodies = [one.request["json"] for one in tape.exchanges]
    with replaying(tape):
        ours = client("rpc")
        for body in reversed(bodies[:-1]):  # in another order, and under other numbers
            answer = ours.request("call", "POST", "/ret/rpc/", json={**body, "id": 7}, expects="any")
            recorded = next(one for one in tape.exchanges if one.request["json"] is body)
            assert answer.json == recorded.response["json"]


def test_a_lost_answer_on_the_tape_is_an_unknown_outcome() -> None:
    lost = Exchange({"method": "POST", "path": "/orders", "json": {}}, {"failure": "ReadTimeout"})
    with replaying(Cassette("lost", (lost,))), pytest.raises(OutcomeUnknownError):
        client("lost").request("create", "POST", "/orders", json={}, key="k-1")


@pytest.mark.parametrize("path", sorted(HERE.glob("*.json")), ids=lambda path: path.stem)
def test_the_recordings_of_this_repository_hold_nothing_that_would_be_taken_out(path: Path) -> None:
    redaction: Callable[[Any], Any] = redaction_of().value
    data = parse(path.read_bytes())
    for one in data["exchanges"]:
        assert redaction(one["request"]) == one["request"]
        assert redaction(one["response"]) == one["response"]
