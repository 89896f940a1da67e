"""ShipBob as the warehouse: announce a return, take it back, see what became of the goods."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from openreturns import Adapter
from openreturns.errors import ContractError, MappingError, Problem, RejectedError
from openreturns.idempotency import Done, Outcome, act, key
from openreturns.mapping import Environment
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, Wms
from openreturns.readback import differences, proven
from openreturns.transport import SYSTEM, Answer, Auth, Bearer, Budget, Client, Rate, Time
from openreturns.webhooks import SCHEMES, Received, verify

from openreturns_adapters.shipbob.functions import issued_at

__all__ = ["ShipBob"]

# A list can be asked for by the day of creation only, so a change feed has to look back as far as returns live.
_LIFE = timedelta(days=120)
_DONE = "cancelled"
_OVER = frozenset({"dispositioned", "cancelled", "closed"})  # nothing is counted on it any more

log = logging.getLogger("openreturns.adapters")


class ShipBob(Wms):
    """A merchant's account at ShipBob.

    `token` is a personal access token or an OAuth 2 access token (or credentials of another kind as `auth`);
    `base_url` points at another environment, such as the sandbox; `options` are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        token: str = "",
        auth: Auth | None = None,
        base_url: str = "",
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        if not token and auth is None:
            raise MappingError("ShipBob needs a token", kind="setting")
        self._adapter = adapter
        self._sleep = time.sleep
        limit = adapter.manifest["rate_limit"]
        self._client = Client(
            base_url or adapter.manifest["base_url"],
            vendor=adapter.name,
            auth=auth or Bearer(token),
            explain=_explain,
            time=time,
            **{"budget": Budget([Rate(limit["requests"], limit["per_seconds"])]), **options},
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ------------------------------------------------------------ verbs

    def announce(self, return_: Return) -> Outcome:
        """Tell the warehouse what to expect. Raises MappingError for a return that ShipBob cannot be told."""
        channel = self._adapter.tenant.setting("channel_id")
        [written] = self._adapter.write(return_, "return_create")
        once, rule = key("shipbob", return_.number, "announce"), self._adapter.rule("announce")

        def create() -> DocumentRef:
            answer = self._client.request(
                "announce",
                "POST",
                "/return",
                json=written.record,
                headers={"shipbob_channel_id": str(channel)},
                idempotency=rule,
                key=once,
                correlation_id=return_.meta.correlation_id or "",
            )
            return self._ref(answer.json["id"])

        outcome = act(create, lambda: self._announced(return_.number), rule, key=once, sleep=self._sleep)
        return proven(outcome, lambda done: self._as_announced(done, written.record))

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Take an announcement back; ShipBob allows it until the goods arrive."""
        once, rule = key("shipbob", ref.id, "cancel"), self._adapter.rule("cancel")

        def write() -> DocumentRef:
            path = "/return/{id}:cancel"
            self._client.request("cancel", "POST", path, at={"id": ref.id}, idempotency=rule, key=once, expects="any")
            return ref

        outcome = act(
            write, lambda: ref if self.status(ref).status == _DONE else None, rule, key=once, sleep=self._sleep
        )
        return proven(outcome, lambda done: self._as_cancelled(done.ref))

    def status(self, ref: DocumentRef) -> Return:
        """Return the return as the warehouse sees it now, with its receipts."""
        document = self._adapter.document("return", self._get(ref), to="return")
        assert isinstance(document, Return)  # the mapping's own document
        return document

    def disposition(self, ref: DocumentRef) -> Disposition:
        """Return what was done with the goods. Raises RejectedError (kind `not_yet`) before anything was."""
        try:
            document = self._adapter.document("return", self._get(ref), to="disposition")
        except MappingError as error:
            if [problem.code for problem in error.problems] == ["not_yet"]:
                raise RejectedError(str(error.args[0]), kind="not_yet", problems=error.problems) from None
            raise
        assert isinstance(document, Disposition)  # the mapping's own document
        return document

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return a return or its disposition by ShipBob's number."""
        if ref.type == "disposition":
            return self.disposition(ref)
        return self.status(ref)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the returns that changed since a moment, oldest change first, and every return that is still open.

        Units are counted without a moment to tell: what is open may have changed, and `event_id` tells whether it did.
        A return that cannot be read is told of as well: reading it fails, and no other.
        """
        found = []
        for record in self._listed({"StartDate": _text(since - _LIFE), "SortOrder": "Asc"}):
            change = self._changed(record, since)
            if change is not None:
                found.append(change)
        yield from sorted(found, key=lambda change: change.at)

    def hear(self, received: Received, secrets: Sequence[str]) -> Change:
        """Return which return a webhook is about. Its body is not published: the return's number is all it is for."""
        webhooks = self._adapter.manifest["webhooks"]
        genuine = verify(SCHEMES[webhooks["signature"]], received, secrets)
        assert genuine.at is not None  # the scheme signs the time
        return Change(self._ref(_told_number(received.body)), genuine.at, genuine.id)

    def subscribe(self, url: str) -> str:
        """Have webhooks about returns sent to an address, and return the secret that they are signed with.

        The secret is told this once: where the answer is lost, subscribe again and delete the other one at ShipBob.
        """
        body = {"url": url, "topics": self._adapter.manifest["webhooks"]["topics"]}
        secret: str = self._client.request("subscribe", "POST", "/webhook", json=body).json["secret"]
        return secret

    # ------------------------------------------------------------ calls

    def _changed(self, record: Mapping[str, Any], since: datetime) -> Change | None:
        """Return the change that a listed return tells of, if it may be one since then; one without moments may."""
        tenant = self._adapter.tenant
        try:
            ref, status = self._ref(record["id"]), tenant.table("return_status").code(str(record.get("status")))
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            log.warning("vendor=%s record=return contract_drift: listed without an id (%s)", self._adapter.name, error)
            return None
        try:
            latest = datetime.fromisoformat(issued_at(dict(record), Environment(tenant, record, {})))
            taken = [one.get("action_taken") or () for one in record.get("inventory") or ()]
            counted = [[f"{one['action']} {one['quantity_processed']}" for one in actions] for actions in taken]
            told = [latest.isoformat(), str(status), json.dumps(counted)]
        except (KeyError, TypeError, AttributeError, ValueError):
            latest, status, told = since, None, [str(record.get("status"))]
        if status in _OVER:
            return Change(ref, latest) if latest >= since else None
        return Change(ref, max(latest, since), key("shipbob", ref.id, *told))

    def _ref(self, number: object) -> DocumentRef:
        return DocumentRef(type="return", id=str(number), system=self._adapter.name)

    def _get(self, ref: DocumentRef) -> Mapping[str, Any]:
        record: Mapping[str, Any] = self._client.request("read", "GET", "/return/{id}", at={"id": ref.id}).json
        return record

    def _announced(self, number: str) -> DocumentRef | None:
        """Return what is there under our number; a cancelled announcement is none."""
        records = list(self._listed({"ReferenceIds": number}))
        mine = [r for r in records if r.get("reference_id") == number and r.get("status") != "Cancelled"]
        return self._ref(mine[0]["id"]) if mine else None

    def _listed(self, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """Yield every return of a list, page by page; ShipBob answers an empty list with 404 as well."""
        answer = self._client.request("list", "GET", "/return", params=tuple(params.items()), accepts={404})
        seen = set()
        while answer.status != 404:
            yield from answer.json["items"]
            address = answer.json.get("next")
            if not address or address in seen:
                return
            seen.add(address)
            answer = self._client.request("list", "GET", address, accepts={404})

    # ------------------------------------------------------------ proofs

    def _as_announced(self, done: Done, sent: Mapping[str, Any]) -> Sequence[Problem]:
        """Compare what the warehouse expects with what it was told."""
        held = self._get(done.ref)
        expected = {name: sent[name] for name in ("reference_id", "original_shipment_id") if name in sent}
        expected["inventory"] = _told(sent["inventory"], "requested_action")
        inventory = [{**one, "action": (one.get("action_requested") or {}).get("action")} for one in held["inventory"]]
        return differences(expected, {**held, "inventory": inventory}, keys={"inventory": "id"})

    def _as_cancelled(self, ref: DocumentRef) -> Sequence[Problem]:
        status = self.status(ref).status
        if status == _DONE:
            return ()
        return [Problem("not_as_sent", f"the return is {status}, not cancelled", native="/status")]


def _told_number(body: bytes) -> int:
    """Return the number of the return that a webhook is about, from any of the places where it may stand."""
    try:
        told = json.loads(body)
        places = (told, told.get("data") or {})
        found = [place[name] for place in places for name in ("id", "return_id") if name in place]
    except (ValueError, AttributeError, TypeError):
        found = []
    if not found or not isinstance(found[0], int):
        raise ContractError("the webhook names no return", kind="contract_drift")
    return found[0]


def _told(inventory: Sequence[Mapping[str, Any]], action: str) -> list[dict[str, Any]]:
    return [{"id": one["id"], "quantity": one["quantity"], "action": one[action]} for one in inventory]


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _explain(answer: Answer) -> Sequence[Problem]:
    """Return what ShipBob says is wrong: an ApiError (422) lists it, ProblemDetails has a title."""
    body = answer.json
    if "errors" in body and isinstance(body["errors"], list):
        return [Problem("validation", str(text)[:200]) for text in body["errors"]]
    said = body.get("detail") or body.get("title") or body.get("message")
    return [Problem("vendor", str(said)[:200])] if said else []
