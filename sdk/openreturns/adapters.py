"""An adapter: one external system's contracts, code tables and mappings, found by name, bound to a tenant."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from openreturns import invariants
from openreturns._fields import generic
from openreturns._json import dump_canonical, parse
from openreturns._manifest import Manifest, read_manifest
from openreturns._schemas import VERSION
from openreturns._tenants import GROUP, adapter_names, is_needed, load_tenant, tenant_of
from openreturns._tolerant import tolerant
from openreturns.errors import ContractError, MappingError, Problem
from openreturns.formats import JSON, Format, MakeFormat
from openreturns.idempotency import Rule
from openreturns.mapping import Mapping as DocumentMapping
from openreturns.mapping import Tenant, Translator
from openreturns.mapping._check import check
from openreturns.mapping._later import written_for
from openreturns.mapping._put import Patch, put
from openreturns.mapping._table import other_side, pointed, rows
from openreturns.models import DOCUMENTS, Document
from openreturns.models._checked import from_checked
from openreturns.reading import read_value
from openreturns.validation import Validator, document_validator, fractions

if TYPE_CHECKING:
    from openreturns.ports import Port  # a translator needs no ports

__all__ = ["Adapter", "Read", "Written", "adapter", "adapter_names", "load_tenant", "not_a_record"]

_GIVEN = frozenset({"correlation_id", "revision", "issued_at", "ids"})

log = logging.getLogger("openreturns.adapters")


@dataclass(frozen=True, slots=True)
class Read:
    """A vendor record as a canonical document, with what a person should look at, and what of it was lost."""

    document: Document
    findings: tuple[Problem, ...]
    losses: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Written:
    """A canonical document as a vendor record, with what of it the vendor cannot hold."""

    record: dict[str, Any]
    losses: tuple[Problem, ...]
    findings: tuple[Problem, ...]
    format: Format = JSON

    def to_bytes(self) -> bytes:
        """Return the record as the bytes to send, in the format of its kind."""
        return self.format.write(self.record)


class Adapter:
    """Contracts, code tables and mappings of one external system, and the tenant they are bound to.

    Made once by the adapter's package from its folder; `configure` gives the one to work with. `schemas` in the
    manifest is the version of the contract that the mappings were written for: what a later one brought is lost, and
    told. Raises MappingError (kind `declaration`) for a manifest that is not right, all that is wrong in it named.
    """

    def __init__(
        self, folder: Path, mappings: Iterable[DocumentMapping], tenant: Mapping[str, Any] | None = None
    ) -> None:
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder / "manifest.toml")
        self.name = self.manifest["name"]
        pinned = self.manifest.get("schemas", VERSION)
        self.mappings = tuple(written_for(mapping, pinned) for mapping in mappings)
        self._given = dict(tenant or {})
        self._translators: dict[tuple[str, str | None], Translator] = {}
        self._contracts: dict[tuple[str, str], Validator] = {}
        self._formats: dict[str, Format] = {}
        self._drift: set[tuple[str, str, str]] = set()

    def configure(self, tenant: Mapping[str, Any] | None = None) -> Adapter:
        """Return this adapter for one tenant: `{"settings": {...}, "tables": {...}}`, as in a tenant file.

        Raises MappingError (kind `setting`) for a setting or table the manifest does not know.
        """
        strange = sorted(set(tenant or {}) - {"settings", "tables"})
        if strange:
            message = f"a configuration has settings and tables, not {', '.join(map(repr, strange))}"
            raise MappingError(f"{message}; of a tenant file, take the part of {self.name!r}", kind="setting")
        configured = Adapter(self.folder, self.mappings, tenant)
        configured.tenant  # noqa: B018 - wrong settings are told now, not at the first record
        return configured

    @cached_property
    def tenant(self) -> Tenant:
        """Settings with the manifest's defaults, and the adapter's code tables with the tenant's entries."""
        tables = tomllib.loads((self.folder / "tables.toml").read_text("utf-8"))
        return tenant_of(self.name, self.manifest.get("settings", ()), tables, self._given)

    def mapping(self, native: str, canonical: str | None = None) -> DocumentMapping:
        """Return the mapping of a vendor record, by canonical document where it serves several.

        Raises MappingError (kind `unknown_name`).
        """
        found = [m for m in self.mappings if m.native == native and canonical in (None, m.canonical)]
        if not found:
            known = ", ".join(f"{self.name}.{m.native} ({m.canonical})" for m in self.mappings)
            wanted = f"{native!r}" + (f" for {canonical!r}" if canonical else "")
            raise MappingError(f"{self.name} has no mapping {wanted}; it has: {known}", kind="unknown_name")
        return found[0]

    def check(self) -> tuple[Problem, ...]:
        """Return what is wrong with the adapter's mappings as declared, for this tenant; without any data.

        A field of either contract that no rule carries and nothing declares lost or ignored is wrong, and so
        is a rule for a field that is not there, a codec that does not fit, a code the contract does not know.
        """
        return tuple(problem for mapping in self.mappings for problem in self._wrong(mapping))

    def _wrong(self, mapping: DocumentMapping) -> tuple[Problem, ...]:
        canonical = document_validator(mapping.canonical).fields
        return check(mapping, canonical, self.contract(mapping.native).fields, self.tenant)

    def _refuse_wrong(self, mapping: DocumentMapping) -> None:
        """Refuse to work with a wrong declaration: what it does not say would be lost in silence."""
        settings = self.tenant.settings
        for row in self.manifest.get("settings", ()):
            if is_needed(row, mapping.native) and settings.get(row["name"]) in (None, ""):
                message = f"{self.name}.{mapping.native} needs the setting {row['name']!r}: {row['description']}"
                raise MappingError(message, kind="setting", problems=[Problem("setting", message)])
        wrong = self._wrong(mapping)
        if wrong:
            kind = "setting" if {problem.code for problem in wrong} <= {"setting", "table"} else "declaration"
            what = f"the mapping {self.name}.{mapping.native} ({mapping.canonical})"
            raise MappingError(f"{what} is not declared right", kind=kind, problems=wrong)

    def translator(self, native: str, canonical: str | None = None) -> Translator:
        """Return the compiled mapping of a vendor record for this tenant.

        Raises as `mapping`, and MappingError (kind `declaration` or `setting`) for one that `check` finds wrong.
        """
        key = (native, canonical)
        if key not in self._translators:
            mapping = self.mapping(native, canonical)
            self._refuse_wrong(mapping)
            self._translators[key] = Translator(
                mapping,
                self.tenant,
                canonical_fields=document_validator(mapping.canonical).fields,
                native_fields=self.contract(native).fields,
            )
        return self._translators[key]

    def rule(self, verb: str) -> Rule:
        """Return how far the vendor helps to do a verb once, as the manifest declares; `none` where it does not."""
        return self.manifest.get("idempotency", {}).get(verb, "none")

    def lacking(self, ability: Literal["credit_ahead"]) -> str:
        """Return the setting by which this account would have an ability that it lacks; empty where it has it.

        `credit_ahead`: a credit may be issued before its goods are received.
        """
        setting = self.manifest.get("only_if", {}).get(ability, "")
        return setting if setting and not self.tenant.setting(setting) else ""

    def connect(self, role: str = "", **connection: Any) -> Port:  # noqa: ANN401 - each client says what it takes
        """Return the adapter's client, the verbs of its role: see the client's own class for what it takes.

        A system with several roles has a client for each, and `role` says which. Raises MappingError (kind
        `unknown_name`) for a role that the adapter has no client for, and without one where it has several.
        Needs the extra `openreturns[clients]`.
        """
        clients = self.manifest.get("clients", {})
        if not clients:
            raise MappingError(f"{self.name} has no client; it only translates", kind="unknown_name")
        if not role and len(clients) == 1:
            [role] = clients
        if role not in clients:
            asked = f"no client of the role {role!r}" if role else "several clients: say which role"
            raise MappingError(f"{self.name} has {asked}; there are: {', '.join(clients)}", kind="unknown_name")
        client: Port = _named(clients[role])(self, **connection)
        return client

    def format(self, native: str) -> Format:
        """Return how a record of this kind is written down: JSON, where the manifest names nothing else."""
        if native not in self._formats:
            own = f"{self.name}.{native}"
            rows = (row for row in self.manifest.get("documents", ()) if row["native"] == own)
            places = [row["format"] for row in rows if "format" in row]
            make: MakeFormat | None = _named(places[0]) if places else None
            self._formats[native] = make(self.contract(native).schema, self.tenant) if make else JSON
        return self._formats[native]

    def contract(self, native: str, *, form: str = "strict") -> Validator:
        """Return the validator of a vendor record: `strict` for what we send, `tolerant` for what we read."""
        key = (native, form)
        if key not in self._contracts:  # asked for with every record: quicker than hashing a Path
            self._contracts[key] = _contract(self.contract_file(native), form)
        return self._contracts[key]

    def contract_file(self, native: str) -> Path:
        """Return the schema file of a vendor record. Raises MappingError (kind `unknown_name`)."""
        folder = self.folder / "contract" / self.manifest["api_version"]
        path = folder / f"{native}.schema.json"
        if not path.is_file():
            there = sorted(p.name.removesuffix(".schema.json") for p in folder.glob("*.schema.json"))
            known = ", ".join(f"{self.name}.{one}" for one in there)
            raise MappingError(f"{self.name} has no contract {native!r}; it has: {known}", kind="unknown_name")
        return path

    def read(self, native: str, data: bytes | str | Mapping[str, Any], to: str | None = None, **given: object) -> Read:
        """Return the canonical document of one vendor record.

        `to` names the document where the record serves several; `given` is what the caller knows better than the
        record: `correlation_id`, `revision`, `issued_at`, `ids` (other systems' ids, by code table). Broken
        invariants and unknown fields are findings: the goods are there, whatever the vendor wrote. Raises
        ContractError or MappingError with every wrong field.
        """
        _known(given)
        translator = self.translator(native, to)
        parsed = self.record(native, data) if isinstance(data, (bytes, str)) else data
        record, unknown = self.checked(native, parsed)
        translation = translator.to_canonical(record, given)
        self.check_document(translator.mapping, translation.document)
        document = from_checked(DOCUMENTS[translator.mapping.canonical], translation.document)
        findings = (*unknown, *translation.findings, *invariants.check(document))
        return Read(document, findings, translation.losses)

    def document(self, native: str, record: Mapping[str, Any], to: str | None = None) -> Document:
        """Return the document of a record that the vendor has just answered, as a client reads it. Raises as `read`.

        What the contract does not know, a field under another name say, is logged as contract_drift with its place,
        each place once.
        """
        read = self.read(native, record, to)
        for problem in read.findings:
            if problem.code == "unknown_field":
                told = (native, generic(problem.native), problem.message)
                if told not in self._drift:
                    self._drift.add(told)
                    log.warning("vendor=%s record=%s contract_drift at=/%s %s", self.name, *told)
        return read.document

    def record(self, native: str, data: bytes | str) -> Any:  # noqa: ANN401 - what the format holds
        """Return the plain record that the bytes of one hold. Raises ContractError where they hold none."""
        return self.format(native).read(data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data)

    def checked(self, native: str, record: Any) -> tuple[Any, tuple[Problem, ...]]:  # noqa: ANN401 - any JSON value
        """Return a record as it is translated, and the fields that its contract does not know.

        What the contract wants as a whole number is an int in it, however the vendor wrote that (1.0, 1E+2). Raises
        ContractError (kind `contract_drift`) where the record breaks the contract.
        """
        strict = self.contract(native)
        if strict.keeps(record):
            return record, ()
        record = strict.whole(record)
        if strict.keeps(record):
            return record, ()
        self.contract(native, form="tolerant").check(
            record, f"a record {self.name}.{native}", kind="contract_drift", native=True
        )
        found = strict.problems(record)
        return record, tuple(Problem("unknown_field", p.message, native=p.canonical) for p in found)

    def check_record(self, native: str, record: object) -> tuple[Problem, ...]:
        """Return the fields of a record that the contract does not know. Raises as `checked`."""
        return self.checked(native, record)[1]

    def check_document(self, mapping: DocumentMapping, data: object) -> bytes:
        """Return a translated document as JSON.

        Raises ContractError, both places named, if it breaks the canonical schema.
        """
        validator = document_validator(mapping.canonical)
        if validator.keeps(data) and (written := dump_canonical(data)):
            return written
        native = {
            pointed(row.canonical): pointed(row.native or row.reads[0])
            for row in rows(mapping)
            if row.canonical and (row.native or row.reads)
        }
        problems = [
            Problem(p.code, p.message, p.canonical, other_side(p, native), known=p.known)
            for p in validator.problems(data) or fractions(data)
        ]
        raise ContractError(
            f"{self.name}.{mapping.native} does not make a valid {mapping.canonical}",
            kind="schema",
            problems=problems,
        )

    def write(self, document: Document, native: str, **given: object) -> list[Written]:
        """Return the vendor records that say this document: one, or one a delivery if the vendor wants that.

        Raises ContractError if an invariant is broken (nothing wrong goes out), MappingError where the
        vendor has no way to say it.
        """
        keep_invariants(document)
        return self.write_data(document.to_dict(), native, trusted=True, **given)

    def write_data(
        self, data: Mapping[str, Any], native: str, *, trusted: bool = False, **given: object
    ) -> list[Written]:
        """Do the same with a document given as plain data, which is held to its contract first, as a file is.

        `trusted` says that it was held to contract and invariants already. Raises as `write`, and ContractError (kind
        `schema` or `version`) with everything that breaks the contract.
        """
        if not trusted:
            reading = read_value(data)
            keep_invariants(reading.document)
            data = reading.data
        _known(given)
        document = _name(data["meta"]["schema"])
        translator = self.translator(native, document)
        split = translator.mapping.split
        written = []
        for part in split(data) if split else (data,):
            translation = translator.to_native(part, given)
            self.contract(native).check(translation.document, f"{self.name}.{native} as written", native=True)
            losses, findings = translation.losses, translation.findings
            written.append(Written(translation.document, losses, findings, self.format(native)))
        return written

    def put(self, document: Document, native: str, onto: Mapping[str, Any]) -> Patch:
        """Return how to bring an existing vendor record up to this document, sending only what changed.

        What the mapping does not carry stays as the vendor has it. Raises as `write`, and MappingError for a document
        that makes no record, or more than one.
        """
        written = self.write(document, native)
        if len(written) != 1:
            message = (
                f"the document makes {len(written)} records {self.name}.{native}, and one is to be brought up to it"
            )
            raise MappingError(message, kind="translation", problems=[Problem("records", message)])
        return put(self.mapping(native, _name(document.meta.schema_)), written[0].record, onto)


