"""The level `live` runs only where somebody names a system; here a simulated one is named as if it were real."""

from __future__ import annotations

from pathlib import Path

import pytest
from openreturns.sandbox import serving
from openreturns.testing import candidate, run
from openreturns_adapters.shipbob.simulator import simulator

EVIDENCE = Path(__file__).parents[1] / "shipbob"
CHECKS = ("LIVE_VERBS_WORK", "LIVE_WRITES_REPEATED_ONCE")


def test_without_a_system_nothing_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENRETURNS_LIVE_SHIPBOB", raising=False)
    assert {one.ending for one in run(candidate("shipbob", EVIDENCE), ids=CHECKS)} == {"not run"}


def test_verbs_are_proven_at_the_system_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    vendor = simulator()
    vendor.vendor.seed()
    with serving([vendor]) as at:
        named = tmp_path / "live.toml"
        connection = f'[connection]\nbase_url = "{at["shipbob"]}"\ntoken = "sandbox-token"\n'
        named.write_text(f"[settings]\nchannel_id = 433808\n\n{connection}", "utf-8")
        monkeypatch.setenv("OPENRETURNS_LIVE_SHIPBOB", str(named))
        found = list(run(candidate("shipbob", EVIDENCE), ids=CHECKS))
    assert {one.ending for one in found} == {"passed"}, [one.why for one in found]
    assert len(found) == 6
