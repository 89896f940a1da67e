"""`openreturns process`, from a folder with nothing in it to a return that waits for a person."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from cli.running import PROGRAM
from click.testing import CliRunner, Result
from openreturns.cli import main
from openreturns.errors import RejectedError
from openreturns.process.store import Store
from process.systems import POLICY as PROCESS_POLICY
from process.systems import World, disposition, story, told

MINIMAL = Path(__file__).parents[2] / "schemas" / "1.1.0" / "examples" / "return" / "valid" / "minimal.json"

POLICY = """
[approvals]
return_roles = ["desk"]

[roles]
dora = ["desk"]
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    assert run("init").exit_code == 0
    (tmp_path / "policy.toml").write_text(POLICY, "utf-8")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["process", *arguments])


def test_init_makes_what_is_not_there_and_leaves_what_is(folder: Path) -> None:
    before = {path: path.read_bytes() for path in folder.glob("*.toml")}
    again = run("init")
    assert again.exit_code == 0
    assert "made" not in again.output
    assert {path: path.read_bytes() for path in folder.glob("*.toml")} == before


def test_a_return_is_asked_for_carried_as_far_as_it_goes_approved_and_told(folder: Path) -> None:
    assert run("signal", "RMA-1001", str(MINIMAL), "--by", "paula").output == "return-1:1 is new\n"
    assert run("signal", "RMA-1001", str(MINIMAL), "--by", "paula").output == "return-1:1 is duplicate\n"
    assert run("up", "--idle").exit_code == 0
    [row] = json.loads(run("status", "--json").output)["stages"]
    assert (row["stage"], row["returns"]) == ("awaiting_approval", 1)
    agreed = run("approve", "RMA-1001", "return", "--by", "dora")
    assert (agreed.exit_code, "see `openreturns process show RMA-1001`" in agreed.output) == (0, True)  # nobody works
    assert run("up", "--idle").exit_code == 0
    told = json.loads(run("show", "RMA-1001", "--json").output)
    assert told["stage"] == "awaiting_goods"
    assert [(one["kind"], one["by"]) for one in told["story"]] == [
        ("return.requested", "paula"),
        ("approval.given", "dora"),
    ]
    health = json.loads(run("doctor", "--json").output)
    assert (health["total"], health["waiting"], health["sound"]) == (1, 1, True)
    said, last = run("audit", "--seal").output.splitlines()
    assert said == "1 chains, 0 broken"
    assert run("audit", "--head", last.removeprefix("head ")).exit_code == 0
    assert run("audit", "--head", "0" * 64).exit_code == 1


