"""The org: what every change of its records obeys, whichever API it comes through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from openreturns.sandbox import Clock

from openreturns_adapters.salesforce.simulator._checks import Rules, check, check_locks, derive
from openreturns_adapters.salesforce.simulator._errors import Refused, not_found
from openreturns_adapters.salesforce.simulator._ids import key, looks_like_id, new_id
from openreturns_adapters.salesforce.simulator._metadata import Field, SObject
from openreturns_adapters.salesforce.simulator._store import Record, Store
from openreturns_adapters.salesforce.simulator._values import read

__all__ = ["Org"]


class Org(Store):
    """Records that are created, changed and deleted by the rules."""

    def __init__(self, objects: Mapping[str, SObject], clock: Clock, rules: Rules) -> None:
        super().__init__(objects, clock)
        self.rules = rules

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
        return self.having(known, field_, value)

    def create(self, known: SObject, given: Mapping[str, Any], *, allow_duplicates: bool = False) -> Record:
        """Add a record and return it. Raises Refused."""
        values = self._taken(known, given, "create")
        record = {name: values.get(name, self._default(field_)) for name, field_ in known.fields.items()}
        missing = [f.name for f in known.fields.values() if f.required and record[f.name] is None]
        if missing:
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(missing)}]", missing)
        now = self.now()
        record |= {"CreatedDate": now, "CreatedById": self.user_id, "IsDeleted": False}
        record["Id"] = new_id(known.prefix, self.next_number(f"{known.name}.Id"))
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
        check_locks(self, known, record)
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
        self.put(known, {**record, "IsDeleted": True, **self.touched(now)})
        self.tell(known, record["Id"], "DELETE", (), now)

    def set(self, known: SObject, values: Mapping[str, Any]) -> Record:
        """Add a record that the API cannot write, as setup does."""
        now = self.now()
        record: Record = dict.fromkeys(known.fields) | dict(values)
        record |= {"CreatedDate": now, "CreatedById": self.user_id, "IsDeleted": False, **self.touched(now)}
        record.setdefault("Id", None)
        record["Id"] = record["Id"] or new_id(known.prefix, self.next_number(f"{known.name}.Id"))
        self.put(known, record)
        return record

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
        check_locks(self, known, record)
        derive(self, known, record, old, now)
        check(self, self.rules, known, record, old, allow_duplicates=allow_duplicates)
        for field_ in known.fields.values():
            if field_.auto is not None and record[field_.name] is None:
                record[field_.name] = f"{field_.auto + self.next_number(f'{known.name}.{field_.name}'):08d}"
        record |= self.touched(now)
        self.put(known, record)
        changed = tuple(name for name in values if old is None or old[name] != record[name])
        self.tell(known, record["Id"], "CREATE" if old is None else "UPDATE", changed, now)

    def _pointing_at(self, known: SObject) -> Iterator[tuple[SObject, Field]]:
        for other in self.objects.values():
            for field_ in other.fields.values():
                if known.name in field_.to and (field_.cascade or field_.restrict):
                    yield other, field_
