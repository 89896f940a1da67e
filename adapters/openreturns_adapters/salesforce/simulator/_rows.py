"""What can be done with the records of an object: create, read, update, upsert, delete."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from openreturns.sandbox import Call, Reply

from openreturns_adapters.salesforce.simulator._errors import Refused, not_found
from openreturns_adapters.salesforce.simulator._ids import key
from openreturns_adapters.salesforce.simulator._metadata import SObject, described, summary
from openreturns_adapters.salesforce.simulator._org import Org
from openreturns_adapters.salesforce.simulator._queries import record_json
from openreturns_adapters.salesforce.simulator._store import Record

__all__ = ["Rows", "base_of", "body_of"]

_UPSERT_TELLS_SINCE = 46


def base_of(call: Call) -> str:
    """Return the start of every address of the version that was called."""
    return f"/services/data/v{call.path['version']}"


def body_of(call: Call) -> Any:  # noqa: ANN401 - any JSON value
    """Return the body as JSON. Raises Refused where it is no JSON or says it is none."""
    media_type = call.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("application/json", ""):
        message = f"Content type '{media_type[:60]}' is not supported; use application/json"
        raise Refused("UNSUPPORTED_MEDIA_TYPE", message, status=415)
    return call.json


class Rows:
    """The records of one object, as its addresses offer them."""

    def __init__(self, org: Org, known: SObject) -> None:
        self._org = org
        self._known = known

    def create(self, call: Call) -> Reply:
        """`POST sobjects/X`."""
        given = _fields(call)
        self._org.check_permission(self._known)
        record = self._org.create(self._known, given, allow_duplicates=_allowed(call))
        return self._created(call, record)

    def about(self, call: Call) -> Reply:
        """`GET sobjects/X`."""
        recent = [record_json(self._known, r, ["Id"], base_of(call)) for r in self._org.records(self._known)[-5:]]
        return Reply(200, {"objectDescribe": summary(self._known, base_of(call)), "recentItems": recent})

    def describe(self, call: Call) -> Reply:
        """`GET sobjects/X/describe`."""
        return Reply(200, described(self._known, self._org.objects, base_of(call)))

    def read(self, call: Call) -> Reply:
        """`GET sobjects/X/{id}`."""
        return self._read(call, self._org.get(self._known, call.path["id"]))

    def update(self, call: Call) -> Reply:
        """`PATCH sobjects/X/{id}`."""
        return self._update(call, self._living(call.path["id"]), _fields(call))

    def delete(self, call: Call) -> Reply:
        """`DELETE sobjects/X/{id}`."""
        return self._delete(call, self._living(call.path["id"]))

    def read_by(self, call: Call) -> Reply:
        """`GET sobjects/X/{field}/{value}`."""
        found = self._matching(call)
        if isinstance(found, Reply):
            return found
        if found is None:
            raise not_found()
        return self._read(call, found)

    def delete_by(self, call: Call) -> Reply:
        """`DELETE sobjects/X/{field}/{value}`."""
        found = self._matching(call)
        if isinstance(found, Reply):
            return found
        if found is None:
            raise not_found()
        return self._delete(call, found)

    def upsert(self, call: Call) -> Reply:
        """`PATCH sobjects/X/{field}/{value}`: change the record with this value, or create it."""
        found = self._matching(call)
        if isinstance(found, Reply):
            return found
        given = _fields(call)
        field = self._known.field(call.path["field"])
        if field is not None and any(name.casefold() == field.name.casefold() for name in given):
            message = f"The {field.name} field should not be specified in the sobject data."
            raise Refused("INVALID_FIELD", message, [field.name])
        tells = int(call.path["version"].partition(".")[0]) >= _UPSERT_TELLS_SINCE
        if found is not None:
            self._update(call, found, given)
            told = {"id": found["Id"], "success": True, "errors": [], "created": False}
            return Reply(200, told) if tells else Reply(204)
        if call.query.get("updateOnly", "").lower() == "true" or field is None or field.type == "id":
            raise not_found()
        self._org.check_permission(self._known)
        overlapping = self._overlapping(field.name, call.path["value"])
        if overlapping is not None:
            other = key(self._org.create(self._known, overlapping)["Id"])
            message = f"duplicate value found: {field.name} duplicates value on record with id: {other}"
            return Refused("DUPLICATE_VALUE", message, []).reply()  # not raised: what the other client wrote stays
        values = {**given, field.name: call.path["value"]}
        record = self._org.create(self._known, values, allow_duplicates=_allowed(call))
        return self._created(call, record, created=True)

    # Parts of these

    def _overlapping(self, field: str, value: str) -> Record | None:
        """Return what another client was writing under the same value at the same moment, told once."""
        for place, (name, wanted, values) in enumerate(self._org.overlapping):
            if name == f"{self._known.name}.{field}" and wanted.casefold() == value.casefold():
                del self._org.overlapping[place]
                return {**values, field: value}
        return None

    def _matching(self, call: Call) -> Record | Reply | None:
        """Return the record that has the value, or the answer for several, or None."""
        found = self._org.matching(self._known, call.path["field"], call.path["value"])
        if len(found) > 1:
            return Reply(300, [f"{base_of(call)}/sobjects/{self._known.name}/{one['Id']}" for one in found])
        return found[0] if found else None

    def _living(self, record_id: str) -> Record:
        """Return a record to be changed. Raises Refused; one in the recycle bin is told from one never there."""
        record = self._org.find(self._known, record_id)
        if record is not None and record["IsDeleted"]:
            raise Refused("ENTITY_IS_DELETED", "entity is deleted", [], status=404)
        return self._org.get(self._known, record_id)

    def _read(self, call: Call, record: Record) -> Reply:
        since = _http_date(call, "if-modified-since")
        if since is not None and _seconds(record["LastModifiedDate"]) <= since:
            return Reply(304)
        self._unchanged(call, record)
        names = list(self._known.fields)
        if asked := [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]:
            chosen = [self._known.field(name) for name in asked]
            unknown = [name for name, field in zip(asked, chosen, strict=True) if field is None]
            if unknown:
                raise Refused(
                    "INVALID_FIELD", f"No such column '{unknown[0][:80]}' on sobject of type {self._known.name}"
                )
            names = list(dict.fromkeys([*(field.name for field in chosen if field), "Id"]))
        return Reply(200, record_json(self._known, record, names, base_of(call)))

    def _update(self, call: Call, record: Record, given: Mapping[str, Any]) -> Reply:
        self._org.check_permission(self._known)
        self._unchanged(call, record)
        self._org.update(self._known, record, given, allow_duplicates=_allowed(call))
        return Reply(204)

    def _delete(self, call: Call, record: Record) -> Reply:
        self._org.check_permission(self._known)
        self._unchanged(call, record)
        self._org.delete(self._known, record)
        return Reply(204)

    def _unchanged(self, call: Call, record: Record) -> None:
        """Refuse (412) a call about a record that was changed after the moment its header names."""
        limit = _http_date(call, "if-unmodified-since")
        if limit is not None and _seconds(record["LastModifiedDate"]) > limit:
            changed = format_datetime(_seconds(record["LastModifiedDate"]), usegmt=True)
            message = f"The record was modified since the time in If-Unmodified-Since; it was modified {changed}"
            raise Refused("PRECONDITION_FAILED", message, status=412)

    def _created(self, call: Call, record: Record, **more: object) -> Reply:
        place = f"{base_of(call)}/sobjects/{self._known.name}/{quote(record['Id'])}"
        return Reply(201, {"id": record["Id"], "success": True, "errors": [], **more}, {"Location": place})


def _fields(call: Call) -> Mapping[str, Any]:
    given = body_of(call)
    if not isinstance(given, Mapping):
        kind = "START_ARRAY" if isinstance(given, list) else "VALUE"
        raise Refused(
            "JSON_PARSER_ERROR", f"Cannot deserialize instance of sobject from {kind} value at [line:1, column:1]"
        )
    return given


def _allowed(call: Call) -> bool:
    header = call.headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
    return "allowsave=true" in header


def _seconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)


def _http_date(call: Call, name: str) -> datetime | None:
    """Return the moment of a conditional header, or None without one; one that is no date counts for nothing."""
    try:
        return parsedate_to_datetime(call.headers[name]).astimezone(UTC)
    except (KeyError, ValueError, OverflowError):
        return None
