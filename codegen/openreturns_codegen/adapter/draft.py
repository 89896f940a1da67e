"""A mapping drafted from a proposal: its rules, its gaps with their candidates, and what the tenant must say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from openreturns._fields import Field, fields
from openreturns._schemas import schema_name
from openreturns.validation import document_validator

from openreturns_codegen.adapter.codes import Crossed, crosswalk
from openreturns_codegen.adapter.contract import Contract
from openreturns_codegen.adapter.propose import Candidate, Proposal, propose

__all__ = ["Draft", "Gap", "Line", "draft"]

Way = Literal["in", "out"]

UNSURE = "not mapped yet; candidates: "
NOTHING = "no field of the vendor's is like it"


@dataclass(frozen=True, slots=True)
class Line:
    """One rule as it is written: its call, the canonical path, and the candidate that it comes from, if from one."""

    text: str
    canonical: str
    candidate: Candidate | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A field that no rule carries, and what may belong there."""

    path: str
    candidates: tuple[Candidate, ...] = ()

    @property
    def reason(self) -> str:
        """What the mapping says of it."""
        likely = ", ".join(f"{one.native} {one.score:.2f}" for one in self.candidates[:3])
        return UNSURE + likely if likely else NOTHING


@dataclass(frozen=True)
class Draft:
    """One direction of one record: `native` is the record's name, `impossible` why it cannot be read, if so."""

    native: str
    document: str
    way: Way
    contract: Contract
    proposal: Proposal
    rules: tuple[Line, ...] = ()
    lines: tuple[Line, ...] = ()
    losses: tuple[Gap, ...] = ()
    partly: tuple[str, ...] = ()
    ignored: tuple[Gap, ...] = ()
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    tables: Mapping[str, tuple[Crossed, ...]] = field(default_factory=dict)
    money: bool = False
    impossible: str = ""


_FIXED = {"type": "credit", "direction": "to_customer", "meta.revision": 1}
_SETTINGS = {  # what a tenant says where the vendor does not: an example, and what it is
    "customer.id": ("customer_id", "CUSTOMER", "Customer of returns read; no field of the vendor's is surely it."),
    "buyer.id": ("buyer_id", "BUYER", "Customer of credits read; no field of the vendor's is surely it."),
    "seller.id": ("seller_id", "SELLER", "Who gives the credits read."),
    "currency": ("currency", "USD", "ISO 4217 code of documents read that do not say theirs."),
    "status": ("status", "", "Status of documents read; the vendor's words are not listed."),
    "meta.issuedAt": ("issued_at", "2026-01-01T00:00:00Z", "Moment that records read are of; they do not say it."),
    "meta.documentId": ("document_id", "DOCUMENT", "Id of documents read; no field of the vendor's is surely it."),
    "number": ("number", "NUMBER", "Number of documents read; no field of the vendor's is surely it."),
}
_UNIT = ("EA", "UN/ECE code of the unit that the vendor counts in.")
_NEEDED = ("issueDate", "lines[].requested", "lines[].quantity", "lines[].unitPrice", "lines[].amount")
_TOTALS = tuple(f"totals.{name}" for name in ("lines", "taxExclusive", "tax", "taxInclusive", "due"))


def draft(name: str, document: str, way: Way, contract: Contract, system: str) -> Draft:
    """Return the draft of one direction: what is sure becomes rules, what may be is a gap with its candidates."""
    canonical = document_validator(document).fields
    native = fields(contract.schema)
    proposal = propose(document, canonical, native, said=contract.said, writing=way == "out")
    work = _Work(canonical, native, proposal, way, system, document)
    why = work.missing() if way == "in" else ""
    if why:
        return Draft(name, document, way, contract, proposal, impossible=why)
    work.rules()
    head = tuple(one for one in work.made if not one.canonical.startswith("lines[]."))
    inner = tuple(one for one in work.made if one.canonical.startswith("lines[]."))
    carried = work.carried()
    losses = tuple(_gaps(canonical, carried, proposal, work.partly()))
    return Draft(
        name,
        document,
        way,
        contract,
        proposal,
        head,
        inner,
        losses,
        work.partly(),
        tuple(_gaps(native, work.used(), None, ())),
        work.settings,
        work.tables,
        work.money,
    )


