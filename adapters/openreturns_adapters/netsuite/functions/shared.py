"""What every NetSuite record has: its identity, currency, units and items; plain functions, no clock, no I/O."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from openreturns.decimals import plain
from openreturns.mapping import Environment, Tenant, amount, money

__all__ = [
    "Record",
    "bare",
    "correlation",
    "currency",
    "document_id",
    "issued_at",
    "line_id",
    "money_of",
    "named",
    "number",
    "quantity",
    "reason_of",
    "revision",
    "sku",
    "split_ref",
    "split_text",
    "subsidiary",
    "unit",
    "unit_code",
]

Record = dict[str, Any]

_amount_text = amount.bind(Tenant()).parts[""].call
_bare_amount = money.bind(Tenant()).write.call


def number(record: Record, env: Environment) -> str | None:
    """Return the number people use: our external id, else the transaction number."""
    return record.get("externalId") or record.get("tranId") or record.get("id")


def document_id(record: Record, env: Environment) -> str:
    """Return the canonical id kept on the record, or one made from the vendor's for records others made."""
    kept = record.get("custbody_openreturns_document")
    return str(kept or f"netsuite-{record.get('id') or record.get('externalId')}")


def revision(record: Record, env: Environment) -> int:
    """Return the canonical revision kept on the record; 1 for records others made."""
    return int(record.get("custbody_openreturns_revision", 1))


def correlation(record: Record, env: Environment) -> str | None:
    """Return the caller's correlation id, the one kept on the record, or the number all systems share."""
    given = env.given.get("correlation_id") or record.get("custbody_openreturns_correlation")
    return str(given) if given else number(record, env)


def issued_at(record: Record, env: Environment) -> str | None:
    """Return when the record last changed; for a record not read back yet, what the caller says."""
    return record.get("lastModifiedDate") or record.get("createdDate") or env.given.get("issued_at")


def subsidiary(document: Record, env: Environment) -> str | None:
    """Return the tenant's subsidiary; accounts without OneWorld have none."""
    return env.tenant.settings.get("subsidiary_id")


def currency(record: Record, env: Environment) -> str:
    """Return the ISO 4217 code of a record; a record without currency is in the base currency."""
    known = record.get("currency") or {}
    if "id" in known:
        return env.code("currency", known["id"])
    return str(env.tenant.setting("base_currency"))


def line_id(line: Record, env: Environment) -> str | None:
    """Return the canonical line id kept on the line, else the vendor's line number."""
    kept = line.get("custcol_openreturns_line")
    return str(kept if kept is not None else line["line"]) if kept is not None or "line" in line else None


def sku(line: Record, env: Environment) -> str | None:
    """Return the item's number: its name in NetSuite, else its external id, else its internal id."""
    item = line.get("item") or {}
    return item.get("refName") or item.get("externalId") or item.get("id")


def unit_code(line: Record, env: Environment) -> str:
    """Return the UN/ECE code of a line's unit; lines without one count in the tenant's unit."""
    units = line.get("units")
    return env.code("unit_of_measure", units) if units else str(env.tenant.setting("unit_of_measure"))


def unit(amount: Record, env: Environment) -> str | None:
    """Return the vendor's unit id; nothing for the tenant's own unit where no id is configured."""
    table, uom = env.tenant.table("unit_of_measure"), amount["uom"]
    if uom not in table.write and uom == env.tenant.setting("unit_of_measure"):
        return None
    return table.word(uom)


def quantity(line: Record, env: Environment) -> Record | None:
    """Return the quantity of a line."""
    return {"value": plain(line["quantity"]), "uom": unit_code(line, env)} if "quantity" in line else None


def reason_of(line: Record, env: Environment, table: str) -> Record:
    """Return the reason kept on the line; NetSuite has none of its own."""
    word = line.get("custcol_openreturns_reason")
    if word is None:
        return {"code": "other", "note": "NetSuite holds no reason"}
    reasons = env.tenant.table(table)
    return {"code": reasons.require(word, env), "source": {"scheme": reasons.scheme, "value": word}}


def split_ref(line: Record, env: Environment) -> Record | None:
    """Return the disposition split behind a line, kept as documentId/lineId/splitId."""
    kept = line.get("custcol_openreturns_split")
    if kept is None:
        return None
    parts = kept.rsplit("/", 2)
    if len(parts) < 3 or not all(parts):
        raise ValueError(f"{kept!r} is not documentId/lineId/splitId")
    return dict(zip(("documentId", "lineId", "splitId"), parts, strict=True))


def split_text(line: Record, env: Environment) -> str | None:
    """Return a reference to a split as one text that can be taken apart again."""
    ref = line.get("disposition")
    if ref is None:
        return None
    if "/" in ref["lineId"] + ref["splitId"]:
        raise ValueError("a line or split id with a slash in it could not be read back")
    return f"{ref['documentId']}/{ref['lineId']}/{ref['splitId']}"


def named(values: Record) -> Record | None:
    """Return values under this vendor's extension names, those that are there."""
    return {f"com.netsuite.{name}": value for name, value in values.items() if value is not None} or None


def money_of(value: int | Decimal, env: Environment) -> Record:
    """Return an amount of the record as Money in the document's currency, exact; below zero is refused."""
    return {"amount": _amount_text(value, env), "currency": env.currency}


def bare(value: Record, env: Environment) -> Decimal:
    """Return the number of a Money; one in another currency than the document's is refused."""
    number: Decimal = _bare_amount(value, env)
    return number
