"""Reading the body of an answer: exact JSON where there should be JSON, and a name for everything else."""

from __future__ import annotations

import re
from typing import Any

from openreturns._json import parse
from openreturns.errors import ContractError
from openreturns.transport._message import Answer

__all__ = ["read", "read_if_json"]

_JSON = re.compile(r"(application|text)/([\w.-]+\+)?json")


def read(answer: Answer, said: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON of an answer, None if it has no body.

    Raises ContractError: kind `encoding` if the body is not packed or spelled as it says, `contract_drift` if
    it is something else than JSON, `json` if it is broken JSON. Its text is never told: it may be anything.
    """
    if answer.garbled:
        raise ContractError(f"{said} answered {answer.status}, and {answer.garbled}", kind="encoding")
    if not answer.content:
        return None
    if not _JSON.fullmatch(answer.media_type):
        what = answer.media_type if re.fullmatch(r"[\w.+-]{1,40}/[\w.+-]{1,60}", answer.media_type) else "unnamed"
        raise ContractError(f"{said} answered {answer.status} with {what} instead of JSON", kind="contract_drift")
    try:
        return parse(answer.content, limit=len(answer.content))
    except ContractError as error:
        raise ContractError(f"{said} answered {answer.status} with broken JSON", kind=error.kind) from None


def read_if_json(answer: Answer) -> Any:  # noqa: ANN401 - any JSON value
    """Return the JSON of an answer if there is any to be read, else None."""
    try:
        return read(answer, "")
    except ContractError:
        return None