@contextmanager
def working() -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, that works."""
    command = [*PROGRAM, "process", "up", "--threads", "1"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as worker:
        try:
            assert worker.stderr is not None
            assert " works on sqlite:///" in worker.stderr.readline()
            yield worker
        finally:
            worker.kill()


def asked(folder: Path, number: str) -> str:
    """A file with a request under a number."""
    data = json.loads(MINIMAL.read_bytes())
    path = folder / f"{number}.json"
    path.write_text(json.dumps({**data, "number": number, "meta": {**data["meta"], "documentId": number}}), "utf-8")
    return str(path)


def test_who_decides_is_told_what_came_of_it_and_a_worker_stops_when_it_is_told_to(folder: Path) -> None:
    for number in ("RMA-1", "RMA-2"):
        assert run("signal", number, asked(folder, number), "--by", "dora").exit_code == 0
    (folder / "policy.toml").write_text(POLICY + 'dave = ["desk"]\n', "utf-8")
    with working() as worker:
        for arguments, said, code in (
            (("approve", "RMA-1", "return", "--by", "dora"), "segregation, nobody approves what they asked for", 1),
            (("approve", "RMA-1", "return", "--by", "sam"), "segregation, a return is decided by: desk", 1),
            (("approve", "RMA-1", "return", "--by", "dave"), "approval.given, now awaiting_goods", 0),
            (("reject", "RMA-1", "return", "--reason", "worn", "--by", "dave"), "conflict, it was decided before", 1),
            (("reject", "RMA-2", "return", "--reason", "worn", "--by", "sam"), "a return is decided by: desk", 1),
            (("reject", "RMA-2", "return", "--reason", "worn", "--by", "dave"), "approval.refused, now declined", 0),
            (("approve", "RMA-3", "return", "--by", "dave"), "approval.given changed nothing: unknown_return", 1),
            (("dlq", "retry", "RMA-2", "none"), "no_dead_letter, there is no dead letter none", 1),
        ):
            result = run(*arguments, "--wait", "60")
            assert (said in result.output, result.exit_code) == (True, code), result.output
        worker.send_signal(signal.SIGTERM)
        out, err = worker.communicate(timeout=60)
        assert (worker.returncode, out, err) == (0, "", "")
    assert Store(f"sqlite:///{folder}/returns.sqlite").alive(timedelta(days=1)) == set()
    assert json.loads(run("doctor", "--json").output)["sound"]


def test_an_event_is_by_whom_it_says_or_by_who_tells_of_it(folder: Path) -> None:
    for place, by in enumerate(("wms", "")):
        event = {"type": "cancel.requested", "id": f"e{place}", "at": "2026-11-22T12:00:00Z", "by": by}
        (folder / "event.json").write_text(json.dumps(event), "utf-8")
        assert run("signal", "RMA-1", "event.json", "--by", "paula").output == f"e{place} is new\n"
    with closing(sqlite3.connect(folder / "returns.sqlite")) as database:
        bodies = [json.loads(body) for (body,) in database.execute("SELECT body FROM inbox ORDER BY id")]
    assert [one["by"] for one in bodies] == ["wms", "paula"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "RMA-9"), "the process knows no return RMA-9"),
        (("approve", "RMA-9", "credit"), "the process knows no return RMA-9"),
        (("--config", "none.toml", "status"), "there is no none.toml: `openreturns process init` makes one"),
        (("--config", "none.toml", "up", "--idle"), "there is no none.toml: `openreturns process init` makes one"),
    ],
)
def test_what_cannot_be_done_is_said(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output


def test_an_event_that_is_wrong_is_refused_with_every_place(folder: Path) -> None:
    (folder / "event.json").write_text('{"type": "approval.given", "step": "rma"}', "utf-8")
    result = run("signal", "RMA-1", "event.json")
    assert result.exit_code == 2
    assert "/approval.given/id" in result.output
    assert "/approval.given/step" in result.output


NO_EVENTS: Mapping[bytes, str] = {
    b"": "that is no JSON: give a Return, or an event",
    b"RMA-1 came in": "that is no JSON: give a Return, or an event",
    b"\xff\xfe": "that is no JSON: give a Return, or an event",
    b"7": "that is no event: give a Return, or an event",
    b"[]": "that is no event: give a Return, or an event",
    b'{"meta": 5}': "that is no event: give a Return, or an event",
    b'{"type": "goods.lost"}': "its `type` is one of return.requested, goods.received,",
    disposition("RMA-1").to_json(): "that is no event: give a Return, or an event",
    b'{"meta": {"schema": "openreturns/return/1.1"}}': "/return.requested/return/number: Field required",
}


def test_a_file_that_holds_neither_a_return_nor_an_event_is_refused_with_the_way_out(folder: Path) -> None:
    for text, said in NO_EVENTS.items():
        (folder / "event.json").write_bytes(text)
        result = run("signal", "RMA-1", "event.json")
        assert (result.exit_code, said in result.output) == (2, True), result.output


DATABASES: Mapping[str, str] = {
    "sqlite:///other.sqlite": "`openreturns process init` makes them",
    "sqlite:////none/returns.sqlite": "unable to open database file",
    "no:such": "the database of process.toml cannot be used",
}


def test_a_database_that_has_no_tables_or_cannot_be_opened_is_told_with_the_way_out(folder: Path) -> None:
    for address, said in DATABASES.items():
        (folder / "process.toml").write_text(f'database = "{address}"\npolicy = "policy.toml"\n', "utf-8")
        for arguments in (("status",), ("doctor",), ("show", "RMA-1"), ("signal", "RMA-1", str(MINIMAL)), ("replay",)):
            result = run(*arguments)
            assert (result.exit_code, said in result.output) == (2, True), result.output


def test_a_policy_that_is_not_there_is_told_with_its_place(folder: Path) -> None:
    (folder / "policy.toml").unlink()
    result = run("up", "--idle")
    said = "error: cannot read the policy policy.toml: No such file or directory\n"
    assert (result.exit_code, result.output) == (2, said)


NOTHING: Mapping[tuple[str, ...], str] = {
    ("dlq", "list"): "there are no dead letters\n",
    ("dlq", "list", "--json"): "[]\n",
    ("view", "stalled"): "there is nothing in stalled\n",
    ("view", "stalled", "--csv"): "",
    ("reconcile",): "nothing differs\n",
    ("replay", "--plan"): "there is nothing to be done again\n",
}


def test_where_there_is_nothing_that_is_said(folder: Path) -> None:
    for arguments, said in NOTHING.items():
        result = run(*arguments)
        assert (result.exit_code, result.output) == (0, said)
    assert run("status").output.startswith("there are no returns\n\ntargets:\n")


def test_a_policy_that_cannot_be_followed_is_refused_with_its_place(folder: Path) -> None:
    (folder / "policy.toml").write_text("[approvals.automatic_return]\nup_to = { USD = 5.5 }\n", "utf-8")
    result = run("signal", "RMA-1001", str(MINIMAL))
    assert result.exit_code == 2
    assert "/approvals/automatic_return/up_to/USD" in result.output or "not exact" in result.output


def test_what_happens_is_told_to_the_targets_by_whoever_works(folder: Path) -> None:
    run("signal", "RMA-1001", str(MINIMAL))
    assert run("up", "--idle").exit_code == 0
    lines = [json.loads(line) for line in (folder / "events.jsonl").read_text("utf-8").splitlines()]
    assert [(line["type"], line["subject"]) for line in lines] == [("org.openreturns.return.requested", "RMA-1001")]
    assert run("relay", "--once").output == "0 told\n"
    [target] = json.loads(run("status", "--json").output)["targets"]
    assert target == {"target": "log", "waiting": 0, "since": None, "refused": 0}
    assert run("relay", "--once", "--again", "portal").exit_code == 2


def test_an_event_of_an_unknown_return_is_a_dead_letter_until_it_is_given_up(folder: Path) -> None:
    (folder / "event.json").write_text(story("RMA-9")[2].to_json(), "utf-8")
    assert run("signal", "RMA-9", "event.json").exit_code == 0
    assert run("up", "--idle").exit_code == 0
    [letter] = json.loads(run("dlq", "list", "--json").output)
    assert (letter["number"], letter["key"]) == ("RMA-9", "RMA-9-seen")
    assert letter["why"] == "unknown_return no return of that number was asked for; it may still be"
    assert run("dlq", "discard", "RMA-9", "RMA-9-seen", "--reason", "sent back").output == "RMA-9-seen is given up\n"
    assert json.loads(run("dlq", "list", "--json").output) == []


ROUTED = """
[routing.default]
erp = "netsuite"
wms = "warehouse"
tax = "warehouse"

