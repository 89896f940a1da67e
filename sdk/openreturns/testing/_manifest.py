"""Provers: what the manifest says is so."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from openreturns.adapters import Adapter
from openreturns.errors import MappingError, OpenReturnsError
from openreturns.idempotency import RULES
from openreturns.ports import ROLES, Port
from openreturns.testing._at import at_vendor, clients, connection, port
from openreturns.testing._candidate import Candidate
from openreturns.testing._check import Case, CheckFailure, Inapplicable
from openreturns.testing._verbs import Run, rows
from openreturns.webhooks import SCHEMES

__all__ = ["needed", "sends_webhooks", "settings", "told", "true"]

_REQUIRED = ("name", "title", "roles", "vendor", "api_version")


def told(candidate: Candidate) -> None:
    """Prove by holding the manifest against mappings, contracts, code tables and schemes of signatures."""
    manifest = candidate.manifest
    for name in _REQUIRED:
        _must(bool(manifest.get(name)), f"the manifest has no {name}")
    declared = {(one["native"], one["canonical"]): tuple(one["directions"]) for one in manifest.get("documents", ())}
    real = {(f"{candidate.name}.{one.native}", one.canonical): tuple(one.directions) for one in candidate.mappings}
    for key in {**declared, **real}:
        said = f"{key[0]} and {key[1]}: the manifest says {declared.get(key)}, the mappings {real.get(key)}"
        _must(declared.get(key) == real.get(key), said)
    scheme = manifest.get("webhooks", {}).get("signature", "none")
    _must(scheme == "none" or scheme in SCHEMES, f"there is no scheme of signatures {scheme!r}")
    tables = {one["name"] for one in manifest.get("code_tables", ())}
    strange = sorted(tables - set(candidate.configured.tenant.tables))
    _must(not strange, f"the manifest tells of code tables there are not: {', '.join(strange)}")
    for one in manifest.get("settings", ()):
        _must({"name", "type", "description"} <= one.keys(), f"a setting has name, type and description: {one}")
        _must(one["type"] in {"string", "integer", "boolean"}, f"the setting {one['name']} is of no type")
        listed = one.get("values", [one["default"]] if "default" in one else [])
        _must("default" not in one or one["default"] in listed, f"the default of {one['name']} is not among its values")
    switches = {one["name"] for one in manifest.get("settings", ()) if one["type"] == "boolean" and "default" in one}
    for ability, setting in manifest.get("only_if", {}).items():
        said = f"[only_if] says that {ability} is as {setting} has it, which is no boolean setting with a default"
        _must(setting in switches, said)


def true(candidate: Candidate) -> None:
    """Prove by the clients: their roles, their verbs, and the rule of each verb that changes something."""
    manifest, roles = candidate.manifest, clients(candidate)
    _must(set(roles) == set(manifest["roles"]), f"clients of {sorted(roles)}, roles {sorted(manifest['roles'])}")
    rules, reasons = manifest.get("idempotency", {}), manifest.get("unsupported", {})
    changing: set[str] = set()
    for role in roles:
        _must(role in ROLES, f"there is no role {role!r}; there are: {', '.join(ROLES)}")
        found = port(candidate, role)
        _must(issubclass(found, ROLES[role]), f"{found.__name__} is no {ROLES[role].__name__}")
        for verb in ROLES[role].verbs:
            supported, silent = verb in found.supported(), verb == "hear" and not sends_webhooks(candidate)
            _must(supported != (silent or verb in reasons), f"{verb} is {_but(supported=supported)}")
            changing |= {verb} & set(ROLES[role].writes) if supported else set()
    for verb in sorted(changing):
        _must(rules.get(verb) in RULES, f"[idempotency] says {rules.get(verb)!r} of {verb}, not native, lookup or none")
    strange = sorted(set(rules) - changing)
    _must(not strange, f"[idempotency] tells of {', '.join(strange)}, which no client does")


def sends_webhooks(candidate: Candidate) -> bool:
    """Whether the manifest says that the vendor sends webhooks."""
    return str(candidate.manifest.get("webhooks", {}).get("signature", "none")) != "none"


def _but(*, supported: bool) -> str:
    return "supported, and listed as unsupported" if supported else "not supported, and [unsupported] does not say why"


def _must(holds: bool, said: str) -> None:
    if not holds:
        raise CheckFailure(said)


def settings(candidate: Candidate) -> Iterator[Case]:
    """Yield each setting that the client or a record needs."""
    found = [one for one in candidate.manifest.get("settings", ()) if one.get("required")]
    if not found:
        raise Inapplicable("no setting is required")
    yield from (Case(one["name"], (one,)) for one in found)


def needed(candidate: Candidate, setting: Mapping[str, Any]) -> None:
    """Prove by leaving it out: it is told by name, as a setting, before anything is sent."""
    name, required = setting["name"], setting["required"]
    adapter = connection(candidate)[0]
    without = {one: value for one, value in adapter.tenant.settings.items() if one != name}
    adapter = candidate.adapter.configure({**candidate.evidence.tenant, "settings": without})
    records = [one for one in candidate.mappings if required is True or one.native in required]
    for mapping in records:
        if not _says(name, lambda one=mapping: adapter.translator(one.native, one.canonical)):  # type: ignore[misc] # bound now
            raise CheckFailure(f"{mapping.native} needs the setting {name!r}, and works without it")
    if not records and not any(_at_client(candidate, adapter, role, name) for role in clients(candidate)):
        raise CheckFailure(f"the client needs the setting {name!r}, and nothing says so without it")


def _at_client(candidate: Candidate, adapter: Adapter, role: str, name: str) -> bool:
    """Whether a client says what it needs: when it is made, or when a verb is called, and sends nothing then."""

    def made() -> None:
        client: Port = adapter.connect(role, **connection(candidate)[1])
        client.close()

    if _says(name, made):
        return True
    leave_out = {name: None}
    with at_vendor(candidate, role, change=lambda one: _without(one, leave_out)) as there:
        for verb in rows(candidate).values():
            if verb.role == role and not verb.on and not verb.after:
                run = Run(candidate, there, 1)
                if _says(name, lambda run=run, verb=verb: run.act(verb)):  # type: ignore[misc] # bound now
                    return True
    return False


def _without(adapter: Adapter, names: Mapping[str, None]) -> None:
    for name in names:
        adapter.tenant.settings.pop(name, None)  # type: ignore[attr-defined] # a dict of this adapter's own


def _says(name: str, does: Callable[[], object]) -> bool:
    """Whether something is refused for want of a setting, by its name."""
    try:
        does()
    except MappingError as error:
        return error.kind == "setting" and name in str(error)
    except OpenReturnsError:
        return False
    return False
