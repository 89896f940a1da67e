"""The classes accept what the schemas accept, give back the bytes they read, and cannot be misused."""

import ast
import copy
import json
import pickle
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args

import pytest
from openreturns import models
from openreturns._schemas import DOCUMENTS, bundle, folder, load
from openreturns.models import (
    DOCUMENTS as CLASSES,
)
from openreturns.models import (
    Adjustment,
    Credit,
    Disposition,
    ItemRef,
    Meta,
    Moment,
    Money,
    Party,
    Quantity,
    Return,
    ReturnLine,
    ReturnReason,
    ReturnStatus,
)
from openreturns.models._base import CanonicalModel, wire_name
from openreturns.validation import ENGINES, document_validator
from pydantic import ValidationError

REPOSITORY = Path(__file__).parents[2]

# One accepted text of every definition, for a document with every field filled in.
SAMPLES: dict[str, Any] = {
    "CountryCode": "BE",
    "CurrencyCode": "EUR",
    "Date": "2026-02-28",
    "DecimalString": "12.500",
    "Email": "returns@customer.example",
    "Extensions": {"com.acme.lane": {"a": [1, "b", True, {"c": []}]}, "org.x_y": "t"},
    "Gln": "5412345000013",
    "Gtin": "05412345678908",
    "Id": "A b-1",
    "MediaType": "image/jpeg",
    "Note": "two\nlines",
    "Phone": "+32 3 000 00 00",
    "Sha256": "a" * 64,
    "SignedDecimalString": "-0.010",
    "StatusName": "draft",
    "TaxCategory": "S",
    "Text": "Pumpe, ¾ Zoll",
    "Timestamp": "2026-11-22T12:00:00.10+02:00",
    "UnitOfMeasure": "EA",
    "Uri": "https://files.example/photo?n=1#top",
}


def filled(document: str, root: Any, node: Any) -> Any:
    if "$ref" in node:
        name = node["$ref"].rsplit("/", 1)[-1]
        if name == "SchemaName":
            return f"openreturns/{document}/1.0"
        return copy.deepcopy(SAMPLES[name]) if name in SAMPLES else filled(document, root, root["$defs"][name])
    if "enum" in node:
        return node["enum"][-1]
    if node["type"] == "object":
        return {name: filled(document, root, field) for name, field in node["properties"].items()}
    if node["type"] == "array":
        return [filled(document, root, node["items"])]
    return {"boolean": True, "integer": 7}[node["type"]]


def full(document: str) -> dict[str, Any]:
    schema = bundle(document)
    whole: dict[str, Any] = filled(document, schema, schema)
    return whole


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def minimal(document: str) -> dict[str, Any]:
    path = folder() / "examples" / document / "valid" / "minimal.json"
    example: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return example


def accepted(document: str, record: object) -> bool:
    try:
        CLASSES[document].model_validate_json(compact(record))
    except ValidationError:
        return False
    return True


# ---------------------------------------------------------------- there and back


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_with_every_field_comes_back_byte_for_byte(document: str) -> None:
    data = compact(full(document))
    read = CLASSES[document].model_validate_json(data)
    assert read.to_json() == data
    assert read.to_dict() == full(document)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_smallest_document_comes_back_without_added_fields(document: str) -> None:
    data = compact(minimal(document))
    assert CLASSES[document].model_validate_json(data).to_json() == data


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_document_survives_copying_pickling_and_its_own_dictionary(document: str) -> None:
    read = CLASSES[document].model_validate_json(compact(full(document)))
    for again in (
        copy.deepcopy(read),
        pickle.loads(pickle.dumps(read)),
        type(read).model_validate(read.to_dict()),
        read.replace(),
    ):
        assert again == read
        assert again.to_json() == read.to_json()
        assert hash(again) == hash(read)


# ---------------------------------------------------------------- the same verdict as the schemas

