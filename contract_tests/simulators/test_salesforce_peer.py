"""A client of Salesforce that knows nothing of this project works with the simulator as with the vendor."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from openreturns.sandbox import serving
from openreturns_adapters.salesforce.simulator import simulator
from simulators.peered import told_by

# What the client tells of each part of the conversation.
TOLD: dict[str, dict[str, Any]] = {
    "logins": {
        "by secret": 15000,
        "by token": 15000,
        "instance": True,
        "wrong secret": ["SalesforceAuthenticationFailed", "invalid_client", "invalid client credentials"],
        "wrong user": ["SalesforceAuthenticationFailed", "invalid_grant", "user hasn't approved this consumer"],
        "wrong session": ["SalesforceExpiredSession", 401, "INVALID_SESSION_ID"],
    },
    "records": {
        "created": [True, []],
        "read": ["2 pumps leak", True, "Case"],
        "update": 204,
        "too late": ["SalesforceGeneralError", 412, "PRECONDITION_FAILED"],
        "bad value": ["SalesforceMalformedRequest", 400, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"],
        "unknown field": ["SalesforceMalformedRequest", 400, "INVALID_FIELD"],
        "delete": 204,
        "gone": ["SalesforceResourceNotFound", 404, "NOT_FOUND"],
        "described": "500",
        "prefix": "Case",
        "objects": True,
        "usage": 15000,
    },
    "upserts": {
        "statuses": [201, 200, 204],
        "by key": "c",
        "several": ["SalesforceMoreThanOneRecord", 300],
        "no such key": ["SalesforceResourceNotFound", 404, "NOT_FOUND"],
    },
    "queries": {
        "pages": [5, False, 5],
        "all": True,
        "each": True,
        "exact": "12.345",
        "inner": 1,
        "malformed": ["SalesforceMalformedRequest", 400, "MALFORMED_QUERY"],
    },
    "composites": {"good": [201, 201], "bad": [400, 400], "kept": 1},
    "bulk": {"counts": [2, 1], "failed": True, "there": 1},
    "limits": {
        "crowded": ["SalesforceRefusedRequest", 403, "REQUEST_LIMIT_EXCEEDED"],
        "after": True,
        "logs in again": True,
    },
}


def openssl(*words: str) -> str:
    return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the client printed."""
    folder = tmp_path_factory.mktemp("peer")
    certificate, secret, private = (folder / name for name in ("certificate.pem", "secret.pem", "private.pem"))
    subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject, "-keyout", str(secret), "-out", str(certificate))
    openssl("genrsa", "-out", str(private), "2048")
    public = openssl("rsa", "-in", str(private), "-pubout")
    twin = {"Account": {"Twin_Number__c": {"external": True}}}
    vendor = simulator(public_key=public, page_size=5, fields=twin)
    vendor.vendor.seed()
    with serving([vendor], certificate=(certificate, secret)) as at:
        assert at["salesforce"].startswith("https://")
        return told_by("salesforce_client.py", at["salesforce"], str(certificate), str(private))


@pytest.mark.parametrize("what", TOLD)
def test_the_client_is_answered_as_by_the_vendor(what: str, told: dict[str, Any]) -> None:
    assert told[what] == TOLD[what]


def test_nothing_that_the_client_tells_is_left_unseen(told: dict[str, Any]) -> None:
    assert set(told) == set(TOLD)
