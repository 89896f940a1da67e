"""The hand-written pages as pages of the site: links to files of the repository lead to where the site has them."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

__all__ = ["Group", "groups", "placed", "relinked"]

Group = tuple[str, list[str]]

# Where the site has a page that is no guide.
_PLACES = {
    "canonical-model": "model/index",
    "command-line": "reference/command-line",
    "crosswalk": "adapters/crosswalk",
    "README": "index",
}
# The one page of the model is several here.
_MODEL = {
    "shared-parts": "model/parts",
    "plain-values": "model/parts#plain-values",
    "code-lists": "model/codes",
    "rules": "model/rules",
    **{name: f"model/{name}" for name in ("return", "disposition", "adjustment", "credit")},
}
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)")
_DEFINITION = re.compile(r"^\[([^\]]+)\]: (\S+)$", re.MULTILINE)
_CODE = re.compile(r"(^```.*?^```$)", re.DOTALL | re.MULTILINE)
_ROW = re.compile(r"^- \[[^\]]*\]\(([\w-]+)\.md\)", re.MULTILINE)


def placed(name: str) -> str:
    """Return the site's page of a page in `docs`."""
    return _PLACES.get(name, f"guides/{name}")


def groups(index: str) -> Iterator[Group]:
    """Yield the groups of the index of `docs`: a heading, and the site's pages of the rows below it, guides only."""
    for section in index.split("\n## ")[1:]:
        heading, _, rows = section.partition("\n")
        pages = [placed(name) for name in _ROW.findall(rows)]
        yield heading, [page for page in pages if page.startswith("guides/")]


def relinked(text: str, page: str, root: Path, own: str) -> str:
    """Return a page's text with every link to a file or heading as the site has it; others become plain words.

    `page` is its name in the site, `own` its file in the repository.
    """

    def link(found: re.Match[str]) -> str:
        to = _target(found[2], page, root, own)
        return f"[{found[1]}]({to})" if to else found[1]

    def definition(found: re.Match[str]) -> str:
        return f"[{found[1]}]: {_target(found[2], page, root, own)}"

    parts = _CODE.split(text)
    parts[::2] = [_DEFINITION.sub(definition, _LINK.sub(link, part)) for part in parts[::2]]
    return "".join(parts)


def _target(target: str, page: str, root: Path, own: str) -> str:
    """Return a link's target as the site has it, empty where the site has none."""
    if "://" in target:
        return target
    path, _, heading = target.partition("#")
    to = _place(posixpath.normpath(posixpath.join(posixpath.dirname(own), path)) if path else own, heading, root)
    if not to or to.startswith("site:"):
        return to
    to, _, heading = to.partition("#")
    relative = posixpath.relpath(f"{to}.md", posixpath.dirname(page) or ".")
    return f"{relative}{f'#{heading}' if heading else ''}"


def _place(path: str, heading: str, root: Path) -> str:
    """Return where the site has a file of the repository, empty for nowhere."""
    folder, _, file = path.rpartition("/")
    if folder == "docs" and file.endswith(".md"):
        name = file.removesuffix(".md")
        if name == "canonical-model" and heading:
            return _MODEL.get(heading, f"model/codes#{heading}")
        return placed(name) + (f"#{heading}" if heading else "")
    if path.startswith("schemas/"):
        return f"site:{path}" if (root / path).is_file() and file != "README.md" else "model/versions"
    if path.startswith("adapters/openreturns_adapters/"):
        return f"adapters/{path.split('/')[2]}"
    if path.startswith("sdk/openreturns"):
        public = itertools.takewhile(lambda part: not part.startswith("_"), path.removesuffix(".py").split("/")[1:])
        return f"reference/{'.'.join(public)}"
    return ""
