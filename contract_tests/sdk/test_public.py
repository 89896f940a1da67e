"""What a user imports and catches: one sorted list of names, one tree of errors."""

from __future__ import annotations

import pickle

import openreturns
import pytest
from openreturns import errors
from openreturns.errors import (
    ContractError,
    MappingError,
    OpenReturnsError,
    OutcomeUnknownError,
    Problem,
    RejectedError,
    RetryableError,
)


def test_the_public_names_are_sorted_visible_and_there() -> None:
    assert sorted(openreturns.__all__) == dir(openreturns)
    assert [name for name in openreturns.__all__ if getattr(openreturns, name, None) is None] == []
    with pytest.raises(AttributeError, match="no attribute 'nosuch'"):
        _ = openreturns.nosuch


EVERY: list[OpenReturnsError] = [
    ContractError("wrong", kind="schema"),
    MappingError("wrong", kind="translation"),
    RejectedError("no"),
    RetryableError("later", retry_after=2.5),
    OutcomeUnknownError("no answer", key="RMA-1"),
]


def test_every_error_is_shown_here() -> None:
    classes = {getattr(errors, name) for name in errors.__all__} - {OpenReturnsError, Problem}
    assert {type(error) for error in EVERY} == classes


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_one_class_catches_everything_and_says_whether_to_try_again(error: OpenReturnsError) -> None:
    assert isinstance(error, OpenReturnsError)
    assert error.retryable is isinstance(error, RetryableError)
    assert error.problems == ()
    assert type(error).__name__ in str(errors.__doc__)


PROBLEMS: list[tuple[Problem, str]] = [
    (Problem("x", "is wrong"), "is wrong"),
    (Problem("x", "is wrong", "/a"), "/a: is wrong"),
    (Problem("x", "is wrong", native="/b"), "/b: is wrong"),
    (Problem("x", "is wrong", "/a", "/b"), "/a <- /b: is wrong"),
    (Problem("x", "is wrong", known=("p", "q")), "is wrong (known: p, q)"),
    (
        Problem("x", "is wrong", known=tuple(map(str, range(13)))),
        "is wrong (known: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...)",
    ),
]


@pytest.mark.parametrize(("problem", "line"), PROBLEMS)
def test_a_problem_is_one_line_and_plain_data(problem: Problem, line: str) -> None:
    assert str(problem) == line
    data = problem.to_dict()
    assert Problem(**data) == problem  # type: ignore[arg-type] # plain data, by name
    assert all(data.values())


def test_an_error_tells_all_its_problems_one_a_line() -> None:
    error = ContractError("RMA-1 breaks its contract", problems=[problem for problem, _ in PROBLEMS[:2]])
    assert str(error) == "RMA-1 breaks its contract\n  is wrong\n  /a: is wrong"


@pytest.mark.parametrize("error", EVERY, ids=lambda error: type(error).__name__)
def test_an_error_crosses_processes_whole(error: OpenReturnsError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), vars(again), str(again)) == (type(error), vars(error), str(error))
