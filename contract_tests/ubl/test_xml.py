"""XML from strangers: what is dangerous is never read, what is unknown is never lost, what is written is read again."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openreturns import Adapter, adapter
from openreturns._json import MAX_RECORD_BYTES, parse
from openreturns.errors import ContractError, OpenReturnsError

HERE = Path(__file__).parent
TENANT = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["ubl"]
UBL: Adapter = adapter("ubl", TENANT)
FORMAT = UBL.format("credit_note")
GOOD: dict[str, Any] = parse((HERE / "fee-kept-and-freight-given-back.json").read_bytes())["native"]
DATA = FORMAT.write(GOOD)
NAME = b'<CreditNote xmlns="urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2">'


def with_head(doctype: str, inside: str = "") -> bytes:
    """A credit note with a document type, and some text where its number is."""
    head, note = DATA.split(b"\n", 1)
    return head + doctype.encode() + note.replace(b"<cbc:ID>CM-901", f"<cbc:ID>{inside}".encode(), 1)


BILLION = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
# What somebody may send -> the kind of the refusal, and words of it.
REFUSED: dict[str, tuple[bytes, str, str]] = {
    "a file of ours asked for": (
        with_head('<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>', "&f;"),
        "xml",
        "document type",
    ),
    "a page asked for": (
        with_head('<!DOCTYPE x [<!ENTITY f SYSTEM "http://127.0.0.1:9/">]>', "&f;"),
        "xml",
        "document type",
    ),
    "a bomb of entities": (
        with_head(f'<!DOCTYPE x [<!ENTITY l0 "lol">{BILLION}]>', "&l9;"),
        "xml",
        "document type",
    ),
    "a document type elsewhere": (with_head('<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">'), "xml", "document type"),
    "elements without end": (NAME + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</CreditNote>", "xml", "deeper"),
    "more than a record may have": (NAME + b" " * MAX_RECORD_BYTES + b"</CreditNote>", "size", "limit"),
    "cut off": (DATA[: len(DATA) // 2], "xml", "not XML"),
    "nothing": (b"", "xml", "not XML"),
    "binary junk": (bytes(range(256)), "xml", "not XML"),
    "JSON": (b'{"ID": "1"}', "xml", "not XML"),
    "an encoding nobody knows": (b'<?xml version="1.0" encoding="klingon"?><a/>', "xml", "not XML"),
    "an invoice": (DATA.replace(b"CreditNote", b"Invoice"), "xml", "not a UBL CreditNote"),
    "a namesake": (DATA.replace(b"xsd:CreditNote-2", b"xsd:CreditNote-3"), "xml", "not a UBL CreditNote"),
    "two numbers": (DATA.replace(b"<cbc:ID>CM-901</cbc:ID>", b"<cbc:ID>1</cbc:ID><cbc:ID>2</cbc:ID>"), "xml", "twice"),
    "an amount that is none": (DATA.replace(b">46.89<", b">46,89<"), "contract_drift", "breaks"),
    "elements in a number": (DATA.replace(b">46.89<", b"><cbc:ID>1</cbc:ID><"), "xml", "elements in it"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_no_credit_note_is_refused_with_a_reason(what: str) -> None:
    data, kind, words = REFUSED[what]
    with pytest.raises(ContractError, match=words) as raised:
        UBL.read("credit_note", data)
    assert raised.value.kind == kind


def test_other_prefixes_encodings_and_spaces_say_the_same() -> None:
    other = DATA.replace(b"cbc:", b"b:").replace(b":cbc=", b":b=").replace(b"><", b">\n\t<")
    other = other.decode().replace("UTF-8", "UTF-16", 1).encode("utf-16")
    assert FORMAT.read(other) == GOOD == FORMAT.read(DATA)


# What is put into a credit note that its contract does not have -> where it is found.
UNKNOWN = {
    "an element": ("<cac:Party>", "<cac:Party><cbc:WebsiteURI>x</cbc:WebsiteURI>", "WebsiteURI"),
    "an aggregate": ("<cac:Party>", "<cac:Party><cac:Person><cbc:Name>x</cbc:Name></cac:Person>", "Person"),
    "an attribute": ("<cbc:ID>CM-901", '<cbc:ID schemeID="x">CM-901', "ID@schemeID"),
    "an element of another space": ("<cac:Party>", '<cac:Party><Contact xmlns="urn:x">x</Contact>', "Contact"),
    "an extension": ("<cbc:CustomizationID>", '<E xmlns="urn:e"><F>1</F></E><cbc:CustomizationID>', "E"),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_the_contract_does_not_know_is_found(what: str) -> None:
    before, after, name = UNKNOWN[what]
    read = UBL.read("credit_note", DATA.replace(before.encode(), after.encode(), 1))
    [finding] = [one for one in read.findings if one.code in ("unknown_field", "type")]
    assert name in finding.message + finding.native


@given(
    text=st.text(
        st.characters(min_codepoint=32, exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1
    ).filter(lambda text: text == text.strip())
)
def test_every_text_comes_back(text: str) -> None:
    record = {**GOOD, "ID": text, "Note": [text]}
    assert FORMAT.read(FORMAT.write(record)) == record


@pytest.mark.parametrize("text", ["a\x0bb", "\x00", "\ufffe", "\ud800"])
def test_what_xml_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="/Note: XML has no character"):
        FORMAT.write({**GOOD, "Note": [text]})


def test_a_remark_keeps_its_lines() -> None:
    record = {**GOOD, "Note": ["one\ntwo"]}
    data = FORMAT.write(record)
    assert FORMAT.read(data) == record
    assert data.count(b"\n") == 1


@settings(deadline=None)
@given(at=st.integers(0, len(DATA) - 1), taken=st.integers(0, 40), put=st.binary(max_size=12))
def test_no_damage_to_a_document_is_a_defect_of_ours(at: int, taken: int, put: bytes) -> None:
    """A reader refuses with a reason, or reads; nothing else may come out of it."""
    damaged = DATA[:at] + put + DATA[at + taken :]
    with suppress(OpenReturnsError):
        UBL.read("credit_note", damaged)
