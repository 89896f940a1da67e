"""Stock moves in NetSuite: the inventory adjustment both ways; rules, losses, ignored fields.

NetSuite signs the quantity and names an offset account; a canonical line says from where to where. Goods that
change their item are two lines in NetSuite and one here.
"""

from openreturns.mapping import (
    Mapping,
    coded,
    constant,
    decimal,
    dropped,
    each,
    ignored,
    lossy,
    negated,
    one_of,
    one_way_in,
    one_way_out,
    pair,
    schema_name,
    when,
)

from openreturns_adapters.netsuite.common import HEADER_IGNORED, IDENTITY, NOT_KEPT, beside, paging
from openreturns_adapters.netsuite.functions import adjustments as fn
from openreturns_adapters.netsuite.functions import shared, stock

__all__ = ["INVENTORY_ADJUSTMENT"]

_ASSIGNED = "inventory.items[].inventoryDetail.inventoryAssignment.items[]"
_NUMBERS = [
    "serialNumbers",
    "expirationDate",
    "inventoryDetail.inventoryAssignment.items[].receiptInventoryNumber",
    "inventoryDetail.inventoryAssignment.items[].issueInventoryNumber.id",
    "inventoryDetail.inventoryAssignment.items[].issueInventoryNumber.refName",
    "inventoryDetail.inventoryAssignment.items[].expirationDate",
]
_POSITION = [
    "location.id",
    "inventoryDetail.inventoryAssignment.items[].binNumber.id",
    "inventoryDetail.inventoryAssignment.items[].inventoryStatus.id",
]
_LOTS = ["item.lot", "item.serials", "item.expiryDate"]
_TO_LOTS = ["toItem.lot", "toItem.serials", "toItem.expiryDate"]
_PLACES = ["lines[].from.location.id", "lines[].to.location.id"]

_LINE = (
    one_way_in("lineId", shared.line_id, ["custcol_openreturns_line", "line"]),
    pair("lineId", "custcol_openreturns_line", only="out"),
    one_way_in("item", stock.item, ["item.refName", "item.externalId", "item.id", "costingMethod.id", *_NUMBERS]),
    one_way_out("custcol_openreturns_serial", stock.one_serial, ["item.serials"]),
    one_way_in("quantity.value", fn.count, ["adjustQtyBy"]),
    one_way_in("quantity.uom", shared.unit_code, ["units"]),
    one_way_out("units", fn.units, ["quantity.uom"]),
    one_way_in("reason", fn.reason, ["custcol_openreturns_reason"]),
    pair("reason", "custcol_openreturns_reason", coded("adjustment_reason"), only="out"),
    one_way_in("disposition", shared.split_ref, ["custcol_openreturns_split"]),
    one_way_out("custcol_openreturns_split", shared.split_text, ["disposition"]),
    one_way_in("valuation", fn.valuation, ["unitCost"]),
    one_way_in(
        "extensions", fn.line_extensions, ["line", "item.id", "costingMethod.id", "memo", "binNumbers", "unitCost"]
    ),
    one_way_out("memo", fn.line_memo, ["extensions"]),
)

_LEAVING = (
    pair("item.sku", "item.externalId", only="out"),
    pair("quantity.value", "adjustQtyBy", negated, only="out"),
    one_way_in("from", stock.location, _POSITION),
    pair("from.location.id", "location.id", only="out"),
    one_way_out("inventoryDetail", stock.leaving, ["from.status", "from.location.bin", *_LOTS]),
)
_ARRIVING = (
    one_way_out("location.id", stock.to_location, ["to.location.id"]),
    one_way_out("unitCost", fn.unit_cost, ["valuation.method", "valuation.unitCost"]),
)

_IN_OR_OUT = each(
    "lines",
    "inventory.items",
    *_LINE,
    one_of(
        when(
            one_way_in("from.boundary", fn.boundary, ["adjustQtyBy"]),
            pair("item.sku", "item.externalId", only="out"),
            pair("quantity.value", "adjustQtyBy", decimal, only="out"),
            one_way_in("to", stock.location, _POSITION),
            *_ARRIVING,
            one_way_out("inventoryDetail", stock.arriving, ["to.status", "to.location.bin", *_LOTS]),
            canonical=("from.status", "external"),
            native=("adjustQtyBy", fn.adds),
        ),
        when(
            *_LEAVING,
            one_way_in("to.boundary", fn.boundary, ["adjustQtyBy"]),
            canonical=("to.status", "external"),
            native=("adjustQtyBy", fn.removes),
        ),
    ),
    where_in=fn.crosses,
    where_out=fn.is_move,
)

_REGRADED = (
    each(
        "lines",
        "inventory.items",
        *_LINE,
        *_LEAVING,
        one_way_in("to", stock.becomes, _POSITION),
        one_way_in("toItem", stock.to_item, ["item.refName"]),
        where_in=fn.regraded,
        where_out=fn.is_regrade,
    ),
    each(
        "lines",
        "inventory.items",
        pair("lineId", "custcol_openreturns_line", only="out"),
        pair("toItem.sku", "item.externalId", only="out"),
        pair("quantity.value", "adjustQtyBy", decimal, only="out"),
        one_way_out("units", fn.units, ["quantity.uom"]),
        pair("reason", "custcol_openreturns_reason", coded("adjustment_reason"), only="out"),
        one_way_out("custcol_openreturns_split", shared.split_text, ["disposition"]),
        *_ARRIVING,
        one_way_out("custcol_openreturns_serial", stock.other_serial, ["toItem.serials"]),
        one_way_out("inventoryDetail", stock.arriving, ["to.status", "to.location.bin", *_TO_LOTS]),
        only="out",
        where_out=fn.is_regrade,
    ),
)

