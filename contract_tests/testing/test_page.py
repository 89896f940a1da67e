"""The page about the kit tells of every check what failing means and how to put it right.

Run this file to write the entries into the page.
"""

from __future__ import annotations

from pathlib import Path

from openreturns.testing import CHECKS, LEVELS, Check

PAGE = Path(__file__).parents[2] / "docs" / "contract-kit.md"
MARK = "<!-- made from sdk/openreturns/testing/checks.toml: python contract_tests/testing/test_page.py -->\n"


def entry(check: Check) -> str:
    return f"#### {check.id}\n\n{check.says}\n\n*When it fails:* {check.means}\n\n*To put it right:* {check.fix}\n"


def entries() -> str:
    """Every check under its level."""
    parts = []
    for level in LEVELS:
        found = [check for check in CHECKS.values() if check.level == level]
        parts += [f"### Level {level}\n"] * bool(found) + [entry(check) for check in found]
    return "\n".join(parts)


def test_the_page_has_an_entry_for_every_check() -> None:
    assert PAGE.read_text("utf-8").partition(MARK)[2] == "\n" + entries()


def test_the_words_of_a_check_are_sentences() -> None:
    for check in CHECKS.values():
        for words in (check.says, check.means, check.fix):
            assert words[0].isupper(), check.id
            assert words.endswith("."), check.id


if __name__ == "__main__":
    text, mark, _ = PAGE.read_text("utf-8").partition(MARK)
    PAGE.write_text(f"{text}{mark}\n{entries()}", "utf-8")
