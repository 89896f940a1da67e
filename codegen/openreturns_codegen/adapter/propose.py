"""Which vendor field may hold which canonical field: ranked candidates, each with its score and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from openreturns._fields import Field
from rapidfuzz import fuzz

from openreturns_codegen.adapter.codes import crosswalk
from openreturns_codegen.adapter.fits import Fit, fit
from openreturns_codegen.adapter.vocabulary import said_of, spoken, vocabulary

__all__ = ["CONFIDENT", "Candidate", "Proposal", "propose"]

CONFIDENT = 0.85
"""From this score on a candidate is written as a rule, unless another comes close or has a better claim."""

_OWN_IDS = frozenset({"id", "internal id", "entity id", "record id", "return id"})
_WEAK = 0.8  # of a phrase marked with ~: it may mean this and something else as well
_ELSEWHERE = 0.84  # of a name that is right and stands in an object of another name
_DEEPER = 0.03  # taken off for each object more that a field stands in
_MENTIONED = 0.58
_MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Candidate:
    """A vendor field that may hold a canonical one: how sure that is (0 to 1), why, and by which codec."""

    native: str
    score: float
    why: tuple[str, ...]
    fit: Fit


@dataclass(frozen=True)
class Proposal:
    """What is proposed for one record: the list of lines, and by canonical path the candidates, best first.

    `rules` are the confident ones, no vendor field in two of them but ids.
    """

    lines: str
    candidates: Mapping[str, tuple[Candidate, ...]] = field(repr=False)
    rules: Mapping[str, Candidate] = field(repr=False)


def propose(
    document: str,
    canonical: Mapping[str, Field],
    native: Mapping[str, Field],
    *,
    said: Mapping[str, str] | None = None,
    writing: bool = False,
    without: str = "",
) -> Proposal:
    """Return the proposal for a document and a vendor's record.

    `said` are the vendor's descriptions by path; `writing` leaves out what a vendor sets itself (its ids, its moments);
    `without` leaves out the words that one system taught.
    """
    table = {
        path: tuple(one for one in phrases if not (writing and one in _OWN_IDS))
        for path, phrases in said_of(document, without).items()
        if not (writing and path.startswith("meta."))
    }
    lines = _lines(table, canonical, native)
    found: dict[str, tuple[Candidate, ...]] = {}
    for path, phrases in table.items():
        ours = _field(path, canonical)
        scope = _in_scope(path, lines, native)
        ranked = [
            one for name in scope if ours and (one := _candidate(path, ours, phrases, native[name], lines, said or {}))
        ]
        ranked = [one for one in ranked if one.score >= _MENTIONED]
        if ranked:
            found[path] = tuple(sorted(ranked, key=lambda one: (-one.score, one.native)))
    return Proposal(lines, found, _rules(found))


def _field(path: str, canonical: Mapping[str, Field]) -> Field | None:
    name, bracket, rest = path.partition("[type=")
    return canonical.get(f"{name}[]{rest.partition(']')[2]}" if bracket else path)


def _lines(table: Mapping[str, tuple[str, ...]], canonical: Mapping[str, Field], native: Mapping[str, Field]) -> str:
    """Return the vendor's list that holds the lines: by its name, and by what stands in its elements."""
    best, most = "", 0.0
    for path, one in native.items():
        if one.kind != "list" or "[]" in path:
            continue
        inside = [name for name in native if name.startswith(f"{path}[].")]
        hits = sum(
            max((_alike(phrases, name.removeprefix(f"{path}[]."))[0] for name in inside), default=0.0) >= CONFIDENT
            for ours, phrases in table.items()
            if ours in ("lines[].item.sku", "lines[].requested", "lines[].quantity", "lines[].item.description")
        )
        steps = path.split(".")
        named = any(spoken(step) in vocabulary()["lists"]["lines"] for step in steps[-2:])
        score = hits + (1.5 if named else 0.0)
        if score > most and hits + named >= 1:
            best, most = path, score
    return best


def _in_scope(path: str, lines: str, native: Mapping[str, Field]) -> Iterator[str]:
    for name, one in native.items():
        if not one.leaf:
            continue
        if path.startswith("lines[]."):
            if lines and name.startswith(f"{lines}[].") and "[]" not in name.removeprefix(f"{lines}[]."):
                yield name
        elif "[]" not in name:
            yield name


