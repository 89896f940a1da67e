"""A distributor's base data for an empty Tryton database, told over JSON-RPC like everything else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from live.rpc import Rpc

__all__ = ["USERS", "password", "prepare"]

USERS = ("integration", "clerk", "approver", "nogroup", "elsewhere")
_LOTS = (("L-2026-001", 4000.0), ("L-2026-002", 20.0))


def password(login: str) -> str:
    return f"Pw-{login}-2026!"


@dataclass
class _Books:
    """What the parts need of each other."""

    company: int
    accounts: Mapping[str, int]
    tax: int
    category: int
    unit: int


def prepare(rpc: Rpc, today: dt.date) -> dict[str, Any]:
    """Load everything as the administrator, and return the ids by name."""
    ids: dict[str, Any] = {}
    ids["usd"] = _currency(rpc, "US Dollar", "USD", "1.0", today)
    ids["eur"] = _currency(rpc, "Euro", "EUR", "0.8", today)
    ids["company"] = _company(rpc, "Openreturns Distribution", ids["usd"])
    ids["other_company"] = _company(rpc, "Somebody Else", ids["usd"])
    books = _books(rpc, ids["company"], today)
    ids |= {"tax": books.tax, "unit": books.unit}
    ids |= _parties(rpc)
    ids |= _goods(rpc, books)
    ids |= _places(rpc)
    ids["lots"] = _stock(rpc, ids, today)
    ids["complaint_types"] = _complaint_types(rpc)
    ids["control"] = _control(rpc, ids["company"])
    ids["users"], ids["keys"] = _users(rpc, ids)
    return ids


def _currency(rpc: Rpc, name: str, code: str, rate: str, today: dt.date) -> int:
    found = rpc.find("currency.currency", [["code", "=", code]])
    rates = [["create", [{"date": dt.date(today.year, 1, 1), "rate": Decimal(rate)}]]]
    if found:
        rpc.write("currency.currency", found, {"rates": rates})
        return int(found[0])
    return rpc.one(
        "currency.currency",
        {"name": name, "symbol": code, "code": code, "rounding": Decimal("0.01"), "digits": 2, "rates": rates},
    )


def _company(rpc: Rpc, name: str, currency: int) -> int:
    party = rpc.one("party.party", {"name": name})
    company = rpc.one("company.company", {"party": party, "currency": currency})
    first = not rpc.context.get("company")
    own = {"company": company} if first else {}
    rpc.write("res.user", [rpc.user], {"companies": [["add", [company]]], **own})
    rpc.refresh()
    return company


def _books(rpc: Rpc, company: int, today: dt.date) -> _Books:
    chart = rpc.call("ir.model.data", "get_id", "account.account_template_root_en")
    rpc.wizard(
        "account.create_chart",
        ("account", {}),
        ("create_account", {"account": {"company": company, "account_template": chart}}),
        action_id=None,
    )
    mine = [["company", "=", company], ["closed", "!=", True]]
    accounts = {
        kind: rpc.the("account.account", [[f"type.{kind}", "=", True], ["party_required", "=", party], *mine])
        for kind, party in (("receivable", True), ("payable", True), ("revenue", False), ("expense", False))
    }
    accounts["tax"] = rpc.the("account.account", [["code", "=", "6.3.6"], *mine])
    values = {f"default_account_{kind}": accounts[kind] for kind in ("receivable", "payable")}
    values |= {f"default_category_account_{kind}": accounts[kind] for kind in ("expense", "revenue")}
    values |= {f"currency_exchange_{side}_account": accounts["expense"] for side in ("credit", "debit")}
    rpc.write("account.configuration", [1], values)
    _fiscal_year(rpc, company, today)
    tax = rpc.one(
        "account.tax",
        {
            "name": "Sales tax TX 8.25%",
            "description": "TX 8.25%",
            "type": "percentage",
            "rate": Decimal("0.0825"),
            "invoice_account": accounts["tax"],
            "credit_note_account": accounts["tax"],
            "company": company,
        },
    )
    category = rpc.one(
        "product.category",
        {
            "name": "Goods",
            "accounting": True,
            "account_expense": accounts["expense"],
            "account_revenue": accounts["revenue"],
            "customer_taxes": [["add", [tax]]],
        },
    )
    unit = rpc.the("product.uom", [["name", "=", "Unit"]])
    return _Books(company, accounts, tax, category, unit)


def _fiscal_year(rpc: Rpc, company: int, today: dt.date) -> None:
    """Open the half year before and after today, with its numbers."""
    start = (today.replace(day=1) - dt.timedelta(days=175)).replace(day=1)
    end = (today.replace(day=1) + dt.timedelta(days=175)).replace(day=1) - dt.timedelta(days=1)
    sequences = []
    for kind in ("Account Move", "Invoice"):
        of = rpc.the("ir.sequence.type", [["name", "=", kind]])
        sequences.append(rpc.one("ir.sequence.strict", {"name": kind, "sequence_type": of, "company": company}))
    moves, invoices = sequences
    numbers = {f"{side}_{kind}_sequence": invoices for side in ("out", "in") for kind in ("invoice", "credit_note")}
    year = rpc.one(
        "account.fiscalyear",
        {
            "name": str(today.year),
            "start_date": start,
            "end_date": end,
            "company": company,
            "move_sequence": moves,
            "invoice_sequences": [["create", [{"company": company, **numbers}]]],
        },
    )
    rpc.click("account.fiscalyear", "create_period", year)


def _parties(rpc: Rpc) -> dict[str, int]:
    term = rpc.one("account.invoice.payment_term", {"name": "Direct", "lines": [["create", [{"type": "remainder"}]]]})
    address = {"street": "100 Main St", "city": "Austin", "postal_code": "78701"}
    abroad = {"street": "Hafenstr. 5", "city": "Hamburg", "postal_code": "20457"}
    found = {"payment_term": term}
    for name, code, words, where in (
        ("customer", "C-1001", "Bluebonnet Industrial Supply", address),
        ("abroad", "C-2001", "Nordsee Pumpen", abroad),
    ):
        values = {"name": words, "code": code, "customer_payment_term": term, "addresses": [["create", [where]]]}
        found[name] = rpc.one("party.party", values)
        found[f"{name}_address"] = rpc.the("party.address", [["party", "=", found[name]]])
    found["supplier"] = rpc.one("party.party", {"name": "Acme Pumps (supplier)", "code": "S-1"})
    return found


def _goods(rpc: Rpc, books: _Books) -> dict[str, int]:
    found = {}
    for name, code, words, price, cost, lots in (
        ("pump", "P-100", "Pump P-100", "120.5000", "80.0000", ["supplier", "customer", "storage", "lost_found"]),
        ("gasket", "G-7", "Gasket G-7", "3.3300", "1.1000", []),
        ("fee", "FEE-RESTOCK", "Restocking fee", "0.0000", "0.0000", None),
    ):
        goods = lots is not None
        values = {
            "name": words,
            "default_uom": books.unit,
            "type": "goods" if goods else "service",
            "salable": True,
            "sale_uom": books.unit,
            "list_price": Decimal(price),
            "account_category": books.category,
            "products": [["create", [{"suffix_code": code, "cost_price": Decimal(cost)}]]],
        }
        if lots:
            values["lot_required"] = lots
        template = rpc.one("product.template", values)
        found[name] = rpc.the("product.product", [["template", "=", template]])
    return found


def _places(rpc: Rpc) -> dict[str, int]:
    codes = {"warehouse": "WH", "storage": "STO", "input": "IN", "output": "OUT"}
    found = {name: rpc.the("stock.location", [["code", "=", code]]) for name, code in codes.items()}
    for kind in ("lost_found", "customer"):
        found[f"{kind}_location"] = rpc.the("stock.location", [["type", "=", kind]])
    for name, code, words, kind in (
        ("quarantine", "QUAR", "Quarantine", "storage"),
        ("scrap", "SCRAP", "Scrap", "lost_found"),
        ("rtv", "RTV", "Return to vendor", "storage"),
    ):
        inside = {"parent": found["storage"]} if kind == "storage" else {}
        found[name] = rpc.one("stock.location", {"name": words, "code": code, "type": kind, **inside})
    rpc.write("stock.location", [found["warehouse"]], {"waste_locations": [["add", [found["scrap"]]]]})
    return found


def _stock(rpc: Rpc, ids: Mapping[str, Any], today: dt.date) -> dict[str, int]:
    lots = {n: rpc.one("stock.lot", {"number": n, "product": ids["pump"]}) for n, _ in _LOTS}
    lines: list[dict[str, Any]] = [
        {"product": ids["pump"], "lot": lots[n], "quantity": quantity} for n, quantity in _LOTS
    ]
    lines.append({"product": ids["gasket"], "quantity": 9000.0})
    inventory = rpc.one(
        "stock.inventory",
        {"location": ids["storage"], "date": today, "company": ids["company"], "lines": [["create", lines]]},
    )
    rpc.click("stock.inventory", "confirm", inventory)
    return lots


def _complaint_types(rpc: Rpc) -> dict[str, int]:
    models = ("sale.sale", "account.invoice")
    origins = {model: rpc.the("ir.model", [["name", "=", model]]) for model in models}
    return {model: rpc.one("sale.complaint.type", {"name": model, "origin": of}) for model, of in origins.items()}


def _control(rpc: Rpc, company: int) -> int:
    """Have every received return inspected before it counts as received."""
    points = [
        {"name": "seal_intact", "string": "Seal intact", "type_": "boolean"},
        {"name": "weight_kg", "string": "Weight kg", "type_": "float", "tolerance_lower": 4.9, "tolerance_upper": 5.1},
    ]
    return rpc.one(
        "quality.control",
        {
            "name": "Returned goods check",
            "operations": ["stock.shipment.out.return:receive"],
            "company": company,
            "frequency": 1.0,
            "points": [["create", points]],
        },
    )


def _users(rpc: Rpc, ids: Mapping[str, Any]) -> tuple[dict[str, int], dict[str, str]]:
    groups = rpc.find("res.group", [], ["name"])
    every = [g["id"] for g in groups if "Administrat" not in g["name"] or g["name"].startswith(("Sales", "Stock"))]
    own = [rpc.call("ir.model.data", "get_id", name) for name in ("sale.group_sale", "stock.group_stock")]
    users, keys = {}, {}
    for login in USERS:
        company = ids["other_company" if login == "elsewhere" else "company"]
        party = rpc.one("party.party", {"name": login})
        employee = rpc.one("company.employee", {"party": party, "company": company})
        member = {"clerk": own, "nogroup": []}.get(login, every)
        users[login] = rpc.one(
            "res.user",
            {
                "name": login,
                "login": login,
                "password": password(login),
                "companies": [["add", [company]]],
                "company": company,
                "employees": [["add", [employee]]],
                "employee": employee,
                "groups": [["add", member]],
            },
        )
        application = {"user": users[login], "application": "rest"}
        rpc.one("res.user.application", application)
        [row] = rpc.find("res.user.application", [["user", "=", users[login]]], ["key"])
        keys[login] = row["key"]
    return users, keys
