"""The proposal for people: on a page, and in the terminal."""

from __future__ import annotations

from html import escape

from openreturns_codegen.adapter.draft import Draft
from openreturns_codegen.adapter.plan import Package

__all__ = ["page", "told", "verbs_told"]

_STYLE = """body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem}
table{border-collapse:collapse;width:100%;margin:1rem 0}
td,th{border:1px solid #ccc;padding:.25rem .5rem;text-align:left;vertical-align:top}
.sure{background:#e9f6ea}.maybe{background:#fdf6e3}code{font-size:.95em}"""


def page(package: Package) -> str:
    """Return the report as an HTML page of its own: rules, gaps with their candidates, code tables, what was left."""
    parts = "\n".join(_mapping(draft) for draft in package.drafts)
    notes = "".join(f"<li><code>{escape(one.at)}</code>: {escape(one.why)}</li>" for one in package.notes)
    verbs = "".join(
        f'<tr class="{"sure" if row["generated"] else "maybe"}"><td>{row["verb"]}</td>'
        f"<td><code>{escape(str(row['operation']))}</code></td><td>{row['score']:.2f}</td></tr>"
        for row in verbs_told(package)
    )
    title = escape(f"{package.name}: what is proposed")
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style></head><body>
<h1>{title}</h1>
<p>From {escape(package.form)} of {escape(package.title)}, for the role {package.role}. Nothing here is confirmed: run
<code>openreturns adapter review</code>.</p>
<h2>Verbs</h2><table><tr><th>verb</th><th>operation</th><th>score</th></tr>{verbs}</table>
{parts}
<h2>Cut, changed or not used</h2><ul>{notes or "<li>nothing</li>"}</ul>
</body></html>
"""


def _mapping(draft: Draft) -> str:
    rows = "".join(_row(*row) for row in _rows(draft))
    tables = "".join(
        f"<h3>Words of {name}</h3><table><tr><th>theirs</th><th>ours</th><th>score</th></tr>"
        + "".join(
            f"<tr><td><code>{escape(one.word)}</code></td><td>{one.code}</td><td>{one.score:.2f}</td></tr>"
            for one in crossed
        )
        + "</table>"
        for name, crossed in draft.tables.items()
    )
    way = "read as" if draft.way == "in" else "written from"
    head = "<tr><th>canonical</th><th>vendor</th><th>score</th><th>codec</th><th>why</th></tr>"
    return f"<h2><code>{draft.native}</code>, {way} a {draft.document}</h2><table>{head}{rows}</table>{tables}"


def _rows(draft: Draft) -> list[tuple[str, str, str, float, str, str]]:
    found = []
    rules = {line.canonical: line.candidate for line in (*draft.rules, *draft.lines) if line.candidate}
    for path, one in rules.items():
        found.append(("sure", path, one.native, one.score, one.fit.codec or "same", "; ".join(one.why)))
    for gap in draft.losses:
        for one in gap.candidates[:3]:
            found.append(("maybe", gap.path, one.native, one.score, one.fit.codec or "same", "; ".join(one.why)))
    return found


def _row(kind: str, ours: str, theirs: str, score: float, codec: str, why: str) -> str:
    return (
        f'<tr class="{kind}"><td><code>{escape(ours)}</code></td><td><code>{escape(theirs)}</code></td>'
        f"<td>{score:.2f}</td><td>{escape(codec)}</td><td>{escape(why)}</td></tr>"
    )


def verbs_told(package: Package) -> list[dict[str, object]]:
    """Return which operation serves which verb, a row each: those that are generated, then what may serve others."""
    found = [(one.name, one.operation, 1.0, True) for one in package.verbs]
    found += [(verb, one.operation, one.score, False) for verb, some in package.likely.items() for one in some]
    return [
        {"verb": verb, "operation": f"{one.method} {one.path}", "score": score, "generated": generated}
        for verb, one, score, generated in found
    ]


def told(package: Package) -> list[dict[str, object]]:
    """Return the rows of the report for the terminal: a row a mapping."""
    return [
        {
            "record": f"{package.name}.{draft.native}",
            "document": draft.document,
            "is": "read" if draft.way == "in" else "written",
            "rules proposed": sum(1 for line in (*draft.rules, *draft.lines) if line.candidate),
            "gaps with candidates": sum(1 for gap in draft.losses if gap.candidates),
            "vendor fields left": len(draft.ignored),
        }
        for draft in package.drafts
    ]
