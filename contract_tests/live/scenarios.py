"""The reverse flow on real systems, as rows: what was sold, what comes back, what is decided, and how it ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from live.story import GASKET, LOT, PUMP

__all__ = ["SCENARIOS", "Delivery", "Scenario"]

OTHER_LOT = "L-2026-002"
Stock = Mapping[tuple[str, str, str], str]


@dataclass(frozen=True)
class Delivery:
    """What came on each line, where it goes (line, product, disposition, quantity), and what of it was worn."""

    counted: tuple[str, ...]
    decided: tuple[tuple[str, str, str, str], ...]
    worn: tuple[str, ...] = ()
    lot: str = LOT
    passes: bool = True


@dataclass(frozen=True)
class Scenario:
    """One return.

    `stock` is what there is more of in the end: by location, product and lot. `net` is what is given back, without tax.
    `happening` is what else happens on the way.
    """

    name: str
    wanted: tuple[tuple[str, str, str], ...]
    stock: Stock
    net: str
    case: str = "resolved"
    deliveries: tuple[Delivery, ...] = ()
    fee: str = ""
    currency: str = "USD"
    kind: str = "credit"
    replacement: str = ""
    scrap: str = ""
    happening: Literal["", "cancelled", "duplicate", "outage"] = ""
    sold: tuple[tuple[str, str, str], ...] = field(default=(("pump", "5", "120.5"), ("gasket", "10", "3.33")))

    def __str__(self) -> str:
        return self.name.replace(" ", "-")


TWO_PUMPS = (PUMP, "2", "120.50")
FOUR_GASKETS = (GASKET, "4", "3.33")

SCENARIOS = [
    Scenario(
        "all comes back and goes to stock",
        (TWO_PUMPS, FOUR_GASKETS),
        {("STO", PUMP, LOT): "2", ("STO", GASKET, ""): "4"},
        "254.32",
        deliveries=(Delivery(("2", "4"), (("1", PUMP, "restock", "2"), ("2", GASKET, "restock", "4"))),),
    ),
    Scenario(
        "two deliveries are credited one by one",
        (("P-100", "3", "120.50"), FOUR_GASKETS),
        {("STO", PUMP, LOT): "3", ("STO", GASKET, ""): "4"},
        "374.82",
        deliveries=(
            Delivery(("2", "0"), (("1", PUMP, "restock", "2"),)),
            Delivery(("1", "4"), (("1", PUMP, "restock", "1"), ("2", GASKET, "restock", "4"))),
        ),
    ),
    Scenario(
        "a failed inspection holds the receipt back",
        (TWO_PUMPS, FOUR_GASKETS),
        {("QUAR", PUMP, LOT): "2", ("STO", GASKET, ""): "4"},
        "254.32",
        deliveries=(
            Delivery(
                ("2", "4"),
                (("1", PUMP, "quarantine", "2"), ("2", GASKET, "restock", "4")),
                passes=False,
            ),
        ),
    ),
    Scenario(
        "one batch goes three ways",
        (("P-100", "4", "120.50"),),
        {("STO", PUMP, LOT): "2", ("QUAR", PUMP, LOT): "1", ("RTV", PUMP, LOT): "1"},
        "482.00",
        deliveries=(
            Delivery(
                ("4",),
                (
                    ("1", PUMP, "restock", "2"),
                    ("1", PUMP, "quarantine", "1"),
                    ("1", PUMP, "return_to_vendor", "1"),
                ),
            ),
        ),
    ),
    Scenario(
        "each delivery has its own lot",
        (("P-100", "3", "120.50"),),
        {("STO", PUMP, LOT): "2", ("QUAR", PUMP, OTHER_LOT): "1"},
        "361.50",
        deliveries=(
            Delivery(("2",), (("1", PUMP, "restock", "2"),)),
            Delivery(("1",), (("1", PUMP, "quarantine", "1"),), lot=OTHER_LOT),
        ),
    ),
    Scenario(
        "scrapped at the dock",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "1", ("SCRAP", PUMP, LOT): "1"},
        "241.00",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "1"), ("1", PUMP, "scrap", "1"))),),
    ),
    Scenario(
        "scrapped from quarantine",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "1", ("SCRAP", PUMP, LOT): "1"},
        "241.00",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "1"), ("1", PUMP, "quarantine", "1"))),),
        scrap="1",
    ),
    Scenario(
        "a price is put right and nothing comes back",
        ((PUMP, "5", "10.00"), (GASKET, "10", "0.33")),
        {},
        "53.30",
        kind="credit_only",
    ),
    Scenario(
        "more comes than was agreed",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "3"},
        "361.50",
        deliveries=(Delivery(("3",), (("1", PUMP, "restock", "3"),)),),
    ),
    Scenario("cancelled before anything came", (TWO_PUMPS, FOUR_GASKETS), {}, "0", happening="cancelled"),
    Scenario(
        "pumps are replaced",
        (TWO_PUMPS,),
        {("QUAR", PUMP, LOT): "2", ("STO", PUMP, LOT): "-2"},
        "241.00",
        kind="exchange",
        replacement="2",
        deliveries=(Delivery(("2",), (("1", PUMP, "quarantine", "2"),)),),
    ),
    Scenario(
        "a restocking fee is kept",
        (TWO_PUMPS, FOUR_GASKETS),
        {("STO", PUMP, LOT): "2", ("STO", GASKET, ""): "4"},
        "244.32",
        deliveries=(Delivery(("2", "4"), (("1", PUMP, "restock", "2"), ("2", GASKET, "restock", "4"))),),
        fee="10",
    ),
    Scenario(
        "sold in another currency",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "2"},
        "241.00",
        currency="EUR",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "2"),)),),
    ),
    Scenario(
        "everything is asked for three times at once",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "2"},
        "241.00",
        happening="duplicate",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "2"),)),),
    ),
    Scenario(
        "the ERP is down for a while",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "2"},
        "241.00",
        happening="outage",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "2"),)),),
    ),
    Scenario(
        "worn goods are not credited",
        (TWO_PUMPS,),
        {("STO", PUMP, LOT): "1", ("SCRAP", PUMP, LOT): "1"},
        "120.50",
        deliveries=(Delivery(("2",), (("1", PUMP, "restock", "1"), ("1", PUMP, "scrap", "1")), ("scrap",)),),
    ),
]
