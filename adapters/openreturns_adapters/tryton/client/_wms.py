"""Tryton as the warehouse: what to expect, what came, where it went."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from openreturns import Adapter
from openreturns.errors import Problem, RejectedError
from openreturns.idempotency import Outcome, key
from openreturns.models import Adjustment, Credit, Disposition, DocumentRef, Return
from openreturns.ports import Change, Wms
from openreturns.readback import proven

from openreturns_adapters.tryton.client._desk import Desk, attempt
from openreturns_adapters.tryton.client._receiving import Receiving
from openreturns_adapters.tryton.client._records import missing
from openreturns_adapters.tryton.client._rpc import Call
from openreturns_adapters.tryton.client._wire import amount

__all__ = ["TrytonWms"]

Record = dict[str, Any]
_SHIPMENT = "stock.shipment.out.return"


class TrytonWms(Wms):
    """One database of a Tryton server; what it takes is said of `Desk`."""

    def __init__(self, adapter: Adapter, **connection: Any) -> None:  # noqa: ANN401 - Desk says what it takes
        self._desk = Desk(adapter, **connection)
        self._receiving = Receiving(self._desk)

    def close(self) -> None:
        """Close the connections."""
        self._desk.close()

    def announce(self, return_: Return) -> Outcome:
        """Tell the warehouse what to expect: a return shipment, if the return has none yet.

        Where Tryton is the ERP as well, the RMA made the shipment already.
        """
        [written] = self._desk.adapter.write(return_, "announcement")
        how = Call("announce", key("tryton", return_.number, "announce"), return_.meta.correlation_id)
        return attempt(how, lambda: self._announced(written.record, how))

    def cancel(self, ref: DocumentRef) -> Outcome:
        """Take an announcement back: the return shipments that nothing was received on."""
        how = Call("cancel", key("tryton", ref.id, "cancel announcement"))
        return attempt(how, lambda: self._cancelled(ref, how))

    def status(self, ref: DocumentRef) -> Return:
        """Return the return as the warehouse sees it now, with its receipts."""
        found: Return = self._desk.return_(ref.id)
        return found

    def disposition(self, ref: DocumentRef) -> Disposition:
        """Return where the goods went. Raises RejectedError (kind `not_yet`) before anything was put away."""
        found: Disposition = self._desk.return_(ref.id, "disposition")
        return found

    def put_away(self, disposition: Disposition) -> Outcome:
        """Put goods away where the disposition says, by quantity and lot."""
        [written] = self._desk.adapter.write(disposition, "put_away")
        return self._receiving.put_away(written.record, disposition)

    def read(self, ref: DocumentRef) -> Return | Disposition | Adjustment | Credit:
        """Return a return or its disposition by the RMA number, an adjustment by its record id."""
        return self._desk.document(ref)

    def changes(self, since: datetime) -> Iterator[Change]:
        """Yield the returns and adjustments that changed since a moment, oldest first."""
        return (change for change in self._desk.changes(since) if change.ref.type in {"return", "adjustment"})

    # ------------------------------------------------------------ announcements

    def _shipments(self, number: str) -> list[Record]:
        try:
            return list(self._desk.records.rma(number)["shipments"])
        except RejectedError as error:
            if error.kind != "not_found":
                raise
            return []

    def _announced(self, record: Record, how: Call) -> Outcome:
        number = record["reference"]

        def found() -> int | None:
            live = [one for one in self._shipments(number) if one["state"] != "cancelled"]
            return int(live[0]["id"]) if live else None

        if not found():
            self._desk.make(how, _SHIPMENT, self._shipment(record, how), found)
        return proven(self._desk.did(how, "return", number), lambda made: self._as_announced(record))

    def _shipment(self, record: Record, how: Call) -> Record:
        records = self._desk.records
        context = self._desk.rpc.context()
        customer = records.id_of("party.party", "code", record["customer"]["code"])
        addresses = self._desk.rpc.search(how, "party.address", [["party", "=", customer]], [])
        warehouse = records.location(record["warehouse"]["code"])
        places = self._desk.rpc.read(how, "stock.location", warehouse, "input_location", "storage_location")
        origin = self._desk.rpc.read(how, "party.party", customer, "customer_location")["customer_location"]
        company = self._desk.rpc.read(how, "company.company", context["company"], "currency")
        moves = [
            {
                "product": records.product(move),
                "unit": records.unit(move),
                "quantity": move["quantity"],
                "lot": records.lot(move),
                "from_location": origin,
                "to_location": places["input_location"],
                "company": context["company"],
                # The other ERP values the goods; a move that comes in must say a price.
                "unit_price": amount(Decimal(0)),
                "currency": company["currency"],
            }
            for move in record["incoming_moves"]
        ]
        return {
            "company": context["company"],
            "reference": record["reference"],
            "customer": customer,
            "contact_address": addresses[0]["id"] if addresses else None,
            "warehouse": warehouse,
            "warehouse_input": places["input_location"],
            "warehouse_storage": places["storage_location"],
            "incoming_moves": [["create", moves]],
        }

    def _as_announced(self, record: Record) -> list[Problem]:
        expected: dict[str, Any] = {}
        for move in record["incoming_moves"]:
            code = move["product"]["code"]
            expected[code] = expected.get(code, 0) + move["quantity"]
        held: dict[str, Any] = {}
        for shipment in self._shipments(record["reference"]):
            for move in shipment["incoming_moves"] if shipment["state"] != "cancelled" else ():
                code = move["product"]["code"]
                held[code] = held.get(code, 0) + move["quantity"]
        if held == expected:
            return []
        return [Problem("not_as_sent", "the warehouse does not expect what it was told", native="/incoming_moves")]

    def _cancelled(self, ref: DocumentRef, how: Call) -> Outcome:
        shipments = self._shipments(ref.id)
        if not shipments:
            raise missing("return", ref.id)
        for shipment in shipments:
            self._desk.press(how, _SHIPMENT, "cancel", shipment["id"], {"cancelled"})
        return self._desk.did(how, "return", ref.id)
