"""Two sets of schemas compared: a verdict for each document, and every finding with the document that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, Literal, TypeAlias

from openreturns.compat import versions
from openreturns.compat._prove import Prover
from openreturns.compat._rules import RULES, Direction
from openreturns.compat._sample import Sampler
from openreturns.compat._schema import SchemaSet, Unsupported, read_set
from openreturns.compat._settings import Settings
from openreturns.compat._source import Source, named, tolerant_source
from openreturns.compat._walk import Change, only, walk

__all__ = ["Answer", "Finding", "Report", "Verdict", "bump", "compare"]

Answer: TypeAlias = Literal["compatible", "breaking", "undecided"]
_MISSING: Final = object()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What holds for one document in one direction; `witness` is a document that is no longer valid."""

    document: str
    direction: Direction
    answer: Answer
    witness: object = _MISSING

    @property
    def shown(self) -> bool:
        """Whether a document shows it."""
        return self.witness is not _MISSING


@dataclass(frozen=True, slots=True)
class Finding:
    """One change under its rule, as one direction sees it.

    `outcome` is `breaks` (shown by `witness`, or by its rule alone), `holds` (proven harmless), `undecided`, or
    `told` where schemas decide nothing. `where` is file and line of the new schema, `pointer` the place in that
    file; what is gone is found at `was_where`.
    """

    rule: str
    severity: str
    document: str
    at: str
    message: str
    direction: str
    outcome: str
    where: tuple[str, int]
    pointer: str
    was_where: tuple[str, int]
    was: object = None
    now: object = None
    witness: object = _MISSING
    accepted: str = ""
    fingerprint: str = ""

    @property
    def shown(self) -> bool:
        """Whether a document shows it."""
        return self.witness is not _MISSING

    @property
    def counts(self) -> bool:
        """Whether it makes a run fail."""
        return self.severity == "error" and not self.accepted


