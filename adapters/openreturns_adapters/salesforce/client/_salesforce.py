"""The verbs of a service desk at Salesforce."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from openreturns import Adapter
from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Done, Outcome, act, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Party, Return
from openreturns.ports import Change, Crm, Standing
from openreturns.readback import differences, proven
from openreturns.state import terminal
from openreturns.transport import SYSTEM, Auth, Budget, Client, ClientCredentials, Rate, Time

from openreturns_adapters.salesforce.client._errors import THROTTLED, explain, setting
from openreturns_adapters.salesforce.client._orders import Orders
from openreturns_adapters.salesforce.client._org import Org, Record, moment, normal, quoted, select
from openreturns_adapters.salesforce.client._standing import standing_of
from openreturns_adapters.salesforce.fields import from_org, to_org
from openreturns_adapters.salesforce.ids import full_id, same_id

__all__ = ["Salesforce"]

# A stamp is from before its transaction ended, so what is seen late has an earlier one than what was seen before.
_OVERLAP = timedelta(minutes=10)  # as long as a call may take


class Salesforce(Crm):
    """An org at Salesforce.

    `client_id` and `client_secret` are those of its connected app (or credentials of another kind as `auth`, such
    as `transport.JwtBearer`); `base_url` is the org's own address where it is not that of `my_domain`, such as a
    sandbox's; `options` are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        client_id: str = "",
        client_secret: str = "",
        auth: Auth | None = None,
        base_url: str = "",
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        if auth is None and not (client_id and client_secret):
            raise setting("Salesforce needs a client_id and a client_secret, or auth")
        self._adapter = adapter
        self._sleep = time.sleep
        limit = adapter.manifest["rate_limit"]
        budget = Budget([Rate(limit["requests"], limit["per_seconds"])], limit["concurrent"])
        data = f"/services/data/{adapter.manifest['api_version']}"
        org = base_url.rstrip("/").removesuffix(data) or _address(adapter).removesuffix(data)
        login = f"{org}/services/oauth2/token"
        self._client = Client(
            org + data,
            vendor=adapter.name,
            auth=auth
            or ClientCredentials(token_url=login, client_id=client_id, client_secret=client_secret, time=time),
            throttled=THROTTLED,
            explain=explain,
            time=time,
            **{"budget": budget, **options},
        )
        self._org = Org(self._client)
        self._orders = Orders(adapter, self._org, self._sleep) if adapter.tenant.setting("return_orders") else None
        self._statuses: dict[str, bool] = {}

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ------------------------------------------------------------ verbs

    def open_case(self, return_: Return) -> Outcome:
        """Open the case of a return, or find it open; then bring its return order up to it, where there are such."""
        record, closed = self._case(return_)
        once = key("salesforce", return_.number, "open_case")

        def write() -> DocumentRef:
            return self._written("open_case", record, return_, once)

        def found() -> DocumentRef | None:
            held = self._held("open_case", record)
            return self._ref(held["Id"]) if held and held["RMA_Number__c"] is not None else None

        outcome = act(write, found, self._adapter.rule("open_case"), key=once, sleep=self._sleep)
        return self._with_order(proven(outcome, lambda done: self._opened(done, record, closed)), return_)

    def update_case(self, return_: Return) -> Outcome:
        """Bring the case up to the return, sending only what differs, and its return order. It must be there."""
        record, closed = self._case(return_)
        once = key("salesforce", return_.number, "update_case", return_.meta.revision)
        held = self._held("update_case", record)
        changed = {name: value for name, value in record.items() if held and normal(held[name]) != normal(value)}
        outcome: Outcome
        if held and not changed:
            outcome = Done(self._ref(held["Id"]), repeated=True)
        else:
            known: Record = {name: record[name] for name in ("Id", "RMA_Number__c") if name in record}
            sent = {**known, **changed} if held else record

            def write() -> DocumentRef:
                return self._written("update_case", sent, return_, once, only_update=True)

            outcome = act(write, rule=self._adapter.rule("update_case"), key=once, sleep=self._sleep)
        return self._with_order(proven(outcome, lambda done: self._as_sent(done.ref, record, closed)), return_)

    def standing(self, party: Party) -> Standing:
        """Return whether the customer's account lets goods come back as a matter of course.

        Raises MappingError (kind `setting`) where no setting says what field of an account tells it.
        """
        return standing_of(self._org, self._adapter.tenant, party)

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return the return order by its id, its return's number, or its case's id.

        Raises RejectedError: kind `unsupported` in an org without return orders, as a case is no whole return.
        """
        if self._orders is None:
            self._refuse("read")
        return self._orders.read(ref)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the cases of returns, and the return orders, that changed since a moment, oldest change first.

        What changed shortly before it comes again: the org stamps a change before others can see it.
        """
        after = f"SystemModstamp >= {(since.astimezone(UTC) - _OVERLAP):%Y-%m-%dT%H:%M:%SZ}"
        number = self._name("RMA_Number__c")
        query = select(("Id", "SystemModstamp"), "Case", f"{number} != null AND {after}", "SystemModstamp, Id")
        found = [Change(self._ref(one["Id"]), moment(one["SystemModstamp"])) for one in self._org.ask("changes", query)]
        if self._orders:
            found += self._orders.changes(after)
        yield from sorted(found, key=lambda change: change.at)

    # ------------------------------------------------------------ calls

    def _ref(self, record_id: object) -> DocumentRef:
        return DocumentRef(type="case", id=full_id(str(record_id)), system=self._adapter.name)

    def _name(self, field: str) -> str:
        """Return what the org calls a field of the contract."""
        [name] = to_org({field: None}, self._adapter.tenant)
        return name

    def _case(self, return_: Return) -> tuple[Record, bool]:
        """Return the case as it should be, and whether it is closed then."""
        [written] = self._adapter.write(return_, "case")
        return written.record, self._closed(str(return_.status), str(written.record["Status"]))

    def _closed(self, status: str, word: str) -> bool:
        """Return whether the org's status is a closed one. Raises MappingError where the code table does not fit it."""
        if word not in self._statuses:
            rows = self._org.ask("status", select(("ApiName", "IsClosed"), "CaseStatus"))
            self._statuses = {str(row["ApiName"]): bool(row["IsClosed"]) for row in rows}
        if word not in self._statuses:
            known = ", ".join(self._statuses)
            raise setting(f"the code table 'case_status' writes {status!r} as {word!r}, and the org has only: {known}")
        closed = self._statuses[word]
        if status in terminal("return") and not closed:
            raise setting(f"the code table 'case_status' writes {status!r} as {word!r}, which leaves the case open")
        return closed

    def _held(self, verb: str, record: Mapping[str, Any]) -> Record | None:
        """Return the case that a record speaks of, as the contract has it, or None."""
        where = f"Id = {quoted(record['Id'])}" if "Id" in record else self._numbered(record["RMA_Number__c"])
        held = self._asked(verb, record, where)
        number = held["RMA_Number__c"] if held else None
        if number is not None and normal(number) != normal(record["RMA_Number__c"]):
            message = "the case has the number of another return"
            raise RejectedError(message, kind="conflict", problems=[Problem("conflict", message, native=_NUMBER)])
        return held

    def _numbered(self, number: str) -> str:
        return f"{self._name('RMA_Number__c')} = {quoted(number)}"

    def _asked(self, verb: str, record: Mapping[str, Any], where: str) -> Record | None:
        fields: Record = dict.fromkeys(("Id", *record, "IsClosed"))
        held = self._org.one(verb, select(to_org(fields, self._adapter.tenant), "Case", where))
        return from_org(held, self._adapter.tenant) if held else None

    def _written(
        self, verb: str, record: Mapping[str, Any], return_: Return, once: str, *, only_update: bool = False
    ) -> DocumentRef:
        """Write a case: by its own id if it came from the org, else by the number of the return."""
        body = dict(record)
        told = {"key": once, "correlation_id": return_.meta.correlation_id or ""}
        own = body.pop("Id", None)
        if own:
            return self._ref(self._org.change(verb, "Case", own, to_org(body, self._adapter.tenant), **told))
        number = body.pop("RMA_Number__c")
        field = self._name("RMA_Number__c")
        made = self._org.upsert(verb, "Case", field, number, body, only_update=only_update, **told)
        if not made:  # an org of an older version changes in silence
            held = self._asked(verb, {"RMA_Number__c": number}, self._numbered(number))
            made = held["Id"] if held else ""
        return self._ref(made)

    def _with_order(self, outcome: Outcome, return_: Return) -> Outcome:
        if self._orders is None or not isinstance(outcome, Done):
            return outcome
        order = self._orders.bring(return_, outcome.ref)
        return outcome if isinstance(order, Done) else order

    # ------------------------------------------------------------ proofs

    def _opened(self, done: Done, record: Mapping[str, Any], closed: bool) -> Sequence[Problem]:
        """Compare; a case found open has gone on since, and must only be that of this return and customer."""
        if not done.repeated:
            return self._as_sent(done.ref, record, closed)
        same = {name: record[name] for name in ("RMA_Number__c", "AccountId") if name in record}
        return self._as_sent(done.ref, same, None)

    def _as_sent(self, ref: DocumentRef, record: Mapping[str, Any], closed: bool | None) -> Sequence[Problem]:
        held = self._held("read", record)
        if held is None or not same_id(held["Id"], ref.id):
            return [Problem("not_as_sent", "the case is not there under its number", native=_NUMBER)]
        if closed is not None:
            self._adapter.check_record("case", held)
        expected = record if closed is None else {**record, "IsClosed": closed}
        return differences(normal(expected), normal(held))


_NUMBER = "/RMA_Number__c"


def _address(adapter: Adapter) -> str:
    domain = adapter.tenant.settings.get("my_domain")
    if not domain:
        raise setting("Salesforce needs the setting 'my_domain', or a base_url")
    return str(adapter.manifest["base_url"]).format(my_domain=domain)
