"""The pages of the adapters, printed from the catalogue: who can do what, and a page each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import starmap
from typing import Any

from openreturns.ports import ROLES

from openreturns_codegen.markdown import table
from openreturns_codegen.site.contract_pages import listed

__all__ = ["adapter_pages"]

Entry = Mapping[str, Any]

_ARROWS = {("in",): "read", ("out",): "written", ("in", "out"): "read, written"}
_ROLES = {"erp": "ERP", "wms": "WMS", "crm": "CRM", "tax": "Tax", "documents": "Standards"}
_ONCE = {
    "native": "done once by the vendor itself",
    "lookup": "looked up before it is done or repeated",
    "none": "never repeated blindly",
    "read": "changes nothing",
}


def adapter_pages(catalog: Entry) -> dict[str, str]:
    """Return the pages by name."""
    pages = {f"adapters/{one['name']}": "\n\n".join(_adapter(one)) for one in catalog["adapters"]}
    return pages | {"adapters/index": "\n\n".join(_matrix(catalog["adapters"]))}


# --- the matrix -----------------------------------------------------------------------------------------------


def _matrix(adapters: Sequence[Entry]) -> Iterator[str]:
    yield "# Adapters"
    yield (
        "Each is one external system: its records translated both ways from one declared mapping, and where a client "
        "is written, the verbs of its role. The level says what the tests hold it to: `documents` is mapping and "
        "contract, `vendor` also the verbs at a simulated vendor, `live` the verbs at a real server."
    )
    rows = [
        (
            f"[{one['title']}]({one['name']}.md)",
            ", ".join(_ROLES[role] for role in one["roles"]),
            one["api_version"],
            _carries(one, "in"),
            _carries(one, "out"),
            f"`{one['level']}`",
        )
        for one in adapters
    ]
    yield table(("system", "role", "version", "reads", "writes", "level"), rows)
    yield "## Verbs"
    yield (
        "How each verb is done once: *native*, a repeat is harmless; *lookup*, asked before it is done or repeated; "
        "*none*, never repeated blindly; *reads* changes nothing. A dash is refused before anything is sent; the "
        "adapter's page says why."
    )
    for role, port in ROLES.items():
        ours = [one for one in adapters if role in one["roles"]]
        yield f"### {_ROLES[role]}"
        yield table(
            ("verb", *(f"[{one['title']}]({one['name']}.md)" for one in ours)),
            ([f"`{verb}`", *(_cell(one["verbs"].get(verb)) for one in ours)] for verb in port.verbs),
        )
    yield "What each field and code is called at each system is in [the crosswalk](crosswalk.md)."
    yield listed(["crosswalk", *(one["name"] for one in adapters)], hidden=True)


def _carries(one: Entry, way: str) -> str:
    found = dict.fromkeys(row["document"] for row in one["records"] if way in row["directions"])
    return ", ".join(found) or "—"


def _cell(verb: Entry | None) -> str:
    if not verb or not verb["supported"]:
        return "—"
    return "reads" if verb["idempotency"] == "read" else str(verb["idempotency"])


# --- an adapter -----------------------------------------------------------------------------------------------


def _adapter(one: Entry) -> Iterator[str]:
    yield f"# {one['title']}"
    yield (
        f"`{one['name']}` speaks version {one['api_version']} of {one['vendor']}, as "
        f"{' and '.join(_ROLES[role] for role in one['roles'])}, and is held to the contract kit's level "
        f"`{one['level']}`."
        + (f" It is let in by {', '.join(f'`{kind}`' for kind in one['auth'])}." if one["auth"] else "")
    )
    yield "## Records"
    yield table(
        ("record", "document", "is"),
        (
            (f"`{row['name']}`", f"[{row['document']}](../model/{row['document']}.md)", _ARROWS[(*row["directions"],)])
            for row in one["records"]
        ),
    )
    if one["verbs"]:
        yield "## Verbs"
        yield table(("verb", "", "how it is done once, or why it is not there"), starmap(_verb, one["verbs"].items()))
    yield from _limits(one)
    yield from _configured(one)
    yield "## Left behind"
    yield "Fields that do not reach the other side, or not whole; each translation says which of them its document had."
    for row in one["records"]:
        if row["losses"]:
            yield f"### {row['name']}"
            yield table(
                ("field", "", "why"), ((f"`{gap['field']}`", gap["kind"], gap["reason"]) for gap in row["losses"])
            )


def _verb(name: str, verb: Entry) -> tuple[str, str, str]:
    if not verb["supported"]:
        return f"`{name}`", "no", verb["reason"]
    return f"`{name}`", "yes", f"{verb['idempotency']}: {_ONCE[verb['idempotency']]}"


def _limits(one: Entry) -> Iterator[str]:
    for title, key in (("Limits", "limits"), ("Webhooks", "webhooks")):
        if one[key]:
            yield f"## {title}"
            yield table(("", ""), ((name.replace("_", " "), _said(value)) for name, value in one[key].items()))
    if one["errors"]:
        yield "## Errors"
        rows = (
            (str(row["status"]), f"`{row['code']}`" if "code" in row else "", f"`{row['kind']}`")
            for row in one["errors"]
        )
        yield table(("status", "the vendor's word", "kind"), rows)


def _said(value: object) -> str:
    return ", ".join(f"`{one}`" for one in value) if isinstance(value, list) else str(value)


def _configured(one: Entry) -> Iterator[str]:
    if one["settings"]:
        yield "## Settings"
        rows = (
            (f"`{row['name']}`", row["type"], _needed(row), str(row.get("default", "")), row["description"])
            for row in one["settings"]
        )
        yield table(("setting", "type", "needed by", "default", "meaning"), rows)
    if one["code_tables"]:
        yield "## Code tables"
        rows_ = (
            (
                f"`{row['name']}`",
                str(row["words"]),
                f"read as `{row['unknown']}`" if row["unknown"] else "refused",
                row["meaning"],
            )
            for row in one["code_tables"]
        )
        yield table(("table", "words", "a word nobody knows is", "meaning"), rows_)


def _needed(row: Entry) -> str:
    required = row.get("required", False)
    return ", ".join(f"`{one}`" for one in required) if isinstance(required, list) else "all" if required else ""
