"""What a change of JSON Schemas breaks, and for whom: decided, shown by documents, told by file and line.

    from openreturns.compat import compare, open_source, render

    report = compare(open_source("1.0.0"), open_source("schemas/next"))
    print(render(report, "text"))

`sources(new, against)` opens both sides as the command line does, a git commit among them; `load_settings` reads
`[tool.openreturns.breaking]`; `bump` says by how much a version must be raised; `RULES` are all rules by id.
The way it decides is told in docs/schema-governance.md.
"""

from openreturns.compat import versions
from openreturns.compat._changes import Changes, changes
from openreturns.compat._compare import compare
from openreturns.compat._due import bump
from openreturns.compat._findings import Answer, Finding, Report, Verdict
from openreturns.compat._report import FORMS, exact_json, render
from openreturns.compat._rules import CATEGORIES, RULES, Rule
from openreturns.compat._settings import Accepted, Settings, load_settings
from openreturns.compat._source import Source, open_source, sources

__all__ = [
    "CATEGORIES",
    "FORMS",
    "RULES",
    "Accepted",
    "Answer",
    "Changes",
    "Finding",
    "Report",
    "Rule",
    "Settings",
    "Source",
    "Verdict",
    "bump",
    "changes",
    "compare",
    "exact_json",
    "load_settings",
    "open_source",
    "render",
    "sources",
    "versions",
]
