"""The status tables use the schemas' own words and leave no status without a way in or out."""

from typing import Any

import pytest
from openreturns._schemas import DOCUMENTS, load, transitions

COMMON = load("common")["$defs"]


def table(document: str) -> dict[str, Any]:
    found: dict[str, Any] = transitions()[document]
    return found


def statuses(document: str) -> list[str]:
    listed: list[str] = load(document)["$defs"][table(document)["statuses"]]["enum"]
    return listed


def followers(document: str) -> dict[str, set[str]]:
    steps = table(document)["transitions"]
    return {s: {t["to"] for t in steps if t["from"] == s} for s in statuses(document)}


def test_there_is_a_table_for_every_document() -> None:
    assert set(transitions()) == {"description", *DOCUMENTS}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_table_uses_the_words_of_its_schema(document: str) -> None:
    found = table(document)
    used = {word for step in found["transitions"] for word in (step["from"], step["to"])}
    assert used | set(found["initial"]) | set(found["terminal"]) == set(statuses(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_exactly_the_terminal_statuses_have_no_follower(document: str) -> None:
    assert {s for s, after in followers(document).items() if not after} == set(table(document)["terminal"])


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_status_can_be_reached_and_left_for_an_end(document: str) -> None:
    after, found = followers(document), table(document)
    reached = set(found["initial"])
    ends = set(found["terminal"])
    for _ in after:
        reached |= {s for r in reached for s in after[r]}
        ends |= {s for s, f in after.items() if f & ends}
    assert reached == ends == set(statuses(document))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_a_step_stands_once(document: str) -> None:
    steps = [(step["from"], step["to"]) for step in table(document)["transitions"]]
    assert len(steps) == len(set(steps))


def test_the_short_way_of_a_return_is_for_goods_that_never_come() -> None:
    (step,) = [step for step in table("return")["transitions"] if "when" in step]
    assert (step["from"], step["to"]) == ("authorized", "dispositioned")
    assert set(step["when"]["type"]) <= set(load("return")["$defs"]["ReturnType"]["enum"])
    assert set(step["when"]["disposition"]) <= set(COMMON["DispositionValue"]["enum"])
