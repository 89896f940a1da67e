"""The main job on a folder of warehouse records: ShipBob returns become canonical documents and NetSuite records.

Run by `make demo`. Everything it makes is written to `demo-out/`, one folder a return; what could not be
read is kept beside the reasons.
"""

from __future__ import annotations

import json
import shutil
import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from openreturns import Adapter, Adjustment, Credit, Disposition, Return, adapter, load_tenant
from openreturns._json import dump
from openreturns.errors import MappingError, OpenReturnsError, Problem
from openreturns.flow import adjustments_of, credit_of, match_lines
from openreturns.invariants import check_case
from openreturns.models import Document
from tabulate import tabulate

HERE = Path(__file__).parent
RECORDS = HERE / "shipbob-returns"
OUT = Path("demo-out")
Value = dict[tuple[str, str], list[Decimal]]


@dataclass
class Story:
    """What one warehouse record became."""

    documents: list[Document]
    records: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    findings: list[Problem] = field(default_factory=list)
    losses: list[Problem] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def main() -> int:
    """Translate every record, print what became of it, and account for each.

    Returns 1 if the case rules are broken, or others are rejected than those that are wrong on purpose.
    """
    tenants = load_tenant(HERE / "tenant.toml")
    shipbob, netsuite = adapter("shipbob", tenants["shipbob"]), adapter("netsuite", tenants["netsuite"])
    orders = json.loads((HERE / "orders.json").read_text("utf-8"))
    shutil.rmtree(OUT, ignore_errors=True)
    rows, rejected, broken = [], {}, {}
    told: Counter[str] = Counter()
    lost: Counter[tuple[str, str]] = Counter()
    totals: Value = defaultdict(lambda: [Decimal(0), Decimal(0)])
    files = sorted(RECORDS.glob("*.json"))
    for file in files:
        try:
            story = tell(file.read_bytes(), shipbob, netsuite, orders)
        except OpenReturnsError as error:
            rejected[file.name] = error
            keep_rejected(file, error)
            continue
        keep(file.stem, story)
        problems = check_case(story.documents)
        if problems:
            broken[file.name] = problems
        count(story, told, lost, totals)
        rows.append(row(file.stem, story, problems))
    report(rows, rejected, broken, told, lost, totals)
    made = sum(1 for _ in OUT.rglob("*.json"))
    print(f"\n{len(files)} records read = {len(rows)} translated + {len(rejected)} rejected; {made} files in {OUT}/")
    differing = differently({name: reason(error) for name, error in rejected.items()})
    for line in differing:
        print(line)
    return 1 if broken or differing else 0


def reason(error: OpenReturnsError) -> str:
    """Return the kind of an error and the codes of its problems."""
    return " ".join([error.kind, *sorted({problem.code for problem in error.problems})])


def differently(rejected: dict[str, str]) -> list[str]:
    """Return a line for each record whose fate is not that of `wrong-on-purpose.toml`."""
    expected = tomllib.loads((HERE / "wrong-on-purpose.toml").read_text("utf-8"))
    fates = {name: (expected.get(name), rejected.get(name)) for name in sorted({*expected, *rejected})}
    told = ((name, meant or "translated", found or "translated") for name, (meant, found) in fates.items())
    return [f"DIFFERENT: {name} should be {meant}, and is {found}" for name, meant, found in told if meant != found]


def tell(data: bytes, shipbob: Adapter, netsuite: Adapter, orders: dict[str, Any]) -> Story:
    """Return the documents and NetSuite records of one warehouse record, with the ERP's prices and line numbers."""
    seen = shipbob.read("return", data)
    assert isinstance(seen.document, Return)
    order = orders[seen.document.number]
    numbers = {line: entry["invoiceLine"] for line, entry in order["lines"].items()}
    return_ = priced(match_lines(seen.document, numbers), order)
    story = Story([return_], findings=list(seen.findings))
    disposition = decided(shipbob, data, story)
    if disposition is not None and disposition.status == "final":
        disposition = match_lines(disposition, numbers)
        story.documents.append(disposition)
        story.documents += adjustments_of(
            disposition, location=disposition.warehouse.id if disposition.warehouse else "22"
        )
        credit = credit_of(
            return_, disposition, seller="MAIN", issue_date=disposition.meta.issued_at.date().isoformat()
        )
        story.documents += [credit] if credit else []
    for document in story.documents:
        write(netsuite, document, story)
    return story


def decided(shipbob: Adapter, data: bytes, story: Story) -> Disposition | None:
    """Return the disposition, or None while the warehouse has not decided on any unit."""
    try:
        read = shipbob.read("return", data, "disposition")
    except MappingError as error:
        if [problem.code for problem in error.problems] == ["not_yet"]:
            return None
        raise
    story.findings += read.findings
    assert isinstance(read.document, Disposition)
    return read.document


def priced(return_: Return, order: dict[str, Any]) -> Return:
    """Return the return with what only the ERP knows: customer, currency, prices, the original invoice."""
    by_line = {entry["invoiceLine"]: entry for entry in order["lines"].values()}
    data = return_.to_dict()
    data["customer"], data["currency"] = order["customer"], order["currency"]
    data["meta"]["sourceSystem"] = "netsuite"
    for line in data["lines"]:
        entry = by_line[line["lineId"]]
        line["unitPrice"] = {"amount": entry["unitPrice"], "currency": order["currency"]}
        line["originalInvoice"] = {"type": "invoice", **order["invoice"], "lineId": entry["invoiceLine"]}
    return Return.model_validate(data)


