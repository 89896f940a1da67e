"""Who taxes what, where and since when: a table that tests and steps may change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

__all__ = ["JURIS_CODES", "RATES", "Rate", "RateTable"]

JURIS_CODES = {"Country": "CNT", "State": "STA", "County": "CTY", "City": "CIT", "Special": "STJ"}
"""The kinds of jurisdiction, and the vendor's older short word for each."""

_BEGINNING = date(2000, 1, 1)


@dataclass(frozen=True)
class Rate:
    """What one authority takes in one region, as a part of one, from a day on.

    `region` is empty where the whole country is meant. A later `since` of the same authority replaces it.
    """

    country: str
    region: str
    kind: str
    code: str
    name: str
    tax_name: str
    rate: Decimal
    since: date = _BEGINNING
    tax_type: str = "Sales"


def _us(region: str, kind: str, code: str, name: str, rate: str) -> Rate:
    return Rate("US", region, kind, code, name, f"{region} {kind.upper()} TAX", Decimal(rate))


def _vat(country: str, name: str, rate: str) -> Rate:
    return Rate(country, "", "Country", country, name, f"{country} VAT", Decimal(rate), tax_type="Output")


# Made up to be plausible, for the story's customers: no table of anybody's law.
RATES = (
    _us("TX", "State", "48", "TEXAS", "0.0625"),
    _us("TX", "City", "05000", "AUSTIN", "0.01"),
    _us("TX", "Special", "6000814", "AUSTIN MTA TRANSIT", "0.01"),
    _us("CA", "State", "06", "CALIFORNIA", "0.06"),
    _us("CA", "County", "059", "ORANGE", "0.0025"),
    _us("CA", "Special", "EMAA0", "ORANGE CO LOCAL TAX SL", "0.015"),
    _us("IL", "State", "17", "ILLINOIS", "0.0625"),
    _us("IL", "County", "031", "COOK", "0.0175"),
    _us("KS", "State", "20", "KANSAS", "0.065"),
    _us("KS", "County", "173", "SEDGWICK", "0.01"),
    _us("MN", "State", "27", "MINNESOTA", "0.06875"),
    _us("PA", "State", "42", "PENNSYLVANIA", "0.06"),
    _us("WA", "State", "53", "WASHINGTON", "0.065"),
    _us("WA", "City", "67000", "SPOKANE", "0.025"),
    _us("OR", "State", "41", "OREGON", "0"),
    _vat("BE", "BELGIUM", "0.21"),
    _vat("DE", "GERMANY", "0.19"),
    _vat("DK", "DENMARK", "0.25"),
    _vat("FR", "FRANCE", "0.20"),
    _vat("JP", "JAPAN", "0.10"),
    _vat("PL", "POLAND", "0.23"),
)


class RateTable:
    """The rates in force by place and day."""

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._rates = list(rates)

    def add(self, rate: Rate) -> None:
        """Put a rate in force from its day on."""
        self._rates.append(rate)

    def at(self, address: Mapping[str, object], day: date) -> list[Rate]:
        """Return the rates at an address on a day, the newest of each authority."""
        country, region = address.get("country", "US"), address.get("region")
        newest: dict[tuple[str, str, str], Rate] = {}
        for rate in self._rates:
            if rate.country != country or rate.region not in ("", region) or rate.since > day:
                continue
            key = (rate.kind, rate.code, rate.tax_type)
            if key not in newest or rate.since >= newest[key].since:
                newest[key] = rate
        return list(newest.values())
