"""Objects and their fields, as `objects.toml` lists them, and how describe calls tell of them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Field", "SObject", "described", "load"]

_SYSTEM: Mapping[str, Mapping[str, Any]] = {
    "Id": {"type": "id", "length": 18, "read_only": True},
    "IsDeleted": {"type": "boolean", "read_only": True},
    "CreatedDate": {"type": "datetime", "read_only": True},
    "CreatedById": {"to": ["User"], "read_only": True},
    "LastModifiedDate": {"type": "datetime", "read_only": True},
    "LastModifiedById": {"to": ["User"], "read_only": True},
    "SystemModstamp": {"type": "datetime", "read_only": True},
}
_SOAP = {"double": "xsd:double", "currency": "xsd:double", "int": "xsd:int", "boolean": "xsd:boolean"}


@dataclass(frozen=True)
class Field:
    """One field: its type, its limits, and who may write it when."""

    name: str
    type: str = "string"
    length: int = 255
    precision: int = 0
    scale: int = 0
    values: tuple[str, ...] = ()
    restricted: bool = False
    default: Any = None
    defaulted: bool = False
    required: bool = False
    read_only: bool = False
    fixed: bool = False
    unique: bool = False
    external: bool = False
    auto: int | None = None
    to: tuple[str, ...] = ()
    child: str = ""
    cascade: bool = False
    restrict: bool = False

    @property
    def createable(self) -> bool:
        """Whether it may be given when a record is created."""
        return not self.read_only

    @property
    def updateable(self) -> bool:
        """Whether it may be given when a record is changed."""
        return not self.read_only and not self.fixed

    @property
    def parent(self) -> str:
        """The name that a query reaches the parent by: `Account` for `AccountId`."""
        if not self.to:
            return ""
        return self.name[:-1] + "r" if self.name.endswith("__c") else self.name.removesuffix("Id")

    @property
    def label(self) -> str:
        """What people see."""
        words = self.name.removesuffix("__c").replace("_", " ")
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", words).replace(" Id", " ID")


@dataclass(frozen=True)
class SObject:
    """One object: the prefix of its ids, its fields by name, and whether the API may write it."""

    name: str
    prefix: str
    name_field: str
    fields: Mapping[str, Field]
    writeable: bool = True

    def field(self, name: str) -> Field | None:
        """Return the field of a name; upper and lower case are one."""
        wanted = name.casefold()
        return next((field for field in self.fields.values() if field.name.casefold() == wanted), None)


def load(changed: Mapping[str, Mapping[str, Mapping[str, Any]]], without: Sequence[str] = ()) -> dict[str, SObject]:
    """Return the objects of an org; `changed` fields are added or have their settings replaced."""
    listed = tomllib.loads(Path(__file__).with_name("objects.toml").read_text("utf-8"))
    if unknown := set(changed) - set(listed):
        raise ValueError(f"no object {sorted(unknown)} to change fields of; there are {sorted(listed)}")
    return {
        name: SObject(
            name,
            spec["prefix"],
            spec["name"],
            _fields(spec["fields"], changed.get(name, {})),
            not spec.get("closed_to_writing", False),
        )
        for name, spec in listed.items()
        if name not in without
    }


def _fields(listed: Mapping[str, Mapping[str, Any]], changed: Mapping[str, Mapping[str, Any]]) -> dict[str, Field]:
    names = (*_SYSTEM, *listed, *(name for name in changed if name not in listed))
    return {name: _field(name, {**_SYSTEM.get(name, listed.get(name, {})), **changed.get(name, {})}) for name in names}


def _field(name: str, spec: Mapping[str, Any]) -> Field:
    told: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in spec.items()}
    if "to" in told:
        told = {"type": "reference", "length": 18, **told}
    elif "values" in told:
        told = {"type": "picklist", **told}
    if "auto" in told:
        told["read_only"] = True
    return Field(name, **told)


def described(known: SObject, objects: Mapping[str, SObject], base: str) -> dict[str, Any]:
    """Return what a describe call says of an object."""
    return {
        **summary(known, base),
        "fields": [_described(field, known) for field in known.fields.values()],
        "childRelationships": [
            {
                "childSObject": other.name,
                "field": field.name,
                "relationshipName": field.child or None,
                "cascadeDelete": field.cascade,
                "restrictedDelete": field.restrict,
            }
            for other in objects.values()
            for field in other.fields.values()
            if known.name in field.to
        ],
        "recordTypeInfos": [],
    }


def summary(known: SObject, base: str) -> dict[str, Any]:
    """Return what the list of all objects says of one."""
    url = f"{base}/sobjects/{known.name}"
    return {
        "name": known.name,
        "label": Field(known.name).label,
        "keyPrefix": known.prefix,
        "custom": known.name.endswith("__c"),
        "createable": known.writeable,
        "updateable": known.writeable,
        "deletable": known.writeable,
        "queryable": True,
        "retrieveable": True,
        "urls": {"sobject": url, "describe": f"{url}/describe", "rowTemplate": f"{url}/{{ID}}"},
    }


def _described(field: Field, known: SObject) -> dict[str, Any]:
    numeric = field.type in ("double", "currency")
    return {
        "name": field.name,
        "label": field.label,
        "type": field.type,
        "soapType": _SOAP.get(field.type, "tns:ID" if field.type in ("id", "reference") else "xsd:string"),
        "length": 0 if field.type in (*_SOAP, "date", "datetime") else field.length,
        "precision": field.precision,
        "scale": field.scale,
        "digits": 9 if field.type == "int" else 0,
        "nillable": not field.required and field.type not in ("boolean", "id") and not field.defaulted,
        "createable": field.createable and known.writeable,
        "updateable": field.updateable and known.writeable,
        "defaultedOnCreate": field.defaulted or field.default is not None or field.type == "boolean",
        "autoNumber": field.auto is not None,
        "calculated": False,
        "custom": field.name.endswith("__c"),
        "externalId": field.external,
        "idLookup": field.external or field.type == "id",
        "unique": field.unique,
        "nameField": field.name == known.name_field,
        "filterable": field.type != "textarea",
        "sortable": field.type != "textarea",
        "aggregatable": not numeric and field.type != "textarea",
        "restrictedPicklist": field.restricted,
        "picklistValues": [
            {"active": True, "defaultValue": value == field.default, "label": value, "validFor": None, "value": value}
            for value in field.values
        ],
        "referenceTo": list(field.to),
        "relationshipName": field.parent or None,
    }
