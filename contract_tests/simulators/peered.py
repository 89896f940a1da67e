"""Running a vendor's own client, in an environment of its own that `make test` sets up, and hearing what it tells."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

PYTHON = Path(__file__).parents[2] / ".venv-peers" / "bin" / "python"
CLIENTS = Path(__file__).parent / "peers"


def told_by(client: str, *given: str) -> dict[str, Any]:
    """Return what a client prints: of each part of the conversation, what came of it."""
    ran = subprocess.run([str(PYTHON), str(CLIENTS / client), *given], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    return dict(json.loads(ran.stdout))
