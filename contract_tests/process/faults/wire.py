"""A vendor's answer that is lost on its way: over HTTP, through the transport that adapters use."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Literal

from openreturns.transport import Client, Retry, Timeouts

__all__ = ["LOST", "Lost", "losing"]

Lost = Literal["timeout", "error", "reset"]
LOST: tuple[Lost, ...] = ("timeout", "error", "reset")
_PATIENCE = 0.3


def losing(how: Lost, effect: Callable[[], bool]) -> bool:
    """Have a vendor do a thing whose answer is lost the first time; raise what the transport makes of that."""
    repeated: list[bool] = []

    class Vendor(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            repeated.append(effect())
            if repeated[-1]:
                self._answer(200)
            elif how == "timeout":
                time.sleep(2 * _PATIENCE)
            elif how == "error":
                self._answer(500)
            else:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Vendor) as server:
        server.handle_error = lambda *_: None  # type: ignore[method-assign] # a reset is what was asked for
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            address = f"http://127.0.0.1:{server.server_port}"
            once = Retry(attempts=1)
            with Client(address, vendor="lossy", retry=once, timeouts=Timeouts(read=_PATIENCE)) as client:
                client.request("do", "POST", "/", json={}, idempotency="lookup", key="k")
        finally:
            server.shutdown()
    return repeated[-1]
