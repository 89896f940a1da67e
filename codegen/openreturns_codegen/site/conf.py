"""How Sphinx builds the site; the pages are written by `openreturns_codegen.site`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, groupby
from pathlib import Path
from typing import Any

from sphinx import addnodes

project = "openreturns"
author = "The openreturns authors"
extensions = ["myst_parser", "sphinx.ext.autodoc"]
html_theme = "furo"
html_title = "openreturns"
html_static_path = [str(Path(__file__).with_name("static"))]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sourcelink = False
html_show_copyright = False
html_show_sphinx = False
html_show_search_summary = False  # a page opened as a file may not fetch another
html_theme_options = {"navigation_with_keys": True}

# Links with `site:` lead to files beside the pages, from all pages but the first, which has `here:`.
myst_enable_extensions = ["attrs_block", "attrs_inline", "deflist"]
myst_heading_anchors = 4
myst_url_schemes = {"http": None, "https": None, "site": "../{{path}}", "here": "{{path}}"}

suppress_warnings = ["ref.python"]  # annotations name types by their short names, which several modules have
default_role = "code"
smartquotes = False  # what is quoted is quoted exactly
add_module_names = False
autodoc_member_order = "bysource"
autodoc_default_options = {"imported-members": True, "undoc-members": True, "exclude-members": "model_config"}
autodoc_preserve_defaults = True
maximum_signature_line_length = 88
pygments_style = "friendly"


def setup(app: Any) -> None:  # noqa: ANN401 - Sphinx is no dependency of the code that is checked
    """Make fields, values and rules things of their own, which have an anchor and are found by name."""
    app.add_object_type("field", "field", parse_node=_within_its_owner)
    app.add_object_type("value", "value")
    app.add_object_type("rule", "rule")
    app.connect("autodoc-process-docstring", _with_tables)


def _within_its_owner(_: object, signature: str, node: Any) -> str:  # noqa: ANN401 - the same
    node += addnodes.desc_name(signature, signature.partition(".")[2])
    return signature


def _with_tables(*given: Any) -> None:  # noqa: ANN401 - the same
    """Turn the tables of a docstring, which are drawn as in Markdown, into those of reStructuredText."""
    lines: list[str] = given[-1]
    blocks = [(is_table, [*block]) for is_table, block in groupby(lines, lambda line: line.startswith("|"))]
    lines[:] = chain.from_iterable(_table(block) if is_table else block for is_table, block in blocks)


def _table(rows: list[str]) -> Iterator[str]:
    yield from (".. list-table::", "   :header-rows: 1", "")
    for row in (rows[0], *rows[2:]):
        first, *others = (cell.strip() for cell in row.strip("|").split("|"))
        yield f"   * - {first}"
        yield from (f"     - {cell}" for cell in others)
