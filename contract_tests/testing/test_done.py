"""What a check of writes says where a vendor holds something else than it should."""

from __future__ import annotations

from collections import Counter

import pytest
from openreturns.testing import CheckFailure
from openreturns.testing._done import same_as


def test_records_that_differ_in_a_clock_alone_are_told_as_such() -> None:
    wanted = Counter([' {"id":"1","at":1790000000000}', ' {"id":"2","at":1790000000001}'])
    found = Counter([' {"id":"1","at":1790000000002}', ' {"id":"2","at":1790000000003}'])
    with pytest.raises(CheckFailure, match=r"2 records missing, .*one too many and one missing differ in at alone"):
        same_as(wanted, found, "announce said twice", None)


def test_a_record_that_is_there_twice_differs_from_none() -> None:
    with pytest.raises(CheckFailure, match="1 records too many") as raised:
        same_as(Counter([' {"id":"1"}']), Counter({' {"id":"1"}': 2}), "announce said twice", None)
    assert "differ" not in str(raised.value)
