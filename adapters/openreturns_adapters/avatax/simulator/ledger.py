"""The documents of an account: made, committed, adjusted, voided, locked, taken back; every version kept."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from openreturns.sandbox import Clock

from openreturns_adapters.avatax.simulator import documents, taxing
from openreturns_adapters.avatax.simulator.places import Place, check_addresses
from openreturns_adapters.avatax.simulator.problems import Fault, Refused, fault
from openreturns_adapters.avatax.simulator.taxing import Policy

__all__ = ["Company", "Ledger", "Signs"]

Model = dict[str, Any]
Key = tuple[str, str, str]

_OPEN = ("Saved", "Posted")
_TYPE_SIGNS = {"SalesOrder": 1, "SalesInvoice": 1, "ReturnOrder": -1, "ReturnInvoice": -1}


@dataclass(frozen=True)
class Signs:
    """How strictly signs are held: of each `line` (the vendor's text), of the `total` only, or `free`."""

    held: str = "total"

    def check(self, kind: str, lines: Sequence[Model]) -> None:
        """Refuse amounts that go the wrong way for the type: sales are positive, returns negative."""
        sign = _TYPE_SIGNS.get(kind)
        amounts = [Decimal(line["amount"]) for line in lines]
        if sign is None or self.held == "free":
            return
        said = f"Amounts of a {kind} are not {'negative' if sign > 0 else 'positive'}."
        wrong = [n for n, amount in enumerate(amounts) if amount * sign < 0]
        if self.held == "line" and wrong:
            raise Refused(*(Fault("RangeError", said, f"lines[{n}].amount") for n in wrong))
        if sum(amounts, Decimal(0)) * sign < 0:
            raise fault("RangeError", said, "lines")


@dataclass(frozen=True)
class Company:
    """One company of the account: its number and the codes of its locations."""

    number: int
    locations: Mapping[str, Model] = field(default_factory=dict)


class Ledger:
    """All documents by company, type and code, newest version last, and by number."""

    def __init__(
        self,
        *,
        clock: Clock,
        policy: Policy,
        companies: Mapping[str, Company],
        places: Sequence[Place],
        signs: Signs,
        committed_conflict: str,
        uncommitted_status: str,
        first_id: int = 1_000_000_001,
    ) -> None:
        self.clock = clock
        self.policy = policy
        self.companies = dict(companies)
        self.places = places
        self._signs = signs
        self._conflict = committed_conflict
        self._uncommitted = uncommitted_status
        self._open = (*_OPEN, uncommitted_status)
        self._versions: dict[Key, list[Model]] = {}
        self._by_id: dict[int, Model] = {}
        self._ids = itertools.count(first_id)

    # --- looking up --------------------------------------------------------------------------------------------

    def company(self, code: str | None) -> str:
        """Return the code of a company, the default one's where none is given. Raises Refused."""
        if not code:
            return next(iter(self.companies))
        if code not in self.companies:
            raise fault("EntityNotFoundError", "The Company was not found.", "companyCode")
        return code

    def all(self, company: str) -> list[Model]:
        """Return every version of every document of a company."""
        return [document for key, versions in self._versions.items() if key[0] == company for document in versions]

    def by_number(self, number: int) -> Model:
        """Return the document of this number, whatever its version. Raises Refused."""
        if number not in self._by_id:
            raise fault("EntityNotFoundError", "The Document was not found.", "id")
        return self._by_id[number]

    def current(self, company: str, kind: str, code: str) -> Model | None:
        """Return the newest version of a document."""
        versions = self._versions.get((company, kind, code))
        return versions[-1] if versions else None

    def read(self, company: str, code: str, kind: str | None) -> Model:
        """Return a document to read: of this type, else the sale, else the only one. Raises Refused."""
        free = kind in (None, "Any")
        found = self.current(company, "SalesInvoice" if free else str(kind), code)
        if found is not None:
            return found
        others = [key for key in self._versions if key[0] == company and key[2] == code]
        if not free or not others:
            raise fault("EntityNotFoundError", "The Document was not found.", "transactionCode")
        if len(others) > 1:
            raise fault("DocumentCodeConflict", "Several documents of other types have this code.", "transactionCode")
        return self._versions[others[0]][-1]

    def change(self, company: str, code: str, kind: str | None, *, tell_type: bool = False) -> Model:
        """Return a document to change; the type is SalesInvoice where none is given. Raises Refused."""
        wanted = kind or "SalesInvoice"
        found = self.current(company, wanted, code)
        if found is not None:
            return found
        others = [key[1] for key in self._versions if key[0] == company and key[2] == code]
        if tell_type and others:
            said = f"The document is of type {others[0]}, not {wanted}."
            raise fault("InvalidDocumentType", said, "documentType")
        raise fault("EntityNotFoundError", "The Document was not found.", "transactionCode")

    # --- making ------------------------------------------------------------------------------------------------

    def create(self, model: Model) -> Model:
        """Make a document, or over again one that is not committed; an order is only an estimate."""
        kind, company = self._checked(model)
        code = model.get("code") or str(uuid.uuid4())
        current = self.current(company, kind, code)
        if current is not None:
            self._refuse_locked(current)
            if current["status"] == "Committed":
                said = "A committed document has this code; adjust it or void it."
                raise fault(self._conflict, said, "code")
        return self._store(self._built(model, kind, company, code), current)

    def create_or_adjust(self, model: Model, reason: str, description: str | None) -> Model:
        """Make a document, or a new version of the committed one."""
        kind, company = self._checked(model)
        current = self.current(company, kind, model.get("code", ""))
        if current is None or current["status"] != "Committed":
            return self.create(model)
        return self.adjust(current, model, reason, description)

    def adjust(self, current: Model, model: Model, reason: str, description: str | None) -> Model:
        """Replace a document by a new version; the old one stays readable by its number."""
        self._refuse_locked(current)
        self._refuse_cancelled(current)
        if model.get("type", current["type"]) != current["type"]:
            said = f"The type cannot become {model['type']}."
            raise fault("CannotAdjustDocumentType", said, "newTransaction.type")
        company = self._company_of(current)
        model = {**model, "type": current["type"], "companyCode": company, "code": current["code"]}
        self._checked(model)
        built = self._built(model, current["type"], company, current["code"])
        built |= {"adjustmentReason": reason, "version": current["version"] + 1}
        if description:
            built["adjustmentDescription"] = description
        stored = self._store(built, None)
        current["status"] = "Adjusted"
        return stored

    def _checked(self, model: Model) -> tuple[str, str]:
        """Return type and company of a model that holds to the rules of its type. Raises Refused."""
        kind = model.get("type", "SalesOrder")
        if kind == "Any":
            raise fault("InvalidEnumValue", "A document is of one type.", "type")
        company = self.company(model.get("companyCode"))
        if not model["lines"]:
            raise fault("MissingLine", "Give at least one line.", "lines")
        wrong = [n for n, line in enumerate(model["lines"]) if line.get("quantity", 0) < 0]
        if wrong:
            raise Refused(*(Fault("RangeError", "A quantity is not negative.", f"lines[{n}].quantity") for n in wrong))
        self._signs.check(kind, model["lines"])
        return kind, company

    def _built(self, model: Model, kind: str, company: str, code: str) -> Model:
        model = check_addresses(model, self.companies[company].locations, self.places)
        lines = taxing.taxed_lines(model, self.policy)
        return documents.made(model, kind, self.companies[company].number, code, lines)

    def _store(self, document: Model, replaced: Model | None) -> Model:
        """Give a document its number and keep it; what it replaces is gone, an estimate is not kept at all."""
        first = document["lines"][0]["details"]
        document |= {name: first[0][name] for name in ("country", "region") if first}
        document |= taxing.totals(document["lines"])
        document["modifiedDate"] = self.clock.text()
        recorded = document["status"] != "Temporary"
        keep = replaced is not None and replaced["status"] != "Cancelled"
        number = (replaced["id"] if replaced is not None and keep else next(self._ids)) if recorded else 0
        documents.number(document, number, self._ids)
        if recorded:
            key = (self._company_of(document), document["type"], document["code"])
            versions = self._versions.setdefault(key, [])
            if keep:
                versions.pop()
            versions.append(document)
            self._by_id[number] = document
        return document

    def _company_of(self, document: Model) -> str:
        return next(code for code, one in self.companies.items() if one.number == document["companyId"])

    # --- the life of a document ----------------------------------------------------------------------------------

    def _refuse_locked(self, document: Model) -> None:
        if document["locked"]:
            raise fault("CannotModifyLockedTransaction", "The document is locked or was reported.", "transactionCode")

    def _refuse_cancelled(self, document: Model) -> None:
        if document["status"] == "Cancelled":
            raise fault("TransactionAlreadyCancelled", "There is nothing left to be done.", "transactionCode")

    def _refuse_committed(self, document: Model) -> None:
        if document["status"] == "Committed":
            raise fault("TransactionIsCommitted", "Adjust it or void it instead.", "transactionCode")

    def commit(self, document: Model, *, wanted: bool) -> Model:
        """Commit a document that is saved or posted."""
        self._refuse_locked(document)
        self._refuse_cancelled(document)
        self._refuse_committed(document)
        return self._become(document, "Committed") if wanted else document

    def uncommit(self, document: Model) -> Model:
        """Take the commitment back."""
        self._refuse_locked(document)
        self._require_status(document, "Committed")
        return self._become(document, self._uncommitted)

    def void(self, document: Model) -> Model:
        """Cancel a document."""
        self._refuse_locked(document)
        self._refuse_cancelled(document)
        return self._become(document, "Cancelled")

    def unvoid(self, document: Model) -> Model:
        """Bring a cancelled document back; it has to be committed again."""
        self._refuse_locked(document)
        self._require_status(document, "Cancelled")
        return self._become(document, "Saved")

    def lock(self, document: Model, *, locked: bool) -> Model:
        """Lock a committed document, as reporting it does; or open it again."""
        if document["status"] != "Committed":
            said = f"The document is {document['status']}."
            raise fault("DocumentNotCommitted", said, "transactionCode")
        document["locked"] = locked
        return document

    def rename(self, document: Model, code: str) -> Model:
        """Give a document that is saved or posted another code."""
        self._refuse_locked(document)
        self._refuse_cancelled(document)
        self._refuse_committed(document)
        company, kind = self._company_of(document), document["type"]
        if code == document["code"]:
            return document
        if (company, kind, code) in self._versions:
            raise fault("DuplicateEntry", "Another document has this code.", "newCode")
        versions = self._versions.pop((company, kind, document["code"]))
        for version in versions:
            version["code"] = code
        self._versions[company, kind, code] = versions
        return document

    def verify(self, document: Model, expected: Model) -> Model:
        """Compare a document that is saved or posted with what the caller expects. Raises Refused."""
        if document["status"] not in self._open:
            said = f"The document is {document['status']}."
            raise fault("InvalidDocumentStatusForVerify", said, "transactionCode")
        compared: tuple[tuple[str, str, str, Callable[[Any], Any]], ...] = (
            ("verifyTransactionDate", "DateMismatch", "date", documents.day_text),
            ("verifyTotalAmount", "TotalAmountMismatch", "totalAmount", Decimal),
            ("verifyTotalTax", "TotalTaxMismatch", "totalTax", Decimal),
        )
        wrong = [
            Fault(code, f"The document has {document[field_name]}.", name)
            for name, code, field_name, as_kept in compared
            if name in expected and as_kept(expected[name]) != document[field_name]
        ]
        if wrong:
            raise Refused(*wrong)
        return document

    def _require_status(self, document: Model, status: str) -> None:
        if document["status"] != status:
            said = f"The document is {document['status']}, not {status}."
            raise fault("InvalidDocumentStatus", said, "transactionCode")

    def _become(self, document: Model, status: str) -> Model:
        document["status"] = status
        document["modifiedDate"] = self.clock.text()
        return document

    # --- taking back ---------------------------------------------------------------------------------------------

    def refund(self, original: Model, model: Model, *, by_tax_date: bool) -> Model:
        """Make the ReturnInvoice that takes a committed sale back: the same tax, whatever changed since."""
        if original["type"] != "SalesInvoice":
            said = f"The document is a {original['type']}; SalesInvoices are refunded."
            raise fault("InvalidDocumentTypeForRefund", said, "documentType")
        if original["status"] != "Committed":
            said = f"The document status is {original['status']}, we can only process refund on committed document."
            raise fault("InvalidDocumentStatusForRefund", said)
        kind = model.get("refundType", "Full")
        part = documents.refund_part(kind, model)
        company, code = self._company_of(original), model.get("refundTransactionCode") or str(uuid.uuid4())
        current = self.current(company, "ReturnInvoice", code)
        if current is not None:
            self._refuse_locked(current)
            if current["status"] == "Committed":
                said = "A committed document has this code; adjust it or void it."
                raise fault(self._conflict, said, "refundTransactionCode")
        document = documents.refund_of(original, kind, part, code, model, by_tax_date=by_tax_date)
        return self._store(document, current)
