"""What becomes what between EPCIS object events and the canonical documents: rules, losses, ignored fields."""

from openreturns.mapping import (
    Mapping,
    constant,
    dropped,
    ignored,
    lossy,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
    setting,
)

from openreturns_adapters.epcis.functions import hearing, telling

__all__ = ["MAPPINGS"]

_CONTEXT = [
    "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
    {"openreturns": "https://openreturns.org/epcis/"},
]
_GOODS_IN = [
    "epcList",
    *(f"quantityList[].{name}" for name in ("epcClass", "quantity", "uom")),
    "openreturns:sku",
    "openreturns:lot",
]
_PLACES_IN = ["readPoint.id", "bizLocation.id"]
_RMA_IN = ["bizTransactionList[].type", "bizTransactionList[].bizTransaction"]
_NOT_TOLD = "an event has no place for it"
_NOT_READ = (
    ignored("@context", "which vocabularies it uses is not what it says"),
    ignored("type", "there is one kind of event here"),
    ignored("eventTimeZoneOffset", "the time has it"),
    ignored("recordTime", "when the repository heard of it"),
    ignored("action", "the step says it"),
    ignored("persistentDisposition.unset", "what goods are no longer"),
    ignored("certificationInfo", "certificates"),
)

_SPLIT = "lines[].splits[]"
_LOCATION = [f"{_SPLIT}.to.location.{name}" for name in ("id", "gln", "bin")]
_ITEM = [f"lines[].item.{name}" for name in ("sku", "gtin", "lot", "serials")]
_QUANTITY = [f"{_SPLIT}.quantity.value", f"{_SPLIT}.quantity.uom", f"{_SPLIT}.serials"]
_KEPT = {
    "line": ("lines[].lineId", telling.kept("line", "lineId")),
    "split": (f"{_SPLIT}.splitId", telling.kept("split", "splitId")),
    "returnLine": ("lines[].returnLineId", telling.kept("line", "returnLineId")),
    "receipt": ("lines[].receiptId", telling.kept("line", "receiptId")),
    "sku": ("lines[].item.sku", telling.kept("line", "item", "sku")),
    "lot": ("lines[].item.lot", telling.kept("line", "item", "lot")),
    "condition": (f"{_SPLIT}.condition.code", telling.kept("split", "condition", "code")),
    "decision": (f"{_SPLIT}.disposition.code", telling.kept("split", "disposition", "code")),
    "inspector": ("lines[].inspection.by", telling.kept("line", "inspection", "by")),
}

