"""The client, the simulator, and the operations that both know."""

from __future__ import annotations

import json
import re

from openreturns_codegen.adapter.choose import Resource, on_one
from openreturns_codegen.adapter.model import Operation
from openreturns_codegen.adapter.plan import Package
from openreturns_codegen.adapter.text import comment, snake, toml
from openreturns_codegen.adapter.verbs import Verb

__all__ = ["identity", "module", "operations", "simulator"]

_ARGUMENT = {"return": ("return_", "Return"), "credit": ("credit", "Credit")}


def path_of(operation: Operation) -> str:
    """Return the path with names of its places that are names."""
    return re.sub(r"\{([^}]*)\}", lambda found: f"{{{snake(found[1])}}}", operation.path)


def _places(operation: Operation) -> list[str]:
    return re.findall(r"\{(\w+)\}", path_of(operation))


def identity(package: Package, document: str) -> str:
    """Return the vendor's field by which a record is read again."""
    for draft in package.drafts:
        if draft.document == document and draft.way == "in":
            for path in ("meta.sourceId", "meta.documentId"):
                ranked = draft.proposal.candidates.get(path, ())
                if ranked and "." not in ranked[0].native:
                    return ranked[0].native
    return "id"


def operations(package: Package) -> str:
    """Return `operations.toml`: what the simulator serves."""
    parts = ["# What of the vendor's API the simulator serves; see openreturns.sandbox.described."]
    if package.auth == "api_key":
        parts.append(f"key_header = {toml(package.description.auth_detail)}")
    served = [(one, _served(package, one)) for one in package.resources]
    for resource, found in served:
        if found:
            record, written = _records(package, resource)
            own = toml(identity(package, resource.document))
            parts.append(f'\n[[stores]]\nrecord = "{record}"\nwritten = "{written}"\nidentity = {own}')
    for resource, found in served:
        record, written = _records(package, resource)
        for operation in found:
            one = str(on_one(operation)).lower()
            parts.append(
                f'\n[[operations]]\nrecord = "{record}"\nmethod = "{operation.method}"\n'
                f"path = {toml(path_of(operation))}\n"
                f"one = {one}\ngives_in = {toml(operation.gives_in)}\ninside = {toml(operation.takes_in)}\n"
                f'takes = "{written if operation.takes is not None else ""}"'
            )
    return "\n".join(parts) + "\n"


def _served(package: Package, resource: Resource) -> list[Operation]:
    seen: dict[tuple[str, str], Operation] = {}
    for one in resource.operations:
        if one.method in {"GET", "POST", "PUT", "PATCH", "DELETE"}:
            seen.setdefault((one.method, path_of(one)), one)
    return list(seen.values()) if _records(package, resource)[0] else []


def _records(package: Package, resource: Resource) -> tuple[str, str]:
    mine = {draft.way: draft.native for draft in package.drafts if draft.document == resource.document}
    return mine.get("in") or mine.get("out", ""), mine.get("out", "")


def simulator(package: Package) -> str:
    """Return `simulator.py`."""
    given = ", ".join(f'{name}: str = "{value}"' for name, value in package.credentials.items())
    passed = ", ".join(f"{name}={name}" for name in package.credentials)
    return f'''"""{comment(package.title)} in memory: the records of the contract, made, read and changed."""

from __future__ import annotations

from pathlib import Path

from openreturns.sandbox import Simulator, described

__all__ = ["simulator"]


def simulator({given}) -> Simulator:  # opens nothing but the simulation
    """Return the vendor, empty until it is seeded; `operations.toml` says what it offers."""
    return described(Path(__file__).parent, {passed})
'''


_AUTH = {
    "bearer": ("Bearer", "Bearer(token)", "token"),
    "oauth2": ("Bearer", "Bearer(token)", "token"),
    "api_key": ("ApiKey", 'ApiKey(token, "{detail}")', "token"),
    "basic": ("Basic", "Basic(user, password)", "user and password"),
}


def module(package: Package) -> str:
    """Return `client.py`: the verbs that the description shows an operation for."""
    kind, made, needs = _AUTH[package.auth]
    made = made.replace("{detail}", package.description.auth_detail)
    given = [f'{name}: str = "",' for name in package.credentials]
    reads = [verb for verb in package.verbs if verb.name == "read"]
    writes = [verb for verb in package.verbs if verb.draft.way == "out"]
    bodies = [*(_write(package, verb, reads) for verb in writes)]
    bodies += [_read(reads)] if reads else []
    bodies += [_STATUS] if any(verb.name == "status" for verb in package.verbs) else []
    bodies += [_get(reads)] if reads else []
    documents = sorted({_ARGUMENT[verb.draft.document][1] for verb in package.verbs})
    models = sorted(
        {*documents, *(("Adjustment", "Credit", "Disposition", "Return") if reads else ()), *_refs(package)}
    )
    hints = "".join(f"    # {comment(hint)}\n" for hint in package.hints)
    oauth = (
        f"    # tokens come from {comment(package.description.auth_detail)}: see transport.ClientCredentials\n"
        if package.auth == "oauth2" and package.description.auth_detail
        else ""
    )
    return f'''"""{comment(package.title)} as the {package.role}: the only file that knows an address or a header."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openreturns import Adapter
from openreturns.errors import MappingError, Problem
{"from openreturns.idempotency import Done, Outcome, act, key" if writes else ""}
{f"from openreturns.models import {', '.join(models)}" if models else ""}
from openreturns.ports import {package.role.capitalize()}
{"from openreturns.readback import differences, proven" if writes and reads else ""}
from openreturns.transport import SYSTEM, Auth, Client, Time, {kind}

__all__ = ["{package.class_name}"]


class {package.class_name}({package.role.capitalize()}):
    """An account at {comment(package.title)}.

    Credentials are {needs} (or of another kind as `auth`); `base_url` points at another environment; `options` are
    those of `transport.Client`.
    """

{hints}{oauth}
    def __init__(
        self,
        adapter: Adapter,
        *,
        {" ".join(given)}
        auth: Auth | None = None,
        base_url: str = "",
        time: Time = SYSTEM,
        **options: Any,  # transport.Client says what they are
    ) -> None:
        if not {next(iter(package.credentials))} and auth is None:
            raise MappingError("{package.name} needs {needs}", kind="setting")
        self._adapter = adapter
        self._sleep = time.sleep
        self._client = Client(
            base_url or adapter.manifest["base_url"],
            vendor=adapter.name,
            auth=auth or {made},
            time=time,
            **options,
        )

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

{chr(10).join(bodies)}
'''


