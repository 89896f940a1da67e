"""The client of Roundup: what a tracker's list leaves out when somebody works on it."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openreturns.adapters import adapter
from openreturns_adapters.roundup.client import _PAGE

TENANT = Path(__file__).parents[1] / "roundup" / "tenant.toml"
SINCE = datetime(2026, 11, 22, 10, tzinfo=UTC)


class Tracker:
    """A list of issues, sorted as it is asked for; the first is changed whenever a page was answered."""

    def __init__(self) -> None:
        self.activity = {number: f"2026-11-22.10:{number // 60:02}:{number % 60:02}" for number in range(1, 151)}
        self.asked: list[dict[str, str]] = []

    def request(self, verb: str, method: str, path: str, *, params: dict[str, str]) -> Any:
        self.asked.append(params)
        first = (int(params["@page_index"]) - 1) * _PAGE
        by = self.activity.get if params["@sort"] == "activity" else int
        rows = [
            {"id": str(number), "title": f"Return R-{number}", "activity": self.activity[number]}
            for number in sorted(self.activity, key=by)  # type: ignore[arg-type] # text or numbers
        ]
        self.activity[1] = "2026-11-22.11:00:00"
        page = rows[first : first + _PAGE]
        return SimpleNamespace(json={"data": {"collection": page, "@total_size": len(rows)}})


def listed(tracker: Tracker, patch: pytest.MonkeyPatch) -> list[str]:
    of_the_test = tomllib.loads(TENANT.read_text("utf-8"))["roundup"]
    with adapter("roundup", of_the_test).connect(
        base_url="https://desk.example/ret", login="us", password="any"
    ) as desk:
        patch.setattr(desk._client, "request", tracker.request)
        return [change.ref.id for change in desk.changes(SINCE)]


def test_an_issue_that_is_changed_between_two_pages_hides_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracker = Tracker()
    assert {*listed(tracker, monkeypatch)} == {str(number) for number in tracker.activity}


def test_a_moment_is_asked_for_in_utc_whatever_zone_the_user_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tracker = Tracker()
    listed(tracker, monkeypatch)
    assert {one["activity"] for one in tracker.asked} == {"2026-11-22.09:50:00+0000;"}
