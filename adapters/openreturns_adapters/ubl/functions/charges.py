"""What makes a credit smaller or larger beside its lines, and the sums it changes.

In a credit note a fee that the seller keeps is an allowance: totals run the other way than in an invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from openreturns.mapping import Environment

from openreturns_adapters.ubl import codecs
from openreturns_adapters.ubl.functions import lines, taxes

__all__ = ["allowed", "charged", "charges", "decreases", "increases", "line_total", "rounded_in", "tax", "written"]

Record = dict[str, Any]

ZERO = Decimal(0)
_EFFECTS = {"decreases_credit": False, "increases_credit": True}


def written(document: Record, env: Environment) -> list[Record] | None:
    """Return charges as allowances and charges of the document."""
    rows = [_written(charge, place, env) for place, charge in enumerate(document.get("charges") or ())]
    return rows or None


def _written(charge: Record, place: int, env: Environment) -> Record:
    is_charge = _EFFECTS[charge["effect"]]
    printed, codes = env.tenant.table("charge_reason"), env.tenant.table("charge_code")
    known = printed.write.get(charge["kind"])
    text = charge.get("reason") or known or "Other"
    code = codes.write.get(charge["kind"]) if is_charge else None
    if (codes.code(str(code)) if code else printed.code(str(text))) != charge["kind"]:
        env.lose("told in words only", below=f"/charges/{place}/kind")
    return {
        "ChargeIndicator": is_charge,
        **({"AllowanceChargeReasonCode": str(code)} if code else {}),
        "AllowanceChargeReason": str(text),
        "Amount": codecs.money_out(codecs.number_of(charge["amount"], env), env),
        "TaxCategory": [taxes.category_out(charge, env, f"/charges/{place}")],
    }


def allowed(document: Record, env: Environment) -> Record | None:
    """Return the sum of the allowances; it is there wherever there are any, if only to be zero (BR-CO-11)."""
    return _total(document, "decreases", "decreases_credit", env)


def charged(document: Record, env: Environment) -> Record | None:
    """Return the sum of the charges, likewise (BR-CO-12)."""
    return _total(document, "increases", "increases_credit", env)


def _total(document: Record, name: str, effect: str, env: Environment) -> Record | None:
    stated = document["totals"].get(name)
    if stated is None and not any(charge["effect"] == effect for charge in document.get("charges") or ()):
        return None
    return codecs.money_out(codecs.number_of(stated, env) if stated else ZERO, env)


# --- reading --------------------------------------------------------------------------------------------------


def charges(record: Record, env: Environment) -> list[Record] | None:
    """Return the document's allowances and charges, those of its lines, and the lines that take from the credit."""
    found = [_read(one, env) for one in record.get("AllowanceCharge") or ()]
    for line in record["CreditNoteLine"]:
        taxed = line["Item"].get("ClassifiedTaxCategory")
        called = line["Item"]["Name"]
        if not lines.adds(line, env):
            env.finding("line_takes_back", f"line {line['ID']} takes from the credit: read as a charge")
            found.append(_charge("other", "decreases_credit", -_extension(line, env), called, taxed, env))
        elif beyond := lines.charged(line, env):
            env.finding("line_charge", f"line {line['ID']} is charged something of its own: read as a charge of all")
            found.append(_charge("other", "increases_credit", beyond, called, taxed, env))
    return found or None


def _extension(line: Record, env: Environment) -> Decimal:
    return codecs.turned(line["LineExtensionAmount"]["value"], env)


def _read(one: Record, env: Environment) -> Record:
    effect = "increases_credit" if one["ChargeIndicator"] else "decreases_credit"
    value = codecs.turned(one["Amount"]["value"], env)
    return _charge(_kind(one, env), effect, value, one.get("AllowanceChargeReason"), one.get("TaxCategory"), env)


def _kind(one: Record, env: Environment) -> str:
    """Return what an allowance or charge is for: by its code, else by its words, else something else."""
    codes, printed = env.tenant.table("charge_code"), env.tenant.table("charge_reason")
    code, text = one.get("AllowanceChargeReasonCode"), one.get("AllowanceChargeReason")
    by_code = codes.code(code) if code and one["ChargeIndicator"] else None
    return by_code or (printed.code(text) if text else None) or "other"


def _charge(
    kind: str, effect: str, value: Decimal, text: str | None, taxed: list[Record] | None, env: Environment
) -> Record:
    words = {"reason": text} if text else {}
    amount = codecs.money_in(value, env)
    return {"kind": kind, "effect": effect, "amount": amount, **words, **taxes.category_in(taxed)}


def _taking(record: Record, env: Environment) -> Iterator[Decimal]:
    yield from (-_extension(line, env) for line in record["CreditNoteLine"] if not lines.adds(line, env))


def _charged(record: Record, env: Environment) -> Decimal:
    return sum((lines.charged(line, env) for line in record["CreditNoteLine"] if lines.adds(line, env)), ZERO)


def _stated(record: Record, name: str, env: Environment) -> Decimal | None:
    amount = record["LegalMonetaryTotal"].get(name)
    return codecs.turned(amount["value"], env) if amount else None


def line_total(record: Record, env: Environment) -> Record:
    """Return the sum of the lines as it is stated, without what is a charge here."""
    stated = _stated(record, "LineExtensionAmount", env) or ZERO
    return codecs.money_in(stated + sum(_taking(record, env), ZERO) - _charged(record, env), env)


def tax(record: Record, env: Environment) -> Record | None:
    """Return the sum of the tax in the document's currency."""
    for total in record.get("TaxTotal") or ():
        if total["TaxAmount"]["currencyID"] == env.currency:
            return codecs.money_in(codecs.turned(total["TaxAmount"]["value"], env), env)
    return codecs.money_in(ZERO, env)


def decreases(record: Record, env: Environment) -> Record | None:
    """Return the sum of the allowances as it is stated, with the lines that take from the credit."""
    return _sum(_stated(record, "AllowanceTotalAmount", env), sum(_taking(record, env), ZERO), env)


def increases(record: Record, env: Environment) -> Record | None:
    """Return the sum of the charges as it is stated, with those of the lines."""
    return _sum(_stated(record, "ChargeTotalAmount", env), _charged(record, env), env)


def _sum(stated: Decimal | None, more: Decimal, env: Environment) -> Record | None:
    return codecs.money_in((stated or ZERO) + more, env) if stated is not None or more else None


def rounded_in(document: Record, env: Environment) -> str | None:
    """Return the currency of the rounding, where there is one."""
    return env.currency if "rounding" in document["totals"] else None
