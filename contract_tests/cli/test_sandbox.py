"""The sandbox as its user meets it: started, called, told to stop."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import Any

import httpx
import pytest
from cli.running import PROGRAM, run
from openreturns import adapter, adapter_names
from openreturns.sandbox import WallClock

SERVED = [name for name in adapter_names() if "simulator" in adapter(name).manifest]

MANIFEST = 'name = "{0}"\ntitle = "The {0} one"\nroles = ["wms"]\nvendor = "Nobody"\napi_version = "1"\n'
STRANGER = {
    "stranger/__init__.py": """
from pathlib import Path
from openreturns import Adapter
NAMED = Adapter(Path(__file__).parent, ())
""",
    "stranger/manifest.toml": MANIFEST.format("stranger") + 'simulator = "stranger.vendor:made"\n',
    "stranger/tables.toml": "",
    "stranger/vendor.py": """
from openreturns.sandbox import Answer, Operation, Reply, Simulator, Vendor
def made():
    said = Operation("GET", "/ping", lambda call: Reply(200, {"ok": True}), "Ping.", {200: Answer("Yes.")})
    return Simulator(Vendor(
        "stranger", "Stranger", "1", "/v1", [said], {}, {}, lambda *_: None, lambda status, why: Reply(status, why),
        dict, {},
    ))
""",
    "quiet/__init__.py": """
from pathlib import Path
from openreturns import Adapter
NAMED = Adapter(Path(__file__).parent, ())
""",
    "quiet/manifest.toml": MANIFEST.format("quiet"),
    "quiet/tables.toml": "",
    "stranger-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: stranger\nVersion: 1\n",
    "stranger-1.dist-info/entry_points.txt": (
        "[openreturns.adapters]\nstranger = stranger:NAMED\nquiet = quiet:NAMED\n"
    ),
}


def installed(folder: Path) -> dict[str, str]:
    """Put a stranger's adapters into a folder; return the environment in which they are installed."""
    for name, text in STRANGER.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")
    return {**os.environ, "PYTHONPATH": str(folder)}


@contextmanager
def sandbox(*arguments: str, env: Mapping[str, str] | None = None) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a process of its own, which is gone at the end of the block."""
    command = [*PROGRAM, "sandbox", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    line: dict[str, Any] = json.loads(process.stdout.readline())
    return line


def ended(process: subprocess.Popen[str], by: signal.Signals) -> tuple[int, str, str]:
    process.send_signal(by)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


@contextmanager
def hooked() -> Iterator[tuple[str, Queue[dict[str, str]]]]:
    """Serve an endpoint for webhooks; yield its address and the headers of what comes."""
    came: Queue[dict[str, str]] = Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()
            came.put({name.lower(): value for name, value in self.headers.items()})

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook", came
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_all_vendors_are_served_until_somebody_has_had_enough(by: signal.Signals) -> None:
    with sandbox("--json") as process:
        for name in SERVED:
            line = told(process)
            assert line["adapter"] == name
            description = httpx.get(line["openapi"]).json()
            assert description["openapi"].startswith("3.1")
            assert description["servers"] == [{"url": line["address"]}]
        assert ended(process, by) == (0, "", "")


def test_what_is_printed_lets_a_client_in_and_its_webhooks_come() -> None:
    with sandbox("shipbob", "--json") as process, hooked() as (url, came):
        line = told(process)
        headers = {
            "Authorization": f"Bearer {line['credentials']['token']}",
            "shipbob_channel_id": str(line["credentials"]["channel_id"]),
        }
        with httpx.Client(base_url=line["address"], headers=headers) as client:
            assert client.get("/fulfillment-center").json()[0]["name"] == "Cicero"
            client.post("/webhook", json={"topics": ["return.created"], "url": url}).raise_for_status()
            announced = {
                "reference_id": "RMA-2026-0001",
                "fulfillment_center": {"id": 22},
                "inventory": [{"id": 9557855, "quantity": 1, "requested_action": "Restock"}],
            }
            client.post("/return", json=announced).raise_for_status()
        assert came.get(timeout=60)["x-webhook-topic"] == "return.created"
        assert ended(process, signal.SIGINT) == (0, "", "")


def test_a_person_reads_one_line_a_vendor() -> None:
    with sandbox("shipbob", "--empty") as process:
        assert process.stdout
        name, address, token, channel, openapi = process.stdout.readline().split()
        assert (name, token, channel) == ("shipbob", "token=sandbox-token", "channel_id=433808")
        assert openapi == address.replace("/2026-01", "/openapi.json")
        answer = httpx.get(f"{address}/fulfillment-center", headers={"Authorization": "Bearer sandbox-token"})
        assert answer.json() == []
        assert ended(process, signal.SIGINT) == (0, "", "")


def test_a_strangers_vendor_is_served_as_well(tmp_path: Path) -> None:
    with sandbox("stranger", "--json", env=installed(tmp_path)) as process:
        line = told(process)
        assert line["credentials"] == {}
        assert httpx.get(f"{line['address']}/ping").json() == {"ok": True}
        assert ended(process, signal.SIGINT) == (0, "", "")


def test_an_adapter_without_a_simulator_is_passed_over_and_refused_by_name(tmp_path: Path) -> None:
    env = installed(tmp_path)
    ran = subprocess.run([*PROGRAM, "sandbox", "quiet"], env=env, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "quiet: no simulator is declared" in ran.stderr
    with sandbox("--json", env=env) as process:
        assert [told(process)["adapter"] for _ in (*SERVED, "stranger")] == sorted([*SERVED, "stranger"])
        assert ended(process, signal.SIGTERM) == (0, "", "")


def test_the_clock_of_the_sandbox_is_of_today_and_goes_forward_only() -> None:
    clock = WallClock()
    before = clock.now()
    clock.move(timedelta(days=1))
    moved, later = clock.now(), clock.now()
    assert before + timedelta(days=1) <= moved < later
    assert abs(before - datetime.now(UTC)) < timedelta(days=1)


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        code, out, err = run("sandbox", "shipbob", "--port", port)
    assert (code, out) == (2, "")
    assert f"cannot listen on port {port}" in err


def test_an_adapter_nobody_has_installed_is_named() -> None:
    code, out, err = run("sandbox", "nobody")
    assert (code, out) == (2, "")
    assert "no adapter 'nobody' is installed" in err


def test_without_the_extra_it_says_what_to_install() -> None:
    code = "import sys; sys.modules['uvicorn'] = None; from openreturns.cli import main; main(['sandbox'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "pip install 'openreturns[sandbox]'" in ran.stderr
    assert "Traceback" not in ran.stderr
