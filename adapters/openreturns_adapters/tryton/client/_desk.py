"""What both clients stand on: the connections, the steps that are done once and read back, and reading."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from openreturns import Adapter
from openreturns.errors import MappingError, Problem, RejectedError
from openreturns.idempotency import Done, Outcome, Rejected, act, alone, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change
from openreturns.transport import SYSTEM, Bearer, Budget, Client, Time

from openreturns_adapters.tryton.client._errors import explain
from openreturns_adapters.tryton.client._records import Records, missing, record_id
from openreturns_adapters.tryton.client._rest import Rest
from openreturns_adapters.tryton.client._rpc import Call, Rpc
from openreturns_adapters.tryton.client._session import Session
from openreturns_adapters.tryton.client._wire import moment

__all__ = ["Desk", "Stopped", "attempt", "done", "refused"]

Record = dict[str, Any]

# A write date is set when the change is made and seen when its transaction ends: what is late has an earlier one.
_OVERLAP = timedelta(minutes=10)
# The model of each feed, and of each model the kind of document and the field with what `read` takes.
_FEEDS = (
    ("sale.complaint", "return"),
    ("stock.shipment.out.return", "return"),
    ("stock.shipment.internal", "adjustment"),
    ("account.invoice", "credit"),
)


class Stopped(Exception):  # noqa: N818 - never leaves the package
    """A step of a verb did not come to its end: what came of it is what came of the verb."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def done(outcome: Outcome) -> Done:
    """Return a step that is done, or end the verb with what came of it."""
    if not isinstance(outcome, Done):
        raise Stopped(outcome)
    return outcome


def refused(kind: str, message: str, native: str = "") -> Stopped:
    """Return what ends a verb with a refusal."""
    return Stopped(Rejected((Problem(kind, message, native=native),), kind))


def attempt(how: Call, verb: Callable[[], Outcome]) -> Outcome:
    """Return what came of a verb: of all its steps, or of the one that ended it. One thread does it at a time."""
    with alone(how.key):
        try:
            return verb()
        except Stopped as stopped:
            return stopped.outcome


