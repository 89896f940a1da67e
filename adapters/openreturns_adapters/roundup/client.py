"""Roundup as the service desk: a return's case is an issue, changed only as it was when we read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from openreturns import Adapter
from openreturns.errors import ContractError, MappingError, Problem, RejectedError
from openreturns.idempotency import Done, Outcome, act, key
from openreturns.models import DocumentRef, Return
from openreturns.ports import Change, Crm
from openreturns.readback import differences, proven
from openreturns.transport import SYSTEM, Answer, Basic, Client, Time

__all__ = ["Roundup"]

Record = Mapping[str, Any]

_PAGE = 100
_OVERLAP = timedelta(minutes=10)  # activity is set when a change is made and seen when it is stored
_TIME = "%Y-%m-%d.%H:%M:%S"  # UTC


class Roundup(Crm):
    """A tracker.

    `base_url` is the tracker's own address (`https://desk.example.com/tracker`); `login` and `password` are those of
    a user who may make and change issues; `options` are those of `transport.Client`.
    """

    def __init__(
        self,
        adapter: Adapter,
        *,
        base_url: str,
        login: str,
        password: str,
        time: Time = SYSTEM,
        **options: Any,  # noqa: ANN401 - transport.Client says what they are
    ) -> None:
        if not (login and password):
            raise MappingError("Roundup needs a login and its password", kind="setting")
        self._adapter = adapter
        self._login = login
        self._sleep = time.sleep
        tracker = base_url.rstrip("/")
        place = urlsplit(tracker)
        self._client = Client(
            f"{tracker}/rest/data",
            vendor=adapter.name,
            account=tracker,
            auth=Basic(login, password),
            explain=_explain,
            # Without these three every call that writes is refused: they tell it from a form in a browser.
            headers={
                "Origin": f"{place.scheme}://{place.netloc}",
                "Referer": f"{tracker}/",
                "X-Requested-With": "rest",
            },
            time=time,
            **options,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    # ------------------------------------------------------------ verbs

    def open_case(self, return_: Return) -> Outcome:
        """Open the issue of a return, or find it open, and say in it where the return stands."""
        record = self._written(return_)
        once = key("roundup", return_.number, "open_case")

        def write() -> DocumentRef:
            return self._created(record, once, return_)

        outcome = act(write, lambda: self._found(record["title"]), self._rule("open_case"), key=once, sleep=self._sleep)
        if not isinstance(outcome, Done) or outcome.repeated:
            return outcome
        said = self._brought(outcome.ref, record, return_, "open_case")
        return said if not isinstance(said, Done) else outcome

    def update_case(self, return_: Return) -> Outcome:
        """Bring the issue to the return's status, and add what changed as a message; it must be there."""
        record = self._written(return_)
        ref = self._found(record["title"])
        if ref is None:
            message = f"Roundup has no issue {record['title']!r}"
            raise RejectedError(message, kind="not_found", problems=[Problem("not_found", message)])
        return self._brought(ref, record, return_, "update_case")

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the issues of returns that something was done on since a moment, oldest first.

        What was done shortly before it comes again; `event_id` names the issue and the moment.
        """
        found = []
        # Without an offset the tracker takes it for a moment of the user's own zone.
        after = (since.astimezone(UTC) - _OVERLAP).strftime(f"{_TIME}+0000")
        # By what never changes: an issue that is changed between two pages would move to the end of a list by
        # activity, and the first of the next page to the page before it.
        params = {"activity": f"{after};", "@fields": "title,activity", "@sort": "id"}
        for one in self._listed("changes", "issue", params):
            if one["title"].startswith("Return "):
                at = datetime.strptime(one["activity"], _TIME).replace(tzinfo=UTC)
                found.append(Change(self._ref(one["id"]), at, f"issue{one['id']}@{one['activity']}"))
        yield from sorted(found, key=lambda change: change.at)

    # ------------------------------------------------------------ calls

    def _rule(self, verb: str) -> Any:  # noqa: ANN401 - idempotency.Rule
        return self._adapter.rule(verb)

    def _ref(self, number: object) -> DocumentRef:
        return DocumentRef(type="case", id=str(number), system=self._adapter.name)

    def _written(self, return_: Return) -> Record:
        [written] = self._adapter.write(return_, "issue")
        return written.record

    def _found(self, title: str) -> DocumentRef | None:
        """Return the issue with a title: `:=` asks for the whole of it, a plain `=` for a part."""
        rows = list(self._listed("look_up", "issue", {"title:": title, "@fields": "title"}))
        mine = [row for row in rows if row["title"] == title]
        return self._ref(min(mine, key=lambda row: int(row["id"]))["id"]) if mine else None

    def _listed(self, verb: str, kind: str, params: Mapping[str, str]) -> Iterator[Record]:
        """Yield all items of a list, page by page; refuses one that ends before its total."""
        seen, page = 0, 1
        while True:
            paged = {**params, "@page_size": str(_PAGE), "@page_index": str(page)}
            answer = self._client.request(verb, "GET", f"/{kind}", params=paged)
            rows, total = answer.json["data"]["collection"], answer.json["data"]["@total_size"]
            yield from rows
            seen, page = seen + len(rows), page + 1
            if seen >= total:
                return
            if not rows:
                raise ContractError(f"a list of {kind} had {seen} of {total}", kind="contract_drift")

    def _created(self, record: Record, once: str, return_: Return) -> DocumentRef:
        """Make the issue at an address that works once: a repeat by whatever is in between cannot make another."""
        told: Mapping[str, Any] = {"key": once, "correlation_id": return_.meta.correlation_id}
        # What this makes is an address and nothing that anybody sees. A body is not sent, as the server would not read
        # it and take it for the beginning of the next request on the connection.
        given = self._client.request("open_case", "POST", "/issue/@poe", idempotency="native", **told)
        body = {name: record[name] for name in ("title", "status", "priority")}
        answer = self._client.request(
            "open_case", "POST", given.json["data"]["link"], json=body, idempotency="lookup", **told
        )
        return self._ref(answer.json["data"]["id"])

    def _issue(self, ref: DocumentRef) -> tuple[Record, str]:
        """Return an issue, links by their names, and its etag."""
        answer = self._client.request("read", "GET", "/issue/{id}", at={"id": ref.id}, params={"@verbose": "2"})
        return answer.json["data"]["attributes"], str(answer.json["data"]["@etag"])

    # ------------------------------------------------------------ bringing an issue up to a return

    def _brought(self, ref: DocumentRef, record: Record, return_: Return, verb: str) -> Outcome:
        """Add the message unless it is the last one, then set the status: a new message may change it.

        Each change is sent with the etag of what was read. Who changed the issue meanwhile is not overruled in
        silence: it is read again, once, and only then changed.
        """
        once = key("roundup", return_.number, verb, return_.meta.revision)
        told: Mapping[str, Any] = {"key": once, "correlation_id": return_.meta.correlation_id}
        wrote = False
        if not self._says(ref, record["message"]):
            outcome = act(
                lambda: self._commented(ref, record["message"], verb, told),
                lambda: ref if self._says(ref, record["message"]) else None,
                self._rule(verb),
                key=key(once, "message"),
                sleep=self._sleep,
            )
            if not isinstance(outcome, Done):
                return outcome
            wrote = True
        if not self._stands(ref, record["status"]):
            outcome = act(
                lambda: self._changed(ref, {"status": record["status"]}, verb, told),
                lambda: ref if self._stands(ref, record["status"]) else None,
                self._rule(verb),
                key=key(once, "status"),
                sleep=self._sleep,
            )
            if not isinstance(outcome, Done):
                return outcome
            wrote = True
        return proven(Done(ref, repeated=not wrote), lambda done: self._as_sent(ref, record))

    def _commented(self, ref: DocumentRef, text: str, verb: str, told: Mapping[str, Any]) -> DocumentRef:
        """Add a message; one that was made and not added is seen by nobody."""
        body = {"content": text, "author": self._login}
        made = self._client.request(verb, "POST", "/msg", json=body, idempotency="lookup", **told)
        return self._changed(ref, {"@op": "add", "messages": [made.json["data"]["id"]]}, verb, told)

    def _changed(self, ref: DocumentRef, body: Record, verb: str, told: Mapping[str, Any]) -> DocumentRef:
        for last in (False, True):
            _, etag = self._issue(ref)
            answer = self._client.request(
                verb,
                "PATCH",
                "/issue/{id}",
                at={"id": ref.id},
                json=body,
                headers={"If-Match": etag},
                idempotency="lookup",
                accepts=() if last else {412},
                **told,
            )
            if answer.status != 412:
                break
        return ref

    def _last_message(self, attributes: Record) -> str:
        ids = [int(one["id"]) for one in attributes["messages"]]
        if not ids:
            return ""
        # A message's content is a link to a page, unless it is asked for in so many words.
        params = {"@fields": "content", "@verbose": "3"}
        answer = self._client.request("read", "GET", "/msg/{id}", at={"id": str(max(ids))}, params=params)
        return str(answer.json["data"]["attributes"]["content"])

    # ------------------------------------------------------------ proofs

    def _says(self, ref: DocumentRef, text: str) -> bool:
        attributes, _ = self._issue(ref)
        return _text(self._last_message(attributes)) == _text(text)

    def _stands(self, ref: DocumentRef, status: str) -> bool:
        attributes, _ = self._issue(ref)
        return bool((attributes["status"] or {}).get("name") == status)

    def _as_sent(self, ref: DocumentRef, record: Record) -> Sequence[Problem]:
        attributes, _ = self._issue(ref)
        held = {
            "title": attributes["title"],
            "status": (attributes["status"] or {}).get("name"),
            "message": _text(self._last_message(attributes)),
        }
        sent = {"title": record["title"], "status": record["status"], "message": _text(record["message"])}
        return differences(sent, held)


def _text(content: str) -> str:
    """Return a message without what storing it changes: line ends, and space at the end."""
    return "\n".join(line.rstrip() for line in content.splitlines()).strip()


def _explain(answer: Answer) -> Sequence[Problem]:
    """Return what Roundup says is wrong: one text, which may repeat what was sent."""
    return [Problem("roundup", str(answer.json["error"]["msg"])[:200])]
