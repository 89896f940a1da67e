"""Drive a served Salesforce with the client that Python programs talk to Salesforce with; print what came of it.

Runs with the interpreter of .venv-peers: `salesforce_client.py ADDRESS CERTIFICATE PRIVATE_KEY`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from requests.adapters import HTTPAdapter
from simple_salesforce import Salesforce, exceptions  # type: ignore[import-not-found,unused-ignore] # of .venv-peers

APP = {"consumer_key": "sandbox-consumer-key", "consumer_secret": "sandbox-consumer-secret"}
USER = "integration@distributor.example.com"


class Redirected(HTTPAdapter):
    """Sends what is meant for the vendor's own hosts to the simulator."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self._host = urlsplit(address).netloc

    def send(self, request: requests.PreparedRequest, *given: Any, **more: Any) -> requests.Response:
        request.url = urlunsplit(urlsplit(str(request.url))._replace(netloc=self._host))
        return super().send(request, *given, **more)


def session(address: str, certificate: str) -> requests.Session:
    opened = requests.Session()
    opened.verify = certificate
    opened.trust_env = False
    for host in ("login", "distributor.my"):
        opened.mount(f"https://{host}.salesforce.com", Redirected(address))
    return opened


def refused(call: Callable[[], object]) -> list[Any]:
    """What the client raises for a call, as it tells it."""
    try:
        call()
    except exceptions.SalesforceAuthenticationFailed as error:
        return [type(error).__name__, error.code, error.content.decode()]
    except exceptions.SalesforceError as error:
        told = error.content[0] if isinstance(error.content, list) else error.content
        return [type(error).__name__, error.status, told["errorCode"] if isinstance(told, dict) else told]
    return ["nothing was refused"]


def logins(address: str, certificate: str, private_key: str) -> dict[str, Any]:
    def by(domain: str, **how: Any) -> Any:
        return Salesforce(session=session(address, certificate), domain=domain, version="62.0", **how)

    by_secret = by("distributor.my", **APP)
    by_token = by("login", username=USER, consumer_key=APP["consumer_key"], privatekey_file=private_key)
    stranger = {"username": "stranger@example.com", "consumer_key": APP["consumer_key"]}
    return {
        "by secret": by_secret.limits()["DailyApiRequests"]["Max"],
        "by token": by_token.limits()["DailyApiRequests"]["Max"],
        "instance": by_secret.sf_instance == urlsplit(address).netloc,
        "wrong secret": refused(lambda: by("distributor.my", **{**APP, "consumer_secret": "not-it"})),
        "wrong user": refused(lambda: by("login", **stranger, privatekey_file=private_key)),
        "wrong session": refused(
            lambda: Salesforce(
                session_id="nobody", instance_url=address, session=session(address, certificate)
            ).limits()
        ),
    }


def records(sf: Any) -> dict[str, Any]:
    made = sf.Case.create({"Subject": "2 pumps leak", "Origin": "Web"})
    case = made["id"]
    status = sf.Case.update(case, {"Status": "Closed"})
    read = sf.Case.get(case)
    late = {"If-Unmodified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"}
    return {
        "created": [made["success"], made["errors"]],
        "read": [read["Subject"], read["IsClosed"], read["attributes"]["type"]],
        "update": status,
        "too late": refused(lambda: sf.Case.update(case, {"Subject": "x"}, headers=late)),
        "bad value": refused(lambda: sf.Case.update(case, {"Status": "Foo"})),
        "unknown field": refused(lambda: sf.Case.create({"Colour": "red"})),
        "delete": sf.Case.delete(case),
        "gone": refused(lambda: sf.Case.get(case)),
        "described": sf.Case.describe()["keyPrefix"],
        "prefix": sf.Case.metadata()["objectDescribe"]["name"],
        "objects": "ReturnOrder" in [one["name"] for one in sf.describe()["sobjects"]],
        "usage": sf.api_usage["api-usage"].total,
    }


