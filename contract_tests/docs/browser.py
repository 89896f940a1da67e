"""Chromium without a window, driven over a pipe: what a page asks for, complains of, and looks like."""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Any

__all__ = ["CHROMIUM", "Browser", "opened"]

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)

_COMPLAINTS = {"Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled"}


class Browser:
    """One page at a time; `requests` and `complaints` are those since it was last opened."""

    def __init__(self, to: IO[bytes], back: IO[bytes]) -> None:
        self._to, self._back = to, back
        self._numbers = count(1)
        self._session = ""
        self.requests: list[str] = []
        self.complaints: list[dict[str, Any]] = []
        self._loaded = False
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")

    def open(self, address: str, *, width: int, height: int, scheme: str, mobile: bool = False) -> None:
        """Open a page at a size and in a colour scheme, and wait until it has loaded."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)
        self._call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.requests, self.complaints, self._loaded = [], [], False
        self._call("Page.navigate", url=address)
        while not self._loaded:
            self._note(self._message())

    def ask(self, script: str) -> Any:
        """Return what a script in the page says; a promise is waited for."""
        answer = self._call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def picture(self, path: Path) -> None:
        """Write what is seen as a PNG."""
        path.write_bytes(base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"]))

    def _call(self, method: str, **params: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._to.write(json.dumps(message).encode() + b"\0")
        self._to.flush()
        while True:
            told = self._message()
            if told.get("id") == number:
                assert "error" not in told, told
                return told["result"]
            self._note(told)

    def _message(self) -> Any:
        read = bytearray()
        while (one := self._back.read(1)) != b"\0":
            assert one, "the browser has gone"
            read += one
        return json.loads(read)

    def _note(self, told: dict[str, Any]) -> None:
        method, params = told.get("method", ""), told.get("params", {})
        if method == "Page.loadEventFired":
            self._loaded = True
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method in _COMPLAINTS:
            self.complaints.append(params)


@contextmanager
def opened(profile: Path) -> Iterator[Browser]:
    """Start a browser with a profile of its own, and end it afterwards."""
    assert CHROMIUM, "no Chromium is installed"
    there, to = os.pipe()
    back, here = os.pipe()
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-pipe"]
    # The browser reads its orders from 3 and writes its answers to 4; neither end may stand there already.
    orders_from, answers_to = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in (there, here))
    pid = os.posix_spawn(
        CHROMIUM,
        [CHROMIUM, *options, f"--user-data-dir={profile}"],
        os.environ,
        file_actions=[
            (os.POSIX_SPAWN_DUP2, orders_from, 3),
            (os.POSIX_SPAWN_DUP2, answers_to, 4),
            *((os.POSIX_SPAWN_OPEN, one, os.devnull, os.O_WRONLY, 0) for one in (1, 2)),
        ],
    )
    for end in (there, here, orders_from, answers_to):
        os.close(end)
    with os.fdopen(to, "wb") as orders, os.fdopen(back, "rb") as answers:
        try:
            yield Browser(orders, answers)
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
