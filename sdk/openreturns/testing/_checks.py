"""All checks by id, level by level."""

from __future__ import annotations

from collections.abc import Mapping

from openreturns.testing._check import Check
from openreturns.testing._documents import DOCUMENTS
from openreturns.testing._live import LIVE
from openreturns.testing._vendor import VENDOR

__all__ = ["CHECKS"]

CHECKS: Mapping[str, Check] = {check.id: check for check in (*DOCUMENTS, *VENDOR, *LIVE)}
