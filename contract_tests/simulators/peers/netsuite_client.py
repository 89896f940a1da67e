"""Drive a served NetSuite with a client that Python programs talk to NetSuite with; print what came of it.

Runs with the interpreter of .venv-peers: `netsuite_client.py ADDRESS`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from typing import Any

from netsuite import Config, TokenAuth  # type: ignore[attr-defined,import-not-found,unused-ignore] # of .venv-peers
from netsuite.exceptions import NetsuiteAPIRequestError  # type: ignore[import-not-found,unused-ignore] # of .venv-peers
from netsuite.rest_api import NetSuiteRestApi  # type: ignore[import-not-found,unused-ignore] # of .venv-peers

ACCOUNT = "1234567_SB1"


class Redirected(NetSuiteRestApi):  # type: ignore[misc,unused-ignore] # of .venv-peers
    """Sends what is meant for the account's host to the simulator."""

    address = ""

    def _make_url(self, subpath: str) -> str:
        return f"{self.address}/services/rest{subpath}"


def connected(address: str, token_secret: str = "sandbox-token-secret") -> Redirected:
    auth = TokenAuth(
        consumer_key="sandbox-consumer",
        consumer_secret="sandbox-consumer-secret",
        token_id="sandbox-token",
        token_secret=token_secret,
    )
    client = Redirected(Config(account=ACCOUNT, auth=auth))
    client.address = address
    return client


async def refused(call: Awaitable[Any]) -> list[Any]:
    try:
        await call
    except NetsuiteAPIRequestError as error:
        return [error.status_code, json.loads(error.response_text)["o:errorDetails"][0]["o:errorCode"]]
    return ["nothing was refused"]


async def records(client: Redirected) -> dict[str, Any]:
    orders = await client.get("/record/v1/salesOrder", params={"limit": "1"})
    order = orders["items"][0]["id"]
    made = await client.request(
        "POST", f"/record/v1/salesOrder/{order}/!transform/returnAuthorization", json={"externalId": "peer-1"}
    )
    place = made.headers["location"].rpartition("/")[2]
    read = await client.get(f"/record/v1/returnAuthorization/{place}", params={"expandSubResources": "true"})
    await client.patch(f"/record/v1/returnAuthorization/{place}", json={"memo": "from the peer"})
    found = await client.get("/record/v1/returnAuthorization/eid:peer-1")
    return {
        "transformed": made.status_code,
        "read": [read["externalId"], str(read["createdFrom"]["id"]) == str(order), bool(read["item"]["items"])],
        "patched": found["memo"],
        "again": await refused(
            client.post(f"/record/v1/salesOrder/{order}/!transform/returnAuthorization", json={"externalId": "peer-1"})
        ),
        "misspelled": await refused(client.patch(f"/record/v1/returnAuthorization/{place}", json={"memmo": "x"})),
        "missing": await refused(client.get("/record/v1/returnAuthorization/999999")),
        "deleted": await client.delete(f"/record/v1/returnAuthorization/{place}"),
    }


async def queries(client: Redirected) -> dict[str, Any]:
    first = await client.suiteql("SELECT id, entityid FROM customer ORDER BY id", limit=2)
    rest = await client.suiteql("SELECT id, entityid FROM customer ORDER BY id", limit=2, offset=2)
    return {
        "pages": [len(first["items"]), first["hasMore"], first["offset"], rest["offset"]],
        "malformed": await refused(client.suiteql("SELECT FROM")),
        "schema": (await client.jsonschema("returnAuthorization"))["type"],
    }


async def main() -> None:
    address = sys.argv[1]
    client = connected(address)
    told = {
        "logins": {"wrong": await refused(connected(address, "wrong").get("/record/v1/salesOrder"))},
        "records": await records(client),
        "queries": await queries(client),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main())