class Desk:
    """One database of a Tryton server, for one user.

    `url` ends in the database's name. `login` and `password` are those of the user, `application_key` the user's
    key for the application `rest`; `options` are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        base_url: str,
        login: str,
        password: str,
        application_key: str,
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        if not (login and password and application_key):
            message = "Tryton needs a login and its password to write, and an application_key to read"
            raise MappingError(message, kind="setting")
        self.adapter = adapter
        self.sleep = time.sleep
        url = base_url.rstrip("/")
        given: Mapping[str, Any] = {
            "vendor": adapter.name,
            "account": url,
            "explain": explain,
            "time": time,
            "budget": Budget(concurrent=adapter.manifest["rate_limit"]["concurrent"]),
            **options,
        }
        session = Session(url=f"{url}/rpc/", login=login, password=password, time=time)
        self._writer = Client(url, auth=session, **given)
        self._reader = Client(url, auth=Bearer(application_key), **given)
        accepted = str(adapter.tenant.setting("accepted_warnings"))
        self.rpc = Rpc(self._writer, [name.strip() for name in accepted.split(",") if name.strip()])
        self.records = Records(Rest(self._reader))

    def close(self) -> None:
        """Close the connections."""
        self._writer.close()
        self._reader.close()

    # ------------------------------------------------------------ steps

    def ref(self, kind: str, number: object) -> DocumentRef:
        """Return a reference to a record of this system."""
        return DocumentRef.model_validate({"type": kind, "id": str(number), "system": self.adapter.name})

    def did(self, how: Call, kind: str, number: object) -> Done:
        """Return that a verb is done; `repeated` if it had been before."""
        return Done(self.ref(kind, number), repeated=not how.wrote)

    def make(self, how: Call, model: str, values: Mapping[str, Any], found: Callable[[], int | None]) -> int:
        """Make a record once, and return its id. `found` looks whether it is there."""

        def write() -> DocumentRef:
            [number] = self.rpc.call(how.writing("lookup"), model, "create", [values])
            return self.ref("other", number)

        def look() -> DocumentRef | None:
            number = found()
            return self.ref("other", number) if number else None

        return int(done(act(write, look, "lookup", key=how.key, sleep=self.sleep)).ref.id)

    def write(
        self, how: Call, model: str, number: int, values: Mapping[str, Any], locks: Mapping[str, str] = {}
    ) -> None:
        """Change a record, as far as nobody else did meanwhile: `locks` are the timestamps of what was read."""

        def write() -> DocumentRef:
            context = {"_timestamp": dict(locks)} if locks else {}
            self.rpc.call(how.writing("lookup"), model, "write", [number], values, context=context)
            return self.ref("other", number)

        # In doubt the verb ends; when it is called again it looks at what the records hold and goes on from there.
        done(act(write, None, "none", key=how.key, sleep=self.sleep))

    def press(
        self,
        how: Call,
        model: str,
        button: str,
        number: int,
        states: Collection[str],
        press: Callable[[], object] | None = None,
    ) -> str:
        """Press a button until the record is in one of the states; return that state.

        A success status for a button proves nothing: an approval may wait for a second person.
        """

        def state() -> str:
            return str(self.rpc.read(how, model, number, "state")["state"])

        def write() -> DocumentRef:
            if press:
                press()
            else:
                self.rpc.call(how.writing("lookup"), model, button, [number])
            return self.ref("other", number)

        def look() -> DocumentRef | None:
            return self.ref("other", number) if state() in states else None

        once = key(how.key, model, number, button)
        pressed = done(act(write, look, "lookup", key=once, sleep=self.sleep))
        now = state() if not pressed.repeated else ""
        if now and now not in states:
            kind = "needs_approval" if button == "approve" else "business_rule"
            raise refused(kind, f"{button} was answered with success, and {model} is still {now}", "/state")
        return now

    def locks(self, how: Call, model: str, ids: Sequence[int]) -> dict[str, str]:
        """Return the timestamps by which Tryton tells whether records have changed."""
        rows = self.rpc.call(how, model, "read", list(ids), ["_timestamp"])
        return {f"{model},{row['id']}": row["_timestamp"] for row in rows}

    # ------------------------------------------------------------ reads

    def document(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return the document that a reference names."""
        found: Return | Disposition | Adjustment | Credit
        if ref.type in {"return", "disposition"}:
            found = self.return_(ref.id, ref.type)
        elif ref.type == "credit":
            found = self._read("credit_note", self.records.credit(_number(ref)))
        elif ref.type == "adjustment":
            found = self._read("internal_shipment", self.records.internal(_number(ref)))
        else:
            raise missing("document of the kind", ref.type)
        return found

    def return_(self, number: str, canonical: str = "return") -> Any:  # noqa: ANN401 - the document of that name
        """Return a return, or its disposition, by its number. Raises RejectedError (kind `not_yet`, `not_found`)."""
        record = self.records.rma(number, log=True)
        try:
            return self._read("rma", record, canonical)
        except MappingError as error:
            if [problem.code for problem in error.problems] == ["not_yet"]:
                raise RejectedError(str(error.args[0]), kind="not_yet", problems=error.problems) from None
            raise

    def _read(self, native: str, record: Record, to: str | None = None) -> Any:  # noqa: ANN401 - the mapping's document
        return self.adapter.read(native, record, to=to).document

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield what changed since a moment, oldest first, and what changed shortly before it once more.

        `event_id` names the record and the moment, so that what comes again can be told.
        """
        after = moment(since - _OVERLAP)
        found = []
        for model, kind in _FEEDS:
            condition = ["OR", ["write_date", ">=", after], ["create_date", ">=", after]]
            fields = ["reference", "write_date", "create_date", *_MORE.get(model, ())]
            for row in self.records.rest.find("changes", model, condition, fields):
                number = self._told(model, row)
                if number:
                    at = row["write_date"] or row["create_date"]
                    event = f"{model},{row['id']}@{at}"
                    found.append(Change(self.ref(kind, number), datetime.fromisoformat(at), event))
        yield from sorted(found, key=lambda change: change.at)

    def _told(self, model: str, row: Record) -> str:
        """Return what `read` takes for a record; nothing for one that is none of ours to tell of."""
        if model == "account.invoice":
            is_credit = row["type"] == "out" and (row["total_amount"] or 0) < 0
            return str(row["id"]) if is_credit else ""
        if model == "stock.shipment.internal":
            return str(row["id"])
        if model == "sale.complaint":
            return str(row["reference"] or "")
        number, _, _ = (row["reference"] or "").partition("/")
        return number or self._sold(row)

    def _sold(self, row: Record) -> str:
        """Return the RMA number of a return shipment that Tryton made itself, for what is still to come."""
        lines = (record_id(move["origin"], "sale.line") for move in row["incoming_moves"])
        line = next((number for number in lines if number), 0)
        if not line:
            return ""
        sale = self.records.rest.one("changes", "sale.line", line, ["sale.reference"])["sale"]
        return str(sale["reference"] or "")


_MORE = {
    "account.invoice": ("type", "total_amount"),
    "stock.shipment.out.return": ("incoming_moves.origin",),
}


def _number(ref: DocumentRef) -> int:
    if not ref.id.isdigit():
        raise missing(str(ref.type), ref.id)
    return int(ref.id)
