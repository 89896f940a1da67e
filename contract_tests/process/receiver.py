"""A receiver of webhooks on this machine, as a customer's would be: verifies, takes each event once, answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from openreturns.notices import CloudEvent
from openreturns.webhooks import SCHEMES, Event, Inbox, Received, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@dataclass
class Receiver:
    """What came in: every delivery, and the events that were news. `answers` is what it answers before 200s."""

    url: str = ""
    delivered: list[CloudEvent] = field(default_factory=list)
    news: list[CloudEvent] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    refuses: str = ""
    """A return of which it takes no event."""
    inbox: Inbox = field(default_factory=Inbox)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, received: Received) -> int:
        with self.lock:
            if self.answers:
                return self.answers.pop(0)
            known = verify(SCHEMES["standard"], received, [SECRET])
            event = CloudEvent.model_validate_json(received.body)
            if event.subject == self.refuses:
                return 422
            self.delivered.append(event)
            if self.inbox.receive(Event(event.source, known.id, event.subject, len(self.delivered))):
                self.news.append(event)
            return 200


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            self.send_response(receiver.take(Received(body, dict(self.headers))))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hooks"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
