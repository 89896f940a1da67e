"""What must turn up nowhere: the secrets that tests log in with, and every personal value that a fixture holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from openreturns import adapter
from openreturns._schemas import DOCUMENTS
from openreturns.adapters import adapter_names
from openreturns.validation import document_validator

ROOT = Path(__file__).parents[2]
FIXTURES = ("contract_tests", "docs/demo", "schemas/1.1.0/examples")

# No test logs in with anything else; what simulators and vendors issue is made of these or begins like them.
SECRETS = (
    "S3CRET-marker",
    "sandbox-token",
    "sandbox-license-key",
    "sandbox-consumer-secret",
    "sandbox-secret",
    "sandbox-refresh",
    "-----BEGIN",
    "eyJhbGciOi",  # how a JWT begins
)
_HEADERS = re.compile(r"(?i)\b(bearer|basic) [\w+/=.!~-]{12,}|oauth_signature=|whsec_[\w+/=]{12,}")


def secrets_in(text: str) -> list[str]:
    """Return the secrets that a text gives away."""
    return [*(one for one in SECRETS if one in text), *(found[0] for found in _HEADERS.finditer(text))]


def persons_in(text: str) -> list[str]:
    """Return the personal values of fixtures that a text gives away.

    A value of digits only proves nothing inside a longer number: tests draw any.
    """
    return [
        one for one in personal() if one in text and (not one.isdigit() or re.search(rf"(?<![\d.]){one}(?!\d)", text))
    ]


@cache
def personal() -> frozenset[str]:
    """Return what fixtures hold in fields that a schema marks as personal, as far as it can be told from other words.

    A value that our own sources use as a word of theirs, or that is a single plain word, proves nothing.
    """
    marked, found = _marked(), set[str]()
    for folder in FIXTURES:
        for path in (ROOT / folder).rglob("*.json"):
            try:
                found.update(_values(json.loads(path.read_text("utf-8")), "", marked))
            except ValueError:  # some are broken on purpose
                continue
    ours = "\n".join(path.read_text("utf-8") for part in ("sdk", "adapters") for path in (ROOT / part).rglob("*.py"))
    return frozenset(one for one in found if _tells(one) and one not in ours)


def _tells(text: str) -> bool:
    if text.startswith("RMA-"):
        return False
    return (len(text) >= 5 and not text.isascii()) or (len(text) >= 8 and bool(re.search(r"[ @/\d]", text)))


def _marked() -> set[tuple[str, str]]:
    """Return the names of personal fields, each with that of the object it stands in."""
    contracts = [document_validator(name) for name in DOCUMENTS]
    for name in adapter_names():
        ours = adapter(name)
        contracts += [ours.contract(mapping.native) for mapping in ours.mappings]
    paths = {path for one in contracts for path, field in one.fields.items() if field.personal and field.leaf}
    return {_last_two(path) for path in paths}


def _last_two(path: str) -> tuple[str, str]:
    *before, last = path.replace("[]", "").split(".")
    return (before[-1] if before else "", last)


def _values(value: Any, name: str, marked: Iterable[tuple[str, str]]) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _values(one, name, marked)
    elif isinstance(value, dict):
        for key, one in value.items():
            # A field of the record itself stands in whatever the fixture calls the record.
            if isinstance(one, str) and ((name, key) in marked or ("", key) in marked):
                yield one
            yield from _values(one, key, marked)
