"""Master data that drawn documents are made of: who, what, where, in which money and units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

from openreturns._schemas import code_list

__all__ = ["MINOR_UNITS", "MasterData"]

Part: TypeAlias = Mapping[str, Any]
"""A part of a canonical document as plain data, as in its schema."""

MINOR_UNITS: dict[str, int] = {row["code"]: row["minorUnits"] for row in code_list("currency")["values"]}
_UNITS: tuple[str, ...] = tuple(row["code"] for row in code_list("unit-of-measure")["values"])
_COUNTRIES: tuple[str, ...] = tuple(row["code"] for row in code_list("country")["values"])

# These come first: of a long list the first ones are drawn as often as all the others together.
_COMMON_CURRENCIES = ("EUR", "USD", "JPY", "KWD", "GBP", "CLF")
_COMMON_UNITS = ("EA", "XCS", "EA", "KGM", "EA", "LTR")


def _first(common: tuple[str, ...], all_: tuple[str, ...]) -> tuple[str, ...]:
    return (*common, *(one for one in all_ if one not in common))


_CUSTOMERS: tuple[Part, ...] = (
    {"id": "C-1"},
    {"id": "C-2", "name": "Jansen & Zonen B.V.", "email": "inkoop@jansen.example", "phone": "+31 20 555 01 00"},
    {
        "id": "000417",
        "name": "Société Générale d'Équipement",
        "taxId": "FR83404833048",
        "identifiers": [{"scheme": "0088", "value": "5412345000013"}, {"scheme": "vat", "value": "FR83404833048"}],
        "address": {
            "line1": "12, rue de l'Île",
            "line2": "Bâtiment C, quai 4",
            "city": "Besançon",
            "region": "Bourgogne-Franche-Comté",
            "postalCode": "25000",
            "countryCode": "FR",
        },
    },
    {
        "id": "客户-88",
        "name": "株式会社 山田製作所",
        "address": {"city": "横浜市", "postalCode": "220-0012", "countryCode": "JP"},
    },
    {
        "id": "c/9 'x'",
        "name": 'O\'Neill; <Sons> \\ "Pumps"',
        "address": {"line1": "5 Main St", "region": "TX", "postalCode": "00731", "countryCode": "US"},
    },
    {"id": "مورد-7", "name": "شركة المضخات", "phone": "(965) 2245-0000 x7", "address": {"countryCode": "KW"}},
    *({"id": f"C-{country}", "address": {"countryCode": country}} for country in _COUNTRIES),
)
_WHOLE: Part = {
    "taxId": "BE0123456749",
    "identifiers": [{"scheme": "0060", "value": "123456789"}],
    "address": {
        "line1": "Dok 7",
        "line2": "poort 3",
        "city": "Antwerpen",
        "region": "VAN",
        "postalCode": "2030",
        "countryCode": "BE",
    },
    "email": "retour@north.example",
    "phone": "+32 3 555 01 00",
}
_VENDORS: tuple[Part, ...] = ({"id": "V-1"}, {"id": "V-2", "name": "Łódź Uszczelki"}, {"id": "V 33", **_WHOLE})
_COMPANIES: tuple[Part, ...] = ({"id": "MAIN"}, {"id": "SUB-2", "name": "Distributor North", **_WHOLE})
_ITEMS: tuple[Part, ...] = (
    {"sku": "P-100"},
    {"sku": "G-7", "description": "Gasket, 7 mm"},
    {"sku": "V-220", "gtin": "05412345678908"},
    {"gtin": "96385074", "description": "Ventil ½″, „Größe M“"},
    {"customerSku": "K/77 b", "vendorSku": "0042"},
    {"sku": "1e5", "customerSku": "null", "vendorSku": "=1+1", "description": "ポンプ 🔧"},
    {"vendorSku": "Ø-14", "description": "مضخة"},
)
_LOCATIONS: tuple[Part, ...] = (
    {"id": "DC1"},
    {"id": "DC1", "zone": "R", "bin": "R-01-02"},
    {"id": "7", "gln": "5412345000013"},
    {"id": "Entrepôt Nº 2", "bin": "é/1"},
)


@dataclass(frozen=True, slots=True)
class MasterData:
    """What drawn documents may name. Narrow it to what a tenant knows: `MasterData(items=[{"sku": "P-100"}])`.

    `customers`, `vendors`, `companies` (who sells) are parties, `items` and `locations` what their schemas say,
    as plain data; an item has neither lot nor serial numbers, which are drawn. `lots`: whether there are any lots
    and serial numbers. A failure shrinks to the first of each.
    """

    customers: Sequence[Part] = _CUSTOMERS
    vendors: Sequence[Part] = _VENDORS
    companies: Sequence[Part] = _COMPANIES
    items: Sequence[Part] = _ITEMS
    locations: Sequence[Part] = _LOCATIONS
    currencies: Sequence[str] = _first(_COMMON_CURRENCIES, tuple(MINOR_UNITS))
    units: Sequence[str] = _first(_COMMON_UNITS, _UNITS)
    lots: bool = True

    def __post_init__(self) -> None:
        for one in fields(self):
            if one.name != "lots":
                object.__setattr__(self, one.name, tuple(getattr(self, one.name)))

    def __repr__(self) -> str:
        return "MasterData(...)"  # under a failure, the documents say more
