"""What the vendor says no with: its error names and numbers as data, and the body that carries them.

Names, numbers and severities are the vendor's; the words are our own, as the vendor changes its words freely.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openreturns.sandbox import Reply

__all__ = ["KNOWN", "Fault", "Known", "Refused", "fault", "refusal"]

HELP = "http://developer.avalara.com/avatax/errors/"


@dataclass(frozen=True)
class Known:
    """One error of the vendor's list: its number, the HTTP status it comes with, and what it says."""

    number: int
    status: int
    message: str
    severity: str = "Error"
    side: str = "Client"


KNOWN: dict[str, Known] = {
    "EntityNotFoundError": Known(4, 404, "What was asked for is not there."),
    "ValueRequiredError": Known(5, 400, "A required field has no value."),
    "RangeError": Known(6, 400, "A value is out of bounds."),
    "StringLengthError": Known(13, 400, "A text is too long."),
    "InvalidQueryField": Known(17, 400, "The query names a field there is not."),
    "InvalidQueryValue": Known(18, 400, "The query compares with a value of another kind."),
    "DateFormatError": Known(26, 400, "A date is not in ISO 8601 format."),
    "AuthenticationException": Known(30, 401, "Authentication failed.", "Exception"),
    "AuthorizationException": Known(31, 403, "Authorization failed.", "Exception"),
    "ValidationException": Known(32, 405, "The resource does not take this method.", "Exception"),
    "AuthenticationIncomplete": Known(34, 401, "Authentication incomplete.", "Exception"),
    "BasicAuthIncorrect": Known(35, 401, "The Basic header cannot be read.", "Exception"),
    "BearerTokenInvalid": Known(37, 401, "The bearer token was not recognized.", "Exception"),
    "ModelRequiredException": Known(38, 400, "A request body is required.", "Exception"),
    "JsonFormatError": Known(47, 400, "The request body is not valid JSON."),
    "InvalidDecimalValue": Known(48, 400, "A number has too many digits."),
    "UnhandledException": Known(50, 500, "The request could not be handled.", "Exception", "Server"),
    "ModelStateInvalid": Known(70, 400, "The request body has a value of another kind than its field."),
    "InvalidEnumValue": Known(164, 400, "A field has a value that it cannot have."),
    "MalformedFilterException": Known(182, 400, "The filter cannot be read."),
    "NoLinesDiscounted": Known(190, 400, "A discount was given and no line takes it."),
    "DuplicateEntry": Known(193, 400, "What is to be made is there already."),
    "CannotAdjustDocumentType": Known(195, 400, "The type of a document cannot be adjusted."),
    "TransactionAlreadyCancelled": Known(198, 400, "The transaction was cancelled before."),
    "QueryParameterOutOfRange": Known(199, 400, "A query parameter is out of range."),
    "DocumentCodeConflict": Known(303, 400, "Please specify DocumentType parameter"),
    "MissingAddress": Known(304, 400, "Transactions need an origin and a destination."),
    "InvalidAddress": Known(309, 400, "An address is incomplete."),
    "AddressLocationNotFound": Known(310, 400, "The company has no location of this code."),
    "MissingLine": Known(311, 400, "Transactions need at least one line."),
    "DocumentNotCommitted": Known(313, 400, "Only committed documents can be locked."),
    "TimeoutRequested": Known(316, 400, "The time-out that was asked for."),
    "ServerUnreachable": Known(500, 503, "A server could not be reached.", "Exception", "Server"),
    "InvalidDocumentStatusForRefund": Known(700, 400, "Document is not in a status to process refund"),
    "RefundTypeAndPercentageMismatch": Known(701, 400, "The percentage does not go with the refund type."),
    "InvalidDocumentTypeForRefund": Known(702, 400, "Documents of this type are not refunded."),
    "RefundTypeAndLineMismatch": Known(703, 400, "Lines do not go with the refund type."),
    "RefundLinesRequired": Known(704, 400, "A partial refund names its lines."),
    "RefundPercentageForTaxOnly": Known(706, 400, "A refund of the tax only has no percentage."),
    "LineNoOutOfRange": Known(707, 400, "The original has no such line."),
    "RefundPercentageOutOfRange": Known(708, 400, "The refund percentage is out of range."),
    "RefundPercentageMissing": Known(709, 400, "A refund by percentage names it."),
    "CannotModifyLockedTransaction": Known(1100, 400, "A locked document cannot be modified."),
    "OnlyTaxDateOverrideIsAllowed": Known(1302, 400, "Here only the tax date can be overridden."),
    "DateMismatch": Known(1305, 400, "The date to verify differs from the document's."),
    "InvalidDocumentStatusForVerify": Known(1306, 400, "Only saved and posted documents are verified."),
    "TotalAmountMismatch": Known(1307, 400, "The total to verify differs from the document's."),
    "TotalTaxMismatch": Known(1308, 400, "The tax to verify differs from the document's."),
    "InvalidDocumentType": Known(1310, 400, "The document is of another type."),
    "TransactionIsCommitted": Known(1313, 400, "Committed transactions cannot be modified here."),
    "InvalidDocumentStatus": Known(1314, 400, "The status of the document does not allow this."),
    "RateLimitExceeded": Known(4011, 429, "Too many requests."),
}


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a request: the vendor's name for it, what exactly, and the field it is about."""

    code: str
    description: str
    refers_to: str = ""

    def body(self) -> dict[str, Any]:
        """Return it as an entry of the vendor's list of details."""
        known = KNOWN[self.code]
        entry = {
            "code": self.code,
            "number": known.number,
            "message": known.message,
            "description": self.description,
            "faultCode": known.side,
            "helpLink": HELP + self.code,
            "severity": known.severity,
        }
        return {**entry, "refersTo": self.refers_to} if self.refers_to else entry


class Refused(Exception):  # noqa: N818 - what it says reads better where it is raised
    """A request that is answered with an error: everything wrong with it at once."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(faults[0].code)
        self.faults = faults


def fault(code: str, description: str, refers_to: str = "") -> Refused:
    """Return the refusal with one thing wrong."""
    return Refused(Fault(code, description, refers_to))


def refusal(faults: Sequence[Fault], headers: dict[str, str] | None = None) -> Reply:
    """Return the answer that says what is wrong; the first thing decides the status."""
    first = KNOWN[faults[0].code]
    error = {
        "code": faults[0].code,
        "message": first.message,
        "target": "Unknown",
        "details": [one.body() for one in faults],
    }
    return Reply(first.status, {"error": error}, headers or {})
