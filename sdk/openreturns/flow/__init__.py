"""What follows from what: goods that came from a count, stock moves and a credit from a decision, tax from a quote.

Pure functions: same documents in, same documents out; ids derive from the documents, so that doing it twice
makes the same document and not a second one.
"""

from openreturns.flow._decided import adjustments_of, credit_agreed_to, credit_of, rounded, taxed
from openreturns.flow._received import find_lines, line_numbers, match_lines, match_receipts, received

__all__ = [
    "adjustments_of",
    "credit_agreed_to",
    "credit_of",
    "find_lines",
    "line_numbers",
    "match_lines",
    "match_receipts",
    "received",
    "rounded",
    "taxed",
]
