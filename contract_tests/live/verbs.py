"""Every verb of our clients that changes something at a live server, with what counts there how often it was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from live.shop import Shop
from live.story import GASKET, PUMP, adjustment, credit, disposition, received, return_of
from openreturns.idempotency import Done, Outcome
from openreturns.models import DocumentRef, Return

__all__ = ["VERBS", "Clients", "LiveVerb", "done"]


@dataclass(frozen=True)
class Clients:
    """Our clients of one database and one tracker, a user who works in it, and a plain client of the tracker."""

    erp: Any
    wms: Any
    shop: Shop
    crm: Any = None
    desk: Any = None


@dataclass(frozen=True)
class LiveVerb:
    """A verb. `prepare` brings a return to where it is due, `act` does it, `effects` counts what it made.

    `expected` is what is counted when it was done once.
    """

    system: str
    role: str
    name: str
    prepare: Callable[[Clients, str], Any]
    act: Callable[[Clients, Any], Outcome]
    effects: Callable[[Clients, Any], dict[str, int]]
    expected: dict[str, int]

    def __str__(self) -> str:
        return f"{self.system}.{self.role}.{self.name}"


def done(outcome: Outcome) -> Done:
    assert isinstance(outcome, Done), outcome
    return outcome


def asked(clients: Clients, number: str) -> Return:
    sold = clients.shop.sell(("pump", "5", "120.5"), ("gasket", "10", "3.33"))
    return return_of(sold, number, (PUMP, "2", "120.50"), (GASKET, "4", "3.00"))


def authorized(clients: Clients, number: str) -> Return:
    document = asked(clients, number)
    done(clients.erp.authorize(document))
    return received(document, "RCV-1", "2", "4")


def arrived(clients: Clients, number: str) -> Return:
    document = authorized(clients, number)
    [outcome] = clients.erp.receive(document)
    done(outcome)
    return document


def put_away(clients: Clients, number: str) -> Return:
    document = arrived(clients, number)
    done(clients.wms.put_away(decided(document)))
    return document


def decided(document: Return) -> Any:
    splits = (("1", PUMP, "restock", "1"), ("1", PUMP, "quarantine", "1"), ("2", GASKET, "restock", "4"))
    return disposition(document.number, "RCV-1", *splits)


def announced(clients: Clients, number: str) -> Return:
    document = asked(clients, number)
    done(clients.wms.announce(document))
    return document


def _count(clients: Clients, model: str, *domain: list[Any]) -> int:
    return len(clients.shop.rpc.find(model, list(domain)))


def made(clients: Clients, document: Return) -> dict[str, int]:
    number = document.number
    origin = ["moves.origin.sale.reference", "=", number, "sale.line"]
    return {
        "complaints": _count(clients, "sale.complaint", ["reference", "=", number]),
        "done": _count(clients, "sale.complaint", ["reference", "=", number], ["state", "=", "done"]),
        "sales": _count(clients, "sale.sale", ["reference", "=", number], ["state", "=", "processing"]),
        "shipments": _count(clients, "stock.shipment.out.return", origin, ["state", "=", "draft"]),
    }


def exchanged(clients: Clients, number: str) -> Return:
    sold = clients.shop.sell(("pump", "5", "120.5"), ("gasket", "10", "3.33"))
    document = return_of(sold, number, (PUMP, "2", "120.50"), kind="exchange", replacement="2")
    done(clients.erp.authorize(document))
    return document


def replaced(clients: Clients, document: Return) -> dict[str, int]:
    domain = [["reference", "=", f"{document.number}/replacement/1"]]
    found = {"sales": 0, "shipments": 0, "units": 0, "cents": 0}
    for sale in clients.shop.rpc.find("sale.sale", domain, ["state", "shipments", "lines", "total_amount"]):
        assert sale["state"] == "processing"
        [line] = clients.shop.rpc.call("sale.line", "read", sale["lines"], ["quantity"])
        found["sales"] += 1
        found["shipments"] += len(sale["shipments"])
        found["units"] += int(line["quantity"])
        found["cents"] += int(sale["total_amount"] * 100)
    return found


def called_off(clients: Clients, document: Return) -> dict[str, int]:
    origin = ["moves.origin.sale.reference", "=", document.number, "sale.line"]
    return {
        "cancelled": _count(clients, "stock.shipment.out.return", origin, ["state", "=", "cancelled"]),
        "waiting": _count(clients, "stock.shipment.out.return", origin, ["state", "=", "draft"]),
    }


def counted(clients: Clients, document: Return) -> dict[str, int]:
    origin = ["moves.origin.sale.reference", "=", document.number, "sale.line"]
    came = ["origin.sale.reference", "=", document.number, "sale.line"]
    moves = clients.shop.rpc.find("stock.move", [came, ["state", "=", "done"]], ["quantity"])
    return {
        "shipments": _count(clients, "stock.shipment.out.return", origin),
        "received": _count(clients, "stock.shipment.out.return", origin, ["state", "=", "received"]),
        "units": int(sum(move["quantity"] for move in moves)),
    }


def placed(clients: Clients, document: Return) -> dict[str, int]:
    origin = ["moves.origin.sale.reference", "=", document.number, "sale.line"]
    [shipment] = clients.shop.rpc.find("stock.shipment.out.return", [origin], ["inventory_moves", "state"])
    moves = clients.shop.rpc.call(
        "stock.move", "read", shipment["inventory_moves"], ["quantity", "state", "to_location.code"]
    )
    found: dict[str, int] = {shipment["state"]: 1}
    for move in moves:
        assert move["state"] == "done"
        place = move["to_location."]["code"]
        found[place] = found.get(place, 0) + int(move["quantity"])
    return found


def scrapped(clients: Clients, number: str) -> dict[str, int]:
    domain = [["reference", "=", number]]
    shipments = clients.shop.rpc.find("stock.shipment.internal", domain, ["state", "moves"])
    moves = [
        move
        for one in shipments
        for move in clients.shop.rpc.call("stock.move", "read", one["moves"], ["quantity", "state"])
        if move["state"] == "done"
    ]
    return {"shipments": len(shipments), "units": int(sum(move["quantity"] for move in moves))}


def credited(clients: Clients, document: Any) -> dict[str, int]:
    domain = [["reference", "=", document.number]]
    notes = clients.shop.rpc.find("account.invoice", domain, ["state", "total_amount", "move"])
    cents = [int(-note["total_amount"] * 100) for note in notes if note["state"] == "posted" and note["move"]]
    return {"notes": len(notes), "cents": sum(cents)}


def to_void(clients: Clients, number: str) -> Any:
    document = to_credit(clients, number)
    done(clients.erp.issue_credit(document))
    return document


def voided(clients: Clients, document: Any) -> dict[str, int]:
    """The credit note and what was posted against it: together they leave the customer nothing."""
    [note] = clients.shop.rpc.find(
        "account.invoice", [["reference", "=", document.number]], ["state", "total_amount", "cancel_move"]
    )
    opposite = clients.shop.rpc.find(
        "account.invoice",
        [["move", "=", note["cancel_move"]]] if note["cancel_move"] else [["id", "<", 0]],
        ["total_amount"],
    )
    left = note["total_amount"] + sum(one["total_amount"] for one in opposite)
    return {note["state"]: 1, "opposite": len(opposite), "cents": int(left * 100)}


def expected_by_warehouse(clients: Clients, document: Return) -> dict[str, int]:
    found = clients.shop.rpc.find("stock.shipment.out.return", [["reference", "=", document.number]], ["state"])
    states = [one["state"] for one in found]
    return {state: states.count(state) for state in sorted(set(states))}


def to_scrap(clients: Clients, number: str) -> Any:
    put_away(clients, f"{number}-R")
    return adjustment(number, "1", "quarantine", "external:scrap")


def to_credit(clients: Clients, number: str) -> Any:
    return credit(put_away(clients, f"{number}-R"), number, ("1", "2"), ("2", "4"), fee="10")


def opened(clients: Clients, number: str) -> Return:
    document = asked(clients, number)
    done(clients.crm.open_case(document))
    return received(document, "RCV-1", "2", "4")


def case(clients: Clients, document: Return) -> dict[str, int]:
    """How many issues a return has, of which status, and how many messages each."""
    params = {"title:": f"Return {document.number}", "@fields": "status,messages", "@verbose": "2"}
    found: dict[str, int] = {"issues": 0}
    for issue in clients.desk.get("issue", params=params).raise_for_status().json()["data"]["collection"]:
        found["issues"] += 1
        status = issue["status"]["name"]
        found[status] = found.get(status, 0) + 1
        found["messages"] = found.get("messages", 0) + len(issue["messages"])
    return found


def _ref(document: Return) -> DocumentRef:
    return DocumentRef(type="return", id=document.number)


VERBS = [
    LiveVerb(
        "tryton",
        "erp",
        "authorize",
        asked,
        lambda clients, document: clients.erp.authorize(document),
        made,
        {"complaints": 1, "done": 1, "sales": 1, "shipments": 1},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "cancel",
        authorized,
        lambda clients, document: clients.erp.cancel(_ref(document)),
        called_off,
        {"cancelled": 1, "waiting": 0},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "receive",
        authorized,
        lambda clients, document: clients.erp.receive(document)[0],
        counted,
        {"shipments": 1, "received": 1, "units": 6},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "post_adjustment",
        to_scrap,
        lambda clients, document: clients.erp.post_adjustment(document),
        lambda clients, document: scrapped(clients, document.number),
        {"shipments": 1, "units": 1},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "order_replacement",
        exchanged,
        lambda clients, document: clients.erp.order_replacement(document)[0],
        replaced,
        {"sales": 1, "shipments": 1, "units": 2, "cents": 26088},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "issue_credit",
        to_credit,
        lambda clients, document: clients.erp.issue_credit(document),
        credited,
        {"notes": 1, "cents": 26305},
    ),
    LiveVerb(
        "tryton",
        "erp",
        "void_credit",
        to_void,
        lambda clients, document: clients.erp.void_credit(document),
        voided,
        {"cancelled": 1, "opposite": 1, "cents": 0},
    ),
    LiveVerb(
        "tryton",
        "wms",
        "announce",
        asked,
        lambda clients, document: clients.wms.announce(document),
        expected_by_warehouse,
        {"draft": 1},
    ),
    LiveVerb(
        "tryton",
        "wms",
        "cancel",
        announced,
        lambda clients, document: clients.wms.cancel(_ref(document)),
        expected_by_warehouse,
        {"cancelled": 1},
    ),
    LiveVerb(
        "tryton",
        "wms",
        "put_away",
        arrived,
        lambda clients, document: clients.wms.put_away(decided(document)),
        placed,
        {"done": 1, "STO": 5, "QUAR": 1},
    ),
    LiveVerb(
        "roundup",
        "crm",
        "open_case",
        asked,
        lambda clients, document: clients.crm.open_case(document),
        case,
        {"issues": 1, "unread": 1, "messages": 1},
    ),
    LiveVerb(
        "roundup",
        "crm",
        "update_case",
        opened,
        lambda clients, document: clients.crm.update_case(document),
        case,
        {"issues": 1, "testing": 1, "messages": 2},
    ),
]
