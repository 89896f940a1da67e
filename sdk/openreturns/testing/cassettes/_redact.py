"""What never gets into a file: secrets are replaced, personal data keeps its shape and nothing else."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openreturns.adapters import Adapter

__all__ = ["REDACTED", "Redaction", "masked", "redaction_of"]

REDACTED = "<redacted>"

# Names that hold secrets, in JSON, forms and queries; pages are turned with tokens that are none.
_SECRET = re.compile(
    r"token(_?value)?s?$|secret|passw|pwd$|assertion$|(api|access|licen[cs]e|private|subscription)_?key$"
    r"|authori[sz]ation|credential|cookie|signature$"
    r"|^(sid|sig|jwt|otp|pin)$|session(_?id)?$",
    re.IGNORECASE,
)
_NO_SECRET = re.compile(r"page|next|continuation|cursor|sync|idempotency", re.IGNORECASE)
# Names below which all is secret, and how a record says a name and its value as two members.
_ALL_SECRET = re.compile(r"secret|passw|credential", re.IGNORECASE)
_NAMES = ("name", "key", "attribute_code")
# Names that hold a person's data wherever they stand; what an adapter's contracts mark comes on top.
_PERSONAL = re.compile(
    r"e_?mail|phone|^mobile$|^fax$|(first|last|full|given|family|customer|contact|user)_?name$|^attention$"
    r"|addr(ess)?_?(line)?_?[0-9]?$|^(street|line)_?[0-9]?$|postal_?code|^zip(_?code)?$|^city$|^town$"
    r"|birth|^iban$|tax_?id$|^login$",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@<>\"',;:()\[\]]+@[^\s@<>\"',;:()\[\]]+\.[^\s@<>\"',;:()\[\]]+")
_PHONE = re.compile(r"\+[0-9][0-9 ()./-]{6,}[0-9]")
# How a text says a name and then its value: a query or a cookie, JSON, an element, a part of a form.
_SAID = (
    re.compile(r"([\w.-]{2,60})=([^&\s\"'<>;,\\]+)"),
    re.compile(r"([\w.-]{2,60})\\*[\"']\s*[:=]\s*\\*[\"']([^\"'\\<>]+)"),
    re.compile(r"<(?:[\w.-]+:)?([\w.-]{2,60})(?:\s[^<>]*)?>([^<>]+)"),
    re.compile(r"\bname=\"?([\w.-]{2,60})\"?[^\r\n]*\r?\n(?:[^\r\n]+\r?\n)*\r?\n([^\r\n<]+)"),
)
# What is secret by its form: the password in an address, a bearer's token, a JSON web token.
_SECRET_FORMS = (
    re.compile(r"(?<=://)[^/\s:@]*:([^/\s@<>]+)(?=@)"),
    re.compile(r"\bBearer ([\w.~+/-]{8,}=*)"),
    re.compile(r"\b(eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{8,})"),
)
_IN_XML = "&lt;redacted&gt;"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Only these headers say something about an exchange that a test may need; all others stay out.
_HEADERS = re.compile(
    r"^(content-type|content-range|accept-ranges|etag|if-match|if-none-match|last-modified|link|location|prefer"
    r"|range|retry-after|idempotency-key|(x-)?rate-?limit-[a-z-]+|x-http-method-override)$",
    re.IGNORECASE,
)
# What is shorter, and numbers of few digits, occur anywhere by chance.
_SHORTEST, _FEW_DIGITS = 4, re.compile(r"[0-9]{1,4}")
# Numbers up to this are ids of records, and no telephone numbers.
_HIGHEST_ID = 10**6
# What a credential header is made of: quoted and assigned values, and what is packed into base64.
_LONG = 6
_PARTS = re.compile(r"[^\s=;,\"]{6,}={0,2}")


def masked(text: str) -> str:
    """Return a text of the same shape that says nothing: `Anna-9` is `Xxxx-0`, a day the first of January 2000."""
    if _DAY.fullmatch(text):
        return "2000-01-01"
    return "".join(_hidden(letter) for letter in text)


def _hidden(letter: str) -> str:
    if letter.isdigit():
        return "0"
    if letter.isalpha():
        return "X" if letter.isupper() else "x"
    return letter


@dataclass
class Redaction:
    """What to take out, and what has been: the same value is taken out wherever else it stands.

    `personal` are names of fields, in lower case, beyond those that hold personal data everywhere.
    """

    personal: frozenset[str] = frozenset()
    _taken: dict[str, tuple[re.Pattern[str], str]] = field(default_factory=dict, repr=False)

    def headers(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the headers that say something about the exchange; what credentials are made of is taken out."""
        kept = {}
        for name, value in headers:
            if _HEADERS.match(name):
                kept[name.lower()] = self.text(value)
            elif _SECRET.search(name.replace("-", "_")):
                for part in _PARTS.findall(_credentials(name, value)):
                    self._take(part, REDACTED)
                    for inner in _unpacked(part):
                        self._take(inner, REDACTED)
        return dict(sorted(kept.items()))

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
        """Return a query or a form: by name the values, in an order of their own."""
        found: dict[str, list[str]] = {}
        for name, value in pairs:
            found.setdefault(name, []).append(self.value(value, "api_key" if name == "key" else name))
        return {name: sorted(values) for name, values in sorted(found.items())}

    def value(self, value: Any, name: str = "") -> Any:  # noqa: ANN401 - any JSON value
        """Return a JSON value without what is secret or personal; `name` is that of its field."""
        if isinstance(value, Mapping):
            return {self.text(key): self.value(inner, _called(key, name, value)) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self.value(inner, name) for inner in value]
        if isinstance(value, str) and value:
            if _is_secret(name):
                return self._take(value, REDACTED)
            if self._is_personal(name):
                return self._take(value, masked(value), whole=True)
            return self.text(value)
        hidden = self._is_personal(name) or _is_secret(name)
        if hidden and isinstance(value, int | Decimal) and value > _HIGHEST_ID:
            self._take(str(value), "0", whole=True)
            return 0
        return value

    def _is_personal(self, name: str) -> bool:
        return name.lower() in self.personal or _PERSONAL.search(name) is not None

    def text(self, text: str) -> str:
        """Return a text without what was taken out elsewhere, what it names as secret, e-mail addresses and numbers."""
        for said in (*_SAID, *_SECRET_FORMS):
            text = said.sub(self._said, text)
        for form, instead in list(self._taken.values()):
            text = form.sub(lambda _, instead=instead: instead, text)  # type: ignore[misc] # bound now
        for form in (_EMAIL, _PHONE):
            text = form.sub(lambda found: self._take(found[0], masked(found[0])), text)
        return text

    def _said(self, found: re.Match[str]) -> str:
        """Return what says a secret without it; anything else as it is."""
        *name, value = found.groups()
        if (name and not _is_secret(name[0])) or value == _IN_XML:
            return found[0]
        start, end = (place - found.start() for place in found.span(found.re.groups))
        instead = self._take(value, REDACTED)
        return found[0][:start] + (_IN_XML if found[0].startswith("<") else instead) + found[0][end:]

    def _take(self, value: str, instead: str, *, whole: bool = False) -> str:
        """Remember a value; with `whole` it is one only where no letter or digit is beside it."""
        if len(value) >= _SHORTEST and not _FEW_DIGITS.fullmatch(value) and value not in (instead, REDACTED):
            form = re.escape(value)
            self._taken[value] = re.compile(rf"(?<!\w){form}(?!\w)" if whole else form), instead
        return instead

    def leaks(self, value: Any) -> list[str]:  # noqa: ANN401 - any JSON value
        """Return the stand-ins of what was taken out and stands in a value all the same."""
        texts = list(_texts(value))
        return sorted({instead for form, instead in self._taken.values() if any(form.search(one) for one in texts)})


