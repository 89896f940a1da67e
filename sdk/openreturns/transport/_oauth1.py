"""OAuth 1.0a as NetSuite's token-based authentication has it: HMAC-SHA256, in the header, the realm not signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from openreturns.transport._auth import Fetch
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._quiet import quiet
from openreturns.transport._skew import Skew
from openreturns.transport._time import SYSTEM, Time

__all__ = ["OAuth1"]


@dataclass(frozen=True)
class OAuth1:
    """A consumer's and a token's keys and secrets. `realm` is NetSuite's account id, `1234567_SB1`."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    token: str = field(repr=False)
    token_secret: str = field(repr=False)
    realm: str = ""
    time: Time = field(default=SYSTEM, repr=False)
    _skew: Skew = field(default_factory=Skew, repr=False)

    def headers(self, request: Outgoing, fetch: Fetch) -> Mapping[str, str]:
        """Return the signature over method, address and query."""
        client = Client(
            self.consumer_key,
            client_secret=self.consumer_secret,
            resource_owner_key=self.token,
            resource_owner_secret=self.token_secret,
            signature_method=SIGNATURE_HMAC_SHA256,
            realm=self.realm or None,
            timestamp=str(int(self.time.wall() + self._skew.seconds)),
        )
        # Only a form is part of the signature; a JSON body is not given, so that no hash of it is added.
        form = request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded")
        sent = {"Content-Type": request.headers["Content-Type"]} if form else {}
        body = request.content.decode() if form else None
        with quiet():
            _, headers, _ = client.sign(request.url, request.method, body, sent)  # type: ignore[arg-type] # any method
        return {"Authorization": str(headers["Authorization"])}

    def refused(self, headers: Mapping[str, str], answer: Answer) -> bool:
        """Set our clock by the other system's; return whether that changes the signature's time."""
        return self._skew.learn(answer.date, self.time.wall())
