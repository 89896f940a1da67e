"""The rules that a record obeys before it is saved: the vendor's and the org's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openreturns_adapters.salesforce.simulator._errors import Refused
from openreturns_adapters.salesforce.simulator._ids import key
from openreturns_adapters.salesforce.simulator._metadata import SObject
from openreturns_adapters.salesforce.simulator._store import Record, Store

__all__ = ["Rule", "Rules", "check", "check_locks", "derive"]

_ONE_OF = ("AssetId", "OrderItemId", "Product2Id", "ProductItemId", "ProductRequestLineItemId")
_ACTIVATED = ("Submitted", "Approved")


@dataclass(frozen=True)
class Rule:
    """A validation rule of the org: the records `broken_by` it are refused with its message, at its field."""

    sobject: str
    broken_by: Callable[[Mapping[str, Any]], bool]
    message: str
    field: str = ""


@dataclass(frozen=True)
class Rules:
    """How this org is set up: its validation and duplicate rules, what the user may not write, its licences."""

    validation: Sequence[Rule] = ()
    duplicates: Mapping[str, str] = field(default_factory=dict)
    read_only: frozenset[str] = frozenset()
    order_management: bool = False
    rounded: bool = False


def check(
    store: Store, rules: Rules, known: SObject, record: Record, old: Record | None, *, allow_duplicates: bool
) -> None:
    """Raise Refused for a record that must not be saved as it is."""
    _check_shape(rules, known, record, old)
    for rule in rules.validation:
        if rule.sobject == known.name and rule.broken_by(record):
            raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field] if rule.field else [])
    _check_unique(store, known, record)
    if not allow_duplicates:
        _check_duplicates(store, rules, known, record)


def derive(store: Store, known: SObject, record: Record, old: Record | None, now: datetime) -> None:
    """Fill in what the vendor fills in."""
    if known.name == "Case":
        closed = {s["MasterLabel"] for s in store.records(store.objects["CaseStatus"]) if s["IsClosed"]}
        record["IsClosed"] = record["Status"] in closed
        if not record["IsClosed"]:
            record["ClosedDate"] = None
        elif old is None or not old["IsClosed"]:
            record["ClosedDate"] = now
        if record["ContactId"] and not record["AccountId"]:
            contact = store.find(store.objects["Contact"], record["ContactId"])
            record["AccountId"] = contact["AccountId"] if contact else None
    elif known.name == "Contact":
        record["Name"] = " ".join(part for part in (record["FirstName"], record["LastName"]) if part)


def _check_shape(rules: Rules, known: SObject, record: Record, old: Record | None) -> None:
    if known.name == "Case" and record["Status"] is None:
        raise Refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Status]", ["Status"])
    if known.name == "ReturnOrderLineItem" and not any(record[name] for name in _ONE_OF):
        message = f"Required fields are missing: one of [{', '.join(_ONE_OF)}]"
        raise Refused("REQUIRED_FIELD_MISSING", message, list(_ONE_OF))
    managed = known.name == "ReturnOrder" and rules.order_management and old is None
    if managed and record["Status"] not in _ACTIVATED:
        message = "Create the return order with a status of the category Activated."
        raise Refused("FIELD_INTEGRITY_EXCEPTION", f"Status: {message}", ["Status"])


def _check_unique(store: Store, known: SObject, record: Record) -> None:
    for field_ in known.fields.values():
        if field_.unique and record[field_.name] is not None:
            for other in store.having(known, field_, record[field_.name]):
                if other["Id"] != record["Id"]:
                    clash = f"{field_.name} duplicates value on record with id: {key(other['Id'])}"
                    raise Refused("DUPLICATE_VALUE", f"duplicate value found: {clash}", [])


def _check_duplicates(store: Store, rules: Rules, known: SObject, record: Record) -> None:
    name = rules.duplicates.get(known.name)
    if name is None or record[name] is None:
        return
    same = [r for r in store.records(known) if r[name] == record[name] and r["Id"] != record["Id"]]
    if same:
        matched = [
            {
                "additionalInformation": [],
                "fieldDiffs": [],
                "matchConfidence": 100,
                "record": {"attributes": {"type": known.name}, "Id": one["Id"]},
            }
            for one in same
        ]
        result = {
            "allowSave": True,
            "duplicateRule": f"Same_{name}",
            "duplicateRuleEntityType": known.name,
            "errorMessage": "Use one of these records?",
            "matchResults": [
                {
                    "entityType": known.name,
                    "errors": [],
                    "matchEngine": "ExactMatchEngine",
                    "matchRecords": matched,
                    "rule": f"Same_{name}",
                    "size": len(matched),
                    "success": True,
                }
            ],
        }
        raise Refused("DUPLICATES_DETECTED", "Use one of these records?", duplicateResult=result)


def check_locks(store: Store, known: SObject, record: Record) -> None:
    """Refuse a change of a row that another transaction holds; the row of a parent is needed too."""
    parents = [
        record[f.name] for f in known.fields.values() if f.to and f.name not in ("CreatedById", "LastModifiedById")
    ]
    for held in (record["Id"], *parents):
        if held and store.locked.get(key(held), 0):
            store.locked[key(held)] -= 1
            raise Refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])
