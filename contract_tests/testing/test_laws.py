"""Laws that hold for whatever a company does: what follows from decisions is conserved, what is written comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, event, given, settings
from openreturns import adapter_names
from openreturns.errors import ContractError, MappingError
from openreturns.flow import adjustments_of, credit_of
from openreturns.invariants import check_case
from openreturns.models import Disposition, Document
from openreturns.testing import Evidence, Record, candidate
from openreturns.testing._round import documents_return
from openreturns.testing.strategies import DrawnCase, MasterData, cases, documents, records

HERE = Path(__file__).parents[1]
DRAWN = settings(deadline=None, suppress_health_check=list(HealthCheck), database=None)
DOCK = "the dock"


# ---------------------------------------------------------------- what follows from a decision


def settled(case: DrawnCase) -> list[Disposition]:
    """The decisions of a case that count."""
    taken_back = {one.reverses.id for one in case.dispositions if one.reverses}
    counting = [one for one in case.dispositions if one.status == "final" and one.reverses is None]
    return [one for one in counting if one.meta.document_id not in taken_back]


def items(parts: Any) -> Counter[tuple[str, str]]:
    """How much of which item, in which unit, exactly."""
    sums: Counter[tuple[str, str]] = Counter()
    for item, quantity in parts:
        name = item.sku or item.gtin or item.customer_sku or item.vendor_sku
        sums[name, quantity.uom] += Fraction(quantity.value)  # type: ignore[assignment] # counts exactly
    return sums


@settings(DRAWN, max_examples=200)
@given(case=cases(statuses=["dispositioned"]))
def test_moves_carry_what_was_decided_and_fit_into_the_case(case: DrawnCase) -> None:
    for disposition in settled(case):
        made = adjustments_of(disposition, location=DOCK)
        event(f"{len(made)} adjustments")
        decided = items(
            (line.item, split.quantity)
            for line in disposition.lines
            for split in line.splits
            if split.to is not None and split.disposition.code != "pending"
        )
        assert items((line.item, line.quantity) for one in made for line in one.lines) == decided
        assert [str(problem) for problem in check_case([case.return_, disposition, *made])] == []


@settings(DRAWN, max_examples=200)
@given(case=cases(statuses=["dispositioned"]))
def test_a_credit_is_worth_what_was_decided_and_fits_into_the_case(case: DrawnCase) -> None:
    prices = {line.line_id: line.unit_price for line in case.return_.lines}
    for disposition in settled(case):
        if any(prices[line.return_line_id] is None for line in disposition.lines):
            continue
        credit = credit_of(case.return_, disposition, seller="MAIN", issue_date="2026-11-22")
        due = {
            (line.line_id, split.split_id): Fraction(split.quantity.value)
            * Fraction(prices[line.return_line_id].amount)  # type: ignore[union-attr]
            for line in disposition.lines
            for split in line.splits
            if split.creditable is not False and split.disposition.code != "pending"
        }
        event("no credit" if credit is None else "credit")
        assert (credit is None) == (not due)
        if credit is not None:
            unit = Fraction(Decimal(1).scaleb(credit.totals.due.amount.as_tuple().exponent))  # type: ignore[arg-type]
            named = ((line.disposition, line) for line in credit.lines if line.disposition)
            credited = {(ref.line_id, ref.split_id): line for ref, line in named}
            assert credited.keys() == due.keys()
            assert all(abs(Fraction(credited[at].amount.amount) - due[at]) * 2 <= unit for at in due)
            assert sum(line.amount.amount for line in credit.lines) == credit.totals.due.amount
            assert [str(problem) for problem in check_case([case.return_, disposition, credit])] == []


@settings(DRAWN, max_examples=150)
@given(case=cases())
def test_what_was_read_is_written_and_read_the_same(case: DrawnCase) -> None:
    for document in case:
        again = type(document).model_validate_json(document.to_json())
        assert again == document
        assert again.to_json() == document.to_json()


# ---------------------------------------------------------------- there and back again at every vendor


@dataclass(frozen=True)
class Drawn(Evidence):
    """The evidence about an adapter, but with one drawn document in place of what was recorded."""

    native: str = ""
    document: Document | None = None

    @property
    def records(self) -> tuple[Record, ...]:
        assert self.document is not None
        data = {"native_type": f"{self.name}.{self.native}", "native": {}, "written_from": self.document.to_dict()}
        return (Record("drawn", data),)


USUAL = MasterData(
    customers=[{"id": "1042", "name": "Jansen"}],
    companies=[{"id": "1"}],
    items=[{"sku": "P-100"}, {"sku": "G-7"}],
    locations=[{"id": "7"}],
    currencies=["USD", "EUR", "JPY", "KWD"],
    units=["EA"],
)
# What the tenants of the evidence know otherwise.
KNOWN = {
    "netsuite": USUAL,
    "salesforce": replace(USUAL, customers=[{"id": "C-1042"}, {"id": "C-1061"}], locations=[{"id": "71"}], lots=False),
    "ubl": replace(
        USUAL,
        customers=[{"id": "C-2207", "name": "Klant NV"}, {"id": "C-3115", "name": "Client Ltd"}],
        companies=[{"id": "NG-BE", "name": "Noord Groep", "address": {"countryCode": "BE"}}],
        vendors=[{"id": "V-410", "name": "Grundig"}],
    ),
}


def mappings(*ways: str) -> list[Any]:
    """Every mapping of every adapter with evidence that goes all of these ways."""
    return [
        pytest.param(name, mapping, id=f"{name}.{mapping.native}-{mapping.canonical}")
        for name in adapter_names()
        if (HERE / name / "tenant.toml").is_file()
        for mapping in candidate(name, HERE / name).mappings
        if set(ways) <= set(mapping.directions)
    ]


@pytest.mark.parametrize(("name", "mapping"), [one for one in mappings("in", "out") if one.values[0] in KNOWN])
def test_what_a_vendor_is_sent_comes_back_within_the_declared_losses(name: str, mapping: Any) -> None:
    known = candidate(name, HERE / name)
    sent = 0

    @settings(DRAWN, max_examples=150, phases=[Phase.generate, Phase.shrink])
    @given(document=documents(mapping.canonical, KNOWN[name]))
    def draw(document: Document) -> None:
        nonlocal sent
        drawn = replace(known, evidence=Drawn(name, HERE / name, mapping.native, document))
        try:
            documents_return(drawn, mapping)
        except MappingError:
            return  # refused aloud: nothing is lost
        sent += 1

    draw()
    assert sent >= 15


@contextmanager
def refused_with_reasons() -> Iterator[None]:
    """Let a refusal pass that says what is wrong, and nothing else."""
    try:
        yield
    except (ContractError, MappingError) as refused:
        if not refused.problems:
            raise AssertionError("refused without a reason") from refused


@pytest.mark.parametrize(("name", "mapping"), mappings("in"))
def test_what_a_contract_takes_is_read_or_refused_with_what_is_wrong(name: str, mapping: Any) -> None:
    ours = candidate(name, HERE / name).configured

    @settings(DRAWN, max_examples=60, phases=[Phase.generate, Phase.shrink])
    @given(record=records(ours, mapping.native))
    def draw(record: Any) -> None:
        with refused_with_reasons():
            ours.read(mapping.native, record, mapping.canonical)

    draw()


@pytest.mark.parametrize(("name", "mapping"), mappings("out"))
def test_any_document_is_written_or_refused_with_what_is_wrong(name: str, mapping: Any) -> None:
    ours = candidate(name, HERE / name).configured

    @settings(DRAWN, max_examples=60, phases=[Phase.generate, Phase.shrink])
    @given(document=documents(mapping.canonical))
    def draw(document: Document) -> None:
        with refused_with_reasons():
            ours.write(document, mapping.native)

    draw()
