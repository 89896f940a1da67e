"""How lines and charges are taxed, and the groups they make: one a category and rate, as EN 16931 has them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openreturns.errors import Problem
from openreturns.mapping import Environment

from openreturns_adapters.ubl import codecs

__all__ = ["categories", "category_in", "category_out", "groups", "rate_in", "tax_total", "told_once", "unsaid"]

Record = dict[str, Any]
_Key = tuple[str, Decimal]

ZERO = Decimal(0)
_UNREASONED = ("S", "Z", "L", "M", "B")
# A code of the VATEX list, words, or both.
_reasoned = re.compile(r"(?:(VATEX-[A-Z0-9-]+)(?:: |$))?(.*)").fullmatch


# --- rows: lines and charges ----------------------------------------------------------------------------------


def _rows(document: Record) -> Iterator[tuple[str, Record, Decimal]]:
    """Yield lines and charges with their places and what they add to the credit."""
    for place, line in enumerate(document["lines"]):
        yield f"/lines/{place}", line, Decimal(line["amount"]["amount"])
    for place, charge in enumerate(document.get("charges") or ()):
        amount = Decimal(charge["amount"]["amount"])
        yield f"/charges/{place}", charge, amount if charge["effect"] == "increases_credit" else -amount


def _unstated(document: Record, env: Environment) -> _Key | None:
    """Return how rows that do not say are taxed: as the one tax group has it, or not at all where there is none."""
    found = {(group["category"], Decimal(group.get("rate", "0"))) for group in document.get("taxes") or ()}
    if len(found) == 1:
        return found.pop()
    said = any("taxCategory" in row for _, row, _ in _rows(document))
    return None if found or said else (str(env.tenant.setting("untaxed_category")), ZERO)


def _key(row: Record, env: Environment) -> _Key:
    if "taxCategory" in row:
        return row["taxCategory"], Decimal(row.get("taxRate", "0"))
    unstated = env.once(_unstated)
    if unstated is None:
        raise ValueError("its tax category is not told")
    return unstated


def _bases(document: Record, env: Environment) -> dict[_Key, Decimal]:
    bases: dict[_Key, Decimal] = {}
    for _, row, amount in _rows(document):
        key = _key(row, env)
        bases[key] = bases.get(key, ZERO) + amount
    return bases


def categories(document: Record, env: Environment) -> set[str]:
    """Return all tax categories of a credit; of rows that do not say, none."""
    return {_key(row, env)[0] for _, row, _ in _rows(document) if "taxCategory" in row or env.once(_unstated)}


def unsaid(document: Record, env: Environment) -> Iterable[Problem]:
    """Yield why a credit makes no tax groups: a row without a category, or O beside others."""
    if env.once(_unstated) is None:
        said = "other lines and charges say how they are taxed, this one does not (BR-CO-04)"
        rows = [place for place, row, _ in _rows(document) if "taxCategory" not in row]
        yield from (Problem("no_category", said, f"{place}/taxCategory", "/TaxTotal") for place in rows)
    found = env.once(categories)
    if "O" in found and len(found) > 1:
        said = "what is not subject to VAT is credited in a credit note of its own (BR-O-11)"
        yield Problem("mixed_categories", said, "/taxes", "/TaxTotal")


def category_out(row: Record, env: Environment, at: str = "") -> Record:
    """Return how a line or charge is taxed; `at` is where it stands below the place at hand."""
    made = _category(*_key(row, env))
    if "taxRate" in row and ("Percent" not in made or made["Percent"] != Decimal(row["taxRate"])):
        env.lose("the tax category that it falls under has another rate, or none", below=f"{at}/taxRate")
    return made


def _category(code: str, rate: Decimal) -> Record:
    percent = {} if code == "O" else {"Percent": rate}  # BR-O-05
    return {"ID": code, **percent, "TaxScheme": {"ID": "VAT"}}


# --- groups ---------------------------------------------------------------------------------------------------


def tax_total(document: Record, env: Environment) -> list[Record]:
    """Return the tax, a part for each category and rate of lines and charges."""
    bases = _bases(document, env)
    stated = document.get("taxes") or []
    parts = [_part(key, base, _of(key, stated, bases), stated, env) for key, base in bases.items()]
    for place, group in enumerate(stated):
        if group["taxType"] != "VAT":
            env.lose("EN 16931 knows VAT only", below=f"/taxes/{place}/taxType")
        if not any(group is one for key in bases for one in _of(key, stated, bases)):
            env.lose("no line or charge is taxed so", below=f"/taxes/{place}")
    total = codecs.number_of(document["totals"]["tax"], env)
    summed = sum((codecs.turned(part["TaxAmount"]["value"], env) for part in parts), ZERO)
    if summed != total:
        raise ValueError(f"the tax is {total}, that of lines and charges adds up to {summed} (BR-CO-14)")
    return [{"TaxAmount": codecs.money_out(total, env), "TaxSubtotal": parts}]


def _of(key: _Key, stated: list[Record], bases: dict[_Key, Decimal]) -> list[Record]:
    """Return the groups of a category and rate: those of that rate, or of several authorities that make it up."""
    own = [group for group in stated if (group["category"], Decimal(group.get("rate", "0"))) == key]
    alone = sum(category == key[0] for category, _ in bases) == 1
    return [group for group in stated if group["category"] == key[0]] if alone else own


def _part(key: _Key, base: Decimal, found: list[Record], stated: list[Record], env: Environment) -> Record:
    tax = sum((codecs.number_of(group["tax"], env) for group in found), ZERO)
    if not found and base:
        tax = (base * key[1] / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    for group in found:
        place = next(n for n, one in enumerate(stated) if one is group)
        if codecs.number_of(group["taxable"], env) != base:
            env.lose("the lines and charges of the category make another sum", below=f"/taxes/{place}/taxable")
        if len(found) > 1:
            env.lose("the tax of all authorities is one", below=f"/taxes/{place}")
    category = _category(*key)
    reason = _reason(key[0], found, env)
    return {
        "TaxableAmount": codecs.money_out(base, env),
        "TaxAmount": codecs.money_out(tax, env),
        "TaxCategory": {**category, **reason, "TaxScheme": category["TaxScheme"]},
    }


def _reason(code: str, found: list[Record], env: Environment) -> Record:
    """Return why no tax is due, which must be told of some categories and must not of others."""
    own = next((group["exemptionReason"] for group in found if "exemptionReason" in group), None)
    if code in _UNREASONED:
        if own:
            env.lose(f"category {code} has no exemption reason (BR-{code}-10)", below="/taxes")
        return {}
    told = _reasoned(str(own or env.tenant.table("exemption_reason").write.get(code, "")))
    named = zip(("TaxExemptionReasonCode", "TaxExemptionReason"), told.groups() if told else (), strict=False)
    return {name: text for name, text in named if text}


# --- reading --------------------------------------------------------------------------------------------------


def groups(record: Record, env: Environment) -> list[Record] | None:
    """Return the tax groups, of the tax that is told in the document's own currency."""
    own = (total for total in record.get("TaxTotal") or () if total["TaxAmount"]["currencyID"] == env.currency)
    found = []
    for part in (part for total in own for part in total.get("TaxSubtotal") or ()):
        category = part["TaxCategory"]
        told = (category.get("TaxExemptionReasonCode"), category.get("TaxExemptionReason"))
        reason = ": ".join(filter(None, told))
        rate = rate_in(category)
        found.append(
            {
                "taxType": category["TaxScheme"]["ID"],
                "category": category["ID"],
                **({"rate": rate} if rate is not None else {}),
                "taxable": codecs.signed_in(part["TaxableAmount"]["value"], env),
                "tax": codecs.signed_in(part["TaxAmount"]["value"], env),
                **({"exemptionReason": reason} if reason else {}),
            }
        )
    return found or None


def told_once(record: Record, env: Environment) -> None:
    """Tell of lines and charges that are taxed in several ways: a credit has one for each, the first."""
    rows: list[tuple[str, int, list[Record]]] = []
    for place, line in _numbered(record, "CreditNoteLine"):
        rows.append(("line", place, line["Item"].get("ClassifiedTaxCategory") or []))
    for place, one in _numbered(record, "AllowanceCharge"):
        rows.append(("charge", place, one.get("TaxCategory") or []))
    for what, place, said in rows:
        if len(said) > 1:
            env.finding("several_tax_categories", f"{what} {place} has {len(said)} tax categories: the first is read")


def _numbered(record: Record, name: str) -> Iterable[tuple[int, Record]]:
    return enumerate(record.get(name) or (), 1)


def category_in(categories: list[Record] | None) -> Record:
    """Return the category and rate of a line or charge."""
    first = next(iter(categories or ()), None)
    if first is None:
        return {}
    rate = rate_in(first)
    return {"taxCategory": first["ID"], **({"taxRate": rate} if rate is not None else {})}


def rate_in(category: Record) -> str | None:
    """Return a rate in percent as decimal text."""
    if "Percent" not in category:
        return None
    text = f"{category['Percent']:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