def write(netsuite: Adapter, document: Document, story: Story) -> None:
    """Add the NetSuite records of a document; moves within stock are the receipt's bins, not a record."""
    if isinstance(document, Return):
        # A cancelled RMA is cancelled in the ERP; nothing is written for it.
        names = [] if document.status == "cancelled" else ["return_authorization"]
        names += ["item_receipt"] if any(line.receipts for line in document.lines) else []
    elif isinstance(document, Adjustment):
        names = ["inventory_adjustment"] if document.number.endswith("-exit") else []
    else:
        names = ["credit_memo"] if isinstance(document, Credit) else []
    offered = {mapping.native for mapping in netsuite.mappings}
    for name in names:
        if name not in offered:
            story.kept.append(type(document).__name__)
            continue
        for written in netsuite.write(document, name):
            story.records.append((name, written.record))
            story.losses += [Problem("loss", p.message, p.canonical, name) for p in written.losses]
            story.findings += written.findings


def keep(name: str, story: Story) -> None:
    """Write a story's documents and records to its folder."""
    folder = OUT / name
    folder.mkdir(parents=True)
    for document in story.documents:
        (folder / f"{document.meta.document_id}.json").write_bytes(dump(document.to_dict(), indent=True))
    for number, (record_name, record) in enumerate(story.records, 1):
        (folder / f"netsuite-{number}-{record_name}.json").write_bytes(dump(record, indent=True))


def keep_rejected(file: Path, error: OpenReturnsError) -> None:
    """Keep a record nobody could read beside the reasons: nothing is lost."""
    folder = OUT / "rejected" / file.stem
    folder.mkdir(parents=True)
    shutil.copy(file, folder / "record.original")
    reasons = {"error": str(error).partition("\n")[0], "problems": [p.to_dict() for p in error.problems]}
    (folder / "reasons.json").write_bytes(dump(reasons, indent=True))


def count(story: Story, told: Counter[str], lost: Counter[tuple[str, str]], totals: Value) -> None:
    """Add a story to the totals."""
    told.update(type(document).__name__ for document in story.documents)
    told.update(f"NetSuite {name}" for name, _ in story.records)
    told.update(f"{name} kept canonical (no NetSuite mapping yet)" for name in story.kept)
    lost.update((problem.native, problem.message) for problem in story.losses)
    return_ = story.documents[0]
    assert isinstance(return_, Return)
    prices = {line.line_id: line.unit_price for line in return_.lines}
    for code, line_id, quantity in splits(story):
        price = prices[line_id]
        assert price is not None
        entry = totals[code, price.currency]
        entry[0] += quantity
        entry[1] += quantity * price.amount


def splits(story: Story) -> Iterator[tuple[str, str, Decimal]]:
    """Yield code, return line and quantity of every disposition split."""
    for document in story.documents:
        if isinstance(document, Disposition):
            for line in document.lines:
                for split in line.splits:
                    yield split.disposition.code, line.return_line_id, split.quantity.value


def row(name: str, story: Story, problems: tuple[Problem, ...]) -> list[str]:
    """Return the table row of one translated record."""
    return_ = story.documents[0]
    assert isinstance(return_, Return)
    units: Counter[str] = Counter()
    for code, _, quantity in splits(story):
        units[code] += int(quantity)
    credit = next((d for d in story.documents if isinstance(d, Credit)), None)
    worth = f"{credit.totals.due.amount} {credit.currency}" if credit else ""
    said = ", ".join(f"{n} {code}" for code, n in units.items())
    flags = ", ".join(sorted({p.code for p in (*problems, *story.findings)}))
    return [name, return_.number, return_.status, said, worth, str(len(story.records)), flags]


def report(
    rows: list[list[str]],
    rejected: dict[str, OpenReturnsError],
    broken: dict[str, tuple[Problem, ...]],
    told: Counter[str],
    lost: Counter[tuple[str, str]],
    totals: Value,
) -> None:
    """Print what became of the records, what was lost, what was rejected, and the totals."""
    heads = ["record", "RMA", "status", "disposition (units)", "draft credit", "NetSuite", "look at"]
    print("What each record became\n" + tabulate(rows, heads, disable_numparse=True))
    print("\nRejected, with every reason")
    for name, error in rejected.items():
        print(f"- {name}: {error}")
    print("\nDeclared losses on the way to NetSuite")
    table = [[record, message, n] for (record, message), n in sorted(lost.items())]
    print(tabulate(table, ["record", "what NetSuite cannot hold", "values"]))
    print("\nCase invariants: " + ("all kept" if not broken else "broken"))
    for name, problems in broken.items():
        print(f"- {name}", *problems, sep="\n    ")
    print("\nBy disposition")
    values = [[code, cur, f"{n:f}", f"{value:f}"] for (code, cur), (n, value) in sorted(totals.items())]
    print(tabulate(values, ["disposition", "currency", "units", "value at invoice price"], disable_numparse=True))
    print("\nMade: " + ", ".join(f"{n} {name}" for name, n in sorted(told.items())))


if __name__ == "__main__":
    sys.exit(main())
