"""Something between a client and the server that ends the server at a chosen write: before it, while it, after it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import httpx
from openreturns._json import parse

__all__ = ["Between", "Moment"]

Moment = Literal["before", "during", "after"]
_READS = ("read", "search", "search_read", "get_preferences", "login", "fields_get")


class Between:
    """Passes calls on. `crash` is called at the write of that number (from 1), and takes as long as the server needs.

    The one whose call it was hears nothing more.
    """

    def __init__(self, target: str) -> None:
        self.writes: list[str] = []
        self._target = target
        self._at: tuple[int, Moment] | None = None
        self._crash: Callable[[], None] = lambda: None
        self._http = httpx.Client(timeout=60.0)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._http.close()

    def crash_at(self, number: int, moment: Moment, crash: Callable[[], None]) -> None:
        self.writes.clear()
        self._at, self._crash = (number, moment), crash

    def _passed(self, handler: BaseHTTPRequestHandler, body: bytes) -> httpx.Response | None:
        method = _method(body) if handler.command == "POST" else ""
        writes = bool(method) and method.rpartition(".")[2] not in _READS
        if writes:
            self.writes.append(method)
        at = self._at
        strikes = writes and at is not None and len(self.writes) == at[0]
        if not strikes or at is None:
            return self._sent(handler, body)
        self._at = None
        if at[1] == "after":
            self._sent(handler, body)
        if at[1] == "during":
            threading.Thread(target=self._lost, args=(handler, body), daemon=True).start()
        self._crash()
        return None

    def _lost(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        try:
            self._sent(handler, body)
        except httpx.HTTPError:
            return

    def _sent(self, handler: BaseHTTPRequestHandler, body: bytes) -> httpx.Response:
        kept = {"authorization", "content-type", "accept", "accept-encoding"}
        headers = {name: value for name, value in handler.headers.items() if name.lower() in kept}
        request = self._http.build_request(handler.command, self._target + handler.path, headers=headers, content=body)
        answer = self._http.send(request, stream=True)
        answer.extensions["raw"] = b"".join(answer.iter_raw())
        answer.close()
        return answer

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                answer = outer._passed(self, body)
                self.close_connection = True
                if answer is None:
                    self.connection.close()
                    return
                content: bytes = answer.extensions["raw"]
                self.send_response(answer.status_code)
                for name in ("content-type", "content-encoding", "content-range", "etag", "location", "retry-after"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.send_header("Connection", "close")
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815 - the library's names

            def log_message(self, format: str, *args: Any) -> None:
                pass

        return Handler


def _method(body: bytes) -> str:
    found = parse(body)
    return str(found.get("method", "")) if isinstance(found, dict) else ""