@dataclass
class Report:
    """All that a comparison found."""

    old: str
    new: str
    settings: Settings
    verdicts: list[Verdict] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether any finding is an error that nobody accepted."""
        return any(finding.counts for finding in self.findings)

    def answer(self) -> Answer:
        """Return the verdict on everything together, whatever rules are left out."""
        answers = {verdict.answer for verdict in self.verdicts}
        return "breaking" if "breaking" in answers else "undecided" if "undecided" in answers else "compatible"


def compare(old: Source, new: Source, settings: Settings | None = None, *, today: date | None = None) -> Report:
    """Return what a change from one set of schemas to another breaks.

    BACKWARD asks whether everything valid under `old` is valid under `new`, FORWARD the reverse, FULL both. With a
    tolerant reader, the side that reads takes members nobody has heard of. Raises ContractError as `read_set`.
    """
    chosen = settings or Settings()
    report = Report(old.label, new.label, chosen)
    directions: tuple[Direction, ...] = ("backward", "forward")
    for direction in directions:
        if chosen.compat in (direction, "full"):
            _Comparison(old, new, direction, chosen, report).run()
    _versions(old, new, report)
    report.findings = _once(report.findings)
    _accept(report, today or date.today())  # noqa: DTZ011 - an acceptance ends with a day, wherever one is
    order = {"error": 0, "warn": 1, "info": 2}
    report.findings.sort(key=lambda one: (order[one.severity], one.where, one.at, one.rule))
    return report


def bump(old: Source, new: Source, *, formats: str = "assertion") -> Literal["patch", "minor", "major"]:
    """Return by how much a version must be raised for a change.

    Patch: the same documents are valid. Minor: all that was valid still is, and tolerant readers of the old
    version take what the new one allows. Major: anything else, also where neither was proven.
    """

    def holds(direction: Direction, reader: str) -> bool:
        asked = Settings(compat=direction, reader=reader, formats=formats)
        report = Report(old.label, new.label, asked)
        _Comparison(old, new, direction, asked, report).decide()
        return report.answer() == "compatible"

    if not holds("backward", "strict"):
        return "major"
    if holds("forward", "strict"):
        return "patch"
    return "minor" if holds("forward", "tolerant") else "major"


def _versions(old: Source, new: Source, report: Report) -> None:
    """Hold the versions in the `$id`s of both sides to the change between them."""
    said = [_identified(source) for source in (old, new)]
    (was, was_at), (now, now_at) = said
    used = {rule for rule in ("ID_VERSION_NOT_BUMPED", "VERSION_BUMP_TOO_SMALL") if report.settings.severity_of(rule)}
    if was is None or now is None or not used:
        return
    given = versions.raised(was, now)
    if not given and _contents(old) == _contents(new):
        return
    needed = bump(old, new, formats=report.settings.formats)
    rule = "VERSION_BUMP_TOO_SMALL" if given else "ID_VERSION_NOT_BUMPED"
    if versions.enough(given, needed) or rule not in used:
        return
    before, after = (".".join(map(str, version)) for version in (was, now))
    message = _message(RULES[rule].sentence, before, after, f"a {needed} version is due", "told")
    severity = str(report.settings.severity_of(rule))
    finding = Finding(
        rule, severity, "", "", message, report.settings.compat, "told", now_at, "/$id", was_at, before, after
    )  # fmt: skip
    report.findings.append(replace(finding, fingerprint=_fingerprint(finding)))


def _identified(source: Source) -> tuple[versions.Version | None, tuple[str, int]]:
    """Return the one version that the `$id`s of a set name, and a file and line where it is named."""
    found: dict[versions.Version, tuple[str, int]] = {}
    for name, text in named(source).items():
        identifier = text.value.get("$id") if isinstance(text.value, dict) else None
        version = versions.version_in(identifier) if isinstance(identifier, str) else None
        if version is not None:
            found.setdefault(version, (source.shown(name), text.line("/$id")))
    return next(iter(found.items())) if len(found) == 1 else (None, ("", 1))


def _contents(source: Source) -> dict[str, object]:
    return {name: text.value for name, text in named(source).items()}


@dataclass
class _Comparison:
    """One direction of a comparison: `old` and `new` as they came, one of them the reader."""

    old_source: Source
    new_source: Source
    direction: Direction
    settings: Settings
    report: Report

    def __post_init__(self) -> None:
        tolerant = self.settings.reader == "tolerant"
        backward = self.direction == "backward"
        formats = self.settings.formats == "assertion"
        old = tolerant_source(self.old_source) if tolerant and not backward else self.old_source
        new = tolerant_source(self.new_source) if tolerant and backward else self.new_source
        self.old, self.new = read_set(old, "old", formats=formats), read_set(new, "new", formats=formats)
        definitions = {**self.old.definitions, **self.new.definitions}
        self.prover = Prover(definitions, formats=formats)
        self.sampler = Sampler(self.prover)
        self.apart: set[tuple[int, int]] = set()
        self.spoiled = _strange(self.old, self.new)

    def decide(self) -> None:
        """Judge every document, and look for no findings."""
        old, new = ({**one.documents, **one.parts} for one in (self.old, self.new))
        names = [*self.old.documents, *(name for name in self.old.parts if name in self.new.documents)]
        gone = [Verdict(name, self.direction, "breaking") for name in self._one_sided(old, new)]
        self.judge([(name, old[name], new[name]) for name in names if name in new])
        self.report.verdicts = [*gone, *self.verdicts.values()]

    def _one_sided(self, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
        """Return the documents that are gone; one that is new breaks nobody."""
        if self.direction == "forward":
            return []
        return sorted(self.old.documents.keys() - new.keys())

    def run(self) -> None:
        seen: set[tuple[int, int]] = set()
        old, new = ({**one.documents, **one.parts} for one in (self.old, self.new))
        for name in sorted(self.old.documents.keys() - new.keys()):
            self.whole_document("DOCUMENT_NO_DELETE", name, self.old)
        for name in sorted(self.new.documents.keys() - old.keys()):
            self.whole_document("DOCUMENT_ADDED", name, self.new)
        names = [*self.old.documents, *(name for name in self.old.parts if name in self.new.documents)]
        self.judge([(name, old[name], new[name]) for name in names if name in new])
        for name in names:
            if name in new:
                self.document(name, old[name], new[name], seen)
        for name in names:
            if name in new:
                self.unexplained(name, old[name], new[name])
        for name in self.old.parts:  # used by documents, which have been judged; here only what is told of them
            if name in self.new.parts:
                changes = walk(self.prover, old[name], new[name], seen)
                self.findings(name, [change for change in changes if not RULES[change.rule].breaks], "compatible")
        self.unsupported()
        if self.old.dialects and self.new.dialects and self.old.dialects != self.new.dialects:
            was, now = (", ".join(sorted(one.dialects)) for one in (self.old, self.new))
            self.add("DIALECT_CHANGED", next(iter(names), ""), "told", was=was, now=now)

    def definition(self, name: str) -> Any:  # noqa: ANN401 - any schema
        return self.prover.definitions[name]

    def whole_document(self, rule: str, name: str, side: SchemaSet) -> None:
        breaks = self.direction in RULES[rule].breaks
        place = side.roots[{**side.documents, **side.parts}[name]]
        self.add(rule, name, "breaks" if breaks else "told", was=name if side is self.old else None,
                 now=name if side is self.new else None, places=(place, place), sides=(side, side))  # fmt: skip
        if breaks:
            self.report.verdicts.append(Verdict(name, self.direction, "breaking"))

    # --- one document -----------------------------------------------------------------------------------------

    def document(self, name: str, old: str, new: str, seen: set[tuple[int, int]]) -> None:
        was, now = self.definition(old), self.definition(new)
        writer, reader = (was, now) if self.direction == "backward" else (now, was)
        changes = list(walk(self.prover, old, new, seen, self.apart))
        verdict = self.verdicts[name]
        self.report.verdicts.append(verdict)
        self.findings(name, changes, verdict.answer, writer=writer, reader=reader)

    def unexplained(self, name: str, old: str, new: str) -> None:
        """Say of a document that is not compatible, and that no finding is about, what is known of it."""
        verdict = self.verdicts[name]
        if verdict.answer == "compatible" or self.explained(old, new):
            return
        narrowed = "SCHEMA_NARROWED" if self.direction == "backward" else "SCHEMA_WIDENED"
        undecided = verdict.answer == "undecided"
        self.add("COMPATIBILITY_UNDECIDED" if undecided else narrowed, name, "undecided" if undecided else "breaks",
                 places=(self.old.roots[old], self.new.roots[new]), witness=verdict.witness)  # fmt: skip

    def explained(self, old: str, new: str) -> bool:
        """Return whether a finding about a shared definition, told with another document, says why this one breaks."""
        return any(
            name in self.broken for side, one in ((self.old, old), (self.new, new)) for name in side.reachable(one)
        )

    broken: set[str] = field(default_factory=set)
    """Definitions in which something breaks."""

    verdicts: dict[str, Verdict] = field(default_factory=dict)

    def judge(self, documents: list[tuple[str, str, str]]) -> None:
        """Decide on every document; what was found for one may help to decide on another that uses it."""
        pairs = {name: (self.definition(old), self.definition(new)) for name, old, new in documents}
        self.apart = {(id(old), id(new)) for old, new in pairs.values()}
        open_, left = list(pairs), len(pairs) + 1
        while open_ and len(open_) < left:
            left = len(open_)
            for name in open_:
                old, new = pairs[name]
                self.verdicts[name] = self.verdict(name, *((old, new) if self.direction == "backward" else (new, old)))
            open_ = [name for name in open_ if self.verdicts[name].answer == "undecided" and name not in self.spoiled]

    def verdict(self, name: str, writer: Any, reader: Any) -> Verdict:  # noqa: ANN401 - any schema
        if self.prover.contains(reader, writer):
            answer: Answer = "undecided" if name in self.spoiled else "compatible"
            refuted = self.sampled(reader, writer) if answer == "compatible" else _MISSING
            if refuted is _MISSING:
                return Verdict(name, self.direction, answer)
            return Verdict(name, self.direction, "breaking", refuted)
        witnesses = self.sampler.witnesses(reader, writer, limit=1)
        if witnesses:
            return Verdict(name, self.direction, "breaking", witnesses[0])
        return Verdict(name, self.direction, "undecided")

    def sampled(self, reader: Any, writer: Any) -> object:  # noqa: ANN401 - any schema
        """Return a document that contradicts a proof, which would be a defect; every proof is tried once."""
        found = self.sampler.contradictions(reader, writer)
        return found[0] if found else _MISSING

    def findings(
        self,
        name: str,
        changes: Iterable[Change],
        answer: Answer,
        *,
        writer: Any = None,  # noqa: ANN401 - any schema
        reader: Any = None,  # noqa: ANN401 - any schema
    ) -> list[Finding]:
        made = []
        for change in changes:
            outcome, witness = self.outcome(change, answer, writer, reader)
            finding = self.finding(change, name, outcome, witness)
            if finding is not None:
                made.append(finding)
            if outcome in {"breaks", "undecided"}:
                self.broken.update({change.old_in, change.new_in} - {""})
        self.report.findings.extend(made)
        return made

    def outcome(self, change: Change, answer: Answer, writer: Any, reader: Any) -> tuple[str, object]:  # noqa: ANN401
        if self.direction not in RULES[change.rule].breaks:
            return "told", _MISSING
        here = (change.old, change.new) if self.direction == "backward" else (change.new, change.old)
        alone = only(change, *here)
        if answer == "compatible" or (change.plain and self.prover.contains(alone, here[0])):
            return "holds", _MISSING
        shown = Sampler(self.prover, focus=change.trail).witnesses(reader, writer, limit=60)
        fitting = next((one for one in shown if self.fails_at(one, reader, change.at)), _MISSING)
        if fitting is _MISSING:  # a condition fails where other values are, not where it is written
            others = self.sampler.witnesses(reader, writer, limit=60)
            fitting = next((one for one in others if self.fails_at(one, reader, change.at)), _MISSING)
        if fitting is not _MISSING:
            return "breaks", fitting
        return ("breaks" if answer == "breaking" else "undecided"), _MISSING

    def fails_at(self, document: object, reader: Any, at: str) -> bool:  # noqa: ANN401 - any schema
        """Return whether the reader refuses a document at a place, around it or within it."""
        steps = re.findall(r"\[\d*\]|[^.\[\]]+", at)
        errors = self.prover.covers.validator(reader).iter_errors(document)
        return any(_along(steps, list(error.instance_path)) for error in errors)

    # --- saying it --------------------------------------------------------------------------------------------

    def finding(self, change: Change, name: str, outcome: str, witness: object) -> Finding | None:
        places = (self.place(change.old, change, self.old), self.place(change.new, change, self.new))
        return self.add(
            change.rule, name, outcome, at=change.at, was=change.was, now=change.now, said=change.said,
            places=places, witness=witness, keep=False,
        )  # fmt: skip

    def place(self, node: Any, change: Change, side: SchemaSet) -> tuple[str, str]:  # noqa: ANN401 - any schema
        file, pointer = side.place(node)
        return (file, pointer + change.below) if file else self.anywhere(change, side)

    def anywhere(self, change: Change, side: SchemaSet) -> tuple[str, str]:
        """Return the nearest place on the way to a change whose schema is only true or false."""
        found = [place for mark in change.trail if (place := side.places.get(mark))]
        return max(found, key=lambda place: len(place[1]), default=next(iter(side.roots.values()), ("", "")))

    def add(
        self, rule: str, name: str, outcome: str, *, at: str = "", was: object = None, now: object = None,
        said: str = "", places: tuple[tuple[str, str], tuple[str, str]] | None = None,
        sides: tuple[SchemaSet, SchemaSet] | None = None, witness: object = _MISSING, keep: bool = True,
    ) -> Finding | None:  # fmt: skip
        severity = self.settings.severity_of(rule)
        if severity is None:
            return None
        record = RULES[rule]
        if outcome == "holds" or (outcome == "told" and record.breaks):
            severity = "info"
        old_side, new_side = sides or (self.old, self.new)
        was_place, place = places or (("", ""), ("", ""))
        finding = Finding(
            rule, severity, name, at, _message(record.sentence, was, now, said, outcome), self.direction, outcome,
            _line(new_side, place), place[1], _line(old_side, was_place), was, now, witness,
        )  # fmt: skip
        finding = replace(finding, fingerprint=_fingerprint(finding))
        if keep:
            self.report.findings.append(finding)
        return finding

    def unsupported(self) -> None:
        for name, side, one in self.spoiled.values():
            places = (one.place, one.place)
            self.add("KEYWORD_UNSUPPORTED", name, "undecided", at=one.keyword, places=places, sides=(side, side),
                     said=f"{one.keyword} is not judged here")  # fmt: skip


def _strange(old: SchemaSet, new: SchemaSet) -> dict[str, tuple[str, SchemaSet, Unsupported]]:
    """Return the documents in which a keyword changed that nothing here can judge."""
    said = [{(one.place[1], one.keyword, repr(one.value)): one for one in side.unsupported} for side in (old, new)]
    found: dict[str, tuple[str, SchemaSet, Unsupported]] = {}
    for mine, theirs, side in ((said[0], said[1], old), (said[1], said[0], new)):
        for key in mine.keys() - theirs.keys():
            for name in _documents_at(side, mine[key].place):
                found.setdefault(name, (name, side, mine[key]))
    return found


def _documents_at(side: SchemaSet, place: tuple[str, str]) -> Iterator[str]:
    at = {name for name, root in side.roots.items() if root[0] == place[0] and place[1].startswith(root[1])}
    for name, definition in side.documents.items():
        if at & set(side.reachable(definition)):
            yield name


def _line(side: SchemaSet, place: tuple[str, str]) -> tuple[str, int]:
    file, pointer = place
    text = side.source.text(file) if file else None
    return (side.source.shown(file), text.line(pointer)) if text else (side.source.label, 1)


def _along(steps: list[str], path: list[str | int]) -> bool:
    """Return whether a failing place lies on the way to another, or below it."""
    for step, taken in zip(steps, path, strict=False):
        if step.startswith("["):
            if not isinstance(taken, int) or step not in {"[]", f"[{taken}]"}:
                return False
        elif step not in {"*", str(taken)}:
            return False
    return True


def _message(sentence: str, was: object, now: object, said: str, outcome: str) -> str:
    change = {
        (True, True): f": {_say(was)} -> {_say(now)}",
        (True, False): f": {_say(was)}",
        (False, True): f": {_say(now)}",
        (False, False): "",
    }[was is not None, now is not None]
    more = f" ({said})" if said else ""
    proven = "; proven to break nothing here" if outcome == "holds" else ""
    return f"{sentence.removesuffix('.')}{change}{more}{proven}."


def _say(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_say(inner)}" for key, inner in value.items() if inner is not None) or "nothing"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(_say, value[:8])) + (", ..." if len(value) > 8 else "")
    return str(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else f"{value}"


def _fingerprint(finding: Finding) -> str:
    said = (finding.rule, finding.direction, finding.document, finding.at, repr(finding.was), repr(finding.now))
    return sha256("\n".join(said).encode()).hexdigest()[:12]


def _once(findings: list[Finding]) -> list[Finding]:
    """Return each finding once, the graver one of two that say the same."""
    order = {"error": 0, "warn": 1, "info": 2}
    found: dict[object, Finding] = {}
    for one in sorted(findings, key=lambda one: order[one.severity]):
        told = one.outcome == "told"
        found.setdefault((one.rule, one.where, one.pointer, one.at, repr(one.was), "" if told else one.direction), one)
    kept = list(found.values())
    shown = {(one.rule, one.where, one.pointer, one.at) for one in kept if one.outcome != "told"}
    return [one for one in kept if one.outcome != "told" or (one.rule, one.where, one.pointer, one.at) not in shown]


def _accept(report: Report, today: date) -> None:
    given = {one.fingerprint: one for one in report.settings.accepted}
    found = {one.fingerprint for one in report.findings}
    for fingerprint in given.keys() - found:
        report.notes.append(f"the accepted finding {fingerprint} is not there any more; take it out")
    for place, one in enumerate(report.findings):
        accepted = given.get(one.fingerprint)
        if accepted is None:
            continue
        if accepted.expires < today:
            report.notes.append(f"the acceptance of {one.fingerprint} ended on {accepted.expires}")
            continue
        report.findings[place] = replace(one, accepted=f"{accepted.reason} (until {accepted.expires})")
