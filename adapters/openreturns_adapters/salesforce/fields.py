"""The tenant's own external id fields: as the contract calls them, and as the org does."""

from __future__ import annotations

import re
from typing import Any

from openreturns.errors import MappingError
from openreturns.mapping import Tenant

__all__ = ["from_org", "to_org"]

_SETTINGS = {"RMA_Number__c": "rma_field", "RMA_Line__c": "line_field"}
"""The contract's name of each field, and the setting that says what the org calls it."""

_is_custom = re.compile(r"[A-Za-z](?:\w*\w)?__c", re.ASCII).fullmatch


def to_org(record: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """Return a record as the org takes it. Raises MappingError (kind `setting`) for a name no field can have."""
    return _renamed(record, _names(tenant))


def from_org(record: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """Return a record of the org as the contract has it. Raises as `to_org`."""
    theirs = _names(tenant)
    lines = {theirs["RMA_Line__c"]: "RMA_Line__c"}
    return _renamed(record, {theirs["RMA_Number__c"]: "RMA_Number__c"}, lines)


def _names(tenant: Tenant) -> dict[str, str]:
    names = {ours: str(tenant.setting(setting)) for ours, setting in _SETTINGS.items()}
    for ours, theirs in names.items():
        if not _is_custom(theirs):
            message = f"salesforce setting {_SETTINGS[ours]!r} must be the API name of a custom field, such as {ours}"
            raise MappingError(message, kind="setting")
    return names


def _renamed(record: dict[str, Any], names: dict[str, str], inside: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a record with its fields renamed: those of the record by `names`, of listed records by `inside`."""
    inside = names if inside is None else inside
    made: dict[str, Any] = {}
    for name, value in record.items():
        if name == "records" and isinstance(value, list):
            made[name] = [_renamed(one, inside) for one in value]
        elif name == "ReturnOrderLineItems" and isinstance(value, dict):
            made[name] = _renamed(value, {}, inside)
        else:
            made[names.get(name, name)] = value
    return made
