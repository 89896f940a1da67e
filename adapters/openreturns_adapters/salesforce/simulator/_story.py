"""What is in the org before anything comes back, and what people do there that no client can."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from openreturns_adapters.salesforce.simulator._access import Access
from openreturns_adapters.salesforce.simulator._errors import Refused
from openreturns_adapters.salesforce.simulator._ids import key, new_id
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._queries import record_json
from openreturns_adapters.salesforce.simulator._store import Record

__all__ = ["Story", "set_up"]


def set_up(org: Org, username: str, statuses: Mapping[str, bool]) -> None:
    """Give an org what every org has: itself, its user, the statuses of a case."""
    org.set(org.objects["Organization"], {"Id": new_id("00D", 1), "Name": "Distributor", "IsSandbox": True})
    user = {"Id": org.user_id, "Name": "Integration User", "Username": username, "IsActive": True}
    org.set(org.objects["User"], user)
    for place, (name, closed) in enumerate(statuses.items(), 1):
        status = {"MasterLabel": name, "ApiName": name, "SortOrder": place, "IsDefault": place == 1, "IsClosed": closed}
        org.set(org.objects["CaseStatus"], status)


class Story:
    """The distributor's customers, goods, places and orders, and the people who work in the org."""

    def __init__(self, org: Org, access: Access) -> None:
        self._org = org
        self._access = access

    def seed(self) -> dict[str, Any]:
        """Fill an empty org; return the ids by what each is known as. What is there already stays as it is."""
        told = tomllib.loads(Path(__file__).with_name("story.toml").read_text("utf-8"), parse_float=Decimal)
        with self._org.transaction():
            places = {
                p["reference"]: self._once("Location", "ExternalReference", p["reference"], _place(p))
                for p in told["locations"]
            }
            goods = {
                sku: self._once("Product2", "StockKeepingUnit", sku, _good(sku, name))
                for sku, name in told["goods"].items()
            }
            accounts = {c["number"]: self._account(c) for c in told["customers"]}
            orders = {o["number"]: self._order(o, accounts, goods) for o in told["orders"]}
        return {"Account": accounts, "Location": places, "Order": orders, "Product2": goods}

    def _once(self, name: str, field: str, value: str, values: Mapping[str, Any]) -> str:
        known = self._org.objects[name]
        found = self._org.matching(known, field, value)
        return str((found[0] if found else self._org.create(known, {field: value, **values}))["Id"])

    def _account(self, told: Mapping[str, Any]) -> str:
        known, number = self._org.objects["Account"], told["number"]
        values = {
            "Name": told["name"],
            "AccountNumber": number,
            "Type": "Customer - Direct",
            "CurrencyIsoCode": told["currency"],
        }
        there = bool(self._org.matching(known, "Customer_Number__c", number))
        account = self._once("Account", "Customer_Number__c", number, values)
        if not there:
            person = {
                "LastName": "Returns Desk",
                "AccountId": account,
                "Email": f"returns.{number.lower()}@example.com",
            }
            self._org.create(self._org.objects["Contact"], person)
        return account

    def _order(self, told: Mapping[str, Any], accounts: Mapping[str, str], goods: Mapping[str, str]) -> str:
        number = told["number"]
        there = bool(self._org.matching(self._org.objects["Order"], "OrderReferenceNumber", number))
        values = {
            "AccountId": accounts[told["customer"]],
            "EffectiveDate": told["date"],
            "Status": "Activated",
            "CurrencyIsoCode": told["currency"],
        }
        order = self._once("Order", "OrderReferenceNumber", number, values)
        for sku, quantity, price in () if there else told["lines"]:
            line = {"OrderId": order, "Product2Id": goods[sku], "Quantity": quantity, "UnitPrice": price}
            self._org.create(self._org.objects["OrderItem"], line)
        return order

    # What people do

    def steps(self) -> dict[str, Callable[..., Any]]:
        """Return what can happen in the org and around it, by name; each raises ValueError for what cannot be."""
        return {name: self._within(step) for name, step in self._steps().items()}

    def _within(self, step: Callable[..., Any]) -> Callable[..., Any]:
        def do(**given: object) -> Any:  # noqa: ANN401 - what the step tells
            try:
                with self._org.transaction():
                    return step(**given)
            except Refused as refused:
                raise ValueError(f"{refused.code}: {refused}") from None

        return do

    def _steps(self) -> dict[str, Callable[..., Any]]:
        return {
            "case_opened": self._case_opened,
            "record_changed": self._record_changed,
            "record_deleted": self._record_deleted,
            "changes": self._changes,
            "row_locked": self._row_locked,
            "upsert_overlaps": self._upsert_overlaps,
            "sessions_ended": self._access.end_sessions,
            "tokens_denied": self._tokens_denied,
            "unavailable": self._unavailable,
            "crowded": self._crowded,
        }

    def _case_opened(self, subject: str, account: str = "", **fields: object) -> dict[str, Any]:
        """Open a case as a customer does on the web site; `account` is the customer's number."""
        values = {"Subject": subject, "Origin": "Web", **fields}
        if account:
            [found] = self._org.matching(self._org.objects["Account"], "Customer_Number__c", account)
            values["AccountId"] = found["Id"]
        return self._shown("Case", self._org.create(self._org.objects["Case"], values))

    def _record_changed(self, sobject: str, id: str, **fields: object) -> dict[str, Any]:
        """Change a record as somebody does on the screen."""
        known = self._org.objects[sobject]
        return self._shown(sobject, self._org.update(known, self._org.get(known, id), fields))

    def _record_deleted(self, sobject: str, id: str) -> None:
        """Delete a record as somebody does on the screen."""
        known = self._org.objects[sobject]
        self._org.delete(known, self._org.get(known, id))

    def _changes(self, after: int = 0) -> list[dict[str, Any]]:
        """Tell the changes after a replay id, as change events have them."""
        return [{"replayId": n, "ChangeEventHeader": c} for n, c in enumerate(self._org.changes, 1) if n > after]

    def _row_locked(self, id: str, times: int = 1) -> None:
        """Let another transaction hold a row for the next `times` attempts to change it or what belongs to it."""
        self._org.locked[key(id)] = times

    def _upsert_overlaps(self, sobject: str, field: str, value: str, **fields: object) -> None:
        """Let another client create the record at the moment of the next upsert with this value."""
        self._org.overlapping.append((f"{sobject}.{field}", value, {field: value, **fields}))

    def _tokens_denied(self, reason: str = "") -> None:
        """Give no token, for a reason such as `inactive user`; without a reason give them again."""
        self._access.denied = reason

    def _unavailable(self, times: int = 1) -> None:
        """Let the service be down for the next `times` calls."""
        self._access.unavailable = times

    def _crowded(self, times: int = 1) -> None:
        """Let too many long calls be running at the moment of the next `times` calls."""
        self._access.crowded = times

    def _shown(self, sobject: str, record: Record) -> dict[str, Any]:
        known = self._org.objects[sobject]
        return record_json(known, record, list(known.fields), "")


def _place(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"Name": told["name"], "LocationType": "Warehouse", "IsInventoryLocation": True}


def _good(sku: str, name: str) -> dict[str, Any]:
    return {"Name": name, "ProductCode": sku, "IsActive": True, "QuantityUnitOfMeasure": "Each"}
