"""A return as an issue of the tracker: rules, losses, ignored fields; nothing else."""

from openreturns.mapping import Mapping, code, dropped, one_way_out, pair

from openreturns_adapters.roundup import functions as fn

__all__ = ["MAPPINGS"]

ISSUE = Mapping(
    canonical="return",
    native="issue",
    directions=("out",),
    rules=(
        one_way_out("title", fn.title, ["number"]),
        pair("status", "status", code("status")),
        one_way_out("priority", fn.priority, []),
        one_way_out(
            "message",
            fn.message,
            [
                "number",
                "status",
                "customer.id",
                "lines[].item.sku",
                "lines[].item.gtin",
                "lines[].requested",
                "lines[].authorized",
                "lines[].received",
                "lines[].rejected",
                "lines[].reason.code",
            ],
        ),
    ),
    losses=tuple(
        dropped(path, "a case says what it is about and how it stands; other systems keep the rest")
        for path in (
            "meta",
            "type",
            "customer.name",
            "customer.identifiers",
            "customer.taxId",
            "customer.address",
            "customer.email",
            "customer.phone",
            "billTo",
            "shipFrom",
            "returnTo",
            "currency",
            "requestedAt",
            "authorization",
            "refs",
            "expectedReceipt",
            "lines[].lineId",
            "lines[].item.customerSku",
            "lines[].item.vendorSku",
            "lines[].item.description",
            "lines[].item.lot",
            "lines[].item.serials",
            "lines[].item.expiryDate",
            "lines[].expected",
            "lines[].reason.source",
            "lines[].reason.note",
            "lines[].requestedResolution",
            "lines[].unitPrice",
            "lines[].originalInvoice",
            "lines[].originalOrder",
            "lines[].replacement",
            "lines[].receipts",
            "lines[].note",
            "lines[].extensions",
            "restockingPolicy",
            "approvals",
            "history",
            "attachments",
            "note",
            "extensions",
        )
    ),
)

MAPPINGS = (ISSUE,)