class _Work:
    """The rules of one draft, as they are made."""

    def __init__(
        self,
        canonical: Mapping[str, Field],
        native: Mapping[str, Field],
        proposal: Proposal,
        way: Way,
        system: str,
        document: str,
    ) -> None:
        self.canonical, self.native, self.proposal = canonical, native, proposal
        self.way, self.system, self.document = way, system, document
        self.made: list[Line] = []
        self.settings: dict[str, tuple[str, str]] = {}
        self.tables: dict[str, tuple[Crossed, ...]] = {}
        self.money = False
        self.sure = {path: one for path, one in proposal.rules.items() if self._stands(path, one)}

    def missing(self) -> str:
        """Return why a document cannot be read: what it must say and nobody may invent."""
        if not self.proposal.lines:
            return "the record has no list of lines"
        wanted = _NEEDED + (_TOTALS if self.document == "credit" else ())
        gone = [
            path
            for path in wanted
            if path in self.canonical and self.canonical[path].required and path not in self.sure
        ]
        return f"nothing in the record is surely {', '.join(gone)}" if gone else ""

    def _stands(self, path: str, one: Candidate) -> bool:
        """Whether a candidate can be a rule alone: its words known, the rest of its object there too."""
        if one.fit.table and not self._crossed(one):
            return False
        if one.fit.part and path not in ("lines[].requested", "lines[].quantity"):
            return False  # a fraction and its unit: where it may be missing, a unit alone would be left
        steps = path.partition("[type=")[0].split(".")
        for size in range(1, len(steps)):
            above = ".".join(steps[:size])
            holder = self.canonical.get(above)
            if self.way == "in" and holder and holder.kind == "object" and not holder.required:
                needed = [
                    inner
                    for inner, field_ in self.canonical.items()
                    if inner.rpartition(".")[0] == above and field_.required
                ]
                if any(inner not in self.proposal.rules for inner in needed):
                    return False
        return True

    def _crossed(self, one: Candidate) -> tuple[Crossed, ...]:
        theirs = self.native[one.native]
        words = theirs.codes or tuple(theirs.schema.get("x-known-values", ()))
        found = crosswalk(one.fit.codes, [word for word in words if word])
        sure = [pair for pair in found if pair.sure]
        return found if len({pair.code for pair in sure}) > 1 and len(sure) * 5 >= len(found) * 3 else ()

    # ------------------------------------------------------------ rules

    def rules(self) -> None:
        """Make the rules in the order of the document."""
        if self.way == "in":
            self._fixed("meta.schema", schema_name(self.document))
            self._fixed("meta.sourceSystem", self.system)
        for path in _ordered(self.canonical, self.sure):
            if path in self.sure:
                self._pair(path, self.sure[path])
            elif self.way == "in":
                self._without(path)

    def _fixed(self, path: str, value: object) -> None:
        self.made.append(Line(f'constant(canonical="{_inner(path)}", value={_literal(value)})', path))

    def _pair(self, path: str, one: Candidate) -> None:
        native = self._native(path, one)
        if one.fit.table:
            self.tables[one.fit.codes] = self._crossed(one)
        codec = one.fit.codec
        if one.fit.table:
            codec = f'{codec.partition("(")[0]}("{one.fit.codes}")'
        if '"unit"' in codec or one.fit.part:
            self.settings["unit"] = _UNIT
        self.money = self.money or one.fit.codec in {"money", "minor_money"}
        ours = _inner(path) + (f".{one.fit.part}" if one.fit.part else "")
        only = ', only="in"' if path == "meta.documentId" else ""
        text = f'pair("{ours}", "{native}"{f", {codec}" if codec else ""}{only}, proposed=True)'
        self.made.append(Line(text, path + (f".{one.fit.part}" if one.fit.part else ""), one))
        if one.fit.part and self.way == "in":
            self.made.append(Line(f'constant(canonical="{_inner(path)}.uom", value=setting("unit"))', f"{path}.uom"))

    def _native(self, path: str, one: Candidate) -> str:
        return one.native.removeprefix(f"{self.proposal.lines}[].") if path.startswith("lines[].") else one.native

    def _without(self, path: str) -> None:
        """Make the rule of a field that must be there and that no vendor field surely is."""
        if path == "meta.correlationId":
            self._same_as_number()
        elif path in _FIXED:
            self._fixed(path, _FIXED[path])
        elif path == "lines[].lineId":
            self.made.append(Line('numbered("lineId")', path))
        elif path == "lines[].reason.code" and "lines[].reason" not in self.sure:
            value = '{"code": "other", "note": "not reported"}'
            self.made.append(Line(f'constant(canonical="reason", value={value})', "lines[].reason"))
        elif path == "lines[].item.description" and not any(one.startswith("lines[].item.") for one in self.sure):
            if self.canonical["lines[].item"].required:
                self._fixed(path, "not told by the vendor")
        elif path in _SETTINGS and self.canonical[path].required:
            name, example, meaning = _SETTINGS[path]
            codes = self.canonical[path].codes
            self.settings[name] = (example or codes[0], meaning)
            self.made.append(Line(f'constant(canonical="{path}", value=setting("{name}"))', path))

    def _same_as_number(self) -> None:
        one = self.sure.get("number") or self.sure.get("meta.documentId")
        if one is None:
            self.settings["number"] = _SETTINGS["number"][1:]
            self.made.append(
                Line('constant(canonical="meta.correlationId", value=setting("number"))', "meta.correlationId")
            )
            return
        codec = f", {one.fit.codec}" if one.fit.codec else ""
        text = f'pair("meta.correlationId", "{one.native}"{codec}, only="in", proposed=True)'
        self.made.append(Line(text, "meta.correlationId", one))

    # ------------------------------------------------------------ what is carried

    def carried(self) -> set[str]:
        """Return the canonical paths that rules fill or read."""
        found: set[str] = set()
        for one in self.made:
            path = one.canonical
            if "[type=" in path:
                continue  # some elements of a list: the list is declared lossy
            codec = one.candidate.fit.codec if one.candidate else ""
            covers: tuple[str, ...] = ("",)
            if codec.startswith("coded"):
                covers = (".code", ".source.scheme", ".source.value")
            elif codec in {"money", "minor_money"} and f"{path}.amount" in self.canonical:
                covers = (".amount", ".currency")
            elif codec.startswith("counted"):
                covers = (".value", ".uom")
            if path == "lines[].reason" and not one.candidate:
                covers = ("",)
            found |= {path + part for part in covers}
        return found

    def partly(self) -> tuple[str, ...]:
        """Return the lists of which some elements are carried."""
        return tuple(
            dict.fromkeys(one.canonical.partition("[type=")[0] for one in self.made if "[type=" in one.canonical)
        )

    def used(self) -> set[str]:
        """Return the vendor's paths that rules fill or read."""
        return {one.candidate.native for one in self.made if one.candidate}


