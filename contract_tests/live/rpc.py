"""A plain client of Tryton's JSON-RPC, of the tests' own: it makes the data and looks; no adapter proves itself."""

from __future__ import annotations

import datetime as dt
from base64 import b64encode
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import httpx

__all__ = ["Refused", "Rpc", "decoded", "encoded"]


class Refused(Exception):  # noqa: N818 - the server's word
    """What the server answered in place of a result: its kind, and its words."""

    def __init__(self, kind: str, said: Any) -> None:
        super().__init__(f"{kind}: {said}")
        self.kind = kind


class Rpc:
    """One user's session at one database. A quantity is a float here, as on the wire; an amount a Decimal."""

    def __init__(self, url: str, database: str, login: str, password: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/{database}", timeout=60.0)
        self.context: dict[str, Any] = {}
        uid, token, *_ = self._ask("common.db.login", [login, {"password": password}, "en"])
        value = b64encode(f"{login}:{uid}:{token}".encode()).decode()
        self._http.headers["Authorization"] = f"Session {value}"
        self.user = uid
        self.refresh()

    def refresh(self) -> None:
        """Take the user's preferences as context: whose company, which employee."""
        self.context = self._ask("model.res.user.get_preferences", [True, {}])

    def close(self) -> None:
        self._http.close()

    def _ask(self, method: str, params: list[Any]) -> Any:
        answer = self._http.post("/rpc/", json={"id": 1, "method": method, "params": encoded(params)})
        answer.raise_for_status()
        body = answer.json()
        if "error" in body:
            raise Refused(str(body["error"][0]), body["error"][1:])
        return decoded(body["result"])

    def call(self, model: str, method: str, *params: Any, **context: Any) -> Any:
        return self._ask(f"model.{model}.{method}", [*params, {**self.context, **context}])

    def create(self, model: str, *values: Mapping[str, Any], **context: Any) -> list[int]:
        made: list[int] = self.call(model, "create", list(values), **context)
        return made

    def one(self, model: str, values: Mapping[str, Any], **context: Any) -> int:
        [number] = self.create(model, values, **context)
        return number

    def find(self, model: str, domain: list[Any], fields: list[str] | None = None, **context: Any) -> list[Any]:
        """Return matching records, oldest first; their ids alone where no fields are named."""
        order = [["id", "ASC"]]
        if fields is None:
            ids: list[Any] = self.call(model, "search", domain, 0, None, order, **context)
            return ids
        rows: list[Any] = self.call(model, "search_read", domain, 0, None, order, fields, **context)
        return rows

    def the(self, model: str, domain: list[Any], **context: Any) -> int:
        return int(self.find(model, domain, **context)[0])

    def read(self, model: str, number: int, *fields: str) -> dict[str, Any]:
        [row] = self.call(model, "read", [number], list(fields))
        found: dict[str, Any] = row
        return found

    def write(self, model: str, ids: list[int], values: Mapping[str, Any], **context: Any) -> None:
        self.call(model, "write", ids, values, **context)

    def click(self, model: str, button: str, *ids: int) -> Any:
        return self.call(model, button, list(ids))

    def wizard(self, name: str, *steps: tuple[str, Mapping[str, Any]], **context: Any) -> Any:
        """Run a wizard through its states, each with the values of its form, and return the last answer."""
        given = {**self.context, **context}
        session, start, _ = self._ask(f"wizard.{name}.create", [given])
        answer = self._ask(f"wizard.{name}.execute", [session, {}, start, given])
        for state, data in steps:
            answer = self._ask(f"wizard.{name}.execute", [session, data, state, given])
        self._ask(f"wizard.{name}.delete", [session, given])
        return answer


def encoded(value: Any) -> Any:
    """Return a value as Tryton's JSON has it."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": f"{value:f}"}
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return {"__class__": "date", "year": value.year, "month": value.month, "day": value.day}
    if isinstance(value, Mapping):
        return {name: encoded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [encoded(inner) for inner in value]
    return value


def decoded(value: Any) -> Any:
    """Return a value of Tryton's JSON as Python's own."""
    if isinstance(value, list):
        return [decoded(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("__class__")
    if kind == "Decimal":
        return Decimal(value["decimal"])
    if kind == "date":
        return dt.date(value["year"], value["month"], value["day"])
    if kind == "datetime":
        day = dt.datetime(value["year"], value["month"], value["day"], tzinfo=dt.UTC)
        names = ("hour", "minute", "second", "microsecond")
        return day.replace(**{name: value[name] for name in names})
    if kind == "timedelta":
        return dt.timedelta(seconds=value["seconds"])
    return {name: decoded(inner) for name, inner in value.items()}