AT: dict[str, tuple[str, str]] = {
    "DecimalString": ("return", "/lines/0/requested/value"),
    "SignedDecimalString": ("credit", "/totals/rounding"),
    "Timestamp": ("return", "/meta/issuedAt"),
    "Date": ("adjustment", "/postingDate"),
    "CurrencyCode": ("return", "/currency"),
    "CountryCode": ("return", "/customer/address/countryCode"),
    "UnitOfMeasure": ("return", "/lines/0/requested/uom"),
    "TaxCategory": ("credit", "/lines/0/taxCategory"),
    "SchemaName": ("return", "/meta/schema"),
    "Id": ("return", "/number"),
    "Text": ("return", "/lines/0/item/description"),
    "Note": ("return", "/lines/0/note"),
    "Uri": ("return", "/attachments/0/uri"),
    "Email": ("return", "/customer/email"),
    "Phone": ("return", "/customer/phone"),
    "Gtin": ("return", "/lines/0/item/gtin"),
    "Gln": ("return", "/returnTo/gln"),
    "Sha256": ("return", "/attachments/0/sha256"),
    "MediaType": ("return", "/attachments/0/mediaType"),
    "StatusName": ("return", "/history/0/to"),
    "Extensions": ("return", "/extensions"),
    "revision": ("return", "/meta/revision"),
    "boolean": ("return", "/meta/test"),
    "enumeration": ("return", "/status"),
    "list": ("return", "/lines"),
    "object": ("return", "/customer"),
}
YES: dict[str, list[Any]] = {
    "DecimalString": ["0", "0.000000", "12.50", "999999999999999.999999", "1.0"],
    "SignedDecimalString": ["0", "0.00", "1.5", "-0.01", "-0.000001", "-10", "-999999999999999.999999"],
    "Timestamp": [
        "2026-11-22T12:00:00Z",
        "2026-11-22T12:00:00.123456+05:30",
        "2026-11-22T12:00:00.5Z",
        "2026-11-22T12:00:00+00:00",
        "2026-11-22T12:00:00-00:00",
        "2024-02-29T23:59:59-23:59",
        "1000-01-01T00:00:00Z",
        "2999-12-31T23:59:59Z",
    ],
    "Date": ["2024-02-29", "1000-01-01", "2999-12-31"],
    "CurrencyCode": ["EUR"],
    "CountryCode": ["BE"],
    "UnitOfMeasure": ["EA", "C62", "X"],
    "TaxCategory": ["S", "AE"],
    "SchemaName": ["openreturns/return/1.0", "openreturns/return/1.1"],
    "Id": ["1", "A b", "é", "x" * 255, "😀" * 255],
    "Text": [" indented", "x" * 255],
    "Note": ["a\n\tb\r\n", "x" * 2000],
    "Uri": ["https://a.example/b?c#d", "urn:uuid:1", "mailto:a@b.example"],
    "Email": ["a@b", "ü@b.example"],
    "Phone": ["+32 (0)3 1.2-3/4 x5", "112"],
    "Gtin": ["12345678", "123456789012", "1234567890123", "12345678901234"],
    "Gln": ["1234567890123"],
    "Sha256": ["0" * 64],
    "MediaType": ["image/jpeg", "application/vnd.api+json"],
    "StatusName": ["draft", "partially_received"],
    "Extensions": [
        {},
        {"com.acme": "x"},
        {"com.acme.a_b": [1, True, "x", [], {}, {"Any key": {"deep": [-1]}}]},
        {"com.acme": 2**53 - 1},
    ],
    "revision": [1, 2**31 - 1],
    "boolean": [True, False],
    "enumeration": ["requested", "partially_received"],
}
NO: dict[str, list[Any]] = {
    "DecimalString": [
        "",
        "00",
        "01",
        "1.",
        ".5",
        "+1",
        "-1",
        "-0",
        "1,5",
        "1e5",
        " 1",
        "1\n",
        "\u0661",
        "\uff11",
        "0.0000001",
        "1000000000000000",
        "NaN",
        1,
        1.5,
        True,
    ],
    "SignedDecimalString": ["-0", "-0.00", "-0.0000001", "--1", "-01", "- 1", -1],
    "Timestamp": [
        "2026-11-22",
        "2026-11-22T12:00:00",
        "2026-11-22 12:00:00Z",
        "2026-11-22t12:00:00z",
        "2026-11-22T12:00Z",
        "2026-11-22T12:00:00.Z",
        "2026-11-22T12:00:00.1234567Z",
        "2026-11-22T12:00:00,5Z",
        "2026-11-22T24:00:00Z",
        "2026-11-22T23:59:60Z",
        "2026-11-22T12:00:00+24:00",
        "2026-11-22T12:00:00+0100",
        "2026-02-30T12:00:00Z",
        "2026-13-01T12:00:00Z",
        "0999-01-01T00:00:00Z",
        "3000-01-01T00:00:00Z",
        "20261122T120000Z",
        "2026-11-22T12:00:00Z\n",
        "1763812800",
        1763812800,
    ],
    "Date": [
        "2026-02-29",
        "2026-02-30",
        "2026-13-01",
        "2026-1-1",
        "20260101",
        "2026-01-01\n",
        "0",
        0,
        "2026-01-01T00:00:00Z",
        "2026-W01-1",
    ],
    "CurrencyCode": ["eur", "EURO", "EU", "EUR\n", 978],
    "CountryCode": ["be", "BEL", "B1"],
    "UnitOfMeasure": ["", "ea", "EACH", "E-A"],
    "TaxCategory": ["", "s", "STD"],
    "SchemaName": ["openreturns/return/1.2", "openreturns/return/2.0", "return/1.0", "openreturns/refund/1.0"],
    "Id": ["", " ", " a", "a ", "a\n", "a\tb", "a\x00", "\u00a0a", "a\u2003", "\ufeffa", "x" * 256, "😀" * 256, 1],
    "Text": ["", "a\nb", "a\x00", "a\x7f", "x" * 256],
    "Note": ["", "a\x00", "a\x0b", "x" * 2001],
    "Uri": ["", "a", "a:", "/path", "http://a b", "http://a\n", "1a:b", 'a:"'],
    "Email": ["", "a", "@b", "a@", "a@b@c", "a b@c"],
    "Phone": ["", "1", "call me", "x5"],
    "Gtin": ["1234567", "123456789", "12345678901", "123456789012345", "1234567a"],
    "Gln": ["123456789012", "12345678901234"],
    "Sha256": ["0" * 63, "0" * 65, "A" * 64],
    "MediaType": ["image", "image/", "/jpeg", "Image/JPEG", "image/jpeg; q=1"],
    "StatusName": ["", "Draft", "_a", "a_", "a__b", "a1"],
    "Extensions": [
        {"acme": 1},
        {"Com.acme": 1},
        {"com.acme\n": 1},
        {"com.acme": None},
        {"com.acme": 1.5},
        {"com.acme": [1, [2.5]]},
        {"com.acme": {"deep": {"deeper": [None]}}},
        {"com.acme": 2**53},
        {"com.acme": 10**30},
        {"com.acme": "x" * 10_001},
        {"a" * 260 + ".b": 1},
        [],
        "x",
    ],
    "revision": [0, -1, 2**31, "1", 1.5, True],
    "boolean": ["true", 0, 1],
    "enumeration": ["", "Requested", "unknown", 1],
    "list": [[], {}, "x", [[]]],
    "object": [{}, [], "x", {"id": "1", "nope": 1}, {"id": "1", "tax_id": "2"}],
}


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