def _ordered(canonical: Mapping[str, Field], sure: Mapping[str, Candidate]) -> Iterator[str]:
    """Yield the canonical paths in the document's order, elements of lists by their selector after the list."""
    selected = [path for path in sure if "[type=" in path]
    for path in canonical:
        if "[]" in path.replace("lines[]", "lines"):
            continue
        yield path
        yield from (one for one in selected if one.partition("[type=")[0] == path)


def _inner(path: str) -> str:
    return path.removeprefix("lines[].")


def _literal(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _gaps(
    there: Mapping[str, Field], carried: set[str], proposal: Proposal | None, partly: tuple[str, ...]
) -> Iterator[Gap]:
    """Yield what is not carried: each field with candidates alone, of the rest the highest that holds nothing else."""
    candidates = proposal.candidates if proposal else {}

    def free(path: str) -> bool:
        inside = [path, *(one for one in there if one.startswith((f"{path}.", f"{path}[].")))]
        return not any(one in carried or (one in candidates and one != path) or one in partly for one in inside)

    done: set[str] = set(partly)
    for path, one in there.items():
        steps = path.split(".")
        above = [".".join(steps[:size]).removesuffix("[]") for size in range(1, len(steps) + 1)]
        if any(step in done or step in carried for step in above):
            continue
        if free(path) or (one.leaf and path not in carried):
            done.add(path)
            yield Gap(path, tuple(candidates.get(path, ())))
