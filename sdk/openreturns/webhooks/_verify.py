"""Is it from the vendor, unchanged and recent? One verifier for every scheme, over the bytes as they came."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openreturns._json import parse
from openreturns.errors import ContractError, MappingError, Problem, RejectedError
from openreturns.webhooks._schemes import Scheme

__all__ = ["Received", "Verified", "validation_token", "verify"]

# No vendor sends more; each costs a comparison.
_MAX_SIGNATURES = 20


@dataclass(frozen=True, slots=True)
class Received:
    """A request that claims to be a vendor's webhook. `url` is the address that the vendor called, proxies or not."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    method: str = "POST"
    url: str = ""

    def header(self, name: str) -> str:
        """Return the value of a header, whatever the case of its name; nothing, if it is not there."""
        return next((value for each, value in self.headers.items() if each.lower() == name.lower()), "")


@dataclass(frozen=True, slots=True)
class Verified:
    """It is the vendor's. `id` is the same each time this event is delivered; `at` is when it was signed, if told."""

    id: str
    at: datetime | None = None


def verify(scheme: Scheme, received: Received, secrets: Sequence[str], *, now: float | None = None) -> Verified:
    """Return what is known about a webhook that is genuine; several `secrets` are good while one replaces another.

    Raises RejectedError (kind `auth`; the problem's code is `missing_signature`, `wrong_signature`,
    `missing_timestamp` or `stale`), and MappingError (kind `setting`) without a usable secret.
    """
    if not secrets or not all(secrets):
        raise MappingError(f"there is no secret to verify webhooks of {scheme.name} with", kind="setting")
    if scheme.algorithm == "equal":
        _check_equal(scheme, received, secrets)
        return Verified(_id(scheme, received))
    given = _signatures(scheme, received)
    if not given:
        raise _no(scheme, "missing_signature", f"there is no signature in {scheme.header}")
    timestamp = _timestamp(scheme, received)
    at = _moment(scheme, timestamp)
    expected = [_signature(scheme, received, timestamp, secret) for secret in secrets]
    # All are compared, so that the time it takes tells nothing about which one came close.
    if not sum(hmac.compare_digest(mine, theirs) for mine in expected for theirs in given):
        raise _no(scheme, "wrong_signature", f"the signature in {scheme.header} is not that of these bytes")
    if at is not None and abs((time.time() if now is None else now) - at.timestamp()) > scheme.tolerance:
        raise _no(scheme, "stale", f"it was signed more than {scheme.tolerance:g} seconds from now")
    return Verified(_id(scheme, received), at)


def validation_token(url: str) -> str | None:
    """Return what Business Central wants to be echoed, as text/plain with status 200, when it asks for a handshake."""
    return next(iter(parse_qs(urlsplit(url).query).get("validationToken", [])), None)


def _no(scheme: Scheme, code: str, why: str) -> RejectedError:
    return RejectedError(f"not a webhook of {scheme.name}: {why}", kind="auth", problems=[Problem(code, why)])


def _entries(scheme: Scheme, received: Received) -> list[str]:
    text = received.header(scheme.header).strip()
    entries = text.split(scheme.separator) if scheme.separator else [text]
    return [entry.strip() for entry in entries[:_MAX_SIGNATURES]]


def _signatures(scheme: Scheme, received: Received) -> list[bytes]:
    found = (e.removeprefix(scheme.prefix) for e in _entries(scheme, received) if e.startswith(scheme.prefix))
    return [signature.encode("utf-8", "replace") for signature in found if signature]


def _timestamp(scheme: Scheme, received: Received) -> str:
    if scheme.timestamp_prefix:
        marked = (e for e in _entries(scheme, received) if e.startswith(scheme.timestamp_prefix))
        return next(marked, "").removeprefix(scheme.timestamp_prefix)
    return received.header(scheme.timestamp) if scheme.timestamp else ""


def _moment(scheme: Scheme, text: str) -> datetime | None:
    if not scheme.timestamp:
        return None
    try:
        if scheme.unit == "iso":
            moment = datetime.fromisoformat(text)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if re.fullmatch(r"[0-9]{1,16}", text):
            return datetime.fromtimestamp(int(text) / (1000 if scheme.unit == "milliseconds" else 1), UTC)
    except (ValueError, OverflowError, OSError):
        pass
    raise _no(scheme, "missing_timestamp", f"there is no time in {scheme.timestamp}")


def _signature(scheme: Scheme, received: Received, timestamp: str, secret: str) -> bytes:
    parts: dict[str, bytes] = {
        "method": _bytes(received.method),
        "url": _bytes(received.url),
        "id": _bytes(received.header(scheme.id)) if scheme.id else b"",
        "timestamp": timestamp.encode(),
        "body": received.body,
        "secret": secret.encode(),
    }
    pieces = re.split(r"\{(\w+)\}", scheme.signed)
    signed = b"".join(parts[piece] if place % 2 else piece.encode() for place, piece in enumerate(pieces))
    if scheme.algorithm == "sha256":
        digest = hashlib.sha256(signed).digest()
    else:
        digest = hmac.digest(_key(scheme, secret), signed, "sha256")
    return digest.hex().encode() if scheme.encoding == "hex" else b64encode(digest)


def _bytes(text: str) -> bytes:
    """Return what is signed of a text, also where a server kept in it what is no UTF-8: no signature fits that."""
    return text.encode("utf-8", "surrogatepass")


def _key(scheme: Scheme, secret: str) -> bytes:
    if scheme.key == "decomposed":
        return unicodedata.normalize("NFKD", secret).encode()
    if scheme.key == "text":
        return secret.encode()
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if not key:
        raise MappingError(f"the secret for webhooks of {scheme.name} is not base64 after whsec_", kind="setting")
    return key


def _check_equal(scheme: Scheme, received: Received, secrets: Sequence[str]) -> None:
    given = _members(received.body, scheme.member) if scheme.member else [received.header(scheme.header)]
    where = ".".join(scheme.member) or scheme.header
    if not given or not all(isinstance(each, str) and each for each in given):
        raise _no(scheme, "missing_signature", f"there is no secret in {where}")
    known = [secret.encode() for secret in secrets]
    matches = [sum(hmac.compare_digest(each.encode("utf-8", "replace"), one) for one in known) for each in given]
    if not all(matches):
        raise _no(scheme, "wrong_signature", f"the secret in {where} is not ours")


def _members(body: bytes, path: Sequence[str]) -> list[Any]:
    """Return what is at a path of the body, `*` being each element of a list; None where there is nothing."""
    try:
        found = [parse(body)]
    except ContractError:
        return []
    for name in path:
        if name == "*":
            found = [element for each in found if isinstance(each, list) for element in each]
        else:
            found = [each.get(name) if isinstance(each, dict) else None for each in found]
    return found


def _id(scheme: Scheme, received: Received) -> str:
    """Return the vendor's id of the event, or what these bytes are: the same bytes say the same thing."""
    told = received.header(scheme.id) if scheme.id else ""
    if not told and scheme.id_member:
        told = next((str(one) for one in _members(received.body, scheme.id_member) if isinstance(one, str | int)), "")
    return told or f"sha256:{hashlib.sha256(received.body).hexdigest()}"