def _is_secret(name: str) -> bool:
    return _SECRET.search(name.replace("-", "_")) is not None and not _NO_SECRET.search(name)


def _called(key: str, above: str, record: Mapping[str, Any]) -> str:
    """Return the name of a member: its own, that above where all below is secret, or the one beside a value."""
    if _ALL_SECRET.search(above):
        return above
    told = next((record[name] for name in _NAMES if isinstance(record.get(name), str)), "")
    return told if key == "value" and _is_secret(told) else key


def _credentials(name: str, value: str) -> str:
    """Return what of a header is secret: a cookie's value without how long it lasts, the rest after its scheme."""
    if "cookie" in name.lower():
        return value.partition(";")[0].partition("=")[2] if name.lower() == "set-cookie" else value
    return value.partition(" ")[2] or value


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
    elif value is not None:
        yield str(value)


def _unpacked(text: str) -> list[str]:
    """Return the parts of what base64 packs together: user, password, token."""
    try:
        return [part for part in base64.b64decode(text, validate=True).decode("utf-8").split(":") if len(part) >= _LONG]
    except ValueError:
        return []


def redaction_of(adapter: Adapter | None = None, personal: Iterable[str] = ()) -> Redaction:
    """Return what to take out for an adapter: the fields that its contracts mark as personal, and those named here."""
    marked = set(personal)
    if adapter is not None:
        for native in {mapping.native for mapping in adapter.mappings}:
            fields = adapter.contract(native).fields.values()
            marked |= {one.path.rpartition(".")[2] for one in fields if one.personal and one.leaf}
    return Redaction(frozenset(name.lower() for name in marked))
