"""The adapter that the pages about writing one build, as files: a distribution of its own, outside of this project.

Run with a folder to write it there.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("writing-a-mapping.md", "writing-an-adapter.md")
FILE = re.compile(r"^\*\*`([^`]+)`\*\*[^\n]*\n\n```\w+\n(.*?)```", re.DOTALL | re.MULTILINE)


def written(here: Path) -> Path:
    """Write the files of the pages below a folder; return the distribution's. What a later page shows again wins."""
    for page in PAGES:
        for name, content in FILE.findall((DOCS / page).read_text("utf-8")):
            path = here / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, "utf-8")
    return here / "acme-returns"


if __name__ == "__main__":
    print(written(Path(sys.argv[1])))