def placed(name: str, value: object) -> tuple[str, dict[str, Any]]:
    document, pointer = AT[name]
    whole = full(document)
    node: Any = whole
    *steps, last = pointer.split("/")[1:]
    for step in steps:
        node = node[int(step) if step.isdigit() else step]
    node[last] = value
    return document, whole


@pytest.mark.parametrize(("name", "value"), cases(YES))
def test_class_and_validators_accept_and_give_back(name: str, value: object) -> None:
    document, record = placed(name, value)
    assert [document_validator(document, engine=engine).is_valid(record) for engine in ENGINES] == [True] * 2
    assert CLASSES[document].model_validate_json(compact(record)).to_json() == compact(record)


@pytest.mark.parametrize(("name", "value"), [*cases(NO), *((name, None) for name in AT)])
def test_class_and_validators_refuse(name: str, value: object) -> None:
    document, record = placed(name, value)
    assert [document_validator(document, engine=engine).is_valid(record) for engine in ENGINES] == [False] * 2
    assert not accepted(document, record)


def test_every_text_definition_is_tried() -> None:
    texts = {name for name, body in load("common")["$defs"].items() if body["type"] == "string"}
    enums = {name for name, body in load("common")["$defs"].items() if "enum" in body}
    assert texts - enums <= YES.keys() & NO.keys()