DISPOSITION = Mapping(
    canonical="disposition",
    native="object_event",
    guards_in=(hearing.decided,),
    guards_out=(telling.final,),
    split=telling.by_split,
    rules=(
        constant(native="@context", value=_CONTEXT),
        constant(native="type", value="ObjectEvent"),
        constant(canonical="meta.schema", value=schema_name("disposition")),
        one_way_in("meta.documentId", hearing.disposition_id, ["eventID", "openreturns:document"]),
        one_way_in("meta.revision", hearing.revision, ["eventTime"]),
        constant(canonical="meta.sourceSystem", value="epcis"),
        pair("meta.sourceId", "eventID", only="in"),
        one_way_in("meta.issuedAt", hearing.issued_at, ["eventTime", "errorDeclaration.declarationTime"]),
        one_way_in("meta.correlationId", hearing.correlation, _RMA_IN),
        constant(canonical="status", value="final"),
        constant(canonical="return.type", value="return"),
        one_way_in("return.id", hearing.return_number, _RMA_IN),
        one_way_in(
            "reverses",
            hearing.reverses,
            ["errorDeclaration.declarationTime", "openreturns:reverses", "eventID"],
        ),
        one_way_in("warehouse", hearing.warehouse, _PLACES_IN),
        one_way_in(
            "lines",
            hearing.lines_decided,
            [
                *("bizStep", "disposition", "persistentDisposition.set", "eventTime"),
                *("destinationList[].type", "destinationList[].destination", *_GOODS_IN, *_PLACES_IN),
                *(f"openreturns:{name}" for name in (*_KEPT, "creditable")),
            ],
        ),
        one_way_out(
            "eventID", telling.event_id, ["meta.documentId", "reverses.id", "lines[].lineId", f"{_SPLIT}.splitId"]
        ),
        one_way_out("eventTime", telling.event_time, ["lines[].inspection.at", "meta.issuedAt"]),
        one_way_out("eventTimeZoneOffset", telling.offset, ["lines[].inspection.at", "meta.issuedAt"]),
        one_way_out("errorDeclaration", telling.error_declaration, ["reverses.id", "meta.issuedAt"]),
        one_way_out("epcList", telling.pieces, [*_ITEM, *_QUANTITY]),
        one_way_out("quantityList", telling.quantities, [*_ITEM, *_QUANTITY]),
        one_way_out("action", telling.action, [f"{_SPLIT}.disposition.code"]),
        one_way_out("bizStep", telling.biz_step, [f"{_SPLIT}.disposition.code", f"{_SPLIT}.disposition.source"]),
        one_way_out(
            "disposition",
            telling.state_of,
            [f"{_SPLIT}.disposition.code", f"{_SPLIT}.to.status", f"{_SPLIT}.to.boundary"],
        ),
        one_way_out("persistentDisposition", telling.persistent, [f"{_SPLIT}.condition.code"]),
        one_way_out("readPoint", telling.read_point, ["warehouse.id", "warehouse.gln", "warehouse.bin"]),
        one_way_out("bizLocation", telling.biz_location, _LOCATION),
        one_way_out("bizTransactionList", telling.transactions, ["return.id"]),
        one_way_out("destinationList", telling.destinations, [f"{_SPLIT}.vendor.id"]),
        pair("meta.documentId", "openreturns:document", only="out"),
        pair("reverses.id", "openreturns:reverses", only="out"),
        *(one_way_out(f"openreturns:{name}", by, [path]) for name, (path, by) in _KEPT.items()),
        one_way_out("openreturns:creditable", telling.kept("split", "creditable"), [f"{_SPLIT}.creditable"]),
    ),
    losses=(
        lossy("meta.issuedAt", "an event has the moment of the inspection"),
        lossy(f"{_SPLIT}.quantity", "an event counts pieces without a unit"),
        lossy(f"{_SPLIT}.serials", "where goods are counted in cases an event cannot name pieces"),
        lossy("lines[].item.serials", "each split has its own"),
        lossy(f"{_SPLIT}.to", "the decision says where goods go"),
        lossy(f"{_SPLIT}.disposition.source", "the words of an event are kept, others are not"),
        lossy("warehouse.id", "a place that has a GLN is known by it"),
        *(
            dropped(path, _NOT_TOLD)
            for path in (
                *(f"meta.{name}" for name in ("revision", "sourceSystem", "sourceId", "correlationId")),
                *(f"meta.{name}" for name in ("schema", "causationId", "idempotencyKey", "test")),
                *(f"return.{name}" for name in ("type", "lineId", "system", "issueDate")),
                *(f"reverses.{name}" for name in ("type", "lineId", "system", "issueDate")),
                "warehouse.zone",
                *(f"lines[].item.{name}" for name in ("customerSku", "vendorSku", "description", "expiryDate")),
                *(f"lines[].inspection.{name}" for name in ("procedure", "findings", "attachments")),
                *(f"{_SPLIT}.condition.{name}" for name in ("source", "note")),
                f"{_SPLIT}.disposition.note",
                f"{_SPLIT}.to.location.zone",
                f"{_SPLIT}.to.owner",
                f"{_SPLIT}.targetItem",
                *(f"{_SPLIT}.vendor.{name}" for name in ("name", "identifiers", "taxId", "address", "email", "phone")),
                f"{_SPLIT}.vendorReturn",
                f"{_SPLIT}.customerLiable",
                f"{_SPLIT}.hazard",
                "lines[].extensions",
                "approvals",
                "history",
                "extensions",
            )
        ),
        dropped("lines[].inspected", "each split has its quantity"),
        dropped("status", "an event tells of what is final"),
    ),
    ignored=(
        *_NOT_READ,
        ignored("sourceList", "whose goods they were the RMA knows"),
        ignored("errorDeclaration.reason", "why it was wrong is not the decision's to tell"),
        ignored("errorDeclaration.correctiveEventIDs", "the right event is told by itself"),
    ),
)

_NOT_OF_RECEIPTS = ("document", "reverses", "line", "split", "condition", "decision", "inspector", "creditable")
_MOVED = [f"lines[].{end}.location.{name}" for end in ("from", "to") for name in ("id", "gln", "bin")]

