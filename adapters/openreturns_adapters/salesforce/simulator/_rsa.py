"""RS256: check the signature of a JSON Web Token with a public key, as RFC 8017 section 8.2.2 has it."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator

from openreturns._json import parse
from openreturns.errors import ContractError

__all__ = ["claims", "public_numbers"]

_SHA256 = bytes.fromhex("3031300d060960864801650304020105000420")  # what the hash is preceded by
_RSA = bytes.fromhex("2a864886f70d010101")  # the object identifier rsaEncryption


def public_numbers(pem: str) -> tuple[int, int]:
    """Return modulus and exponent of an RSA public key (`BEGIN PUBLIC KEY`). Raises ValueError for anything else."""
    found = re.search(r"-----BEGIN PUBLIC KEY-----(.+?)-----END PUBLIC KEY-----", pem, re.DOTALL)
    if found is None:
        raise ValueError("the public key is to be given as PEM, BEGIN PUBLIC KEY")
    [(_, whole)] = _elements(base64.b64decode(found[1]))
    (_, algorithm), (_, bits) = _elements(whole)
    if next(_elements(algorithm))[1] != _RSA:
        raise ValueError("the public key is to be an RSA key")
    [(_, numbers)] = _elements(bits[1:])  # the first byte counts unused bits
    (_, modulus), (_, exponent) = _elements(numbers)
    return int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big")


def _elements(der: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the elements of an ASN.1 sequence: tag and content."""
    place = 0
    while place < len(der):
        tag, length = der[place], der[place + 1]
        place += 2
        if length & 0x80:
            size = length & 0x7F
            length = int.from_bytes(der[place : place + size], "big")
            place += size
        yield tag, der[place : place + length]
        place += length


def claims(token: str, key: tuple[int, int]) -> dict[str, object] | None:
    """Return what a token says, or None if it is no token or nobody with the private key signed it."""
    try:
        header, said, signature = (base64.urlsafe_b64decode(p + "=" * (-len(p) % 4)) for p in token.split("."))
        told, content = parse(header), parse(said)
    except (ValueError, binascii.Error, ContractError):
        return None
    signed = token.rpartition(".")[0].encode("utf-8", "replace")
    if not isinstance(told, dict) or not isinstance(content, dict) or told.get("alg") != "RS256":
        return None
    return content if _signed(signed, signature, *key) else None


def _signed(message: bytes, signature: bytes, modulus: int, exponent: int) -> bool:
    size = (modulus.bit_length() + 7) // 8
    if len(signature) != size or int.from_bytes(signature, "big") >= modulus:
        return False
    found = pow(int.from_bytes(signature, "big"), exponent, modulus).to_bytes(size, "big")
    digest = _SHA256 + hashlib.sha256(message).digest()
    return hmac.compare_digest(found, b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest)