def test_json_knows_only_the_wire_names() -> None:
    line = minimal("return")["lines"][0]
    line["line_id"] = line.pop("lineId")
    assert not accepted("return", {**minimal("return"), "lines": [line]})


# ---------------------------------------------------------------- in Python


def quantity(value: str) -> Quantity:
    return Quantity(value=Decimal(value), uom="EA")


def a_return(**changes: Any) -> Return:
    fields: dict[str, Any] = {
        "meta": Meta(
            schema_="openreturns/return/1.0",
            document_id="return-1",
            revision=2,
            source_system="erp.acme",
            issued_at=datetime(2026, 11, 22, 12, tzinfo=UTC),
            correlation_id="case-1",
        ),
        "number": "RMA-1001",
        "status": "requested",
        "type": "credit",
        "customer": Party(id="CUST9", name="Jane Doe", email="jane@home.example"),
        "currency": "EUR",
        "lines": (
            ReturnLine(
                line_id="1",
                item=ItemRef(sku="SKU-77"),
                requested=quantity("3"),
                reason=ReturnReason(code="defective", note="Jane says it leaks"),
            ),
        ),
    }
    return Return(**fields | changes)


def test_a_document_is_made_with_python_names() -> None:
    made = a_return(requested_at=datetime(2026, 11, 22, 13, 30, tzinfo=timezone(timedelta(hours=1))))
    assert json.loads(made.to_json())["requestedAt"] == "2026-11-22T13:30:00+01:00"
    assert document_validator("return").problems(made.to_dict()) == ()


def test_a_document_is_made_with_wire_names_too() -> None:
    assert Return(**minimal("return")).to_dict() == minimal("return")


def test_none_is_the_same_as_leaving_an_optional_field_out() -> None:
    assert a_return(bill_to=None, refs=None, requested_at=None, extensions=None) == a_return()
    assert a_return(bill_to=None).to_json() == a_return().to_json()


@pytest.mark.parametrize(
    ("given", "written"),
    [
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0E-6"), "0.000000"),
        ("12.50", "12.50"),
    ],
)
def test_an_amount_is_written_in_full(given: Any, written: str) -> None:
    money = Money(amount=given, currency="EUR")
    assert money.to_json() == compact({"amount": written, "currency": "EUR"})
    assert money.amount == Decimal(given)


@pytest.mark.parametrize("given", [12.5, 12, True, Decimal(-1), Decimal("NaN"), Decimal("1E-7"), Decimal("1E+15")])
def test_an_amount_is_no_float_nor_out_of_range(given: Any) -> None:
    with pytest.raises(ValidationError):
        Money(amount=given, currency="EUR")


@pytest.mark.parametrize(
    "given",
    [
        datetime(2026, 11, 22, 12),  # noqa: DTZ001 - the very mistake
        datetime(999, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=timezone(timedelta(minutes=17, seconds=30))),
        date(2026, 11, 22),
        1763812800,
    ],
)
def test_a_moment_needs_an_offset_and_a_year_of_ours(given: Any) -> None:
    with pytest.raises(ValidationError):
        a_return(requested_at=given)


def test_a_day_is_not_a_moment() -> None:
    with pytest.raises(ValidationError):
        ItemRef(sku="1", expiry_date=datetime(2026, 11, 22, tzinfo=UTC))
    assert ItemRef(sku="1", expiry_date=date(2026, 11, 22)).to_dict()["expiryDate"] == "2026-11-22"


