"""One direction of a comparison: a verdict for each document, and findings with the documents that show them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from openreturns.compat._findings import MISSING, Answer, Finding, Report, Verdict, fingerprint, message
from openreturns.compat._operations import changed_operations
from openreturns.compat._prove import Prover
from openreturns.compat._reader import read_set
from openreturns.compat._rules import RULES, Direction
from openreturns.compat._sample import Sampler
from openreturns.compat._schema import SchemaSet, Unsupported
from openreturns.compat._settings import Settings
from openreturns.compat._source import Source, tolerant_source
from openreturns.compat._walk import Change, only, walk

__all__ = ["Comparison"]


@dataclass
class Comparison:
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
        self.of_all(next(iter(names), ""))

    def of_all(self, name: str) -> None:
        """Tell what is no document's own; `name` is the one that it is told with."""
        for file in changed_operations(self.old.source, self.new.source):
            places = ((file, "/paths"), (file, "/paths"))
            self.add("OPERATIONS_CHANGED", name, "told", places=places)
        if self.old.dialects and self.new.dialects and self.old.dialects != self.new.dialects:
            was, now = (", ".join(sorted(one.dialects)) for one in (self.old, self.new))
            self.add("DIALECT_CHANGED", name, "told", was=was, now=now)

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
            refuted = self.sampled(reader, writer) if answer == "compatible" else MISSING
            if refuted is MISSING:
                return Verdict(name, self.direction, answer)
            return Verdict(name, self.direction, "breaking", refuted)
        witnesses = self.sampler.witnesses(reader, writer, limit=1)
        if witnesses:
            return Verdict(name, self.direction, "breaking", witnesses[0])
        return Verdict(name, self.direction, "undecided")

    def sampled(self, reader: Any, writer: Any) -> object:  # noqa: ANN401 - any schema
        """Return a document that contradicts a proof, which would be a defect; every proof is tried once."""
        found = self.sampler.contradictions(reader, writer)
        return found[0] if found else MISSING

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

    def outcome(self, change: Change, answer: Answer, writer: Any, reader: Any) -> tuple[str, object]:  # noqa: ANN401 - any JSON value
        if self.direction not in RULES[change.rule].breaks:
            return "told", MISSING
        here = (change.old, change.new) if self.direction == "backward" else (change.new, change.old)
        alone = only(change, *here)
        if answer == "compatible" or (change.plain and self.prover.contains(alone, here[0])):
            return "holds", MISSING
        shown = Sampler(self.prover, focus=change.trail).witnesses(reader, writer, limit=60)
        fitting = next((one for one in shown if self.fails_at(one, reader, change.at)), MISSING)
        if fitting is MISSING:  # a condition fails where other values are, not where it is written
            others = self.sampler.witnesses(reader, writer, limit=60)
            fitting = next((one for one in others if self.fails_at(one, reader, change.at)), MISSING)
        if fitting is not MISSING:
            return "breaks", fitting
        return ("breaks" if answer == "breaking" else "undecided"), MISSING

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
        sides: tuple[SchemaSet, SchemaSet] | None = None, witness: object = MISSING, keep: bool = True,
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
            rule, severity, name, at, message(record.sentence, was, now, said, outcome), self.direction, outcome,
            _line(new_side, place), place[1], _line(old_side, was_place), was, now, witness,
        )  # fmt: skip
        finding = replace(finding, fingerprint=fingerprint(finding))
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
