"""An adapter package as text: every file by its path, the same bytes for the same description."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openreturns._schemas import VERSION

from openreturns_codegen.adapter import client, evidence, records
from openreturns_codegen.adapter.codes import Crossed
from openreturns_codegen.adapter.draft import NOTHING, Draft, Gap
from openreturns_codegen.adapter.plan import Package
from openreturns_codegen.adapter.text import comment, toml

__all__ = ["files"]


def files(package: Package) -> dict[str, str]:
    """Return the text of every file of a package but the recorded records, which need it to run."""
    own = package.module
    made = {
        "pyproject.toml": _pyproject(package),
        "README.md": _readme(package),
        f"{own}/__init__.py": _init(package),
        f"{own}/py.typed": "",
        f"{own}/mapping.py": _mapping(package),
        f"{own}/manifest.toml": _manifest(package),
        f"{own}/tables.toml": _tables(package),
        f"{own}/operations.toml": client.operations(package),
        f"{own}/client.py": client.module(package),
        f"{own}/simulator.py": client.simulator(package),
        f"{own}/records.py": records.module(package),
        f"{own}/contract/README.md": _about(package),
        "tests/test_contract.py": evidence.test(package),
        "tests/tenant.toml": evidence.tenant(package),
        "tests/values.toml": evidence.values(package),
    }
    if any(draft.money and draft.way == "in" for draft in package.drafts):
        made[f"{own}/functions.py"] = _functions(package)
    for name, schema in package.contracts.items():
        path = f"{own}/contract/{package.version}/{name}.schema.json"
        made[path] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return made


def _init(package: Package) -> str:
    return f'''"""{comment(package.title)[:60]}: the adapter, as the entry point names it."""

from pathlib import Path

from openreturns.adapters import Adapter

from {package.module}.mapping import MAPPINGS

__all__ = ["ADAPTER"]

ADAPTER = Adapter(Path(__file__).parent, MAPPINGS)
'''


def _pyproject(package: Package) -> str:
    return f"""[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "{package.module.replace("_", "-")}"
version = "0.1.0"
description = "An adapter of openreturns for {comment(package.title)}."
requires-python = ">=3.11"
dependencies = ["openreturns[clients]"]

[project.optional-dependencies]
dev = ["openreturns[testing]"]

[project.entry-points."openreturns.adapters"]
{package.name} = "{package.module}:ADAPTER"

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
testpaths = ["tests"]
"""


def _readme(package: Package) -> str:
    return f"""# {package.name}: an adapter of openreturns

Generated from a description ({package.form}) of {comment(package.title)}; yours to edit.

    pip install --editable '.[dev]'
    pytest                                  # the contract kit, level documents
    openreturns adapter review .            # confirm or correct what was guessed
    openreturns contract {package.name} --evidence tests

`{package.module}/mapping.py` says what becomes what; `mapping-report.html` shows it with all candidates. Rules marked
`proposed=True` are guesses: of money and quantities they keep the adapter from the level *vendor*.
"""


def _about(package: Package) -> str:
    notes = "\n".join(_noted(package)) or "- nothing"
    return f"""# The vendor's records, in our own words

Extracted from {", ".join(f"`{name}`" for name in package.sources)} ({package.form}, version {package.version}): the
fields that a return or a credit can use, their types, and the words that they may hold; not the vendor's sentences.
To refresh: `openreturns adapter update . --from FILE`.

What was cut, changed or could not be used:

{notes}
"""


def _noted(package: Package) -> Iterator[str]:
    """Yield a line a reason, with all that it holds for."""
    by_reason: dict[str, list[str]] = {}
    for note in package.notes:
        by_reason.setdefault(note.why, []).append(f"`{note.at}`")
    yield from (f"- {why}: {', '.join(at)}" for why, at in by_reason.items())


def _mapping(package: Package) -> str:
    bodies = [_one(draft) for draft in package.drafts]
    imports = ",\n    ".join(_used("\n".join(bodies)))
    functions = f"\nfrom {package.module} import functions as fn\n" if any("fn." in body for body in bodies) else ""
    listed = ", ".join(_constant(draft) for draft in package.drafts)
    return f'''"""What becomes what between {comment(package.title)} and the canonical documents.

Rules marked `proposed` are guesses of the generator until a person confirms them: openreturns adapter review.
"""

from openreturns.mapping import (
    {imports},
)
{functions}
__all__ = ["MAPPINGS"]

{chr(10).join(bodies)}

MAPPINGS = ({listed},)
'''


_WORDS = (
    "Mapping", "code", "coded", "constant", "counted", "day", "decimal", "digits", "dropped", "each", "epoch",
    "ignored", "lookup", "lossy", "minor_money", "money", "numbered", "pair", "setting", "timestamp",
)  # fmt: skip


def _used(body: str) -> list[str]:
    return [word for word in _WORDS if f"{word}(" in body or f", {word}," in body or f", {word})" in body]


def _constant(draft: Draft) -> str:
    return f"{draft.native}_{draft.document}".upper() if draft.native != draft.document else draft.native.upper()


def _one(draft: Draft) -> str:
    rules = [f"        {line.text},  {_why(line.candidate)}".rstrip() for line in draft.rules]
    if draft.lines:
        inner = [f"            {line.text},  {_why(line.candidate)}".rstrip() for line in draft.lines]
        rules += [f'        each(\n            "lines",\n            "{draft.proposal.lines}",', *inner, "        ),"]
    losses = [f'        lossy("{path}", "only some are carried"),' for path in draft.partly]
    losses += [f'        dropped("{gap.path}", {_reason(gap)}),' for gap in draft.losses]
    ignored = [f'        ignored("{gap.path}", {_unread(gap, draft)}),' for gap in draft.ignored]
    money = "    currency_in=fn.currency,\n" if draft.money and draft.way == "in" else ""
    return f'''{_constant(draft)} = Mapping(
    canonical="{draft.document}",
    native="{draft.native}",
    directions=("{draft.way}",),
{money}    rules=(
{chr(10).join(rules)}
    ),
    losses=(
{chr(10).join(losses)}
    ),
    ignored=(
{chr(10).join(ignored)}
    ),
)
'''


def _why(candidate: Any) -> str:  # noqa: ANN401 - a candidate or None
    return f"# {candidate.score:.2f}" if candidate else ""


def _unread(gap: Gap, draft: Draft) -> str:
    """Return why a vendor's field is not read: no field of ours is surely it, and which may be it."""
    scores = {
        path: one.score
        for path, ranked in draft.proposal.candidates.items()
        for one in ranked
        if one.native == gap.path and path not in draft.proposal.rules
    }
    likely = ", ".join(f"{path} {score:.2f}" for path, score in sorted(scores.items(), key=lambda one: -one[1])[:3])
    return json.dumps(f"not mapped yet; candidates: {likely}" if likely else "nothing of ours is surely it")


def _reason(gap: Gap) -> str:
    return json.dumps(gap.reason if gap.candidates else NOTHING, ensure_ascii=False)


def _functions(package: Package) -> str:
    draft = next(one for one in package.drafts if one.money and one.way == "in")
    one = draft.proposal.rules.get("currency")
    said = 'env.tenant.setting("currency")'
    steps = one.native.split(".") if one else []
    found = "record" + "".join(f'["{step}"]' for step in steps) if steps else said
    return f'''"""Plain functions of the mapping: no clock, no I/O."""

from __future__ import annotations

from typing import Any

from openreturns.mapping import Environment

__all__ = ["currency"]


def currency(record: dict[str, Any], env: Environment) -> str:
    """Return the currency that the record's amounts are in."""
    return str({found})
'''


def _manifest(package: Package) -> str:
    documents = "\n".join(
        f'[[documents]]\nnative = "{package.name}.{draft.native}"\ncanonical = "{draft.document}"\n'
        f'directions = ["{draft.way}"]\nverbs = {json.dumps(package.verbs_of(draft))}\n'
        for draft in package.drafts
    )
    settings = "\n".join(
        f'[[settings]]\nname = "{name}"\ntype = "string"\nrequired = {json.dumps(sorted(needed))}\n'
        f"description = {toml(meaning)}\n"
        for name, (meaning, needed) in package.settings.items()
    )
    tables = "\n".join(
        f'[[code_tables]]\nname = "{name}"\ndescription = "The vendor\'s words for codes of {name}."\n'
        for name in package.tables
    )
    unsupported = "\n".join(f"{verb} = {toml(why)}" for verb, why in package.unsupported.items())
    rules = "\n".join(f'{verb} = "{rule}"' for verb, rule in package.idempotency.items())
    hints = "\n".join(f"# {comment(hint)}" for hint in package.hints)
    sandbox = ", ".join(f"{name} = {toml(value)}" for name, value in package.credentials.items())
    return f"""# What the adapter is and what the vendor promises, as far as its description says.
name = "{package.name}"
title = {toml(package.title)}
roles = ["{package.role}"]
vendor = {toml(package.title)}
api_version = {toml(package.version)}
schemas = "{VERSION}"
clients = {{ {package.role} = "{package.module}.client:{package.class_name}" }}
base_url = {toml(package.base_url)}
simulator = "{package.module}.simulator:simulator"
sandbox = {{ {sandbox} }} # what the simulator lets in
auth = [{toml(package.auth)}]

{documents}
[idempotency] # native: a repeat is harmless; lookup: ask before repeating; none: never repeat blindly
{rules}

[unsupported]
{unsupported}

[rate_limit]
{hints}
retry_after_header = "Retry-After"

[webhooks]
signature = "none" # no description says how webhooks are signed

{settings}
{tables}"""


def _tables(package: Package) -> str:
    if not package.tables:
        return "# No word of the vendor's needs a table yet.\n"
    parts = [_table(name, package.tables[name], package.refused(name)) for name in package.tables]
    return "# The vendor's word -> canonical code, as proposed; the score of each guess beside it.\n\n" + "\n".join(
        parts
    )


def _table(name: str, rows: Sequence[Crossed], refused: Sequence[str]) -> str:
    sure, rest = (_words(one for one in rows if one.sure is wanted) for wanted in (True, False))
    why = "not read until a person moves them to read, with the code that is right"
    unsure = f"\n[{name}.proposed] # {why}\n{rest}" if rest else ""
    return f"[{name}]\nrefused = {json.dumps(list(refused))}\n\n[{name}.read]\n{sure}{unsure}"


def _words(rows: Iterable[Crossed]) -> str:
    return "".join(f"{toml(one.word)} = {toml(one.code)} # {one.score:.2f}\n" for one in rows)