def upserts(sf: Any) -> dict[str, Any]:
    def put(subject: str, key: str = "RMA_Number__c/RMA-2026-0001") -> Any:
        return sf.Case.upsert(key, {"Subject": subject}, raw_response=True).status_code

    first, second = put("a"), put("b")
    old = sf.Case  # as a program that was written for an older version
    old.base_url = old.base_url.replace("v62.0", "v45.0")
    oldest = old.upsert("RMA_Number__c/RMA-2026-0001", {"Subject": "c"})
    for _ in range(2):
        sf.Account.create({"Name": "Twin", "Twin_Number__c": "T-1"})
    return {
        "statuses": [first, second, oldest],
        "by key": sf.Case.get_by_custom_id("RMA_Number__c", "RMA-2026-0001")["Subject"],
        "several": refused(lambda: sf.Account.upsert("Twin_Number__c/T-1", {"Name": "x"}))[:2],
        "no such key": refused(lambda: sf.Case.upsert("Subject/x", {"Origin": "Web"})),
    }


def queries(sf: Any) -> dict[str, Any]:
    soql = "SELECT Id, Name, (SELECT Id FROM Contacts) FROM Account WHERE AccountNumber != null ORDER BY Name"
    first = sf.query(soql)
    second = sf.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    prices = sf.query_all("SELECT UnitPrice FROM OrderItem WHERE Order.OrderReferenceNumber = 'SO-56028'")
    return {
        "pages": [len(first["records"]), first["done"], len(second["records"])],
        "all": len(sf.query_all(soql)["records"]) == first["totalSize"],
        "each": len(list(sf.query_all_iter(soql))) == first["totalSize"],
        "exact": str(prices["records"][0]["UnitPrice"]),
        "inner": first["records"][0]["Contacts"]["totalSize"],
        "malformed": refused(lambda: sf.query("SELECT FROM Case")),
    }


def composites(sf: Any) -> dict[str, Any]:
    base = "/services/data/v62.0/sobjects"
    product = sf.query("SELECT Id FROM Product2 WHERE ProductCode = 'P-100'")["records"][0]["Id"]

    def parts(plan: str) -> dict[str, Any]:
        line = {"ReturnOrderId": "@{ro.id}", "Product2Id": product, "QuantityReturned": 2, "ProcessingPlan": plan}
        posts = (("ro", "ReturnOrder", {"Status": "Submitted"}), ("rol1", "ReturnOrderLineItem", line))
        return {
            "allOrNone": True,
            "compositeRequest": [
                {"method": "POST", "url": f"{base}/{sobject}", "referenceId": name, "body": body}
                for name, sobject, body in posts
            ],
        }

    def statuses(plan: str) -> list[int]:
        answer = sf.restful("composite", method="POST", data=json.dumps(parts(plan)))
        return [one["httpStatusCode"] for one in answer["compositeResponse"]]

    return {
        "good": statuses("Restock"),
        "bad": statuses("Burn"),
        "kept": sf.query("SELECT COUNT() FROM ReturnOrder")["totalSize"],
    }


def bulk(sf: Any) -> dict[str, Any]:
    rows = [{"RMA_Number__c": f"RMA-B-{n}", "Status": status} for n, status in enumerate(("New", "Foo"))]
    [told] = sf.bulk2.Case.upsert(records=rows, external_id_field="RMA_Number__c", wait=0)
    failed = sf.bulk2.Case.get_failed_records(told["job_id"])
    return {
        "counts": [told["numberRecordsProcessed"], told["numberRecordsFailed"]],
        "failed": "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST" in failed and "RMA-B-1" in failed,
        "there": sf.query("SELECT COUNT() FROM Case WHERE RMA_Number__c LIKE 'RMA-B-%'")["totalSize"],
    }


def main(address: str, certificate: str, private_key: str) -> None:
    """Say in JSON what every part of the conversation came to."""
    told = {"logins": logins(address, certificate, private_key)}
    opened = session(address, certificate)
    sf = Salesforce(session=opened, domain="distributor.my", version="62.0", parse_float=Decimal, **APP)
    told |= {"records": records(sf), "upserts": upserts(sf), "queries": queries(sf)}
    told |= {"composites": composites(sf), "bulk": bulk(sf)}
    opened.post(f"{address}/_sandbox/step/crowded", json={"times": 1})
    told["limits"] = {"crowded": refused(lambda: sf.limits()), "after": bool(sf.limits())}
    opened.post(f"{address}/_sandbox/step/sessions_ended")
    told["limits"]["logs in again"] = bool(sf.limits())
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