def _refs(package: Package) -> set[str]:
    return {"DocumentRef"} if package.verbs else set()


def _at(operation: Operation, *, last: str) -> str:
    places = _places(operation)
    said = [f'"{one}": str(self._adapter.tenant.setting("{one}"))' for one in places[: -1 if last else None]]
    said += [f'"{places[-1]}": {last}'] if last else []
    return f", at={{{', '.join(said)}}}" if said else ""


def _write(package: Package, verb: Verb, reads: list[Verb]) -> str:
    argument, model = _ARGUMENT[verb.draft.document]
    read = next((one for one in reads if one.draft.document == verb.draft.document), None)
    body = f'{{"{verb.operation.takes_in}": written.record}}' if verb.operation.takes_in else "written.record"
    own = identity(package, verb.draft.document)
    keys = ", ".join(f"{json.dumps(name)}: once" for name in verb.operation.keys)
    headers = f"\n                headers={{{keys}}}," if keys else ""
    where = (
        f'answer.json["{verb.operation.gives_in}"]'
        if verb.operation.gives_in and not verb.operation.many
        else "answer.json"
    )
    ends = "return outcome"
    if read:
        ends = f"return proven(outcome, lambda done: self._as_{verb.draft.document}(done, written.record))"
    proof = (
        f'''
    def _as_{verb.draft.document}(self, done: Done, sent: Mapping[str, Any]) -> Sequence[Problem]:
        """Compare what the vendor holds with what it was sent, in the fields that both records have."""
        held = self._get_{verb.draft.document}(done.ref)
        return differences({{name: value for name, value in sent.items() if name in held}}, held)
'''
        if read
        else ""
    )
    return f'''    def {verb.name}(self, {argument}: {model}) -> Outcome:
        """Send the record by {verb.operation.method} {comment(verb.operation.path)[:80]}."""
        [written] = self._adapter.write({argument}, "{verb.draft.native}")
        once, rule = key("{package.name}", {argument}.number, "{verb.name}"), self._adapter.rule("{verb.name}")

        def create() -> DocumentRef:
            answer = self._client.request(
                "{verb.name}",
                "{verb.operation.method}",
                "{path_of(verb.operation)}"{_at(verb.operation, last="")},
                json={body},
                idempotency=rule,
                key=once,{headers}
                correlation_id={argument}.meta.correlation_id,
            )
            said = {where}
            number = said["{own}"] if isinstance(said, dict) else said
            return DocumentRef(type="{verb.ref}", id=str(number), system=self._adapter.name)

        outcome = act(create, None, rule, key=once, sleep=self._sleep)
        {ends}
{proof}'''


def _read(reads: list[Verb]) -> str:
    cases = []
    for place, verb in enumerate(reads):
        _, model = _ARGUMENT[verb.draft.document]
        test = f'        if ref.type == "{verb.ref}":\n' if place < len(reads) - 1 else ""
        pad = "    " if test else ""
        cases.append(
            f'{test}{pad}        {verb.draft.document}_ = self._adapter.document("{verb.draft.native}", '
            f'self._get_{verb.draft.document}(ref), to="{verb.draft.document}")\n'
            f"{pad}        assert isinstance({verb.draft.document}_, {model})  # the mapping's own document\n"
            f"{pad}        return {verb.draft.document}_"
        )
    return f'''    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return the document that a reference names. Raises RejectedError (kind `not_found`)."""
{chr(10).join(cases)}
'''


_STATUS = '''    def status(self, ref: DocumentRef) -> Return:
        """Return the return as the warehouse sees it now. Raises RejectedError (kind `not_found`)."""
        return_ = self.read(ref)
        assert isinstance(return_, Return)  # a warehouse's only record here
        return return_
'''


def _get(reads: list[Verb]) -> str:
    parts = []
    for verb in reads:
        where = f'["{verb.operation.gives_in}"]' if verb.operation.gives_in else ""
        parts.append(f'''    def _get_{verb.draft.document}(self, ref: DocumentRef) -> Mapping[str, Any]:
        answer = self._client.request("read", "GET", "{path_of(verb.operation)}"{_at(verb.operation, last="ref.id")})
        record: Mapping[str, Any] = answer.json{where}
        return record
''')
    return "\n".join(parts)
