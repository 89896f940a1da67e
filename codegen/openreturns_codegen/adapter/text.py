"""Names and texts of a vendor, made safe to stand in generated files."""

from __future__ import annotations

import json
import keyword
import re

from openreturns_codegen.adapter.vocabulary import words

__all__ = ["camel", "comment", "snake", "toml", "version"]


def comment(text: str) -> str:
    """Return a text that may stand on one line of a comment, a docstring or a page."""
    plain = " ".join(text.split()).replace('"', "'").replace("\\", "/")
    return "".join(char for char in plain if char.isprintable())[:160]


def toml(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def snake(name: str) -> str:
    """Return a name as lower-case ASCII words with underscores; `record` where nothing is left."""
    found = [word for word in words(name) if word.isascii() and word.isalnum()]
    made = "_".join(found)
    return made if made and not made[0].isdigit() else f"record_{made}".rstrip("_")


def camel(name: str) -> str:
    """Return a name as that of a class."""
    made = "".join(part.capitalize() for part in re.findall(r"[A-Za-z0-9]+", name))
    made = made if made[:1].isalpha() else f"Record{made}"
    return f"{made}_" if keyword.iskeyword(made) else made


def version(text: str) -> str:
    """Return a version that may name a folder."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.") or "1"
