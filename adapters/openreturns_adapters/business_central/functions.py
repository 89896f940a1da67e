"""What a sales credit memo cannot say, refused; plain functions, no clock and no I/O."""

from __future__ import annotations

from typing import Any

from openreturns.mapping import Environment

__all__ = ["for_a_customer", "given", "no_charges", "priced_by_one"]

Record = dict[str, Any]


def for_a_customer(document: Record, env: Environment) -> None:
    """Refuse a credit that a vendor gives us: it is a purchase credit memo."""
    if document["direction"] != "to_customer":
        raise ValueError("a sales credit memo is for a customer; a vendor's credit is a purchase credit memo")


def given(document: Record, env: Environment) -> None:
    """Refuse a credit that is not to be given: a memo of it would be over money that nobody owes."""
    if document["status"] in {"pending_approval", "rejected", "voided"}:
        raise ValueError(f"a credit that is {document['status']} is not given")
    if "reverses" in document:
        raise ValueError(
            "the other memo is cancelled in Business Central; a second one would credit the customer twice"
        )


def no_charges(document: Record, env: Environment) -> None:
    """Refuse fees and freight: without them the memo would be over another sum."""
    if document.get("charges"):
        raise ValueError("charges need lines on ledger accounts of the company, and a person to choose them")


def priced_by_one(document: Record, env: Environment) -> None:
    """Refuse a price that is not of one unit: the memo would be over another sum."""
    for line in document["lines"]:
        if "priceBase" in line:
            raise ValueError(f"line {line['lineId']} is priced per {line['priceBase']['value']}, the memo by one unit")