def test_a_moment_is_a_datetime_that_keeps_its_spelling() -> None:
    moment = Moment.parse("2026-11-22T12:00:00.50+00:00")
    assert moment == datetime(2026, 11, 22, 12, 0, 0, 500_000, tzinfo=UTC)
    assert str(moment) == "2026-11-22T12:00:00.50+00:00"
    assert str(pickle.loads(pickle.dumps(moment))) == str(copy.deepcopy(moment)) == str(moment)
    assert str(moment + timedelta(hours=1)) == "2026-11-22T13:00:00.500000Z"
    assert str(pickle.loads(pickle.dumps(moment + timedelta(hours=1)))) == "2026-11-22T13:00:00.500000Z"


def test_a_document_cannot_be_changed() -> None:
    made = a_return(extensions={"com.acme.x": {"a": [1]}})
    with pytest.raises(ValidationError):
        made.number = "other"  # type: ignore[misc] # the very mistake
    with pytest.raises(TypeError):
        made.lines[0] = made.lines[0]  # type: ignore[index] # the very mistake
    with pytest.raises(TypeError):
        made.extensions["com.acme.x"] = 1  # type: ignore[index] # the very mistake
    assert made.extensions is not None
    assert made.extensions["com.acme.x"]["a"] == (1,)  # type: ignore[index,call-overload] # known here


def test_what_a_caller_keeps_does_not_change_the_document() -> None:
    mine: dict[str, Any] = {"com.acme.x": {"a": [1]}}
    made = a_return(extensions=mine)
    mine["com.acme.x"]["a"].append(2)
    assert made.to_dict()["extensions"] == {"com.acme.x": {"a": [1]}}


def test_a_changed_copy_is_checked() -> None:
    made = a_return(bill_to=Party(id="PAYER"))
    assert made.replace(status="authorized").status == "authorized"
    assert made.replace(bill_to=None).bill_to is None
    assert made.status == "requested"
    with pytest.raises(ValidationError):
        made.replace(status="thinking")
    with pytest.raises(ValidationError):
        made.replace(nope=1)


# ---------------------------------------------------------------- what is shown


def test_a_document_shows_its_number_status_lines_and_revision() -> None:
    shown = "Return(number='RMA-1001', status='requested', lines=1, revision=2)"
    assert repr(a_return()) == str(a_return()) == shown
    disposition = Disposition.model_validate(minimal("disposition"))
    assert repr(disposition) == "Disposition(status='final', lines=1, revision=1)"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_part_shows_personal_data(document: str) -> None:
    parts = list(instances(CLASSES[document].model_validate(full(document))))
    marked = [(part, name) for part in parts for name in personal(type(part))]
    assert len(marked) > 5
    for part, name in marked:
        assert f"{name}=" not in repr(part)


def personal(model: type[CanonicalModel]) -> set[str]:
    schemas = {**bundle("return")["$defs"], **bundle("credit")["$defs"], **bundle("disposition")["$defs"]}
    schemas |= bundle("adjustment")["$defs"] | {load(name)["title"]: load(name) for name in DOCUMENTS}
    fields = schemas[model.__name__]["properties"]
    marked = {name for name, field in fields.items() if field.get("x-personal-data")}
    return {name for name in model.model_fields if wire_name(name) in marked}