ADJUSTMENT = Mapping(
    canonical="adjustment",
    native="object_event",
    directions=("out",),
    guards_out=(telling.adjusted,),
    split=telling.by_line,
    rules=(
        constant(native="@context", value=_CONTEXT),
        constant(native="type", value="ObjectEvent"),
        one_way_out("eventID", telling.event_id, ["number", "reverses.id", "lines[].lineId"]),
        one_way_out("eventTime", telling.moved_time, ["meta.issuedAt"]),
        one_way_out("eventTimeZoneOffset", telling.offset, ["meta.issuedAt"]),
        one_way_out("errorDeclaration", telling.error_declaration, ["reverses.id", "meta.issuedAt"]),
        one_way_out("epcList", telling.pieces, [*_ITEM, "lines[].quantity.uom"]),
        one_way_out("quantityList", telling.quantities, [*_ITEM, "lines[].quantity.value", "lines[].quantity.uom"]),
        one_way_out("action", telling.action, ["lines[].reason.code"]),
        one_way_out("bizStep", telling.moved_by, ["lines[].reason.code"]),
        one_way_out("disposition", telling.moved_state, ["lines[].to.status", "lines[].to.boundary"]),
        one_way_out("bizLocation", telling.biz_location, [path for path in _MOVED if ".to." in path]),
        one_way_out("bizTransactionList", telling.transactions, ["refs[].type", "refs[].id"]),
        one_way_out("sourceList", telling.moved_from, [path for path in _MOVED if ".from." in path]),
        one_way_out("destinationList", telling.moved_to, [path for path in _MOVED if ".to." in path]),
        pair("meta.documentId", "openreturns:document", only="out"),
        pair("reverses.id", "openreturns:reverses", only="out"),
        one_way_out("openreturns:line", telling.kept("line", "lineId"), ["lines[].lineId"]),
        one_way_out("openreturns:sku", telling.kept("line", "item", "sku"), ["lines[].item.sku"]),
        one_way_out("openreturns:lot", telling.kept("line", "item", "lot"), ["lines[].item.lot"]),
        one_way_out("openreturns:decision", telling.kept("line", "reason", "code"), ["lines[].reason.code"]),
    ),
    losses=(
        lossy("number", "the events are those of what is taken back"),
        lossy("refs", "an event names the return only"),
        lossy("lines[].item", "where goods are counted in cases an event cannot name pieces"),
        lossy("lines[].quantity", "an event counts pieces without a unit"),
        lossy("lines[].from.location.id", "a place that has a GLN is known by it"),
        lossy("lines[].to.location.id", "a place that has a GLN is known by it"),
        *(
            dropped(path, _NOT_TOLD)
            for path in (
                *(f"meta.{name}" for name in ("revision", "sourceSystem", "sourceId", "correlationId")),
                *(f"meta.{name}" for name in ("schema", "causationId", "idempotencyKey", "test")),
                "postingDate",
                *(f"reverses.{name}" for name in ("type", "lineId", "system", "issueDate")),
                *(f"refs[].{name}" for name in ("lineId", "system", "issueDate")),
                *(f"lines[].item.{name}" for name in ("customerSku", "vendorSku", "description", "expiryDate")),
                *(f"lines[].from.{name}" for name in ("status", "boundary", "owner", "location.zone")),
                *(f"lines[].to.{name}" for name in ("owner", "location.zone")),
                "lines[].reason.source",
                "lines[].reason.note",
                "lines[].disposition",
                "lines[].valuation",
                "lines[].extensions",
                "approvals",
                "note",
                "history",
                "extensions",
            )
        ),
        dropped("status", "an event tells of what is posted"),
        dropped("lines[].toItem", "another item is a transformation, and refused"),
    ),
    ignored=tuple(
        ignored(path, "a move of stock does not tell it")
        for path in (
            *("recordTime", "persistentDisposition", "readPoint", "certificationInfo"),
            *(
                f"openreturns:{name}"
                for name in ("split", "returnLine", "receipt", "condition", "inspector", "creditable")
            ),
        )
    ),
)

RETURN = Mapping(
    canonical="return",
    native="object_event",
    directions=("in",),
    guards_in=(hearing.received,),
    rules=(
        constant(canonical="meta.schema", value=schema_name("return")),
        one_way_in("meta.documentId", hearing.return_id, _RMA_IN),
        one_way_in("meta.revision", hearing.revision, ["eventTime"]),
        constant(canonical="meta.sourceSystem", value="epcis"),
        pair("meta.sourceId", "eventID", only="in"),
        one_way_in("meta.issuedAt", hearing.issued_at, ["eventTime"]),
        one_way_in("meta.correlationId", hearing.correlation, _RMA_IN),
        one_way_in("number", hearing.return_number, _RMA_IN),
        constant(canonical="status", value="partially_received"),
        constant(canonical="type", value="credit"),
        one_way_in("customer.id", hearing.customer, ["sourceList[].type", "sourceList[].source"]),
        constant(canonical="currency", value=setting("currency")),
        one_way_in("returnTo", hearing.warehouse, _PLACES_IN),
        one_way_in(
            "lines",
            hearing.lines_received,
            [
                "eventTime",
                "eventID",
                "bizStep",
                "openreturns:receipt",
                "openreturns:returnLine",
                *_GOODS_IN,
                *_PLACES_IN,
            ],
        ),
    ),
    losses=tuple(
        dropped(path, "a receipt does not tell it")
        for path in (
            *(f"meta.{name}" for name in ("causationId", "idempotencyKey", "test")),
            *(f"customer.{name}" for name in ("name", "identifiers", "taxId", "address", "email", "phone")),
            *("billTo", "shipFrom", "returnTo.zone", "requestedAt", "authorization", "refs", "expectedReceipt"),
            *(f"lines[].{name}" for name in ("authorized", "expected", "rejected", "requestedResolution", "unitPrice")),
            *(f"lines[].{name}" for name in ("originalInvoice", "originalOrder", "replacement", "note", "extensions")),
            *("restockingPolicy", "approvals", "history", "attachments", "note", "extensions"),
        )
    ),
    ignored=(
        *_NOT_READ,
        ignored("persistentDisposition.set", "the grade is the disposition's to tell"),
        ignored("disposition", "what goods are is the disposition's to tell"),
        ignored("errorDeclaration", "a receipt declared wrong is refused"),
        ignored("destinationList", "where goods go is the disposition's to tell"),
        *(ignored(f"openreturns:{name}", "the disposition's to tell") for name in _NOT_OF_RECEIPTS),
    ),
)

MAPPINGS = (DISPOSITION, ADJUSTMENT, RETURN)
