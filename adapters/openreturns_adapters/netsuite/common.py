"""What every NetSuite record shares: how it is known on both sides, and what is no part of the story."""

from typing import Any

from openreturns.mapping import constant, dropped, ignored, one_way_in, pair

from openreturns_adapters.netsuite.functions import shared

__all__ = ["HEADER_IGNORED", "IDENTITY", "NOT_KEPT", "beside", "paging"]

IDENTITY = (
    one_way_in("meta.documentId", shared.document_id, ["custbody_openreturns_document", "id", "externalId"]),
    pair("meta.documentId", "custbody_openreturns_document", only="out"),
    one_way_in("meta.revision", shared.revision, ["custbody_openreturns_revision"]),
    pair("meta.revision", "custbody_openreturns_revision", only="out"),
    one_way_in("meta.correlationId", shared.correlation, ["custbody_openreturns_correlation", "externalId"]),
    pair("meta.correlationId", "custbody_openreturns_correlation", only="out"),
    pair("meta.sourceId", "id", only="in"),
    constant(canonical="meta.sourceSystem", value="netsuite"),
    one_way_in("meta.issuedAt", shared.issued_at, ["lastModifiedDate", "createdDate"]),
    one_way_in("number", shared.number, ["externalId", "tranId", "id"]),
    pair("number", "externalId", only="out"),
)
"""How every record is known on both sides."""

NOT_KEPT = (
    *(
        dropped(f"meta.{name}", "NetSuite has its own, or it is about the message and not the record")
        for name in ("schema", "sourceSystem", "sourceId", "issuedAt", "causationId", "idempotencyKey", "test")
    ),
    dropped("approvals", "approvals are decided before, or by NetSuite's own workflow"),
    dropped("history", "NetSuite keeps its own system notes"),
)

HEADER_IGNORED = tuple(
    ignored(path, reason)
    for reason, paths in {
        "bookkeeping of the account, no part of the story": (
            "department",
            "class",
            "customForm",
        ),
        "a rendering of other fields": ("refName", "transactionNumber", "links"),
        "only on deleted records": ("deletionReason", "deletionReasonMemo"),
    }.items()
    for path in paths
)


def paging(path: str) -> tuple[Any, ...]:
    """Return what a list of lines says about its own pages, as ignored fields."""
    return tuple(
        ignored(f"{path}.{name}", "paging") for name in ("count", "hasMore", "offset", "totalResults", "links")
    )


def beside(path: str, *names: str) -> tuple[Any, ...]:
    """Return the other names of a record referred to, beside the one that is carried, as ignored fields."""
    rest = names or ("externalId", "refName", "links")
    return tuple(ignored(f"{path}.{name}", "another name of the record referred to") for name in rest)
