"""Every way a record can be wrong: told with its line and reason, kept, and the records around it get through."""

from __future__ import annotations

import json
import os
import tempfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cli.running import BASES, CANONICAL, TENANT, TO_CANONICAL, TO_ERP, VENDOR, rows, run
from openreturns._json import MAX_RECORD_BYTES

COMMANDS = {
    "validate": (("validate",), CANONICAL),
    "translate": (TO_ERP, CANONICAL),
    "validate a vendor's": (("validate", "--contract", "shipbob.return"), VENDOR),
    "translate a vendor's": (TO_CANONICAL, VENDOR),
}
CANONICAL_COMMANDS = ("validate", "translate")
VENDOR_COMMANDS = ("validate a vendor's", "translate a vendor's")


def extended(value: str) -> bytes:
    """A return with an extension field of that JSON text."""
    return json.dumps({**BASES["return"], "extensions": {"com.example.x": "@"}}).replace('"@"', value).encode()


# What is wrong, however the record came: its bytes, what is said of it, and where.
ANYWHERE: dict[str, tuple[bytes, str, str]] = {
    "not JSON": (b"{oops", "not JSON", ""),
    "cut off": (CANONICAL[:-20], "not JSON", ""),
    "two records on a line": (CANONICAL + CANONICAL, "not JSON", ""),
    "wrong encoding": (CANONICAL.replace(b"P-100", b"P-\xf6"), "not UTF-8", ""),
    "byte order mark": (b"\xef\xbb\xbf" + CANONICAL, "byte order mark", ""),
    "UTF-16": (b"\xff\xfe{\x00}\x00", "UTF-16", ""),
    "NaN": (extended("NaN"), "NaN", ""),
    "Infinity": (extended("-Infinity"), "Infinity", ""),
    "duplicate key": (CANONICAL.replace(b'{"meta"', b'{"number": "RMA-2", "meta"', 1), "duplicate key 'number'", ""),
    "depth bomb": (b'{"meta": ' + b"[" * 5000 + b"]" * 5000 + b"}", "nested beyond", ""),
    "depth bomb, unclosed": (b"[" * 100_000, "not JSON", ""),
    "a bare word": (b'"return"', "", ""),
    "null": (b"null", "", ""),
}

RETURN_TEXT = CANONICAL.decode()


def put(old: str, new: str) -> bytes:
    assert old in RETURN_TEXT
    return RETURN_TEXT.replace(old, new, 1).encode()


# What is wrong with a canonical document.
DOCUMENT: dict[str, tuple[bytes, str, str]] = {
    "1e400": (extended("1e400"), "", "/extensions/com.example.x"),
    "a fraction": (extended("[0.1]"), "", "/extensions/com.example.x/0"),
    "a digit too many for a double": (extended("0.1000000000000000000000001"), "", "/extensions/com.example.x"),
    "an exponent": (extended("1E2"), "write it as text", "/extensions/com.example.x"),
    "null in an extension": (extended("null"), "must be", "/extensions/com.example.x"),
    "unknown major version": (put("return/1.1", "return/2.0"), "version 2.0 of return is not known", "/meta/schema"),
    "newer minor version": (put("return/1.1", "return/1.2"), "version 1.2 of return is newer", "/meta/schema"),
    "a document in a text": (json.dumps(RETURN_TEXT).encode(), "does not name a canonical document", "/meta/schema"),
    "unknown document": (put("openreturns/return", "openreturns/parcel"), "does not name", "/meta/schema"),
    "unknown field": (put('"number":', '"nummer": "1", "number":'), "unknown field: 'nummer'", ""),
    "unknown code": (put('"defective"', '"grumpy"'), "not one of the allowed values", "/lines/0/reason/code"),
    "mixed currencies": (
        put('"amount": "12.50", "currency": "EUR"', '"amount": "12.50", "currency": "USD"'),
        "USD in a document in EUR",
        "/lines/0/unitPrice/currency",
    ),
    "unknown currency": (RETURN_TEXT.replace("EUR", "EUX").encode(), "EUX", "/currency"),
    "negative quantity": (put('"value": "3"', '"value": "-3"'), "form", "/lines/0/requested/value"),
    "quantity as a number": (put('"value": "3"', '"value": 3'), "must be string", "/lines/0/requested/value"),
    "unit mismatch": (
        put('"value": "3", "uom": "EA"', '"value": "3", "uom": "KGM"'),
        "EA on a line counted in KGM",
        "/lines/0/received/uom",
    ),
    "date without zone": (put("2026-11-10T09:00:00Z", "2026-11-10T09:00:00"), "", "/lines/0/receipts/0/receivedAt"),
    "a day that does not exist": (put("2026-11-10T", "2026-02-30T"), "", "/lines/0/receipts/0/receivedAt"),
    "missing required list": (
        json.dumps({k: v for k, v in BASES["return"].items() if k != "lines"}).encode(),
        "'lines' is required",
        "",
    ),
    "empty list": (json.dumps({**BASES["return"], "lines": []}).encode(), "at least 1", "/lines"),
}