def _candidate(
    path: str, ours: Field, phrases: tuple[str, ...], theirs: Field, lines: str, said: Mapping[str, str]
) -> Candidate | None:
    how = fit(ours, theirs, path)
    if how is None:
        return None
    inner = theirs.path.removeprefix(f"{lines}[].") if path.startswith("lines[].") else theirs.path
    score, why = _alike(phrases, inner)
    reasons = [why] if why else []
    about = spoken(said.get(theirs.path, ""))
    if score < CONFIDENT and about and any(len(one.split()) > 1 and one in about for one in phrases):
        score, reasons = max(score, 0.6), [*reasons, "its description says so"]
    if how.table:
        pairs = crosswalk(how.codes, theirs.codes or tuple(theirs.schema.get("x-known-values", ())))
        share = sum(one.score for one in pairs) / len(pairs) if pairs else 0.0
        if pairs and share >= 0.6:
            reasons.append(f"{share:.0%} of its words are known")
        elif pairs:
            score *= 0.8
        else:
            score, reasons = score * 0.8, [*reasons, "its words are not listed"]
    score *= how.weight
    return Candidate(theirs.path, round(min(score, 1.0), 3), tuple(reasons), how) if score else None


def _alike(phrases: tuple[str, ...], path: str) -> tuple[float, str]:
    """Return how sure a vendor's name is one of the phrases, and which; earlier phrases are surer."""
    best, why = 0.0, ""
    for name, whole in _names(path):
        for place, phrase in enumerate(phrases):
            weak, phrase = phrase[:1] == "~", phrase.removeprefix("~")
            alike = 1.0 if name == phrase else _near(name, phrase)
            score = alike * (1.0 - 0.008 * place) * (1.0 if whole else _ELSEWHERE) * (_WEAK if weak else 1.0)
            score *= 1.0 - _DEEPER * max(path.count(".") - 1, 0)
            if score > best:
                best, why = score, f"{name!r} is {phrase!r}" if alike == 1.0 else f"{name!r} is like {phrase!r}"
    return best, why


def _near(name: str, phrase: str) -> float:
    """Return how alike two names are: the same words in another order, or letters that differ a little."""
    ours, theirs = phrase.split(), name.split()
    if sorted(ours) == sorted(theirs):
        return 0.97
    ratio = fuzz.ratio(name, phrase) / 100
    if len(ours) == len(theirs) and ratio >= 0.92 and len(phrase) > 6:
        return ratio * 0.95
    if len(ours) > 1 and set(ours) < set(theirs) and len(theirs) - len(ours) == 1:
        return 0.78
    return ratio * 0.75 if ratio > 0.7 else 0.0


def _names(path: str) -> Iterator[tuple[str, bool]]:
    """Yield what a field is called: by its own name, and with the object it stands in."""
    steps = [spoken(step) for step in path.split(".")]
    own = steps[-1]
    if len(steps) == 1:
        yield own, True
        return
    generic = own in vocabulary()["generic"]["names"]
    with_parent = " ".join(dict.fromkeys(f"{steps[-2]} {own}".split()))
    yield with_parent, True
    if own == "id":
        yield steps[-2], False
    if not generic:
        yield own, False


_SHARED = {"meta.documentId", "meta.sourceId", "lines[].lineId"}


def _rules(found: Mapping[str, tuple[Candidate, ...]]) -> dict[str, Candidate]:
    """Return the confident candidates; of several that claim one vendor field the surest has it."""
    claims = sorted(
        ((path, one) for path, ranked in found.items() for one in ranked if one.score >= CONFIDENT),
        key=lambda claim: (-claim[1].score, claim[0]),
    )
    taken: set[str] = set()
    rules: dict[str, Candidate] = {}
    for path, one in claims:
        free = path in _SHARED or one.native not in taken
        rivals = [other for other in found[path] if other.native != one.native and other.native not in taken]
        close = any(other.score > one.score - _MARGIN and other.score >= CONFIDENT for other in rivals)
        ranked_first = not any(other.score > one.score for other in rivals)
        if path not in rules and free and ranked_first and not (close and one.fit.sacred):
            rules[path] = one
            if path not in _SHARED:
                taken.add(one.native)
    return {path: rules[path] for path in found if path in rules}
