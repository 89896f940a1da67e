"""What an inventory adjustment says between its lines: direction, account, cost and reason."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from openreturns.decimals import plain
from openreturns.errors import MappingError, Problem
from openreturns.mapping import Environment

from openreturns_adapters.netsuite.functions.shared import Record, bare, money_of, named, reason_of, unit
from openreturns_adapters.netsuite.functions.stock import (
    ASSIGNMENTS,
    NUMBER_IDS,
    OUTSIDE,
    described,
    kept_assignments,
    number_ids,
    numbers,
    other_half,
)

__all__ = [
    "account",
    "adds",
    "books",
    "boundary",
    "count",
    "crosses",
    "each_boundary",
    "extensions",
    "is_move",
    "is_regrade",
    "line_extensions",
    "line_memo",
    "memo",
    "reason",
    "regraded",
    "removes",
    "unit_cost",
    "units",
    "valuation",
    "writable",
]


def books(record: Record, env: Environment) -> str:
    """Return the currency of the books, which is that of every cost."""
    return str(env.tenant.setting("base_currency"))


def adds(quantity: int | Decimal | None) -> bool:
    """Whether a line adds stock."""
    return quantity is not None and quantity > 0


def removes(quantity: int | Decimal | None) -> bool:
    """Whether a line takes stock away."""
    return quantity is not None and quantity < 0


# --- which lines belong together ------------------------------------------------------------------------------


def crosses(line: Record, env: Environment) -> bool:
    """Whether a line moves goods in or out, as all do that do not change the item."""
    return other_half(line, env) is None


def regraded(line: Record, env: Environment) -> bool:
    """Whether a line is the leaving half of goods that change the item."""
    return removes(line["adjustQtyBy"]) and other_half(line, env) is not None


def _outside(line: Record) -> list[str]:
    return [side for side in ("from", "to") if line[side]["status"] == OUTSIDE]


def is_move(line: Record, env: Environment) -> bool:
    """Whether a line moves goods in or out."""
    return bool(_outside(line))


def is_regrade(line: Record, env: Environment) -> bool:
    """Whether a line changes the item of goods that stay."""
    return not _outside(line)


# --- what cannot be written -----------------------------------------------------------------------------------


_NOT_POSTED = {
    "pending_approval": "is not approved yet",
    "failed": "failed; make it a draft again",
    "reversed": "is reversed; post the adjustment that reverses it",
}


def writable(document: Record, env: Environment) -> None:
    """Refuse what NetSuite has other records for, or what must not move stock: each with the place."""
    problems = [*_refused(document)]
    if problems:
        raise MappingError("NetSuite has no inventory adjustment for this", kind="translation", problems=problems)
    if document["status"] != "posted":
        env.lose("NetSuite posts an adjustment by making it", below="/status")
    for place, line in enumerate(document["lines"]):
        for side in ("from", "to"):
            if "boundary" in line[side] and side not in _outside(line):
                env.lose("only goods outside our stock have a boundary", below=f"/lines/{place}/{side}/boundary")


def _refused(document: Record) -> Iterable[Problem]:
    status = document["status"]
    if status in _NOT_POSTED:
        yield Problem("not_postable", f"the adjustment {_NOT_POSTED[status]}", "/status", "/account")
    for place, line in enumerate(document["lines"]):
        outside, at = _outside(line), f"/inventory/items/{place}"
        if not outside and "toItem" not in line:
            said = "stays in our stock: that is an inventory transfer or a status change in NetSuite"
            yield Problem("transfer", said, f"/lines/{place}/to/status", at)
        elif len(outside) == 2:
            yield Problem("outside", "never was in our stock", f"/lines/{place}/to/status", at)
        elif outside and "toItem" in line:
            said = "changes its item on the way in or out: change the item on a line of its own"
            yield Problem("two_steps", said, f"/lines/{place}/toItem", f"{at}/item")


def _group(line: Record) -> str:
    """Return what decides the account of a line: the boundary it crosses, or that it changes its item."""
    outside = _outside(line)
    return line[outside[0]].get("boundary", OUTSIDE) if outside else "regrade"


def each_boundary(document: Record) -> list[Record]:
    """Return the adjustment once a boundary: NetSuite's has one offset account.

    Several get names of their own, made from the document's.
    """
    groups: dict[str, list[Record]] = {}
    for line in document["lines"]:
        groups.setdefault(_group(line), []).append(line)
    if len(groups) == 1:
        return [document]
    return [
        {
            **document,
            "meta": {**document["meta"], "documentId": f"{document['meta']['documentId']}-{name}"},
            "number": f"{document['number']}-{name}",
            "lines": lines,
        }
        for name, lines in groups.items()
    ]


def account(document: Record, env: Environment) -> str:
    """Return the offset account: the tenant's for this boundary, else the general one."""
    names = {_group(line) for line in document["lines"]}
    if len(names) > 1:
        raise ValueError(f"NetSuite has one offset account a record, for one of {', '.join(sorted(names))}")
    name = names.pop()
    general = str(env.tenant.setting("adjustment_account_id"))
    if name == "regrade":
        return str(env.tenant.settings.get("regrade_account_id") or general)
    table = env.tenant.table("boundary")
    found = table.write.get(name, general)
    if table.code(found) != name:
        for place, line in enumerate(document["lines"]):
            said = f"posted to account {found}, which does not say {name!r}"
            env.lose(said, below=f"/lines/{place}/{_outside(line)[0]}/boundary")
    return found