VENDOR_TEXT = VENDOR.decode()


def spoil(old: str, new: str) -> bytes:
    assert old in VENDOR_TEXT
    return VENDOR_TEXT.replace(old, new, 1).encode()


# What is wrong with a vendor's record.
RECORD: dict[str, tuple[bytes, str, str]] = {
    "negative quantity": (
        spoil('"quantity_processed": 1', '"quantity_processed": -1'),
        "at least 0",
        "/inventory/0/action_taken/1/quantity_processed",
    ),
    "half a unit": (
        spoil('"quantity_processed": 1', '"quantity_processed": 0.5'),
        "must be integer",
        "/inventory/0/action_taken/1/quantity_processed",
    ),
    "1e400 units": (
        spoil('"quantity_processed": 1', '"quantity_processed": 1e400'),
        "of at most 64 bits, got 1E+400",
        "/inventory/0/action_taken/1/quantity_processed",
    ),
    "an exponent nobody can work with": (
        spoil('"quantity_processed": 1', '"quantity_processed": 1e99999999'),
        "1e99999999 at /inventory/0/action_taken/1/quantity_processed is beyond 4,300 digits",
        "",
    ),
    "date without zone": (spoil("T09:30:00Z", "T09:30:00"), "date-time", "/insert_date"),
    "no id": (b'{"insert_date": "2026-10-01T00:00:00Z"}', "'id' is required", ""),
}

# What only a mapping can know to be wrong: the command, and then as above.
MAPPED: dict[str, tuple[tuple[str, ...], bytes, bytes, str, str]] = {
    "unknown code without table entry": (
        TO_CANONICAL,
        VENDOR,
        spoil('"status": "Completed"', '"status": "Vanished"'),
        "'Vanished' has no canonical code",
        "/status",
    ),
    "a unit that the tenant's table has not": (
        TO_ERP,
        CANONICAL,
        RETURN_TEXT.replace('"uom": "EA"', '"uom": "XCS"').encode(),
        "'XCS' has no vendor word",
        "/lines/0",
    ),
    "more units than a document can count": (
        TO_CANONICAL,
        VENDOR,
        spoil('"quantity_processed": 1', '"quantity_processed": 1234567890123456789'),
        "does not have the form",
        "/lines/0/received/value",
    ),
    "a list the document must have": (
        TO_CANONICAL,
        VENDOR,
        b'{"id": 1, "insert_date": "2026-10-01T00:00:00Z"}',
        "'lines' is required",
        "/inventory",
    ),
}

TABLE = [
    *((f"{name}: {wrong}", *COMMANDS[name], *ANYWHERE[wrong]) for name in COMMANDS for wrong in ANYWHERE),
    *((f"{name}: {wrong}", *COMMANDS[name], *DOCUMENT[wrong]) for name in CANONICAL_COMMANDS for wrong in DOCUMENT),
    *((f"{name}: {wrong}", *COMMANDS[name], *RECORD[wrong]) for name in VENDOR_COMMANDS for wrong in RECORD),
    *((f"mapped: {wrong}", *MAPPED[wrong]) for wrong in MAPPED),
]