def instances(value: object) -> Iterator[CanonicalModel]:
    if isinstance(value, CanonicalModel):
        yield value
        for name in type(value).model_fields:
            yield from instances(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from instances(item)


def test_an_error_does_not_show_the_value() -> None:
    with pytest.raises(ValidationError) as failed:
        Party(id="1", email="jane at home")
    assert "jane" not in str(failed.value)


# ---------------------------------------------------------------- names and types


@pytest.mark.parametrize("document", ["common", *DOCUMENTS])
def test_every_field_has_its_python_name_and_comes_back_to_its_wire_name(document: str) -> None:
    schema = load(document)
    for title, body in {**schema["$defs"], schema["title"]: schema}.items():
        if "properties" in body:
            fields = getattr(models, title).model_fields
            assert [wire_name(name) for name in fields] == list(body["properties"])
            required = {wire_name(name) for name, field in fields.items() if field.is_required()}
            assert required == set(body.get("required", []))


@pytest.mark.parametrize("document", ["common", *DOCUMENTS])
def test_every_closed_list_is_a_literal_with_its_values(document: str) -> None:
    for name, body in load(document)["$defs"].items():
        if "enum" in body:
            assert list(get_args(getattr(models, name))) == body["enum"]


def test_hand_written_patterns_are_those_of_the_schema() -> None:
    written = [
        node.value
        for node in ast.walk(ast.parse(Path(models._scalars.__file__).read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    definitions = load("common")["$defs"]
    patterns = {
        name: getattr(models._scalars, name).__metadata__[0].pattern
        for name in ("Date", "DecimalString", "SignedDecimalString", "Timestamp")
    }
    assert patterns == {name: definitions[name]["pattern"] for name in patterns}
    assert definitions["Extensions"]["propertyNames"]["pattern"] in written


def test_the_facade_offers_every_class_and_list_once_and_sorted() -> None:
    defined = {
        name for document in ("common", *DOCUMENTS) for name in (*load(document)["$defs"], load(document)["title"])
    }
    assert len(models.__all__) == len(set(models.__all__))
    assert list(models.__all__) == sorted(models.__all__, key=lambda name: (not name.isupper(), name))
    assert defined - {"Common"} <= set(models.__all__)
    assert all(hasattr(models, name) for name in models.__all__)
    assert {"return": Return, "disposition": Disposition, "adjustment": Adjustment, "credit": Credit} == CLASSES


def test_nobody_else_imports_the_generated_modules() -> None:
    facades = [REPOSITORY / "sdk" / "openreturns" / name for name in ("models", "notices.py")]  # documents, events
    for root in ("sdk", "adapters", "codegen"):
        for path in (REPOSITORY / root).rglob("*.py"):
            if not any(path.is_relative_to(one) for one in facades):
                assert "models._generated" not in path.read_text("utf-8"), path


SNIPPET = """
from decimal import Decimal
from typing import assert_never
from openreturns.models import Money, Quantity, Return, DispositionStatus

def good(document: Return) -> Decimal | None:
    assert document.status == "requested"
    return document.lines[0].unit_price.amount if document.lines[0].unit_price else None

def told(status: DispositionStatus) -> str:
    match status:
        case "draft" | "pending_approval":
            return "open"
        case "final" | "reversed":
            return "done"
        case _:
            assert_never(status)

fine = Money(amount=Decimal("1"), currency="EUR")
"""
MISTAKES = {
    'Money(amount=Decimal("1"), curency="EUR")': "call-arg",
    "Money(amount=1.5, currency='EUR')": "arg-type",
    "Quantity(value=Decimal(1))": "call-arg",
    "fine.amout": "attr-defined",
    "fine.amount = Decimal(2)": "misc",
}


def test_a_type_checker_sees_wrong_names_and_types(tmp_path: Path) -> None:
    path = tmp_path / "snippet.py"
    path.write_text(SNIPPET + "\n".join(MISTAKES) + "\n", "utf-8")
    command = [sys.executable, "-m", "mypy", "--config-file", str(REPOSITORY / "pyproject.toml")]
    run = subprocess.run(
        [*command, "--no-error-summary", str(path)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )
    first = SNIPPET.count("\n") + 1
    found = {}
    for line in run.stdout.splitlines():
        if "error:" in line:
            found[int(line.split(":")[1])] = line.rsplit("[", 1)[1].rstrip("]")
    assert found == dict(enumerate(MISTAKES.values(), start=first)), run.stdout + run.stderr


def test_return_status_is_a_plain_literal() -> None:
    status: ReturnStatus = "requested"
    assert status in get_args(ReturnStatus)
