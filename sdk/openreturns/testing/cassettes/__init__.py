"""Cassettes: real exchanges with a vendor, recorded once, without secrets or personal data, and replayed in tests.

Needs the extra `openreturns[testing]`. See docs/testing.md.
"""

from openreturns.testing.cassettes._exchange import Cassette, CassetteError, Exchange, read, write
from openreturns.testing.cassettes._records import records_of
from openreturns.testing.cassettes._redact import REDACTED, Redaction, redaction_of
from openreturns.testing.cassettes._tape import Player, Recorder, recording, replaying

__all__ = [
    "REDACTED",
    "Cassette",
    "CassetteError",
    "Exchange",
    "Player",
    "Recorder",
    "Redaction",
    "read",
    "recording",
    "records_of",
    "redaction_of",
    "replaying",
    "write",
]
