"""What NetSuite says when it says no: its code, its sentence, and the place in the record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from openreturns.errors import Problem
from openreturns.transport import Answer

__all__ = ["explain"]


def explain(answer: Answer) -> Sequence[Problem]:
    """Return NetSuite's error details: its code, its sentence, and the place in the record."""
    return [
        Problem(one["o:errorCode"], str(one.get("detail", ""))[:300], native=_place(one.get("o:errorPath", "")))
        for one in answer.json["o:errorDetails"]
    ]


def _place(path: str) -> str:
    return (
        "/" + re.sub(r"\.|\[(\d+)\]", lambda found: f"/{found[1]}" if found[1] else "/", path).strip("/")
        if path
        else ""
    )