[[routing.rules]]
sites = ["EU"]
route = { erp = "tryton", wms = "warehouse" }
"""
CONNECTED = """
policy = "policy.toml"
reconcile_hours = 0

[systems.warehouse]
adapter = "shipbob"
settings = { channel_id = 433808 }
connection = { token = "t" }
"""


def test_what_the_policy_routes_to_and_nobody_connected_is_told_once_at_the_start_and_by_the_doctor(
    folder: Path,
) -> None:
    (folder / "policy.toml").write_text(POLICY + ROUTED, "utf-8")
    (folder / "process.toml").write_text(CONNECTED, "utf-8")
    missing = [("netsuite", "erp"), ("tryton", "erp"), ("warehouse", "tax")]
    said = [
        f"/systems/{name}: the policy routes to {name} as {role}, which is not connected: what is for it waits"
        for name, role in missing
    ]
    assert run("up", "--idle").stderr.splitlines()[1:] == [f"! {one}" for one in said]
    seen = run("doctor")
    assert (seen.exit_code, seen.output.splitlines()[1:]) == (1, [f"! {one}" for one in said])
    (folder / "policy.toml").write_text(POLICY + '[routing.default]\nwms = "warehouse"\n', "utf-8")
    assert len(run("up", "--idle").stderr.splitlines()) == 1
    assert run("doctor").exit_code == 0


AHEAD = """
[preliminary_refund]
at = "authorized"
up_to = { USD = "200" }

[routing.default]
erp = "books"
"""
BOOKS = """
policy = "policy.toml"
reconcile_hours = 0

