"""The pages of the contract, printed from the catalogue: documents, shared parts, codes, rules, versions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from openreturns_codegen.markdown import table
from openreturns_codegen.page import LONGEST_LIST, conditions, diagram

__all__ = ["contract_pages", "listed"]

Entry = Mapping[str, Any]

_WORDS = {"boolean": "yes or no", "integer": "whole number", "string": "text"}
_LOOKS_AT = {"document": "one document", "case": "the documents of a case together", "both": "a document and its case"}


def contract_pages(catalog: Entry, introduction: str, changes: Mapping[str, str]) -> dict[str, str]:
    """Return the pages by name; `changes` is what each version changed of the one before it, as Markdown."""
    where = _places(catalog)
    long = [one for one in catalog["codes"] if len(one["values"]) > LONGEST_LIST]
    pages = {f"model/{one['name']}": "\n\n".join(_document(one, catalog, where)) for one in catalog["documents"]}
    pages |= {_page_of(one): "\n\n".join(_codes(one, "#")) for one in long}
    names = [*(one["name"] for one in catalog["documents"]), "parts", "codes", "rules", "versions"]
    return pages | {
        "model/index": f"{introduction}\n\n{listed(names, hidden=True)}",
        "model/parts": "\n\n".join(_parts(catalog, where)),
        "model/codes": "\n\n".join(_all_codes(catalog, long)),
        "model/rules": "\n\n".join(_rules(catalog)),
        "model/versions": "\n\n".join(_versions(catalog, changes)),
    }


def listed(names: Iterable[str], *, hidden: bool = False, caption: str = "") -> str:
    """Return a list of pages that belong below this one."""
    options = [":hidden:"] * hidden + [f":caption: {caption}"] * bool(caption) + [":maxdepth: 1"]
    return "\n".join(["```{toctree}", *options, "", *names, "```"])


def _places(catalog: Entry) -> dict[str, str]:
    """Return the link to where each definition is told of."""
    where = {one["name"]: f"[{one['name']}](parts.md#{one['name'].lower()})" for one in catalog["parts"]}
    where |= {one["name"]: f"{{value}}`{one['name']}`" for one in catalog["values"]}
    for one in catalog["codes"]:
        at = "codes.md" if len(one["values"]) <= LONGEST_LIST else f"{_page_of(one).rpartition('/')[2]}.md"
        where[one["name"]] = f"[{one['name']}]({at}#{one['name'].lower()})"
    return where


def _page_of(codes: Entry) -> str:
    return f"model/codes-{codes['name'].lower()}"


# --- documents and parts --------------------------------------------------------------------------------------


def _document(one: Entry, catalog: Entry, where: Mapping[str, str]) -> Iterator[str]:
    newest = catalog["newest"]
    files = next(version["files"] for version in catalog["versions"] if version["version"] == newest)[one["name"]]
    yield f"# {one['title']}"
    yield one["description"]
    yield (
        f"In the contract since {one['since']}. The schema of {newest} in one file: "
        f"[for writers](site:{files['bundle']}), [for readers](site:{files['tolerant_bundle']}); all others are among "
        "the [versions](versions.md)."
    )
    yield "## Fields"
    yield from _fields(one["title"], one["fields"], where)
    yield "## Status"
    yield from _status(one["status"], catalog)


def _fields(owner: str, fields: Iterable[Entry], where: Mapping[str, str]) -> Iterator[str]:
    for field in fields:
        body = [" · ".join(_tags(field, where)), field["meaning"], *_carriers(field)]
        yield "\n".join([f"```{{field}} {owner}.{field['path']}", "\n\n".join(filter(None, body)), "```"])


def _tags(field: Entry, where: Mapping[str, str]) -> Iterator[str]:
    yield _type(field, where)
    if field["required"]:
        yield "[required]{.tag .required}"
    yield f"since {field['since']}"
    if field["personal"]:
        yield "[personal data]{.tag .personal}"
    if field["deprecated"]:
        yield f"[deprecated]{{.tag .deprecated}}{' until ' + field['sunset'] if 'sunset' in field else ''}"


def _type(field: Entry, where: Mapping[str, str]) -> str:
    name = field["type"]
    if name == "object":
        return "list of objects" if field["list"] else "object"
    one = where.get(name) or _WORDS[name]
    return f"list of {one}" if field["list"] else one


def _carriers(field: Entry) -> Iterator[str]:
    said = [
        f"{words} {_systems(field[way])}"
        for way, words in (("read_from", "Read from"), ("written_to", "Needed by"))
        if field.get(way)
    ]
    if said:
        yield "\n".join(["{.carriers}", ". ".join(said) + "."])


def _systems(records: Iterable[str]) -> str:
    names = dict.fromkeys(record.partition(".")[0] for record in records)
    return ", ".join(f"[{name}](../adapters/{name}.md)" for name in names)


def _status(status: Entry, catalog: Entry) -> Iterator[str]:
    codes = next(one for one in catalog["codes"] if one["name"] == status["statuses"])
    yield codes["description"]
    rows = []
    for value in codes["values"]:
        steps = [_step(step) for step in status["transitions"] if step["from"] == value["code"]]
        begins = "may be the first" if value["code"] in status["initial"] else ""
        rows.append((f"`{value['code']}`", value["meaning"], begins, ", ".join(steps) or "nothing"))
    yield table(("status", "meaning", "", "may be followed by"), rows)
    yield "\n".join(["```mermaid", "stateDiagram-v2", *diagram(status), "```"])


def _step(step: Entry) -> str:
    said = conditions(step)
    return f"`{step['to']}`{f' ({said})' if said else ''}"


def _parts(catalog: Entry, where: Mapping[str, str]) -> Iterator[str]:
    yield "# Shared parts and values"
    yield "What several documents have in common: objects first, then plain values."
    for one in catalog["parts"]:
        yield f"## {one['name']}"
        yield f"{one['description']} Since {one['since']}."
        yield from _fields(one["name"], one["fields"], where)
    yield "## Plain values"
    for one in catalog["values"]:
        limits = ", ".join(f"{word} `{_json(limit)}`" for word, limit in one["limits"].items())
        body = f"{limits} · since {one['since']}\n\n{one['description']}"
        yield f"```{{value}} {one['name']}\n{body}\n```"


# --- codes ----------------------------------------------------------------------------------------------------


def _all_codes(catalog: Entry, long: list[Entry]) -> Iterator[str]:
    yield "# Codes"
    yield (
        "Lists that a schema closes are complete: another code is refused. A code that a system did not know how to "
        "translate is the list's own way of saying so (`other`, `pending`, `unidentified`), with the system's own word "
        "in `source`. The lists of the world have pages of their own:"
    )
    yield listed(_page_of(one).rpartition("/")[2] for one in long)
    for one in catalog["codes"]:
        if one not in long:
            yield from _codes(one, "##")


def _codes(one: Entry, level: str) -> Iterator[str]:
    yield f"{level} {one['name']}"
    yield f"{one['description']} {len(one['values'])} codes; the list is in the contract since {one['since']}."
    columns: dict[str, Callable[[Entry], str]] = {
        "code": lambda value: f"`{value['code']}`",
        "meaning": lambda value: value["meaning"] + (" *Deprecated.*" if value["deprecated"] else ""),
        "goes to": lambda value: _position(value["position"]) if "position" in value else "nowhere",
        "or to": lambda value: ", ".join(map(_position, value.get("also", ()))),
        "digits": lambda value: str(value.get("minorUnits", "")),
        "since": lambda value: value["since"],
    }
    if not any("position" in value for value in one["values"]):
        del columns["goes to"], columns["or to"]
    if not any("minorUnits" in value for value in one["values"]):
        del columns["digits"]
    yield table([*columns], ([cell(value) for cell in columns.values()] for value in one["values"]))


def _position(position: Mapping[str, str]) -> str:
    return f"`{' '.join(position.values())}`"


# --- rules ----------------------------------------------------------------------------------------------------


def _rules(catalog: Entry) -> Iterator[str]:
    yield "# Rules"
    sound = ", ".join(f"[{name}](site:sound/{name}.json)" for name in catalog["sound"])
    yield (
        "What no schema can hold. `openreturns validate` holds each document to them, `openreturns validate --case` "
        "all documents of a case together; `openreturns.invariants.RULES` is this list. The examples are those of the "
        f"tests: what is changed of four sound documents ({sound}), and where the rule is then found broken."
    )
    everything = {one["name"] for one in catalog["documents"]}
    for rule in catalog["rules"]:
        about = "every document" if set(rule["documents"]) == everything else " and ".join(rule["documents"])
        body = [rule["sentence"], f"About {about}; looks at {_LOOKS_AT[rule['looks_at']]}."]
        body += ["**Kept**", "\n".join(map(_example, rule["kept_by"])) or "- by the sound documents as they are"]
        body += ["**Broken**", "\n".join(map(_example, rule["broken_by"]))]
        yield "\n".join([f"```{{rule}} {rule['id']}", "\n\n".join(body), "```"])


def _example(one: Entry) -> str:
    told = "; ".join(f"{document['of']}{_changed(document['changes'])}" for document in one["documents"])
    given = "".join(f", given {name} `{_json(value)}`" for name, value in one["options"].items())
    at = f". Told at {', '.join(f'`{place}`' for place in one['at'])}" if one["at"] else ""
    return f"- *{one['what']}*: {told}{given}{at}."


def _changed(changes: Mapping[str, Any]) -> str:
    if not changes:
        return " as it is"
    said = (f"`{at}` {'taken away' if value is None else f'= `{_json(value)}`'}" for at, value in changes.items())
    return f" with {', '.join(said)}"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else value


# --- versions -------------------------------------------------------------------------------------------------


def _versions(catalog: Entry, changes: Mapping[str, str]) -> Iterator[str]:
    yield "# Versions"
    yield (
        "Published versions never change. Writers take the strict form, readers the tolerant one, which is open to "
        "later minor versions. A bundle refers to no other file; `openreturns schema bundle` writes the same. For "
        "machines, [`catalog.json`](site:catalog.json) has all that these pages tell, by "
        "[its schema](site:catalog.schema.json)."
    )
    for version in reversed(catalog["versions"]):
        yield f"## {version['version']}"
        yield f"{'Published' if version['published'] else 'A draft'}. " + (
            "The newest." if version["version"] == catalog["newest"] else ""
        )
        forms = ("bundle", "tolerant_bundle", "strict", "tolerant")
        rows = [
            [f"[{name}]({name}.md)", *(f"[{form.replace('_', ' ')}](site:{files[form]})" for form in forms)]
            for name, files in version["files"].items()
        ]
        yield table(("document", "one file", "one file, tolerant", "as published", "as published, tolerant"), rows)
        yield changes.get(version["version"], "The first version.")
