"""A budget is waited for and kept by any way of counting; nothing here takes real time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openreturns.transport import Budget, Rate
from openreturns.transport._limits import MAX_PAUSE, Limits, OutOfTime, limits_of
from transport.made import FakeClock

FOREVER = float("inf")


def used(budget: Budget, lengths: list[float]) -> list[tuple[float, float]]:
    """Make calls that take so long, one after the other; return when each began and ended."""
    clock = FakeClock()
    limits = Limits(budget, time=clock.time)
    calls = []
    for length in lengths:
        with limits.slot(FOREVER):
            began = clock.now
            clock.now += length
        calls.append((began, clock.now))
    return calls


def test_calls_within_the_rate_do_not_wait() -> None:
    assert used(Budget([Rate(3, 10)]), [0, 0, 0]) == [(0, 0)] * 3


def test_the_next_call_waits_until_the_first_is_out_of_the_window() -> None:
    assert used(Budget([Rate(2, 10)]), [1, 2, 1]) == [(0, 1), (1, 3), (11, 12)]


def test_every_rate_holds() -> None:
    starts = [began for began, _ in used(Budget([Rate(2, 1), Rate(3, 60)]), [0] * 4)]
    assert starts == [0, 0, 1, 60]


@given(
    st.lists(st.floats(0, 30), min_size=1, max_size=40),
    st.integers(1, 5),
    st.floats(0.5, 20),
    st.data(),
)
def test_wherever_in_its_time_the_vendor_sees_a_call_the_rate_holds(
    lengths: list[float], calls: int, seconds: float, data: st.DataObject
) -> None:
    made = used(Budget([Rate(calls, seconds)]), lengths)
    seen = sorted(data.draw(st.floats(began, ended)) for began, ended in made)
    for place, moment in enumerate(seen):
        # a hair less than the window: sums of floats are not exact to the last bit
        assert sum(1 for other in seen[place:] if other - moment < seconds * (1 - 1e-9)) <= calls


def test_a_wait_beyond_the_deadline_is_not_begun() -> None:
    clock = FakeClock()
    limits = Limits(Budget([Rate(1, 60)]), time=clock.time)
    with limits.slot(FOREVER):
        pass
    with pytest.raises(OutOfTime) as caught, limits.slot(59):
        pass
    assert (caught.value.wait, clock.slept) == (60, [])


def test_a_pause_holds_for_all_and_not_for_ever() -> None:
    clock = FakeClock()
    limits = Limits(time=clock.time)
    limits.pause(1e9)
    limits.pause(5)
    with limits.slot(FOREVER):
        assert clock.now == MAX_PAUSE


def test_a_call_that_fails_gives_its_place_back() -> None:
    limits = Limits(Budget(concurrent=1), time=FakeClock().time)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), limits.slot(FOREVER):
            _ = 1 // 0


def test_a_place_that_is_taken_is_waited_for_until_the_deadline() -> None:
    limits = Limits(Budget(concurrent=1), time=FakeClock().time)
    with limits.slot(FOREVER), pytest.raises(OutOfTime), limits.slot(0):
        pass


def test_one_account_has_one_state_and_the_budget_last_declared() -> None:
    time = FakeClock().time
    first = limits_of("acme", "one-state", Budget(concurrent=1), time)
    assert limits_of("acme", "one-state", None, time) is first
    assert first.budget == Budget(concurrent=1)
    assert limits_of("acme", "one-state", Budget(concurrent=2), time).budget == Budget(concurrent=2)
    assert limits_of("acme", "another-state", None, time) is not first
    assert limits_of("other", "one-state", None, time) is not first


@pytest.mark.parametrize(("calls", "seconds"), [(0, 1), (-1, 1), (1, 0), (1, -1)])
def test_a_rate_that_lets_nothing_through_is_refused(calls: int, seconds: float) -> None:
    with pytest.raises(ValueError, match="at least one call"):
        Rate(calls, seconds)


def test_a_negative_number_at_one_time_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        Budget(concurrent=-1)
