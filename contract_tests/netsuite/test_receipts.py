"""What an item receipt says of a delivery: the day it came in the books, and whose line numbers it has."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from openreturns import Return, adapter
from openreturns.errors import MappingError

HERE = Path(__file__).parent
TENANT: dict[str, Any] = tomllib.loads((HERE / "tenant.toml").read_text("utf-8"))["netsuite"]
RETURN: dict[str, Any] = json.loads((HERE / "receive-pumps-and-not-gaskets.json").read_text("utf-8"))["written_from"]

# One instant, spelled twice; the zone of the books -> the day in them
DAYS = [
    ("2026-10-01T02:30:00Z", "UTC", "2026-10-01"),
    ("2026-09-30T21:30:00-05:00", "UTC", "2026-10-01"),
    ("2026-10-01T02:30:00Z", "America/Chicago", "2026-09-30"),
    ("2026-09-30T21:30:00-05:00", "America/Chicago", "2026-09-30"),
    ("2026-09-30T23:30:00Z", "Asia/Tokyo", "2026-10-01"),
]


def received(moment: str, *, system: str = "netsuite") -> Return:
    data = json.loads(json.dumps(RETURN))
    data["meta"]["sourceSystem"] = system
    for line in data["lines"]:
        for receipt in line.get("receipts", ()):
            receipt["receivedAt"] = moment
    return Return.model_validate(data)


def written(document: Return, **settings: str) -> Any:
    ours = adapter("netsuite", {**TENANT, "settings": {**TENANT["settings"], **settings}})
    return ours.write(document, "item_receipt")[0]


@pytest.mark.parametrize(("moment", "zone", "day"), DAYS)
def test_a_delivery_is_booked_on_the_day_it_was_where_the_books_are(moment: str, zone: str, day: str) -> None:
    assert written(received(moment), time_zone=zone).record["tranDate"] == day


def test_line_numbers_of_another_system_are_noted_or_refused() -> None:
    document = received("2026-10-01T02:30:00Z", system="shipbob")
    assert [finding.code for finding in written(document).findings] == ["foreign_line_numbers"]
    with pytest.raises(MappingError, match="the line numbers are shipbob's"):
        written(document, foreign_line_numbers="refuse")
