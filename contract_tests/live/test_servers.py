"""The servers themselves: each test has fresh data, and nothing is left running."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from live.rpc import Refused
from live.servers import ADMIN, Roundup, Tryton

HERE = Path(__file__).parent


def test_a_copy_has_the_base_data_and_nothing_else(tryton: Tryton, database: str) -> None:
    rpc = tryton.user(database, "integration")
    assert rpc.find("sale.sale", []) == []
    assert rpc.context["company"] == tryton.ids["company"]
    assert rpc.context["employee"]
    [pump] = rpc.call("product.product", "read", [tryton.ids["pump"]], ["quantity"], locations=[tryton.ids["storage"]])
    assert pump["quantity"] == 4020.0


def test_what_one_test_changes_no_other_sees(tryton: Tryton) -> None:
    for name in ("first", "second"):
        rpc = tryton.user(tryton.database(name), ADMIN[0])
        assert not rpc.find("party.party", [["name", "=", "Only here"]])
        rpc.one("party.party", {"name": "Only here"})
        tryton.drop(name)


def test_another_company_sees_nothing_of_ours(tryton: Tryton, database: str) -> None:
    ours, theirs = (tryton.user(database, name) for name in ("integration", "elsewhere"))
    [account] = ours.call("account.account", "search", [], 0, 1, None)
    with pytest.raises(Refused):
        theirs.read("account.account", account, "name")


def test_the_tracker_answers_whoever_has_the_password(tracker: Roundup) -> None:
    answer = httpx.get(f"{tracker.url}/rest/data/status", auth=ADMIN)
    assert [one["id"] for one in answer.json()["data"]["collection"]] == [str(n) for n in range(1, 9)]
    assert httpx.get(f"{tracker.url}/rest/data/status", auth=("admin", "wrong")).status_code == 401


def test_a_server_ends_with_whoever_started_it() -> None:
    """Not even a killed test run leaves a server behind."""
    starter = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys, time\n"
            "guard = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)\n"
            "print(guard.stdout.readline(), flush=True)\n"
            "time.sleep(600)\n",
            *(sys.executable, str(HERE / "guard.py"), sys.executable, "-c", "import time; time.sleep(600)"),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert starter.stdout
    server = int(starter.stdout.readline())
    starter.kill()
    starter.wait()
    starter.stdout.close()
    while True:  # the test runner's own limit ends a wait in vain
        try:
            os.kill(server, 0)
        except ProcessLookupError:
            break
        time.sleep(0.01)
