"""Drive a served AvaTax with the vendor's own client for Python; print what came of it.

Runs with the interpreter of .venv-peers: `avatax_client.py ADDRESS`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import requests
from avalara import AvataxClient  # type: ignore[import-not-found,unused-ignore] # of .venv-peers

COMPANY = "DEFAULT"
ADDRESS = {"line1": "2000 Main Street", "city": "Irvine", "region": "CA", "country": "US", "postalCode": "92614"}


def connected(address: str, name: str = "2000000000", password: str = "sandbox-license-key") -> AvataxClient:
    return AvataxClient("peer", "1.0", "test", address).add_credentials(name, password)


def document(kind: str, code: str, *, commit: bool = True, sign: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "code": code,
        "companyCode": COMPANY,
        "date": "2026-10-06",
        "customerCode": "C-1042",
        "commit": commit,
        "addresses": {"singleLocation": ADDRESS},
        "lines": [
            {"number": "1", "quantity": 3, "amount": 300 * sign, "itemCode": "P-100"},
            {"number": "2", "quantity": 1, "amount": 20 * sign, "itemCode": "G-7"},
        ],
        **more,
    }


def said(answer: requests.Response) -> Any:
    return json.loads(answer.text, parse_float=Decimal)


def refused(answer: requests.Response) -> list[Any]:
    error = said(answer)["error"]
    return [answer.status_code, error["code"]]


def logins(address: str) -> dict[str, Any]:
    return {
        "ping": said(connected(address).ping())["authenticated"],
        "wrong": said(connected(address, password="wrong").ping())["authenticated"],
        "refused": refused(connected(address, password="wrong").list_transactions_by_company(COMPANY)),
    }


def documents(client: AvataxClient) -> dict[str, Any]:
    made = client.create_transaction(document("SalesInvoice", "peer/INV+1"))
    sale = said(made)
    code = "peer_-ava2f-_INV_-ava2b-_1"  # as the client's documentation has it
    read = said(client.get_transaction_by_code(COMPANY, code))
    again = client.create_transaction(document("SalesInvoice", "peer/INV+1"))
    return {
        "created": [made.status_code, sale["status"], sale["code"]],
        "read": [read["id"] == sale["id"], read["totalAmount"] == 320, read["totalTax"] == sale["totalTax"]],
        "again": refused(again),
        "missing": refused(client.get_transaction_by_code(COMPANY, "nobody")),
    }


def returns(client: AvataxClient) -> dict[str, Any]:
    law = {"type": "TaxDate", "taxDate": "2026-01-15", "reason": "return"}
    back = said(client.create_transaction(document("ReturnInvoice", "peer-CM-1", sign=-1, taxOverride=law)))
    refund = client.refund_transaction(
        COMPANY,
        "peer_-ava2f-_INV_-ava2b-_1",
        {
            "refundTransactionCode": "peer-CM-2",
            "refundDate": "2026-10-09",
            "refundType": "Partial",
            "refundLines": ["1"],
        },
    )
    voided = client.void_transaction(COMPANY, "peer-CM-1", {"code": "DocVoided"}, {"documentType": "ReturnInvoice"})
    return {
        "returned": [back["status"], back["totalAmount"] == -320, back["totalTax"] < 0],
        "refunded": [refund.status_code, said(refund)["type"], said(refund)["totalAmount"] == -300],
        "voided": [voided.status_code, said(voided)["status"]],
        "voided again": client.void_transaction(
            COMPANY, "peer-CM-1", {"code": "DocVoided"}, {"documentType": "ReturnInvoice"}
        ).status_code,
    }


def drafts(client: AvataxClient) -> dict[str, Any]:
    saved = said(client.create_transaction(document("SalesInvoice", "peer-INV-2", commit=False)))
    committed = said(client.commit_transaction(COMPANY, "peer-INV-2", {"commit": True}))
    adjusted = client.create_or_adjust_transaction(
        {
            "adjustmentReason": "PriceAdjusted",
            "adjustmentDescription": "agreed",
            "createTransactionModel": document("SalesInvoice", "peer-INV-2"),
        }
    )
    return {
        "saved": saved["status"],
        "committed": committed["status"],
        "adjusted": [adjusted.status_code, said(adjusted)["version"]],
        "listed": said(client.list_transactions_by_company(COMPANY))["@recordsetCount"] > 0,
    }


def wrong(client: AvataxClient) -> dict[str, Any]:
    nothing = document("SalesInvoice", "peer-INV-3")
    nothing["lines"] = []
    return {"no lines": refused(client.create_transaction(nothing))}


def main() -> None:
    address = sys.argv[1]
    client = connected(address)
    parts: dict[str, Callable[[], Any]] = {
        "logins": lambda: logins(address),
        "documents": lambda: documents(client),
        "returns": lambda: returns(client),
        "drafts": lambda: drafts(client),
        "wrong": lambda: wrong(client),
    }
    print(json.dumps({name: part() for name, part in parts.items()}))


if __name__ == "__main__":
    main()
