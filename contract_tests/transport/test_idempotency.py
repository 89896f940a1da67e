"""A write is done once: whatever the answers, the threads and the repeats, the vendor ends up with one effect."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openreturns.errors import (
    ContractError,
    MappingError,
    OpenReturnsError,
    OutcomeUnknownError,
    Problem,
    RejectedError,
    RetryableError,
)
from openreturns.idempotency import MAX_KEY, Done, Outcome, Rejected, Rule, Unknown, act, key
from openreturns.models import DocumentRef

KEY = key("credit", "RMA-2026-1002", 1, "issue", 3)
REF = DocumentRef.model_validate({"type": "credit", "id": "CM-1"})


def test_a_key_is_the_same_after_a_restart() -> None:
    assert KEY == "credit-rma-2026-1002-1-aar6j3ewel6pzns3aa7rluqgop"


@given(st.lists(st.text(max_size=80) | st.integers(), min_size=1, max_size=6))
def test_a_key_fits_any_url_and_any_field(parts: list[str | int]) -> None:
    made = key(*parts)
    assert len(made) <= MAX_KEY
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", made)


ALIKE: list[tuple[tuple[str | int, ...], tuple[str | int, ...]]] = [
    (("ab", "c"), ("a", "bc")),
    (("return", "1", "12"), ("return", "11", "2")),
    (("a", "b"), ("a-b",)),
    (("RMA-1",), ("rma-1",)),
    (("x" * 60 + "1",), ("x" * 60 + "2",)),
    (("a", ""), ("a",)),
    (("RMA 1",), ("RMA+1",)),
    (("退货-1",), ("退款-1",)),
]


@pytest.mark.parametrize(("one", "other"), ALIKE)
def test_two_actions_never_share_a_key(one: tuple[str | int, ...], other: tuple[str | int, ...]) -> None:
    assert key(*one) != key(*other)


def test_a_key_does_not_depend_on_how_a_letter_or_a_number_was_typed() -> None:
    assert key("Ren\u00e9", 3) == key("Rene\u0301", "3")


@pytest.mark.parametrize("parts", [(), (1.5,), (None,), (True,), ("a", b"b")])
def test_a_key_is_made_of_texts_and_whole_numbers(parts: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match="texts and whole numbers"):
        key(*parts)  # type: ignore[arg-type] # what nobody should pass


# ---------------------------------------------------------------- act

UNKNOWN = OutcomeUnknownError("no answer", key=KEY)
LATER = RetryableError("busy", retry_after=1)
NO = RejectedError("no", kind="conflict", problems=[Problem("duplicate", "is there already")])
SETTING = MappingError("a setting", kind="setting")
GARBLED = ContractError("the record is not JSON", kind="json")


@dataclass
class Vendor:
    """Answers in turn: with an error, or done. `effects` are the turns that leave something behind."""

    answers: Sequence[OpenReturnsError | None] = ()
    effects: Sequence[int] = ()
    found_after: int = 0
    lookup_errors: Sequence[OpenReturnsError | None] = ()
    made: int = 0
    writes: int = 0
    looks: int = 0
    waits: list[float] = field(default_factory=list)

    def write(self) -> DocumentRef:
        turn, self.writes = self.writes, self.writes + 1
        answer = self.answers[turn] if turn < len(self.answers) else None
        if answer is None or turn in self.effects:
            self.made += 1
        if answer:
            raise answer
        return REF

    def lookup(self) -> DocumentRef | None:
        turn, self.looks = self.looks, self.looks + 1
        if turn < len(self.lookup_errors) and (error := self.lookup_errors[turn]):
            raise error
        return REF if self.made and self.looks > self.found_after else None

    def act(self, rule: Rule, *, repeats: int = 1, lookup: bool = True) -> Outcome:
        look: Callable[[], DocumentRef | None] | None = self.lookup if lookup else None
        return act(self.write, look, rule, key=KEY, repeats=repeats, settle=(1, 2), sleep=self.waits.append)


# what happens -> vendor, rule, the outcome, how often it was written, how many effects there are
HAPPENS: dict[str, tuple[Vendor, Rule, Outcome, int, int]] = {
    "done at once": (Vendor(), "lookup", Done(REF), 1, 1),
    "done at once, natively": (Vendor(), "native", Done(REF), 1, 1),
    "done at once, no help": (Vendor(), "none", Done(REF), 1, 1),
    "there already": (Vendor(made=1), "lookup", Done(REF, repeated=True), 0, 1),
    "refused": (Vendor([NO]), "lookup", Rejected(NO.problems, "conflict"), 1, 0),
    "refused, natively": (Vendor([NO]), "native", Rejected(NO.problems, "conflict"), 1, 0),
    "refused, no help": (Vendor([NO]), "none", Rejected(NO.problems, "conflict"), 1, 0),
    "refused, as another worker was first": (Vendor([NO], [0]), "lookup", Done(REF, repeated=True), 1, 1),
    "no answer, and it is there": (Vendor([UNKNOWN], [0]), "lookup", Done(REF), 1, 1),
    "no answer, and it is seen late": (Vendor([UNKNOWN], [0], found_after=2), "lookup", Done(REF), 1, 1),
    "no answer, and it is not there": (Vendor([UNKNOWN]), "lookup", Done(REF), 2, 1),
    "no answer twice, and it is there": (Vendor([UNKNOWN, UNKNOWN], [1]), "lookup", Done(REF), 2, 1),
    "no answer twice, and it is not there": (Vendor([UNKNOWN, UNKNOWN]), "lookup", Unknown(KEY), 2, 0),
    "half an answer": (Vendor([GARBLED], [0]), "lookup", Done(REF), 1, 1),
    "no answer, then nobody to ask": (
        Vendor([UNKNOWN], [0], lookup_errors=[None, LATER]),
        "lookup",
        Unknown(KEY),
        1,
        1,
    ),
    "no answer, not there, then busy": (Vendor([UNKNOWN, LATER]), "lookup", Unknown(KEY), 2, 0),
    "no answer, not there, then no longer able to": (Vendor([UNKNOWN, SETTING]), "lookup", Unknown(KEY), 2, 0),
    "no answer, not there, then refused as there": (
        Vendor([UNKNOWN, NO], [0], found_after=3),
        "lookup",
        Done(REF),
        2,
        1,
    ),
    "no answer, not there, then refused": (Vendor([UNKNOWN, NO]), "lookup", Unknown(KEY), 2, 0),
    "no answer, natively": (Vendor([UNKNOWN]), "native", Done(REF), 2, 1),
    "no answer twice, natively": (Vendor([UNKNOWN, UNKNOWN]), "native", Unknown(KEY), 2, 0),
    "no answer, no help": (Vendor([UNKNOWN], [0]), "none", Done(REF), 1, 1),
}


@pytest.mark.parametrize("name", HAPPENS)
def test_what_comes_of_a_write(name: str) -> None:
    vendor, rule, outcome, writes, effects = HAPPENS[name]
    assert vendor.act(rule) == outcome
    assert (vendor.writes, vendor.made) == (writes, effects)


def test_without_any_help_an_unknown_outcome_is_told_and_never_repeated() -> None:
    vendor = Vendor([UNKNOWN], [0])
    assert vendor.act("none", lookup=False) == Unknown(KEY)
    assert vendor.writes == 1


@pytest.mark.parametrize("error", [LATER, SETTING])
def test_what_was_never_sent_is_raised_and_leaves_nothing(error: OpenReturnsError) -> None:
    vendor = Vendor([error])
    with pytest.raises(type(error)):
        vendor.act("lookup")
    assert vendor.made == 0


@pytest.mark.parametrize("done", [True, False])
def test_a_mistake_in_reading_the_answer_hides_neither_the_effect_nor_itself(done: bool) -> None:
    vendor = Vendor()

    def write() -> DocumentRef:
        vendor.made += done
        answer: dict[str, str] = {}
        return DocumentRef.model_validate({"type": "credit", "id": answer["id"]})

    def run() -> Outcome:
        return act(write, vendor.lookup, "lookup", key=KEY, sleep=vendor.waits.append)

    if done:
        assert run() == Done(REF)
    else:
        with pytest.raises(KeyError):
            run()


def test_nothing_is_written_when_the_vendor_cannot_be_asked_first() -> None:
    vendor = Vendor(lookup_errors=[LATER])
    with pytest.raises(RetryableError):
        vendor.act("lookup")
    assert vendor.writes == 0


def test_not_there_is_believed_only_after_every_wait() -> None:
    vendor = Vendor([UNKNOWN])
    vendor.act("lookup")
    assert vendor.waits == [1, 2]


@pytest.mark.parametrize("rule", ["lookups", "", None, "NATIVE"])
def test_a_rule_that_there_is_not_writes_nothing(rule: Any) -> None:
    vendor = Vendor([UNKNOWN, UNKNOWN])
    with pytest.raises(ValueError, match="there are: native, lookup, none"):
        vendor.act(rule)
    assert (vendor.looks, vendor.writes) == (0, 0)


def test_the_rule_lookup_cannot_be_kept_without_one() -> None:
    with pytest.raises(TypeError, match="needs a lookup"):
        Vendor().act("lookup", lookup=False)


def test_a_refusal_without_details_still_has_a_problem() -> None:
    refused = act(Vendor([RejectedError("no", kind="auth")]).write, key=KEY)
    assert isinstance(refused, Rejected)
    assert refused.problem == Problem("auth", "no")


def test_eight_threads_doing_one_thing_have_one_effect() -> None:
    class Slow(Vendor):
        """Takes long enough over a look-up for others to come in, were they let."""

        def lookup(self) -> DocumentRef | None:
            found = super().lookup()
            time.sleep(0.01)
            return found

    vendor, start = Slow(), threading.Barrier(8)
    outcomes: list[Outcome] = []

    def work() -> None:
        start.wait()
        outcomes.append(vendor.act("lookup"))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (vendor.writes, vendor.made) == (1, 1)
    assert sorted(outcome.repeated for outcome in outcomes if isinstance(outcome, Done)) == [False] + [True] * 7
