"""Who has to look at what was found, and what to do about it: one table for decisions and reconciliations."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["OWNERS", "owned"]

OWNERS: Mapping[str, tuple[str, str]] = {
    "documents": ("integration", "find the system that lacks the return or has it twice; its dead letter may say why"),
    "live": ("returns desk", "cancel the return in all systems, or carry it on in all"),
    "open": ("returns desk", "close the return where it is open yet; its dead letter may say why it is"),
    "credits": ("finance", "find the credit memo that is missing or was keyed in by hand, and issue or void it"),
    "authorized": ("returns desk", "bring the RMA to what was agreed to"),
    "received": ("warehouse", "count again, and correct the receipt that is wrong"),
    "out of stock": ("warehouse", "post or reverse the adjustment that is missing or too much"),
    "credited": ("finance", "credit what was found creditable, or take back what was not"),
    "net": ("finance", "compare prices and fees of the credit memo with the return's"),
    "tax": ("finance", "record or void the tax of the credit"),
    "credit_without_receipt": ("finance", "find the receipt, or take the credit back"),
    "credited_too_much": ("finance", "take back what is beyond what came in at the price it was sold for"),
    "tax_not_reversed": ("finance", "record the tax of the credit"),
    "tax_not_voided": ("finance", "void the recorded tax of the credit that was taken back"),
    "vendor_claim_open": ("purchasing", "claim it from the vendor"),
    "scrap_not_claimed": ("purchasing", "ask the vendor for a credit without the goods, or say why not"),
    "fee_not_charged": ("finance", "charge the restocking fee, or say why not"),
    "blind_receipt": ("warehouse", "find the return that the goods belong to, or ask for one"),
    "blind_disposition": ("warehouse", "find the return that the goods belong to, or ask for one"),
    "over_receipt": ("returns desk", "agree to what came too much, or send it back"),
    "short_receipt": ("returns desk", "ask the customer or the carrier for the rest"),
    "goods_after_the_end": ("returns desk", "open the return again under another number, or send the goods back"),
    "not_eligible": ("returns desk", "nothing, unless the customer can show that the goods were sold"),
    "sale_day_unknown": ("returns desk", "find out when the goods were sold, and decide"),
    "not_trusted": ("returns desk", "nothing; name its source in the policy if its word is enough"),
    "receipt_not_believed": ("warehouse", "find the goods and report them, if they are there"),
    "price_mismatch": ("returns desk", "find out what was paid, and agree to the return at that or less"),
    "unit_mismatch": ("returns desk", "ask for the goods in the unit that they were sold in"),
    "not_credited": ("finance", "decide whether the customer gets more than was agreed to"),
    "not_creditable": ("finance", "find the price and the unit that the goods were sold at"),
    "tax_unknown": ("finance", "let the credit go without tax, or refuse it and credit by hand"),
    "no_location": ("warehouse", "reverse the decision, and decide again saying which warehouse"),
    "credit_to_reverse": ("finance", "take the credit back, or leave it to the customer"),
    "settled_too_much": ("finance", "find out whether the customer was paid twice, and get back what is too much"),
    "write_off_refused": ("warehouse", "reverse what was decided of the goods, and decide again"),
    "segregation": ("finance", "have somebody else look at the goods, or at the credit"),
    "cancel_refused": ("returns desk", "tell the customer that the goods are dealt with when they come"),
    "reopened": ("warehouse", "look at the goods, and decide again"),
    "overdue": ("returns desk", "ask whoever the return waits for"),
}
"""Whose a finding is, and what is proposed, by what was found."""

_NOBODYS = ("returns desk", "look at the story of the return")


def owned(code: str) -> dict[str, str]:
    """Return whose a finding is, and what is proposed."""
    owner, action = OWNERS.get(code, _NOBODYS)
    return {"owner": owner, "action": action}