def _named(place: str) -> Any:  # noqa: ANN401 - whatever the manifest names
    """Return what `package.module:name` of a manifest names; imported when it is wanted."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def keep_invariants(document: Document) -> None:
    """Let nothing wrong go out: a vendor's record may break rules of ours, what we send may not."""
    broken = invariants.check(document)
    if broken:
        raise ContractError("the document breaks its invariants", kind="invariant", problems=broken)


def _name(schema: str) -> str:
    """Return the document that meta.schema names."""
    return schema.split("/")[1]


def _known(given: Mapping[str, object]) -> None:
    strange = sorted(set(given) - _GIVEN)
    if strange:
        raise TypeError(f"nothing reads {', '.join(strange)}; what can be given: {', '.join(sorted(_GIVEN))}")


@cache
def _contract(path: Path, form: str) -> Validator:
    schema = parse(path.read_bytes())
    return Validator(schema if form == "strict" else tolerant(schema))


@cache
def _load(name: str) -> Adapter:
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            try:
                found = entry.load()
            except Exception as error:
                message = f"the adapter {name!r} ({entry.value}) cannot be loaded: {type(error).__name__}: {error}"
                raise MappingError(message, kind="declaration") from error
            if not isinstance(found, Adapter):
                raise MappingError(f"entry point {entry.value} is not an Adapter", kind="declaration")
            return found
    known = ", ".join(adapter_names()) or "none"
    raise MappingError(f"no adapter {name!r} is installed; there are: {known}", kind="unknown_name")


def adapter(name: str, tenant: Mapping[str, Any] | None = None) -> Adapter:
    """Return the installed adapter of that name, bound to a tenant's `{"settings": ..., "tables": ...}`.

    Raises MappingError (kind `unknown_name`, or `setting` for a wrong configuration).
    """
    return _load(name).configure(tenant)


def not_a_record(name: str, instead: Iterable[str] = ()) -> MappingError:
    """Return the error of a name that is not `adapter.record`, nor one of those that may stand `instead`."""
    if name in adapter_names():
        records = ", ".join(dict.fromkeys(f"{name}.{mapping.native}" for mapping in adapter(name).mappings))
        return MappingError(f"{name!r} is an adapter; name one of its records: {records}", kind="unknown_name")
    others = ", ".join(instead)
    said = f"neither adapter.record nor one of: {others}" if others else "not adapter.record"
    return MappingError(f"{name!r} is {said}; `openreturns adapters` lists the records", kind="unknown_name")