INVENTORY_ADJUSTMENT = Mapping(
    canonical="adjustment",
    native="inventory_adjustment",
    currency_in=fn.books,
    currency_out=fn.books,
    guards_out=(fn.writable,),
    split=fn.each_boundary,
    rules=(
        constant(canonical="meta.schema", value=schema_name("adjustment")),
        *IDENTITY,
        one_way_out("subsidiary.id", shared.subsidiary, []),
        constant(canonical="status", value="posted"),
        pair("postingDate", "tranDate"),
        one_way_out("account.id", fn.account, ["lines[].from.boundary", "lines[].to.boundary"]),
        one_way_out("adjLocation.id", stock.adjustment_location, _PLACES),
        one_way_in("extensions", fn.extensions, ["createdDate", "tranId", "account.id", "customer.id"]),
        pair("note", "memo", only="in"),
        one_way_out("memo", fn.memo, ["note", "refs[].type", "refs[].id"]),
        _IN_OR_OUT,
        *_REGRADED,
    ),
    losses=(
        *NOT_KEPT,
        lossy("status", "an adjustment that exists is posted"),
        lossy("refs", "the number of a return is the memo, where there is no other"),
        dropped("refs[].lineId", "the record has no such field"),
        dropped("refs[].system", "the record has no such field"),
        dropped("refs[].issueDate", "the record has no such field"),
        dropped("reverses", "the moves are sent; that they take others back has no field"),
        dropped("extensions", "NetSuite has no such fields"),
        lossy("lines[].extensions", "only the memo and the assignments are kept"),
        lossy("lines[].from.status", "only those in the code table `inventory_status` are told"),
        lossy("lines[].to.status", "only those in the code table `inventory_status` are told"),
        lossy("lines[].valuation.method", "NetSuite costs by the item's own method"),
        lossy("lines[].valuation.unitCost", "NetSuite costs itself what leaves"),
        lossy("lines[].item.expiryDate", "the lot in stock has its own"),
        *(
            dropped(f"lines[].{side}.{name}", "the record has no such field")
            for side in ("from", "to")
            for name in ("owner", "location.gln", "location.zone")
        ),
        *(
            dropped(f"lines[].{thing}.{name}", "the item's own record has it")
            for thing in ("item", "toItem")
            for name in ("gtin", "customerSku", "vendorSku", "description")
        ),
        *(
            dropped(path, "the record has no such field")
            for path in (
                "lines[].reason.note",
                "lines[].reason.source.label",
                "lines[].valuation.extended",
                "lines[].valuation.account",
                "lines[].valuation.offsetAccount",
                "lines[].valuation.costCenter",
            )
        ),
    ),
    ignored=(
        *HEADER_IGNORED,
        *paging("inventory"),
        *beside("account"),
        *beside("customer"),
        *beside("inventory.items[].item", "externalId", "links"),
        *beside("inventory.items[].location"),
        ignored(
            "inventory.items[].custcol_openreturns_serial",
            "how the number of a single unit is read, where the costing does not say; nothing else",
        ),
        ignored("inventory.items[].costingMethod.refName", "a rendering of the id beside it"),
        *(
            ignored(path, "bookkeeping of the account, no part of the story")
            for path in ("subsidiary", "location", "postingPeriod")
        ),
        ignored("adjLocation", "the lines say where"),
        ignored("estimatedTotalValue", "NetSuite's own reckoning"),
        *(
            ignored(f"inventory.items[].{name}", reason)
            for name, reason in (
                ("newQuantity", "the stock of the moment"),
                ("quantityOnHand", "the stock of the moment"),
                ("currentValue", "the stock of the moment"),
                ("foreignCurrencyUnitCost", "the same cost in the purchase currency"),
                ("exchangeRate", "of that cost"),
                ("inventoryDetail.quantity", "the line says it"),
                ("inventoryDetail.unit", "the line says it"),
                ("inventoryDetail.location", "the line says it"),
                ("inventoryDetail.toLocation", "an adjustment moves within one location"),
            )
        ),
        *paging("inventory.items[].inventoryDetail.inventoryAssignment"),
        *beside(f"{_ASSIGNED}.issueInventoryNumber", "externalId", "links"),
        *beside(f"{_ASSIGNED}.binNumber"),
        *beside(f"{_ASSIGNED}.inventoryStatus"),
        *(
            ignored(f"{_ASSIGNED}.{name}", reason)
            for name, reason in (
                ("internalId", "a key of the assignment"),
                ("quantity", "kept where there are several"),
                ("secondaryQuantity", "the same in another unit"),
                ("licensePlateNumber", "the label of the pallet"),
                ("toBinNumber", "an adjustment moves within one bin"),
                ("toInventoryStatus", "an adjustment does not change the status"),
            )
        ),
    ),
)
