"""The generated tests' evidence: a tenant, values where any will not do, a record and what becomes of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from openreturns._fields import Field, fields
from openreturns._json import dump
from openreturns._schemas import schema_name
from openreturns.adapters import Adapter
from openreturns.models import DOCUMENTS
from openreturns.sandbox._described import sample
from openreturns.validation import document_validator

from openreturns_codegen.adapter.draft import Draft
from openreturns_codegen.adapter.plan import Package
from openreturns_codegen.adapter.text import camel, toml

__all__ = ["records", "tenant", "test", "values"]


def test(package: Package) -> str:
    """Return `test_contract.py`."""
    return f'''"""What every adapter must prove; raise the level as the adapter grows: documents, vendor."""

from openreturns.testing import contract_suite

Test{camel(package.name)} = contract_suite("{package.name}", level="documents")
'''


def settings(package: Package) -> dict[str, str]:
    """Return a value for each setting."""
    return {name: one for draft in package.drafts for name, (one, _) in draft.settings.items()}


def tenant(package: Package) -> str:
    """Return `tenant.toml`."""
    given = "\n".join(f"{name} = {toml(value)}" for name, value in settings(package).items())
    return f"[{package.name}.settings]\n{given}\n"


def values(package: Package) -> str:
    """Return `values.toml`: two values where the kit's own will not do."""
    parts = [
        "# Two values a field where any value will not do, for the checks that change one field at a time.\n",
        '[all]\n"UnitOfMeasure" = ["EA", "XCS"]\n"CurrencyCode" = ["USD", "EUR"]\n',
    ]
    for draft in package.drafts:
        rows = dict(_rows(draft))
        if rows:
            body = "\n".join(f"{toml(path)} = {json.dumps(two, ensure_ascii=False)}" for path, two in rows.items())
            parts.append(f'["{draft.native}.{draft.way}"]\n{body}\n')
    return "\n".join(parts)


