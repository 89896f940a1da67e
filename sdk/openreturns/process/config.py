"""What a process runs on, as a TOML file: its database, its policy, its systems and how they are connected.

    database = "sqlite:///returns.sqlite"
    policy = "policy.toml"

    [systems.warehouse]
    adapter = "shipbob"                  # the system's own name where it is left out
    roles = ["wms"]                      # all that the adapter has where they are left out
    settings = { channel_id = 433808 }
    connection = { token = "env:SHIPBOB_TOKEN", budget = { rates = [{ calls = 300, seconds = 60 }] } }

    [targets.portal]                     # who is told what happens: see openreturns.notices
    kind = "webhook"                     # or "lines" (a file), or "broker"
    url = "https://portal.example.com/hooks/returns"
    secrets = ["env:PORTAL_SECRET"]

A value `env:NAME` or `file:PATH` is read from there: secrets do not stand in the file. `connection` is what the
client takes; its `auth` is a table with a `kind` (`basic`, `oauth1`, ..) and what that kind of credentials needs. A
`budget` replaces what the adapter's manifest says, and is each worker's own.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, ValidationError

from openreturns import transport
from openreturns.adapters import Adapter, adapter
from openreturns.errors import MappingError, Problem
from openreturns.idempotency import Rule
from openreturns.ports import ROLES, Port
from openreturns.process._model import Kept
from openreturns.process.engine import Systems
from openreturns.process.policy import Policy, PolicyFile, Route
from openreturns.process.targets import Lines, Target, Webhook

__all__ = ["Config", "System", "connect", "load_config", "not_connected", "not_possible", "open_targets", "rules_of"]

_AUTH: Mapping[str, Callable[..., transport.Auth]] = {
    "api_key": transport.ApiKey,
    "basic": transport.Basic,
    "bearer": transport.Bearer,
    "client_assertion": transport.ClientAssertion,
    "client_credentials": transport.ClientCredentials,
    "jwt_bearer": transport.JwtBearer,
    "oauth1": transport.OAuth1,
}


class System(Kept, frozen=True):
    """One system: an installed adapter with its tenant's settings and tables, and what its clients take."""

    adapter: str = ""
    roles: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)
    tables: dict[str, Any] = Field(default_factory=dict)
    connection: dict[str, Any] = Field(default_factory=dict)

    def ports(self, name: str, folder: Path = Path(), **more: Any) -> Iterator[Port]:  # noqa: ANN401 - the client's
        """Yield a client for each role, the system being called `name`; `more` is what each takes beside.

        Raises MappingError (kind `setting`).
        """
        ours = self._adapter(name)
        given = _read(self.connection, folder, name)
        for role in self.played(name):
            yield ours.connect(role, **given, **more)

    def played(self, name: str) -> tuple[str, ...]:
        """Return the roles that the system called `name` has."""
        return self.roles or tuple(self._adapter(name).manifest.get("clients", ()))

    def rules(self, name: str) -> Mapping[str, Rule]:
        """Return the idempotency of each verb, as the adapter's manifest has it."""
        rules: Mapping[str, Rule] = self._adapter(name).manifest.get("idempotency", {})
        return rules

    def lacking(self, name: str, ability: Literal["credit_ahead"]) -> str:
        """Return the setting by which the system called `name` would have an ability that it lacks, else nothing."""
        return self._adapter(name).lacking(ability)

    def _adapter(self, name: str) -> Adapter:
        return adapter(self.adapter or name, {"settings": self.settings, "tables": self.tables})


class _ToLines(Kept, frozen=True):
    kind: Literal["lines"]
    path: str

    def open(self, folder: Path, where: str) -> Target:
        return Lines(folder / self.path)


class _ToWebhook(Kept, frozen=True):
    kind: Literal["webhook"]
    url: str
    secrets: tuple[str, ...] = Field(min_length=1)

    def open(self, folder: Path, where: str) -> Target:
        secrets = [_value(one, folder, f"{where}.secrets") for one in self.secrets]
        return Webhook(_value(self.url, folder, f"{where}.url"), secrets)


class _ToBroker(Kept, frozen=True):
    kind: Literal["broker"]
    url: str
    stream: str = ""

    def open(self, folder: Path, where: str) -> Target:
        try:
            from openreturns.process.broker import Broker
        except ImportError as error:
            message = f"{where} needs the extra: pip install 'openreturns[broker]' ({error})"
            raise MappingError(message, kind="setting") from None
        return Broker(_value(self.url, folder, f"{where}.url"), self.stream)


_To: TypeAlias = Annotated[_ToLines | _ToWebhook | _ToBroker, Field(discriminator="kind")]


class Config(Kept, frozen=True):
    """What a process runs on. `source` is what its events name as theirs, a URI reference.

    Workers reconcile every `reconcile_hours` (0: only when asked to), `reconcile_days` back, and forget what is done
    and told after `retention_days`: finished workflows and relayed events, nothing of a return.
    """

    database: str = "sqlite:///returns.sqlite"
    policy: str
    lease_seconds: int = Field(default=15, gt=0)
    """How long a worker may be silent until the others take its work over."""
    systems: dict[str, System] = Field(default_factory=dict)
    source: str = Field(default="/openreturns", min_length=1)
    reconcile_hours: int = Field(default=24, ge=0)
    reconcile_days: int = Field(default=90, gt=0)
    retention_days: int = Field(default=30, gt=0)
    targets: dict[str, _To] = Field(default_factory=dict)
    folder: Path = Path()
    """Where the file stands; paths in it start there."""

    @property
    def lease(self) -> timedelta:
        """How long a worker may be silent."""
        return timedelta(seconds=self.lease_seconds)

    def policy_file(self) -> PolicyFile:
        """Return the policy, which is followed as it changes, while the systems can do what it says.

        Raises MappingError (kind `setting`).
        """
        path = self.folder / self.policy
        try:
            return PolicyFile(path, partial(not_possible, self))
        except OSError as error:
            raise MappingError(f"cannot read the policy {path}: {error.strerror}", kind="setting") from None


