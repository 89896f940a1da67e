"""A certificate that nobody vouches for ends the conversation before anything was said."""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from openreturns.errors import MappingError
from openreturns.sandbox import serving
from openreturns.transport import SYSTEM, Bearer
from transport.made import client
from transport.toys import Toy


def certify(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own for 127.0.0.1, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a vendor")]), datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(Encoding.PEM))
    files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return certify(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def toy() -> Toy:
    return Toy(notes={"n": 1})


@pytest.fixture(scope="module")
def base(certificate: tuple[Path, Path], toy: Toy) -> Iterator[str]:
    with serving([toy.simulator()], certificate=certificate) as addresses:
        yield addresses["toy"]


def test_a_certificate_that_is_vouched_for(base: str, certificate: tuple[Path, Path]) -> None:
    for trust in (certificate[0], str(certificate[0]), ssl.create_default_context(cafile=certificate[0])):
        with client(base, trust=trust, time=SYSTEM) as ours:
            assert ours.request("read", "GET", "/notes/n").json == {"id": "n"}


def test_a_certificate_that_nobody_vouches_for(base: str, toy: Toy) -> None:
    before = len(toy.heard)
    with (
        client(base, auth=Bearer("t"), time=SYSTEM) as ours,
        pytest.raises(MappingError, match="not trusted") as caught,
    ):
        ours.request("write", "POST", "/notes/n", json={})
    assert caught.value.kind == "setting"
    assert len(toy.heard) == before


def test_a_certificate_for_another_host(base: str, certificate: tuple[Path, Path]) -> None:
    other = base.replace("127.0.0.1", "localhost")
    with client(other, trust=certificate[0], time=SYSTEM) as ours, pytest.raises(MappingError, match="not trusted"):
        ours.request("read", "GET", "/notes/n")
