"""The rules that JSON Schema cannot hold, in one table: `check` a document, `check_case` a set of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from openreturns.errors import Problem
from openreturns.invariants import _adjustments as adjustments
from openreturns.invariants import _anywhere as values
from openreturns.invariants import _credited as credited
from openreturns.invariants import _credits as credits_
from openreturns.invariants import _dispositions as dispositions
from openreturns.invariants import _progress as progress
from openreturns.invariants import _returns as returns
from openreturns.invariants import _story as story
from openreturns.invariants import _taxes as taxes
from openreturns.invariants._case import Case
from openreturns.invariants._exact import exact
from openreturns.invariants._parts import Parts
from openreturns.invariants._rule import CaseCheck, DocumentCheck, Invoiced, Options, Rule
from openreturns.models import DOCUMENTS, Document

__all__ = ["RULES", "Case", "Invoiced", "Options", "Rule", "check", "check_across", "check_case"]

_ALL = tuple(DOCUMENTS)
_CLASSES = frozenset(DOCUMENTS.values())


def _rule(
    id_: str, sentence: str, documents: str, check: DocumentCheck | None = None, across: CaseCheck | None = None
) -> Rule:
    return Rule(id_, sentence, _ALL if documents == "all" else tuple(documents.split()), check, across)


RULES: tuple[Rule, ...] = (
    _rule("M1", "Every currency is one of ISO 4217.", "all", values.currencies_are_known),
    _rule("M2", "Amounts have no more digits than their currency pays.", "all", values.amounts_fit_the_currency),
    _rule("M3", "All amounts are in the document's currency.", "all", values.one_currency),
    _rule("P1", "Every country is one of ISO 3166-1.", "all", values.countries_are_known),
    _rule("Q1", "Every unit is one of UN/ECE Recommendations 20 and 21.", "all", values.units_are_known),
    _rule("Q2", "All quantities of a line have one unit.", "all", values.one_unit_a_line),
    _rule(
        "I1",
        "An item has at least one identifier; what is credited may have a description only.",
        "all",
        values.items_are_named,
    ),
    _rule("I2", "A GTIN ends in its check digit.", "all", values.gtins_check),
    _rule("I3", "Serial numbers are unique and no more than the quantity.", "all", values.serials_fit_the_quantity),
    _rule("I4", "A serial number stands in one split only.", "disposition", values.a_serial_goes_one_way),
    _rule("R1", "The code other comes with the source's word or a note.", "all", values.others_are_explained),
    _rule(
        "S1",
        "Goods outside have a boundary and no location; goods in stock a location and no boundary.",
        "disposition adjustment",
        values.outside_has_a_boundary,
    ),
    _rule("T1", "Line, split and receipt ids are unique where they stand.", "all", values.ids_are_unique),
    _rule(
        "T2",
        "The history is unbroken, follows the status table and ends in the status.",
        "all",
        progress.history_follows_the_table,
    ),
    _rule(
        "A1",
        "Nobody approves what they asked for; who inspected does not approve the credit.",
        "all",
        progress.approvers_are_others,
        credited.inspectors_do_not_approve,
    ),
    _rule(
        "A2",
        "Beyond pending approval every step is approved or waived, within the approver's limit.",
        "all",
        progress.approvals_are_there,
    ),
    _rule(
        "RT1",
        "Requested, authorised, expected and received follow each other; an excess is explained by a receipt.",
        "return",
        returns.quantities_follow_each_other,
    ),
    _rule(
        "RT2",
        "A declined return says why and is declined; an authorisation expires after it was given.",
        "return",
        returns.authorization_is_whole,
    ),
    _rule("RT3", "Every parcel's number is among the tracking numbers.", "return", returns.parcels_are_tracked),
    _rule(
        "D1", "The splits of a final line add up to the inspected.", "disposition", dispositions.disposed_is_inspected
    ),
    _rule(
        "D2",
        "No more is inspected than was received.",
        "return disposition",
        across=dispositions.inspected_was_received,
    ),
    _rule(
        "D3",
        "Goods go where their disposition leads; vendor returns name the vendor, other grades the item.",
        "disposition",
        dispositions.positions_fit_dispositions,
    ),
    _rule(
        "D4",
        "Damaged, defective, expired and incomplete goods are not restocked under the same item.",
        "disposition",
        dispositions.spoiled_goods_stay_out,
    ),
    _rule("AJ1", "An adjustment line moves something somewhere.", "adjustment", adjustments.adjusted_lines_move),
    _rule(
        "AJ2",
        "What leaves inspection is what the split decided, and goes where it says.",
        "disposition adjustment",
        across=adjustments.moved_as_decided,
    ),
    _rule(
        "AJ3",
        "Stock is conserved: no more is taken in or moved on than was received.",
        "return adjustment",
        across=adjustments.stock_is_conserved,
    ),
    _rule("AJ4", "The extended value is quantity times unit cost.", "adjustment", adjustments.valuation_adds_up),
    _rule(
        "C1",
        "A line's amount is quantity times price less discount.",
        "credit",
        credits_.amounts_are_quantity_times_price,
    ),
    _rule("C2", "Line and charge totals add up.", "credit", credits_.totals_add_up),
    _rule(
        "C3",
        "The amount before tax is lines less decreases plus increases, and not negative.",
        "credit",
        credits_.taxable_is_never_negative,
    ),
    _rule(
        "C4",
        "No more is taxed than credited; a tax is its rate's, to a minor unit or as rounded line by line.",
        "credit",
        taxes.tax_groups_add_up,
    ),
    _rule("C5", "The amount due adds up; no more is settled than credited.", "credit", credits_.what_is_due_adds_up),
    _rule(
        "C6",
        "No more is credited than an original invoice line charged.",
        "credit",
        across=credited.credited_once_an_invoice_line,
    ),
    _rule(
        "C7",
        "No more is credited than a split holds, and only what is creditable.",
        "disposition credit",
        across=credited.credited_once_a_split,
    ),
    _rule("C8", "An issued credit names its original invoice.", "credit", credits_.credits_name_their_invoice),
    _rule(
        "C9",
        "A credit has the return's customer and currency.",
        "return credit",
        across=credited.one_buyer_and_currency,
    ),
    _rule(
        "C10",
        "A tax reversed from the original names the tax transaction.",
        "credit",
        credits_.reversed_taxes_name_their_origin,
    ),
    _rule("C11", "Every tax category is one of UN/CEFACT 5305.", "credit", values.tax_categories_are_known),
    _rule(
        "G1",
        "The documents of a case share a correlation, name existing causes, miss no revision and say each once.",
        "all",
        across=story.a_case_is_one_story,
    ),
)
"""Every rule, by the document it is about. Ids are never used again."""


def check(document: Document, options: Options | None = None) -> tuple[Problem, ...]:
    """Return every rule that one document breaks, with JSON pointers. An older version's is held to the newest."""
    return tuple(_check(_newest(document), options or Options()))