def load_config(path: str | Path) -> Config:
    """Return a process's configuration. Raises MappingError (kind `setting`) with every wrong place."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text("utf-8"))
        return Config.model_validate({**data, "folder": path.parent})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MappingError(f"cannot read {path}: {error}", kind="setting") from None
    except ValidationError as error:
        problems = [
            Problem("setting", one["msg"], "/" + "/".join(map(str, one["loc"])))
            for one in error.errors(include_url=False, include_input=False)
        ]
        raise MappingError(f"{path} is no configuration of a process", kind="setting", problems=problems) from None


@contextmanager
def connect(config: Config, policy: Policy) -> Iterator[Systems]:
    """Connect all systems of a configuration, until the block ends. Raises MappingError (kind `setting`)."""
    with ExitStack() as stack:
        ports = {
            name: [stack.enter_context(port) for port in system.ports(name, config.folder)]
            for name, system in config.systems.items()
        }
        rules = {name: system.rules(name) for name, system in config.systems.items()}
        yield Systems(ports, rules, policy.vendors)


def not_possible(config: Config, policy: Policy) -> Iterator[Problem]:
    """Yield what the policy wants of a system that cannot do it, as its adapter is set: it would fail each time.

    Raises MappingError (kind `setting`) for a system whose adapter is not installed.
    """
    rule = policy.preliminary_refund
    for name in dict.fromkeys(route.erp for route in _routes(policy)):
        system = config.systems.get(name)
        if rule is None or rule.at != "authorized" or system is None:
            continue
        if setting := system.lacking(name, "credit_ahead"):
            told = (
                f"{name} (adapter {system.adapter or name}) credits goods once they are received: refund at "
                f'"received", or set {setting} where its account does refund ahead of the goods'
            )
            yield Problem("credit_ahead", told, "/preliminary_refund/at", f"/systems/{name}/settings/{setting}")


def _routes(policy: Policy) -> tuple[Route, ...]:
    return (policy.routing.default, *(rule.route for rule in policy.routing.rules))


def not_connected(config: Config, policy: Policy) -> Iterator[Problem]:
    """Yield what the policy routes to and the configuration does not connect: what is for it waits until it does.

    Raises MappingError (kind `setting`) for a system whose adapter is not installed.
    """
    there = {(role, name) for name, system in config.systems.items() for role in system.played(name)}
    for role, name in dict.fromkeys((role, getattr(route, role)) for role in ROLES for route in _routes(policy)):
        if name and (role, name) not in there:
            told = f"the policy routes to {name} as {role}, which is not connected: what is for it waits"
            yield Problem("not_connected", told, f"/systems/{name}")


@contextmanager
def open_targets(config: Config) -> Iterator[dict[str, Target]]:
    """Open all targets of a configuration, until the block ends. Raises MappingError (kind `setting`)."""
    with ExitStack() as stack:
        opened = {}
        for name, told in config.targets.items():
            opened[name] = told.open(config.folder, f"targets.{name}")
            stack.callback(opened[name].close)
        yield opened


def rules_of(config: Config) -> Callable[[str, str], Rule]:
    """Return what says of a system and a verb how it is kept from being done twice, by the adapters' manifests."""
    told = {name: system.rules(name) for name, system in config.systems.items()}
    return lambda system, verb: told.get(system, {}).get(verb, "none")


def _read(given: Mapping[str, Any], folder: Path, name: str) -> dict[str, Any]:
    """Return what a client takes: secrets from where they are kept, credentials and a budget made."""
    at = f"systems.{name}.connection"
    values = {key: _value(value, folder, f"{at}.{key}") for key, value in given.items()}
    if isinstance(values.get("auth"), dict):
        told = dict(values["auth"])
        kind = told.pop("kind", "")
        if kind not in _AUTH:
            message = f"{at}.auth.kind is one of {', '.join(_AUTH)}, not {kind!r}"
            raise MappingError(message, kind="setting")
        values["auth"] = _made(_AUTH[kind], told, f"{at}.auth")
    if isinstance(values.get("budget"), dict):
        told = dict(values["budget"])
        told["rates"] = [_made(transport.Rate, one, f"{at}.budget.rates") for one in told.get("rates", ())]
        values["budget"] = _made(transport.Budget, told, f"{at}.budget")
    return values


def _made(kind: Callable[..., Any], told: Mapping[str, Any], at: str) -> Any:  # noqa: ANN401 - what the client takes
    try:
        return kind(**told)
    except (TypeError, ValueError) as error:
        raise MappingError(f"{at}: {error}", kind="setting") from None


def _value(value: Any, folder: Path, where: str) -> Any:  # noqa: ANN401 - whatever TOML holds
    if isinstance(value, dict):
        return {key: _value(inner, folder, f"{where}.{key}") for key, inner in value.items()}
    kind, _, place = value.partition(":") if isinstance(value, str) else ("", "", "")
    if kind == "env":
        if place not in os.environ:
            raise MappingError(f"{where}: the environment has no {place}", kind="setting")
        return os.environ[place]
    if kind == "file":
        try:
            return (folder / place).read_text("utf-8").strip()
        except OSError as error:
            raise MappingError(f"{where}: cannot read {place}: {error.strerror}", kind="setting") from None
    return value
