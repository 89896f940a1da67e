"""A return as a case of the service desk: rules, losses, ignored fields; nothing else."""

from openreturns.mapping import Mapping, code, dropped, ignored, lossy, one_way_out, pair

from openreturns_adapters.salesforce.codecs import external_id, record_id
from openreturns_adapters.salesforce.functions import cases as fn

__all__ = ["CASE"]

CASE = Mapping(
    canonical="return",
    native="case",
    directions=("out",),
    rules=(
        one_way_out("Id", fn.own_id, ["refs"]),
        pair("number", "RMA_Number__c", external_id),
        one_way_out("Subject", fn.subject, ["number"]),
        pair("status", "Status", code("case_status")),
        one_way_out(
            "Description",
            fn.description,
            [
                "status",
                "lines[].item.sku",
                "lines[].requested",
                "lines[].authorized",
                "lines[].received",
                "lines[].rejected",
                "lines[].reason.code",
            ],
        ),
        one_way_out("Origin", fn.origin, []),
        one_way_out("Reason", fn.reason, ["lines[].reason.code"]),
        pair("customer.id", "AccountId", record_id("account", "001")),
        pair("customer.identifiers[scheme=salesforce:contact].value", "ContactId", record_id("contact", "003")),
        one_way_out("SuppliedCompany", fn.company, ["customer.name"]),
        one_way_out("SuppliedEmail", fn.email, ["customer.email"]),
        one_way_out("SuppliedPhone", fn.phone, ["customer.phone"]),
    ),
    losses=(
        lossy("refs", "only the Salesforce case is sent, which is then changed and no other opened"),
        lossy("status", "the org's cases have fewer statuses; the description has the return's"),
        lossy("customer.identifiers", "only the contact's record id is sent, under the scheme salesforce:contact"),
        lossy("customer.name", "80 characters are kept"),
        lossy("customer.email", "80 characters are kept"),
        *(
            dropped(path, "a case says what it is about and how it stands; other systems keep the rest")
            for path in (
                "meta",
                "type",
                "customer.taxId",
                "customer.address",
                "billTo",
                "shipFrom",
                "returnTo",
                "currency",
                "requestedAt",
                "authorization",
                "expectedReceipt",
                "lines[].lineId",
                "lines[].item.gtin",
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
    ),
    ignored=(
        *(
            ignored(path, "the service desk's own")
            for path in ("Type", "Priority", "Comments", "ParentId", "OwnerId", "SuppliedName")
        ),
        *(
            ignored(path, "the org fills it in")
            for path in (
                "attributes",
                "CaseNumber",
                "IsClosed",
                "ClosedDate",
                "CreatedDate",
                "LastModifiedDate",
                "SystemModstamp",
            )
        ),
    ),
)
