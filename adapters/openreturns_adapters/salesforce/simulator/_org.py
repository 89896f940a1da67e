"""The org: its records, and the rules that every change of them obeys, whichever API it comes through."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from openreturns.sandbox import Clock

from openreturns_adapters.salesforce.simulator._errors import Refused, not_found
from openreturns_adapters.salesforce.simulator._ids import key, looks_like_id, new_id
from openreturns_adapters.salesforce.simulator._metadata import Field, SObject
from openreturns_adapters.salesforce.simulator._values import read

__all__ = ["Org", "Record", "Rule", "Rules"]

Record = dict[str, Any]
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


class Org:
    """Records by object and id. A change that is refused, and all of a transaction with it, leaves nothing behind."""

    def __init__(self, objects: Mapping[str, SObject], clock: Clock, rules: Rules) -> None:
        self.objects = objects
        self.clock = clock
        self.rules = rules
        self.user_id = new_id("005", 1)
        self.locked: dict[str, int] = {}
        self.overlapping: list[tuple[str, str, Record]] = []
        self.changes: list[dict[str, Any]] = []
        self._records: dict[str, dict[str, Record]] = {name: {} for name in objects}
        self._index: dict[tuple[str, str], dict[str, set[str]]] = {
            (known.name, each.name): {} for known in objects.values() for each in known.fields.values() if each.external
        }
        self._numbers: dict[str, int] = {}
        self._undo: list[tuple[str, str, Record | None]] = []
        self._depth = 0
        self._moment: datetime | None = None

    def now(self) -> datetime:
        """Return the time; within a transaction it stands still."""
        return self._moment or self.clock.now()

    # Reading

    def sobject(self, name: str) -> SObject:
        """Return an object by name, upper and lower case being one. Raises Refused (404)."""
        found = self.objects.get(name) or next(
            (o for o in self.objects.values() if o.name.lower() == name.lower()), None
        )
        if found is None:
            raise not_found()
        return found

    def records(self, known: SObject, *, deleted: bool = False) -> list[Record]:
        """Return the records of an object in the order of their creation."""
        return [record for record in self._records[known.name].values() if deleted or not record["IsDeleted"]]

    def find(self, known: SObject, record_id: str) -> Record | None:
        """Return a record by id, deleted ones too."""
        return self._records[known.name].get(key(record_id))

    def get(self, known: SObject, record_id: str) -> Record:
        """Return a record by id. Raises Refused (404) if there is none."""
        if not looks_like_id(record_id):
            raise not_found(f"Provided external ID field does not exist or is not accessible: {record_id[:80]}")
        record = self.find(known, record_id)
        if record is None or record["IsDeleted"]:
            raise not_found()
        return record

    def matching(self, known: SObject, field_name: str, value: str) -> list[Record]:
        """Return the records with a value in an external id field. Raises Refused (404) if it is no such field."""
        field_ = known.field(field_name)
        if field_ is not None and field_.type == "id":
            return [self.get(known, value)]
        if field_ is None or not field_.external:
            raise not_found(f"Provided external ID field does not exist or is not accessible: {field_name[:80]}")
        return [
            self._records[known.name][one]
            for one in sorted(self._index[known.name, field_.name].get(value.casefold(), ()))
        ]

    # Writing

    def create(self, known: SObject, given: Mapping[str, Any], *, allow_duplicates: bool = False) -> Record:
        """Add a record and return it. Raises Refused."""
        values = self._taken(known, given, "create")
        record = {name: values.get(name, self._default(field_)) for name, field_ in known.fields.items()}
        missing = [f.name for f in known.fields.values() if f.required and record[f.name] is None]
        if missing:
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        now = self.now()
        record |= {"CreatedDate": now, "CreatedById": self.user_id, "IsDeleted": False}
        record["Id"] = new_id(known.prefix, self._next(f"{known.name}.Id"))
        self._save(known, record, None, values, now, allow_duplicates=allow_duplicates)
        return record

    def update(
        self, known: SObject, old: Record, given: Mapping[str, Any], *, allow_duplicates: bool = False
    ) -> Record:
        """Change a record and return it. Raises Refused."""
        values = self._taken(known, given, "update")
        record = {**old, **values}
        missing = [f.name for f in known.fields.values() if f.required and f.name in values and record[f.name] is None]
        if missing:
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        self._save(known, record, old, values, self.now(), allow_duplicates=allow_duplicates)
        return record

    def delete(self, known: SObject, record: Record) -> None:
        """Put a record into the recycle bin, and those that live and die with it. Raises Refused."""
        self._check_locks(known, record)
        for child, field_ in self._pointing_at(known):
            mine = [r for r in self.records(child) if r[field_.name] and key(r[field_.name]) == key(record["Id"])]
            if mine and field_.restrict:
                message = (
                    f"Your attempt to delete {record[known.name_field]} could not be completed because it is "
                    f"associated with the following {field_.child.lower()}."
                )
                raise Refused("DELETE_FAILED", message, [])
            for one in mine if field_.cascade else ():
                self.delete(child, one)
        now = self.now()
        self._put(known, {**record, "IsDeleted": True, **self._touched(now)})
        self._tell(known, record["Id"], "DELETE", (), now)

    def set(self, known: SObject, values: Mapping[str, Any]) -> Record:
        """Add a record that the API cannot write, as setup does."""
        now = self.now()
        record: Record = dict.fromkeys(known.fields) | dict(values)
        record |= {"CreatedDate": now, "CreatedById": self.user_id, "IsDeleted": False, **self._touched(now)}
        record.setdefault("Id", None)
        record["Id"] = record["Id"] or new_id(known.prefix, self._next(f"{known.name}.Id"))
        self._put(known, record)
        return record

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Take back what was changed within if it ends in an exception."""
        start, told = len(self._undo), len(self.changes)
        self._depth += 1
        self._moment = self._moment or self.clock.now()
        try:
            yield
        except BaseException:
            while len(self._undo) > start:
                name, record_key, old = self._undo.pop()
                self._replace(self.objects[name], record_key, old)
            del self.changes[told:]
            raise
        finally:
            self._depth -= 1
            if not self._depth:
                self._undo.clear()
                self._moment = None

    # Rules

    def check_permission(self, known: SObject) -> None:
        """Raise Refused (403) if the user that calls must not write an object."""
        if not known.writeable or known.name in self.rules.read_only:
            message = "insufficient access rights on object id"
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", message, [], status=403)

    def _taken(self, known: SObject, given: Mapping[str, Any], verb: str) -> Record:
        """Return the values to keep, by field. Raises Refused for what the object has not, or not to be written."""
        values: Record = {}
        closed = []
        for name, value in given.items():
            if name == "attributes":
                continue
            field_, found = self._meant(known, name, value)
            if not (field_.createable if verb == "create" else field_.updateable):
                closed.append(field_.name)
            elif field_.to:
                values[field_.name] = self._reference(field_, found)
            else:
                values[field_.name] = read(field_, found, rounded=self.rules.rounded)
        if closed:
            message = (
                f"Unable to create/update fields: {', '.join(closed)}. Please check the security settings of this "
                "field and verify that it is read/write for your profile or permission set."
            )
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", message, closed)
        return values

    def _meant(self, known: SObject, name: str, value: object) -> tuple[Field, object]:
        """Return the field and the value that are meant; a parent may be named by its external id."""
        field_ = known.field(name)
        if field_ is not None:
            return field_, value
        link = next((f for f in known.fields.values() if f.parent and f.parent.casefold() == name.casefold()), None)
        if link is None or link.to[0] not in self.objects or not isinstance(value, Mapping):
            raise Refused("INVALID_FIELD", f"No such column '{name[:80]}' on sobject of type {known.name}")
        target = self.objects[link.to[0]]
        by = {one: text for one, text in value.items() if one != "attributes"}
        named = target.field(next(iter(by))) if len(by) == 1 else None
        text = next(iter(by.values())) if by else None
        if named is None or not named.external or not isinstance(text, str):
            message = f"{name[:80]}: one external id field of {target.name} is to be given, as text"
            raise Refused("INVALID_FIELD", message, [link.name])
        parents = self.matching(target, named.name, text)
        if len(parents) != 1:
            how = "is not unique for" if parents else "not found for"
            message = f"Foreign key external ID: {text[:80]} {how} field {named.name} in entity {target.name}"
            raise Refused("INVALID_FIELD", message)
        return link, parents[0]["Id"]

    def _reference(self, field_: Field, value: object) -> str | None:
        text = read(field_, value, rounded=False)
        if text is None:
            return None
        targets = [self.objects[name] for name in field_.to if name in self.objects]
        if not looks_like_id(text) or (targets and not any(text.startswith(one.prefix) for one in targets)):
            raise Refused("MALFORMED_ID", f"{field_.label}: id value of incorrect type: {text[:80]}", [field_.name])
        for target in targets:
            parent = self.find(target, text)
            if parent is not None and not parent["IsDeleted"]:
                return str(parent["Id"])
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [field_.name])

    def _default(self, field_: Field) -> object:
        if field_.name == "OwnerId":
            return self.user_id
        if field_.name == "Status" and field_.defaulted:
            return next(s["MasterLabel"] for s in self.records(self.objects["CaseStatus"]) if s["IsDefault"])
        return False if field_.type == "boolean" else field_.default

    def _save(
        self,
        known: SObject,
        record: Record,
        old: Record | None,
        values: Record,
        now: datetime,
        *,
        allow_duplicates: bool,
    ) -> None:
        self._check_locks(known, record)
        self._derive(known, record, old, now)
        self._check_shape(known, record, old)
        for rule in self.rules.validation:
            if rule.sobject == known.name and rule.broken_by(record):
                raise Refused("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule.message, [rule.field] if rule.field else [])
        self._check_unique(known, record)
        if not allow_duplicates:
            self._check_duplicates(known, record)
        for field_ in known.fields.values():
            if field_.auto is not None and record[field_.name] is None:
                record[field_.name] = f"{field_.auto + self._next(f'{known.name}.{field_.name}'):08d}"
        record |= self._touched(now)
        self._put(known, record)
        changed = tuple(name for name in values if old is None or old[name] != record[name])
        self._tell(known, record["Id"], "CREATE" if old is None else "UPDATE", changed, now)

    def _derive(self, known: SObject, record: Record, old: Record | None, now: datetime) -> None:
        """Fill in what the vendor fills in."""
        if known.name == "Case":
            closed = {s["MasterLabel"] for s in self.records(self.objects["CaseStatus"]) if s["IsClosed"]}
            record["IsClosed"] = record["Status"] in closed
            if not record["IsClosed"]:
                record["ClosedDate"] = None
            elif old is None or not old["IsClosed"]:
                record["ClosedDate"] = now
            if record["ContactId"] and not record["AccountId"]:
                contact = self.find(self.objects["Contact"], record["ContactId"])
                record["AccountId"] = contact["AccountId"] if contact else None
        elif known.name == "Contact":
            record["Name"] = " ".join(part for part in (record["FirstName"], record["LastName"]) if part)

    def _check_shape(self, known: SObject, record: Record, old: Record | None) -> None:
        if known.name == "Case" and record["Status"] is None:
            raise Refused("REQUIRED_FIELD_MISSING", "Required fields are missing: [Status]", ["Status"])
        if known.name == "ReturnOrderLineItem" and not any(record[name] for name in _ONE_OF):
            message = f"Required fields are missing: one of [{', '.join(_ONE_OF)}]"
            raise Refused("REQUIRED_FIELD_MISSING", message, list(_ONE_OF))
        managed = known.name == "ReturnOrder" and self.rules.order_management and old is None
        if managed and record["Status"] not in _ACTIVATED:
            message = "Create the return order with a status of the category Activated."
            raise Refused("FIELD_INTEGRITY_EXCEPTION", f"Status: {message}", ["Status"])

    def _check_unique(self, known: SObject, record: Record) -> None:
        for field_ in known.fields.values():
            if field_.unique and record[field_.name] is not None:
                for other in self.matching(known, field_.name, record[field_.name]):
                    if other["Id"] != record["Id"]:
                        clash = f"{field_.name} duplicates value on record with id: {key(other['Id'])}"
                        raise Refused("DUPLICATE_VALUE", f"duplicate value found: {clash}", [])

    def _check_duplicates(self, known: SObject, record: Record) -> None:
        name = self.rules.duplicates.get(known.name)
        if name is None or record[name] is None:
            return
        same = [r for r in self.records(known) if r[name] == record[name] and r["Id"] != record["Id"]]
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

    def _check_locks(self, known: SObject, record: Record) -> None:
        """Refuse a change of a row that another transaction holds; the row of a parent is needed too."""
        parents = [
            record[f.name] for f in known.fields.values() if f.to and f.name not in ("CreatedById", "LastModifiedById")
        ]
        for held in (record["Id"], *parents):
            if held and self.locked.get(key(held), 0):
                self.locked[key(held)] -= 1
                raise Refused("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record", [])

    # Keeping

    def _pointing_at(self, known: SObject) -> Iterator[tuple[SObject, Field]]:
        for other in self.objects.values():
            for field_ in other.fields.values():
                if known.name in field_.to and (field_.cascade or field_.restrict):
                    yield other, field_

    def _touched(self, now: datetime) -> Record:
        return {"LastModifiedDate": now, "LastModifiedById": self.user_id, "SystemModstamp": now}

    def _next(self, name: str) -> int:
        self._numbers[name] = self._numbers.get(name, 0) + 1
        return self._numbers[name]

    def _put(self, known: SObject, record: Record) -> None:
        record_key = key(record["Id"])
        self._undo.append((known.name, record_key, self._records[known.name].get(record_key)))
        self._replace(known, record_key, record)

    def _replace(self, known: SObject, record_key: str, record: Record | None) -> None:
        old = self._records[known.name].get(record_key)
        for field_ in known.fields.values():
            if field_.external:
                index = self._index[known.name, field_.name]
                if old is not None and old[field_.name] is not None:
                    index[old[field_.name].casefold()].discard(record_key)
                if record is not None and record[field_.name] is not None and not record["IsDeleted"]:
                    index.setdefault(record[field_.name].casefold(), set()).add(record_key)
        if record is None:
            del self._records[known.name][record_key]
        else:
            self._records[known.name][record_key] = record

    def _tell(self, known: SObject, record_id: str, kind: str, changed: Sequence[str], now: datetime) -> None:
        """Note a change for those who follow changes."""
        self.changes.append(
            {
                "entityName": known.name,
                "recordIds": [record_id],
                "changeType": kind,
                "changedFields": [*changed, "LastModifiedDate"] if kind == "UPDATE" else [],
                "commitTimestamp": int(now.timestamp()) * 1000 + now.microsecond // 1000,
                "commitUser": self.user_id,
                "sequenceNumber": 1,
            }
        )
