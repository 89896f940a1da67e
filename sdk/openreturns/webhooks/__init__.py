"""Vendors that call us: is it really them (`verify`), is it news (`Inbox`), and what if they do not call (`poll`).

And what we call others with: `signed`.
"""

from openreturns.webhooks._changes import Feed
from openreturns.webhooks._feed import Polled, poll
from openreturns.webhooks._inbox import Inbox, Worked, revision_of
from openreturns.webhooks._schemes import SCHEMES, Scheme
from openreturns.webhooks._sign import signed
from openreturns.webhooks._stores import Event, FileStore, MemoryStore, Store
from openreturns.webhooks._verify import Received, Verified, validation_token, verify

__all__ = [
    "SCHEMES",
    "Event",
    "Feed",
    "FileStore",
    "Inbox",
    "MemoryStore",
    "Polled",
    "Received",
    "Scheme",
    "Store",
    "Verified",
    "Worked",
    "poll",
    "revision_of",
    "signed",
    "validation_token",
    "verify",
]