[systems.books]
adapter = "netsuite"
settings = { account_id = "1234567_SB1" }
connection = { consumer_key = "k", consumer_secret = "s", token = "t", token_secret = "ts" }
"""


@pytest.mark.parametrize("command", [("up", "--idle"), ("doctor",), ("init",)])
def test_a_policy_that_refunds_ahead_of_goods_is_refused_where_the_erp_is_not_set_to_do_that(
    folder: Path, command: tuple[str, ...]
) -> None:
    (folder / "policy.toml").write_text(POLICY + AHEAD, "utf-8")
    (folder / "process.toml").write_text(BOOKS, "utf-8")
    refused = run(*command)
    assert refused.exit_code != 0
    for said in ("/preliminary_refund/at", "books (adapter netsuite)", "set refund_in_advance"):
        assert said in refused.output
    allowed = BOOKS.replace("account_id =", "refund_in_advance = true, account_id =")
    for config, policy in ((allowed, AHEAD), (BOOKS, AHEAD.replace('"authorized"', '"received"'))):
        (folder / "process.toml").write_text(config, "utf-8")
        (folder / "policy.toml").write_text(POLICY + policy, "utf-8")
        assert run(*command).exit_code == 0


def test_a_worker_says_that_a_policy_that_has_changed_cannot_be_followed_and_why(folder: Path) -> None:
    with working() as worker:
        (folder / "policy.toml").write_text(POLICY.replace("desk", "deck", 1), "utf-8")
        assert worker.stderr is not None
        said = [worker.stderr.readline() for _ in range(2)]
    assert said[0].startswith("! the policy cannot be followed")
    assert "nobody has the role deck" in "".join(said)


def test_the_views_are_listed_and_printed_in_every_form(folder: Path) -> None:
    run("signal", "RMA-1001", str(MINIMAL))
    run("up", "--idle")
    listed = json.loads(run("view", "--json").output)
    for one in listed:
        assert run("view", one["view"]).exit_code == 0
    [row] = json.loads(run("view", "stage_board", "--json").output)
    assert (row["stage"], row["returns"], row["value"]) == ("awaiting_approval", 1, "0.00")
    assert run("view", "stage_board", "--csv").output.splitlines()[1].startswith("awaiting_approval,")
    assert "there is no view nothing; there are: effects" in run("view", "nothing").output


def test_a_replay_without_anything_stuck_plans_and_does_nothing(folder: Path) -> None:
    run("signal", "RMA-1001", str(MINIMAL))
    run("up", "--idle")
    assert json.loads(run("replay", "--plan", "--json").output) == []
    assert run("replay").output == "0 to be done again\n"


def stuck(folder: Path) -> str:
    """A return whose RMA the ERP refused, in the folder's database; return the dead letter's key."""
    world = World()
    world.failing["authorize"] = [RejectedError("the period is closed", kind="business_rule")]
    told(world=world, url=f"sqlite:///{folder}/returns.sqlite").asked_for("RMA-7")
    (folder / "policy.toml").write_text(PROCESS_POLICY, "utf-8")
    [letter] = json.loads(run("dlq", "list", "--json").output)
    assert (letter["number"], letter["step"], letter["is"], letter["held"]) == (
        "RMA-7",
        "authorize",
        "rejected",
        "10.00",
    )
    assert letter["why"] == "business_rule the period is closed"
    return str(letter["key"])


def test_a_dead_letter_is_planned_and_tried_again_by_hand_or_by_a_replay(folder: Path) -> None:
    key = stuck(folder)
    [call] = json.loads(run("replay", "--plan", "--json").output)
    assert (call["key"], call["call"], call["known"]) == (
        key,
        "erp.authorize",
        "rejected business_rule: the period is closed",
    )
    assert run("replay", "RMA-8", "--plan").output == "there is nothing to be done again\n"
    assert run("replay", "--by", "dora").output == "1 to be done again\n"
    assert run("up", "--idle").exit_code == 0  # no ERP is connected here: it is put off, and no letter any more
    assert json.loads(run("dlq", "list", "--json").output) == []
    assert ("dead_letter.retried", "dora") in {
        (one["kind"], one["by"]) for one in json.loads(run("show", "RMA-7", "--json").output)["story"]
    }


def test_a_dead_letter_is_given_up_with_a_reason(folder: Path) -> None:
    key = stuck(folder)
    assert run("dlq", "discard", "RMA-7", key).exit_code == 2
    assert run("dlq", "discard", "RMA-7", key, "--reason", "keyed in by hand", "--by", "dora").exit_code == 0
    run("up", "--idle")
    assert json.loads(run("dlq", "list", "--json").output) == []
    assert run("replay", "--plan").output == "there is nothing to be done again\n"