@pytest.mark.parametrize(
    ("command", "good", "bad", "said", "where"), [row[1:] for row in TABLE], ids=[r[0] for r in TABLE]
)
def test_a_wrong_record_is_kept_with_its_reasons_and_the_rest_goes_on(
    command: tuple[str, ...], good: bytes, bad: bytes, said: str, where: str, tmp_path: Path
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    lines = good + b"\n" + bad + b"\n\n" + good + b"\n"
    code, out, err = run(*command, "-", "--rejects", rejects, "--json", data=lines)
    assert code == 1
    summary = json.loads(err)
    passed, failed = ("right", "wrong") if command[0] == "validate" else ("written", "rejected")
    assert (summary["read"], summary[passed], summary[failed]) == (3, 2, 1)
    [reject] = rows(rejects)
    assert (reject["source"], reject["line"]) == ("-", 2)
    reasons = [reject["message"], *(problem["message"] for problem in reject["problems"])]
    assert said in "\n".join(reasons)
    places = [problem.get(side, "") for problem in reject["problems"] for side in ("canonical", "native")]
    assert not where or where in places, reject["problems"]
    kept = reject["record"].encode() if "record" in reject else b64decode(reject["record_base64"])
    assert kept == bad
    if command[0] == "translate":
        assert len(out.splitlines()) == 2
    else:
        assert {(row["source"], row["line"]) for row in map(json.loads, out.splitlines())} == {("-", 2)}


@pytest.mark.parametrize("name", COMMANDS)
def test_without_a_file_for_rejects_each_is_told_with_its_place(name: str) -> None:
    command, good = COMMANDS[name]
    code, out, err = run(*command, "-", data=good + b"\n{oops\n" + good + b"\n")
    assert code == 1
    assert "-:2: " in out + err
    assert "not JSON" in out + err


# What a whole file can be, and what becomes of it: read, rejected, what is said.
FILES: dict[str, tuple[str, bytes, int, int, str]] = {
    "empty": ("a.json", b"", 1, 1, "empty"),
    "blank": ("a.json", b" \n\n", 1, 1, "empty"),
    "empty, of lines": ("a.jsonl", b"", 0, 0, "a.jsonl: no_record there is no record in it"),
    "blank lines": ("a.jsonl", b"\n \n\r\n", 0, 0, "a.jsonl: no_record there is no record in it"),
    "an empty array": ("a.json", b"[]", 0, 0, "a.json: no_record there is no record in it"),
    "a broken array": ("a.json", b"[" + CANONICAL + b",", 1, 1, "the array is not JSON: it has no end"),
    "an array that ends in a text": ("a.json", b'["' + CANONICAL, 1, 1, "the array is not JSON: it has no end"),
    "an array with a gap": ("a.json", b"[" + CANONICAL + b", ,1]", 1, 1, "the array is not JSON: member 2 is missing"),
    "an array with a comma too many": ("a.json", b"[" + CANONICAL + b",]", 1, 1, "not JSON: member 2 is missing"),
    "an array and more": ("a.json", b"[" + CANONICAL + b"]]", 1, 1, "the array is not JSON: more follows its end"),
    "an array with another end": ("a.json", b"[" + CANONICAL + b"}", 1, 1, "the array is not JSON: it ends in }"),
    "an array of depth": ("a.json", b"[" * 1_000_000, 1, 1, "the array is not JSON: it has no end"),
    "an array, one too deep": ("a.json", b"[" + b"[" * 999 + b"]" * 999 + b"," + CANONICAL + b"]", 2, 1, "beyond"),
    "an array, one wrong": ("a.json", b"[" + CANONICAL + b", {}, " + CANONICAL + b"]", 3, 1, "a.json:2: "),
    "lines in a document's place": ("a.json", CANONICAL + b"\n" + CANONICAL, 1, 1, "are JSON Lines, in a file .jsonl"),
    "UTF-16": ("a.json", CANONICAL.decode().encode("utf-16"), 1, 1, "UTF-16 byte order mark"),
    "larger than a record may be": (
        "a.json",
        b'"' + b"x" * MAX_RECORD_BYTES + b'"',
        1,
        1,
        "more than 33,554,432 bytes",
    ),
    "a line without its end": ("a.jsonl", CANONICAL + b"\n" + CANONICAL, 2, 0, ""),
    "lines as Windows ends them": ("a.jsonl", CANONICAL + b"\r\n" + CANONICAL + b"\r\n", 2, 0, ""),
    "other lines": ("a.ndjson", CANONICAL + b"\n", 1, 0, ""),
    "lines under any name": ("a.txt", CANONICAL + b"\n" + CANONICAL + b"\n", 2, 0, ""),
    "a document under any name": ("a.txt", json.dumps(BASES["return"], indent=2).encode(), 1, 0, ""),
    "indented": ("a.json", json.dumps(BASES["return"], indent=2).encode(), 1, 0, ""),
}


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
@pytest.mark.parametrize("wrong", FILES)
def test_a_file_is_accounted_for_and_the_next_one_read(wrong: str, name: str, tmp_path: Path) -> None:
    file, data, read, rejected, said = FILES[wrong]
    (tmp_path / file).write_bytes(data)
    (tmp_path / "b.json").write_bytes(CANONICAL)
    code, out, err = run(*COMMANDS[name][0], tmp_path / file, tmp_path / "b.json")
    assert said in out + err
    assert f"{read + 1} read = {read + 1 - rejected} " in err
    assert f" + {rejected} " in err
    assert code == (1 if rejected else 0)


# Members of an array that nobody could take for a document: kept as they came, spaces inside and all.
MEMBERS = [
    b'{"a": NaN}',
    b'{"a" : 1.50, "a" : "}],["}',
    b'{"a": "\\"", "b": "\\\\"}',
    b'{"a":\n  "\xff"}',
    b"{'a': 1}",
    b"{,}",
    b"{]",
    b"1 2",
]


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
def test_a_wrong_member_of_an_array_is_one_reject_byte_for_byte(name: str, tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    array = b"[ " + b" ,\n".join([CANONICAL, *MEMBERS, CANONICAL]) + b" ]\n"
    code, out, err = run(*COMMANDS[name][0], "-", "--rejects", rejects, data=array)
    assert code == 1
    assert f"{len(MEMBERS) + 2} read = 2 " in err
    kept = [row["record"].encode() if "record" in row else b64decode(row["record_base64"]) for row in rows(rejects)]
    assert [row["line"] for row in rows(rejects)] == [*range(2, len(MEMBERS) + 2)]
    assert kept == MEMBERS
    assert name == "validate" or len(out.splitlines()) == 2


@contextmanager
def as_anybody() -> Iterator[None]:
    """Be a user whom file modes hold, as an administrator is not."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
@pytest.mark.parametrize("barred", ["a folder", "a folder in the folder", "a file"])
def test_what_may_not_be_read_is_told_and_the_rest_is_read(name: str, barred: str) -> None:
    with tempfile.TemporaryDirectory() as made:
        base = Path(made)
        base.chmod(0o755)
        inner = base / "data" / "inner"
        inner.mkdir(parents=True)
        (base / "data" / "a.json").write_bytes(CANONICAL)
        (base / "data" / "b.json").write_bytes(CANONICAL)
        (base / "last.json").write_bytes(CANONICAL)
        locked = {"a folder": base / "data", "a folder in the folder": inner, "a file": base / "data" / "b.json"}[
            barred
        ]
        arguments = [*COMMANDS[name][0], str(base / "data"), str(base / "last.json")]
        run(*arguments)  # everything is imported while that is still allowed
        mode = locked.stat().st_mode
        locked.chmod(0)
        try:
            with as_anybody():
                code, out, err = run(*arguments)
        finally:
            locked.chmod(mode)
    assert code == 1
    assert f"{locked}: " in out + err
    assert "Permission denied" in out + err
    read = {"a folder": 2, "a folder in the folder": 4, "a file": 3}[barred]
    assert f"{read} read = {read - 1} " in err


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
def test_what_standard_input_cannot_give_again_is_kept_whole(name: str, tmp_path: Path) -> None:
    large = b'{"number": "' + b"x" * MAX_RECORD_BYTES + b'"}\n'
    rejects = tmp_path / "rejects.jsonl"
    code, _, err = run(*COMMANDS[name][0], "-", "--rejects", rejects, data=CANONICAL + b"\n" + large + CANONICAL)
    assert code == 1
    assert "3 read = 2 " in err
    [reject] = rows(rejects)
    assert (reject["line"], reject["kind"]) == (2, "size")
    assert len(reject["record"]) < 10_000
    assert Path(reject["whole_in"]).read_bytes() == large


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
def test_a_tolerant_reader_goes_on_and_says_what_it_set_aside(name: str) -> None:
    later = put("return/1.1", "return/1.2").replace(b'"defective"', b'"grumpy"').replace(b"{", b'{"mood": 1.5, ', 1)
    code, out, err = run(*COMMANDS[name][0], "-", "--tolerant", data=later)
    assert code == 0, err
    for place in ("/meta/schema", "/lines/0/reason/code", "/mood"):
        assert f"{place}: " in out + err
    assert "1 with parts set aside" in err
    code, out, err = run(*COMMANDS[name][0], "-", "--tolerant", "--json", data=later)
    told = [json.loads(line) for line in (out + err).splitlines()]
    aside = {row["canonical"]: row["code"] for row in told if row.get("set_aside") is True}
    assert aside == {"/meta/schema": "newer_version", "/lines/0/reason/code": "unknown_code", "/mood": "unknown_field"}
    assert told[-1]["with_set_aside"] == 1


@pytest.mark.parametrize("name", CANONICAL_COMMANDS)
def test_no_reader_takes_another_major_version(name: str) -> None:
    code, out, err = run(*COMMANDS[name][0], "-", "--tolerant", data=put("return/1.1", "return/2.0"))
    assert code == 1
    assert "version 2.0 of return is not known" in out + err


def test_a_document_that_was_not_asked_for_is_refused() -> None:
    credit = json.dumps(BASES["credit"]).encode()
    for command in (("validate", "--contract", "return"), ("translate", "--from", "return", "--to", "return")):
        code, out, err = run(*command, "-", data=credit)
        assert code == 1
        assert "/meta/schema: meta.schema names a credit, not a return" in out + err


def test_a_vendors_unknown_field_is_a_problem_or_set_aside() -> None:
    more = VENDOR.replace(b"{", b'{"mood": "good", ', 1)
    code, out, _ = run("validate", "--contract", "shipbob.return", "-", data=more)
    assert (code, "'mood'" in out) == (1, True)
    code, out, _ = run("validate", "--contract", "shipbob.return", "--tolerant", "-", data=more)
    assert (code, "'mood'" in out) == (0, True)


def test_losses_have_what_was_set_aside_with_its_value(tmp_path: Path) -> None:
    losses = tmp_path / "losses.jsonl"
    later = CANONICAL.replace(b"{", b'{"mood": 1.50, ', 1)
    code, _, err = run(*TO_ERP, "-", "--tolerant", "--losses", losses, data=CANONICAL + b"\n" + later)
    assert code == 0, err
    assert "set aside /" not in err
    [first, second] = rows(losses)
    assert ("set_aside" in first, first["line"], second["line"]) == (False, 1, 2)
    assert first["losses"]
    assert b'"value":1.50' in losses.read_bytes()
    assert second["set_aside"][0]["canonical"] == "/mood"


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("count", [1, 20, 23])
def test_without_a_file_for_losses_findings_are_told_up_to_twenty(count: int, jobs: str) -> None:
    foreign = json.loads(CANONICAL)  # with line numbers that are not the ledger's
    del foreign["lines"][0]["item"]["serials"], foreign["lines"][0]["receipts"][1]
    foreign["lines"][0]["received"]["value"] = "2"
    data = json.dumps(foreign).encode() + b"\n"
    command = ("translate", "--from", "return", "--to", "netsuite.item_receipt", "--tenant", str(TENANT), "-")
    code, _, err = run(*command, "--jobs", jobs, data=data * count)
    *told, summary = err.splitlines()
    assert code == 0
    assert f", {count} to look at" in summary
    shown = min(count, 20)
    assert [line.partition(" ")[0] for line in told[:shown]] == [f"-:{number}:" for number in range(1, shown + 1)]
    assert told[shown:] == (["... and 3 more to look at; --losses keeps them all"] if count > 20 else [])
    _, _, err = run(*command, "--jobs", jobs, "--json", data=data * count)
    *found, summary = map(json.loads, err.splitlines())
    assert summary["with_findings"] == count
    assert [row["line"] for row in found if "line" in row] == [*range(1, shown + 1)]
    assert found[shown:] == ([{"findings_not_shown": 3}] if count > 20 else [])


def test_the_tenant_file_is_read_before_anything_else(tmp_path: Path) -> None:
    broken = tmp_path / "tenant.toml"
    broken.write_text("[netsuite", "utf-8")
    command = [*TO_ERP[: TO_ERP.index("--tenant")], "--tenant", str(broken), "-"]
    code, out, err = run(*command, "--out", tmp_path / "out.jsonl", data=CANONICAL)
    assert (code, out) == (2, "")
    assert "cannot read the tenant file" in err
    assert not (tmp_path / "out.jsonl").exists()
    assert TENANT.exists()
