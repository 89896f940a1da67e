"""What the account holds before anything comes back: the distributor's invoices, committed."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

__all__ = ["exempt_customers", "invoices", "locations"]

Model = dict[str, Any]

_STORY = Path(__file__).with_name("story.toml")


def _read() -> Model:
    return tomllib.loads(_STORY.read_text("utf-8"))


def locations() -> dict[str, Model]:
    """Return the company's locations by code."""
    found: dict[str, Model] = _read()["locations"]
    return found


def exempt_customers() -> set[str]:
    """Return the customers with a certificate."""
    return set(_read()["exempt"])


def invoices() -> list[Model]:
    """Return the create models of the story's invoices."""
    story = _read()
    return [_model(invoice, story) for invoice in story["invoices"]]


def _model(invoice: Model, story: Model) -> Model:
    return {
        "type": "SalesInvoice",
        "code": invoice["code"],
        "date": invoice["date"].isoformat(),
        "customerCode": invoice["customer"],
        "currencyCode": invoice["currency"],
        "referenceCode": invoice["order"],
        "commit": True,
        "addresses": {
            "shipFrom": {"locationCode": next(iter(story["locations"]))},
            "shipTo": story["customers"][invoice["customer"]],
        },
        "lines": [
            {
                "number": line["number"],
                "itemCode": line["sku"],
                "description": line["description"],
                "quantity": line["quantity"],
                "amount": Decimal(line["price"]) * line["quantity"],
                "taxCode": "P0000000",
            }
            for line in invoice["lines"]
        ],
    }
