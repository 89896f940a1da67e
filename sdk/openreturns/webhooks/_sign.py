"""Signing what we send, so that whoever receives it can verify it: by Standard Webhooks 1.0."""

from __future__ import annotations

from collections.abc import Sequence

from openreturns.errors import MappingError
from openreturns.webhooks._schemes import SCHEMES
from openreturns.webhooks._verify import Received, _signature

__all__ = ["signed"]


def signed(id_: str, body: bytes, secrets: Sequence[str], *, now: float) -> dict[str, str]:
    """Return the headers of a webhook: its id, the moment, and a signature by each of the secrets (`whsec_..`).

    The id is the same each time the event is sent; `now` is of this time, in seconds since 1970. Several secrets are
    in use while one replaces another. Raises MappingError (kind `setting`) without a usable secret.
    """
    if not secrets:
        raise MappingError("there is no secret to sign webhooks with", kind="setting")
    scheme = SCHEMES["standard"]
    timestamp = str(int(now))
    unsigned = {scheme.id: id_, scheme.timestamp: timestamp}
    received = Received(body, unsigned)
    signatures = [scheme.prefix + _signature(scheme, received, timestamp, secret).decode() for secret in secrets]
    return {**unsigned, scheme.header: scheme.separator.join(signatures)}