def boundary(line: Record, env: Environment) -> str:
    """Return where goods outside our stock are: the offset account says it."""
    return env.code("boundary", env.root["account"]["id"])


# --- quantities, costs and reasons ----------------------------------------------------------------------------


def count(line: Record, env: Environment) -> str:
    """Return how much is moved; the sign is the direction, which from and to say."""
    return plain(abs(line["adjustQtyBy"]))


def units(line: Record, env: Environment) -> str | None:
    """Return the unit id of the quantity."""
    return unit(line["quantity"], env)


def valuation(line: Record, env: Environment) -> Record | None:
    """Return the cost at which goods come in; what goes out NetSuite values itself."""
    arrives = line if adds(line["adjustQtyBy"]) else other_half(line, env) or {}
    if "unitCost" not in arrives:
        return None
    return {"method": "specified", "unitCost": money_of(arrives["unitCost"], env)}


def unit_cost(line: Record, env: Environment) -> Decimal | None:
    """Return the cost at which goods come in; only a specified one, or zero, is NetSuite's to take over."""
    value = line.get("valuation")
    if value is None:
        return None
    if value["method"] != "specified":
        env.lose("NetSuite costs by the item's own method", below="/valuation/method")
    if value["method"] == "zero":
        return Decimal(0)
    return bare(value["unitCost"], env) if "unitCost" in value else None


# Boundaries that are a reason by themselves.
_REASONS = {
    "scrap": "scrap",
    "donation": "donation",
    "count": "count_correction",
    "vendor": "vendor_return_shipment",
}


def reason(line: Record, env: Environment) -> Record:
    """Return the reason kept on the line, else what the offset account says."""
    offset = env.root["account"]["id"]
    known = _REASONS.get(env.tenant.table("boundary").code(offset) or "")
    if "custcol_openreturns_reason" in line or known is None:
        return reason_of(line, env, "adjustment_reason")
    return {"code": known, "source": {"scheme": "netsuite:account", "value": offset}}


# --- what has no place --------------------------------------------------------------------------------------


def extensions(record: Record, env: Environment) -> Record | None:
    """Return what only this vendor has, verbatim."""
    return named(
        {
            "created_date": record.get("createdDate"),
            "tran_id": record.get("tranId"),
            "account": record["account"].get("id"),
            "customer_id": (record.get("customer") or {}).get("id"),
        }
    )


def line_extensions(line: Record, env: Environment) -> Record | None:
    """Return what only this vendor has of a line, verbatim; what repeats the item only where it differs."""
    other, found = other_half(line, env) or {}, described(line, env)
    expires = line.get("expirationDate")
    return named(
        {
            **_own(line, ""),
            **_own(other, "to_"),
            "bin_numbers": line.get("binNumbers"),
            "serial_numbers": line.get("serialNumbers") if numbers(line, env) else None,
            "expiration_date": expires if expires != found.get("expiryDate") else None,
            "unit_cost": plain(line["unitCost"]) if "unitCost" in line and removes(line["adjustQtyBy"]) else None,
            "assignments": kept_assignments(line, env),
            "inventory_number_ids": number_ids(line, env),
        }
    )


def _own(line: Record, prefix: str) -> Record:
    return {
        f"{prefix}line": line.get("line"),
        f"{prefix}item_id": (line.get("item") or {}).get("id"),
        f"{prefix}costing_method": (line.get("costingMethod") or {}).get("id"),
        f"{prefix}memo": line.get("memo"),
    }


def memo(document: Record, env: Environment) -> str | None:
    """Return the remark, else the number of the return; other references have no place."""
    said = document.get("note")
    for place, ref in enumerate(document.get("refs") or ()):
        if said is None and ref["type"] == "return":
            said = str(ref["id"])
        else:
            env.lose("the record has one memo for all its references", below=f"/refs/{place}")
    return said


def line_memo(line: Record, env: Environment) -> str | None:
    """Return the memo of a line; assignments and ids stand in the inventory detail."""
    own = line.get("extensions") or {}
    for name in own.keys() - {"com.netsuite.memo", ASSIGNMENTS, NUMBER_IDS}:
        env.lose("NetSuite has no such field", below=f"/extensions/{name}")
    return own.get("com.netsuite.memo")
