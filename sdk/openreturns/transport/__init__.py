"""Calling a vendor over HTTP: credentials, budgets, retries, deadlines, and the truth about what was done.

Needs the extra `openreturns[clients]`. Everything here is synchronous, on purpose: the HTTP client is safe to
share between threads, the durable process runs its steps in threads, and there is one path through the code
to prove instead of two. From async code call `await asyncio.to_thread(client.request, ..)`.
"""

import logging
from importlib.util import find_spec

if find_spec("httpx") is None:
    raise ModuleNotFoundError("calling vendors needs the extra: pip install 'openreturns[clients]'", name="httpx")

from openreturns.transport._auth import ApiKey, Auth, Basic, Bearer, Fetch
from openreturns.transport._client import Client, Retry, Timeouts
from openreturns.transport._limits import Budget, Rate
from openreturns.transport._message import Answer, Outgoing
from openreturns.transport._oauth1 import OAuth1
from openreturns.transport._oauth2 import ClientAssertion, ClientCredentials, JwtBearer
from openreturns.transport._rules import Idempotency, Throttled
from openreturns.transport._time import SYSTEM, Time
from openreturns.transport._tokens import Token, TokenCache

__all__ = [
    "SYSTEM",
    "Answer",
    "ApiKey",
    "Auth",
    "Basic",
    "Bearer",
    "Budget",
    "Client",
    "ClientAssertion",
    "ClientCredentials",
    "Fetch",
    "Idempotency",
    "JwtBearer",
    "OAuth1",
    "Outgoing",
    "Rate",
    "Retry",
    "Throttled",
    "Time",
    "Timeouts",
    "Token",
    "TokenCache",
]

# A library says nothing on standard error of its own accord: whoever wants the lines sets logging up.
logging.getLogger("openreturns").addHandler(logging.NullHandler())
