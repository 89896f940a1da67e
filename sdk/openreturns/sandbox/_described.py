"""A vendor from its adapter's own data: contracts and operations, served with state."""

from __future__ import annotations

import re
import tomllib
from base64 import b64encode
from collections.abc import Callable, Mapping
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any

from openreturns._json import parse
from openreturns._manifest import read_manifest
from openreturns.errors import ContractError
from openreturns.sandbox._http import Answer, Call, Operation, Reply
from openreturns.sandbox._simulator import Simulator, Vendor
from openreturns.validation import Validator

__all__ = ["described", "sample"]

_PLACES = re.compile(r"\{(\w+)\}")
_TEXTS = {"date-time": "2026-10-05T14:12:00Z", "date": "2026-10-05"}


def described(folder: Path, *, token: str = "", user: str = "", password: str = "") -> Simulator:
    """Return the vendor that an adapter's folder describes: manifest, contracts, and `operations.toml`.

    Each operation works on the records of one contract: a POST without the record's id in its path makes one, GET
    gives one or all, PUT and PATCH change it, DELETE takes it away. What is sent is held to its contract (422). A
    vendor's own rules of state are nobody's to guess: write them, and this is a beginning. `token`, or `user` and
    `password`, let in.
    """
    manifest = read_manifest(folder / "manifest.toml")
    auth = manifest.get("auth", [])
    told = tomllib.loads((folder / "operations.toml").read_text("utf-8"))
    contracts = {
        path.name.removesuffix(".schema.json"): parse(path.read_bytes())
        for path in sorted((folder / "contract" / manifest["api_version"]).glob("*.schema.json"))
    }
    stores = {one["record"]: _Store(one, contracts) for one in told.get("stores", ())}
    operations = [_operation(stores[one["record"]], one, contracts) for one in told.get("operations", ())]
    header, value = "authorization", f"Bearer {token}"
    if auth == ["basic"]:
        value = f"Basic {b64encode(f'{user}:{password}'.encode()).decode('ascii')}"
    if auth == ["api_key"]:
        header, value = str(told.get("key_header", "X-API-Key")).lower(), token

    def refuse(operation: Operation, call: Call) -> Reply | None:
        return None if call.headers.get(header) == value else _problem(401, "no credentials, or wrong ones")

    def seed() -> Mapping[str, Any]:
        return {name: [store.make({})[store.identity] for _ in range(3)] for name, store in stores.items()}

    vendor = Vendor(
        name=manifest["name"],
        title=f"{manifest['title']}, simulated",
        version=manifest["api_version"],
        base="/api",
        operations=operations,
        security={"credentials": {"type": "http", "scheme": "basic" if auth == ["basic"] else "bearer"}},
        definitions={},
        refuse=refuse,
        problem=_problem,
        seed=seed,
        steps={},
        held=lambda: {name: list(store.records.values()) for name, store in stores.items()},
    )
    return Simulator(vendor)


def _problem(status: int, message: str) -> Reply:
    headers = {"Retry-After": "1"} if status == 429 else {}
    return Reply(status, {"error": {"status": status, "message": message}}, headers)


class _Store:
    """The records of one contract, by id."""

    def __init__(self, told: Mapping[str, Any], contracts: Mapping[str, Any]) -> None:
        self.schema = contracts.get(told["record"]) or contracts[told["written"]]
        self.identity: str = told["identity"]
        self.records: dict[str, dict[str, Any]] = {}
        self._numbers = count(1)

    def make(self, sent: Mapping[str, Any]) -> dict[str, Any]:
        """Make a record: what was sent, in it what the vendor adds."""
        number = next(self._numbers)
        known = self.schema["properties"]
        made: dict[str, Any] = sample(self.schema, number)
        made |= {name: deepcopy(value) for name, value in sent.items() if name in known}
        kinds = known.get(self.identity, {}).get("type", "string")
        made[self.identity] = number if "integer" in (kinds if isinstance(kinds, list) else [kinds]) else str(number)
        self.records[str(number)] = made
        return made


def _operation(store: _Store, told: Mapping[str, Any], contracts: Mapping[str, Any]) -> Operation:
    method, path = told["method"], told["path"]
    places = _PLACES.findall(path)
    takes = contracts.get(told.get("takes", ""))
    do = _one(store, told, places[-1]) if told["one"] else _all(store, told)
    checked = _held_to(Validator(takes), told.get("inside", ""), do) if takes and method in {"POST", "PUT"} else do
    answers = {200: Answer("Done."), 401: Answer("Not let in."), 404: Answer("Not there."), 422: Answer("Malformed.")}
    return Operation(method, path, checked, f"{method} {path}", answers)


def _held_to(contract: Validator, inside: str, do: Callable[[Call], Reply]) -> Callable[[Call], Reply]:
    def checked(call: Call) -> Reply:
        try:
            contract.check(_sent(call, inside), "the body")
        except ContractError as error:
            return _problem(422, "; ".join(str(problem) for problem in error.problems) or str(error.args[0]))
        return do(call)

    return checked


def _sent(call: Call, inside: str) -> Any:  # noqa: ANN401 - any JSON value
    body = call.json
    if inside:
        if not isinstance(body, dict) or inside not in body:
            raise ContractError(f"the body has no {inside}", kind="schema")
        return body[inside]
    return body


def _wrapped(record: object, inside: str) -> object:
    return {inside: record} if inside else record


def _all(store: _Store, told: Mapping[str, Any]) -> Callable[[Call], Reply]:
    inside = told.get("inside", "")

    def do(call: Call) -> Reply:
        if told["method"] == "GET":
            return Reply(200, _wrapped(list(store.records.values()), told.get("gives_in", "")))
        return Reply(200, _wrapped(store.make(_sent(call, inside)), told.get("gives_in", "")))

    return do


def _one(store: _Store, told: Mapping[str, Any], place: str) -> Callable[[Call], Reply]:
    inside = told.get("inside", "")

    def do(call: Call) -> Reply:
        record = store.records.get(call.path[place])
        if record is None:
            return _problem(404, "there is no such record")
        if told["method"] == "DELETE":
            del store.records[call.path[place]]
            return Reply(204)
        if told["method"] != "GET":
            sent = _sent(call, inside)
            record.update({name: value for name, value in sent.items() if name in store.schema["properties"]})
        return Reply(200, _wrapped(record, told.get("gives_in", "")))

    return do


def sample(schema: Mapping[str, Any], number: int = 41) -> Any:  # noqa: ANN401 - any JSON value
    """Return a value that keeps a contract: every field that it names, lists with one element."""
    kinds = schema.get("type")
    kind = kinds[0] if isinstance(kinds, list) else kinds
    listed = [word for word in (*schema.get("enum", ()), *schema.get("x-known-values", ())) if word is not None]
    if listed:
        return listed[0]
    if kind == "object":
        return {name: sample(one, number) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        items = schema.get("items", {})
        return [sample(items, number)] if items else []
    if kind in {"integer", "number"}:
        return number
    if kind == "boolean":
        return True
    return _TEXTS.get(schema.get("format", ""), str(number)) if kind == "string" else None
