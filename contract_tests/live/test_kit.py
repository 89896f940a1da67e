"""The contract kit's level `live`, for both adapters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from live.base_data import password
from live.servers import ADMIN, Roundup, Tryton
from live.shop import Shop
from openreturns.testing import CHECKS, candidate, run

TESTS = Path(__file__).parents[1]
LIVE = [check.id for check in CHECKS.values() if check.level == "live"]


def proved(name: str, connection: Mapping[str, str], seed: Mapping[str, str], folder: Path, patch: Any) -> None:
    rows = [
        f"{part}.{key} = {value!r}"
        for part, values in (("connection", connection), ("seed", seed))
        for key, value in values.items()
    ]
    told = folder / "live.toml"
    told.write_text("\n".join(rows) + "\n")
    patch.setenv(f"OPENRETURNS_LIVE_{name.upper()}", str(told))
    subject = candidate(name, TESTS / name)
    results = list(run(subject, "live", ids=LIVE))
    assert [one.told(subject) for one in results if one.ending != "passed"] == []
    assert results


def test_tryton(tryton: Tryton, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = Shop(tryton.user(database, "integration"), tryton.ids)
    sold = shop.sell(("pump", "50", "120.5"))
    connection = {
        "base_url": f"{tryton.url}/{database}",
        "login": "integration",
        "password": password("integration"),
        "application_key": tryton.ids["keys"]["integration"],
    }
    seed = {"sale": sold.number, "line": str(sold.lines[0]), "today": dt.datetime.now(dt.UTC).date().isoformat()}
    proved("tryton", connection, seed, tmp_path, monkeypatch)


def test_roundup(tracker: Roundup, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = {"base_url": tracker.url, "login": ADMIN[0], "password": ADMIN[1]}
    proved("roundup", connection, {}, tmp_path, monkeypatch)
