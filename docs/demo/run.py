"""The demo, run by `make demo`: records are translated, then returns run through four systems that have to agree."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from demo import report, returns, translate
from demo.flow import Case
from demo.sandbox import Sandbox, running
from openreturns.invariants import check_case
from openreturns.reconciliation import reconcile

__all__ = ["main", "reverse_flow", "verdict"]


def main() -> int:
    """Run both parts; 1 if a document breaks a rule, a return does not end, or two systems hold something else."""
    print("== A folder of warehouse records becomes documents and ERP records ==\n")
    translated = translate.main()
    print("\n\n== Returns through ERP, warehouse, service desk and tax engine, with faults on ==\n")
    return translated or reverse_flow()


def reverse_flow() -> int:
    """Let the returns happen, and compare what the systems hold then."""
    logging.getLogger("openreturns").setLevel(logging.CRITICAL)  # each fault would be a warning
    began, story = datetime.now(UTC), returns.story()
    with running() as sandbox:
        with report.progress(len(story["returns"])) as told:
            cases = returns.carry_out(sandbox, story, told)
        sandbox.forge("78101")
        sandbox.calm()
        return verdict(sandbox, cases, began, story)


def verdict(sandbox: Sandbox, cases: Sequence[Case], began: datetime, story: Mapping[str, Any]) -> int:
    """Ask each system what it holds, print it side by side, and return 1 if anything is not as it should be."""
    found = reconcile(returns.hold(sandbox.systems, began, story["not_creditable"]))
    desk = returns.cases_at(sandbox.systems, began)
    report.show(cases, found)
    open_ = [case.return_.number for case in cases if not case.ended]
    broken = {case.return_.number: problems for case in cases if (problems := check_case(case.story))}
    print(f"\nFaults that hit a call: {', '.join(f'{n} {kind}' for kind, n in sorted(sandbox.hit().items()))}")
    print(f"Webhooks: {', '.join(f'{n} {what}' for what, n in sandbox.webhooks.items())}")
    print(f"The service desk has {desk} cases for {len(cases)} returns")
    print("Not ended: " + (", ".join(open_) or "none"))
    print("Case invariants: " + ("all kept" if not broken else "broken"))
    for name, problems in broken.items():
        print(f"- {name}", *problems, sep="\n    ")
    return 0 if found.equal and not open_ and not broken and desk == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