def _rows(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    native = fields(draft.contract.schema)
    if draft.way == "in":
        for path, one in native.items():
            if one.kind == "any":
                yield path, ["41", "42"]
        yield from _formed(draft)
        return
    for list_ in draft.partly:
        first = next(one for one in draft.rules if one.canonical.startswith(f"{list_}[type="))
        kind = first.canonical.partition("[type=")[2].partition("]")[0]
        yield f"{list_}[].type", [kind, "other"]


_FORMS = {  # what the schema wants of texts of a kind
    "Email": ["a@example.org", "b@example.org"],
    "CountryCode": ["US", "DE"],
    "CurrencyCode": ["USD", "EUR"],
    "Gtin": ["05412345578550", "05412345578567"],
    "Gln": ["5412345000013", "5412345000020"],
    "Uri": ["https://vendor.example/1", "https://vendor.example/2"],
    "Phone": ["+32 2 555 01 41", "+32 2 555 01 42"],
}


def _formed(draft: Draft) -> Iterator[tuple[str, list[str]]]:
    """Yield the vendor's fields whose values must have a form (a moment, an address), with two of them each."""
    native, canonical = fields(draft.contract.schema), document_validator(draft.document).fields
    for line in (*draft.rules, *draft.lines):
        if not line.candidate:
            continue
        theirs, ours = native[line.candidate.native], canonical.get(line.canonical)
        if line.candidate.fit.codec in {"timestamp", "day"}:
            yield theirs.path, _moments(theirs)
        elif ours and ours.definition in _FORMS and not theirs.schema.get("x-known-values"):
            yield theirs.path, _FORMS[ours.definition]


def _known(draft: Draft) -> Iterator[tuple[str, str]]:
    """Yield the vendor's fields of a code table, each with a word whose code is sure."""
    for line in (*draft.rules, *draft.lines):
        if line.candidate and line.candidate.fit.table:
            words = draft.tables[line.candidate.fit.codes]
            yield line.candidate.native, next(one.word for one in words if one.sure)


def _fill(record: Any, path: str, value: str) -> None:  # noqa: ANN401 - any JSON value
    *steps, last = path.split(".")
    for step in steps:
        record = record[step.removesuffix("[]")]
        record = record[0] if isinstance(record, list) else record
    record[last] = value


def _moments(one: Field) -> list[str]:
    if one.kind == "date":
        return ["2026-10-05", "2026-10-06"]
    return ["2026-10-05T14:12:00Z", "2026-10-06T15:13:00Z"]


def records(package: Package, adapter: Adapter) -> dict[str, str]:
    """Return the recorded records: made from the contract, and what the mapping makes of each today."""
    ours = adapter.configure({"settings": settings(package)})
    found: dict[str, str] = {}
    for draft in package.drafts:
        story = "Made from the contract by the generator: put a real record here."
        kind = f"{package.name}.{draft.native}"
        if draft.way == "in":
            record = sample(draft.contract.schema)
            for path, text in (*((path, values[0]) for path, values in _formed(draft)), *_known(draft)):
                _fill(record, path, text)
            read = ours.read(draft.native, record, draft.document)
            told = sorted({finding.code for finding in read.findings})
            wanted = {"document": read.document.to_dict(), **({"findings": told} if told else {})}
            data = {"native_type": kind, "story": story, "native": record, "expect": {draft.document: wanted}}
        else:
            document = _smallest(draft)
            [written] = ours.write(DOCUMENTS[draft.document].model_validate_json(dump(document)), draft.native)
            data = {"native_type": kind, "story": story, "native": written.record, "written_from": document}
        found[f"tests/{draft.native}-made-from-the-contract.json"] = _json(data)
    return found


def _json(data: Any) -> str:  # noqa: ANN401 - any JSON value
    return json.dumps(json.loads(dump(data)), indent=2, ensure_ascii=False) + "\n"


def _smallest(draft: Draft) -> dict[str, Any]:
    """Return a document that says what the schema wants, and the words that the vendor's tables can say."""
    document: dict[str, Any] = {
        "meta": {
            "schema": schema_name(draft.document),
            "documentId": f"{draft.document}-RMA-2026-0107",
            "revision": 1,
            "sourceSystem": "erp.main",
            "issuedAt": "2026-10-05T12:00:00Z",
            "correlationId": "RMA-2026-0107",
        },
        "number": "RMA-2026-0107",
        "currency": "USD",
        **_OWN[draft.document],
    }
    for line in (*draft.rules, *draft.lines):
        if line.candidate and line.candidate.fit.codec == "digits":
            _set(document, line.canonical, "107")
        if line.candidate and line.candidate.fit.table:
            code = next(one.code for one in draft.tables[line.candidate.fit.codes] if one.sure)
            _set(document, line.canonical, {"code": code} if line.candidate.fit.codec.startswith("coded") else code)
    document_validator(draft.document).check(document, f"the smallest {draft.document}")
    return document


def _set(document: dict[str, Any], path: str, value: Any) -> None:  # noqa: ANN401 - any JSON value
    """Set a value that the smallest document has; what it does not have it goes without."""
    *steps, last = path.split(".")
    at: Any = document
    for step in steps:
        at = at.get(step.removesuffix("[]"), {})
        at = at[0] if isinstance(at, list) else at
    if last in at:
        at[last] = value


def _usd(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "USD"}


_OWN: dict[str, dict[str, Any]] = {
    "return": {
        "status": "authorized",
        "type": "credit",
        "customer": {"id": "CUST-9"},
        "lines": [
            {
                "lineId": "1",
                "item": {"sku": "H-12"},
                "requested": {"value": "30", "uom": "EA"},
                "reason": {"code": "defective"},
            }
        ],
    },
    "credit": {
        "status": "issued",
        "direction": "to_customer",
        "issueDate": "2026-10-05",
        "seller": {"id": "SELLER"},
        "buyer": {"id": "CUST-9"},
        "lines": [
            {
                "lineId": "1",
                "item": {"sku": "H-12"},
                "quantity": {"value": "2", "uom": "EA"},
                "unitPrice": _usd("10.00"),
                "amount": _usd("20.00"),
                "reason": {"code": "goods_returned"},
                "originalInvoice": {"type": "invoice", "id": "INV-7"},
            }
        ],
        "totals": {
            "lines": _usd("20.00"),
            "taxExclusive": _usd("20.00"),
            "tax": _usd("0.00"),
            "taxInclusive": _usd("20.00"),
            "due": _usd("20.00"),
        },
    },
}