def _newest(document: Document) -> Document:
    if type(document) in _CLASSES:
        return document
    from openreturns.migrations import newest  # most documents are of the newest version, and need no mapping

    return newest(document)


def _check(document: Document, options: Options) -> Iterator[Problem]:
    parts = Parts(document)
    with exact():
        for rule_id, found in _checks(type(document)):
            for where, what in found(parts, options):
                yield Problem(rule_id, what, where, rule=rule_id)


@cache
def _checks(kind: type[Document]) -> tuple[tuple[str, DocumentCheck], ...]:
    name = kind.__name__.lower()
    return tuple((rule.id, rule.check) for rule in RULES if rule.check is not None and name in rule.documents)


def check_case(documents: Iterable[Document], options: Options | None = None) -> tuple[Problem, ...]:
    """Return every rule that the documents of one case break, each alone and together.

    Of several revisions only the latest is held to the rules: the earlier ones cannot be changed any more.
    Places are the document's id, `#`, and the pointer inside it.
    """
    chosen = options or Options()
    case = Case(map(_newest, documents))
    problems = [
        Problem(p.code, p.message, f"{document.meta.document_id}#{p.canonical}", rule=p.rule)
        for document in case.latest
        for p in check(document, chosen)
    ]
    return (*problems, *check_across(case, chosen))


def check_across(case: Case, options: Options | None = None) -> tuple[Problem, ...]:
    """Return every rule that the documents of one case, of the newest version, break together, whatever each is alone.

    Places are as those of `check_case`.
    """
    chosen, problems = options or Options(), []
    with exact():
        for rule in RULES:
            if rule.across is not None:
                problems += [Problem(rule.id, what, where, rule=rule.id) for where, what in rule.across(case, chosen)]
    return tuple(problems)
