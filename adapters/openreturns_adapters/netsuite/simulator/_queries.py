"""The query service: SuiteQL, answered a page at a time."""

from __future__ import annotations

from openreturns.sandbox import Call, Reply

from openreturns_adapters.netsuite.simulator._calls import body
from openreturns_adapters.netsuite.simulator._filters import Dates
from openreturns_adapters.netsuite.simulator._problems import Detail, Refused, invalid
from openreturns_adapters.netsuite.simulator._records import Records
from openreturns_adapters.netsuite.simulator._suiteql import query
from openreturns_adapters.netsuite.simulator._tables import Tables

__all__ = ["Queries"]


class Queries:
    """What can be asked of the whole account."""

    def __init__(self, records: Records, tables: Tables, dates: Dates) -> None:
        self._records = records
        self._tables = tables
        self._dates = dates

    def suiteql(self, call: Call) -> Reply:
        """Answer a query. Raises Refused for one that is none."""
        if "transient" not in call.headers.get("prefer", ""):
            text = "The required request header 'Prefer' is missing or invalid. Provide Prefer: transient."
            raise Refused([Detail(text, "INVALID_HEADER", header="Prefer")])
        asked = body(call)
        if not isinstance(asked, dict) or not isinstance(asked.get("q"), str):
            raise Refused([invalid("q", "q")])
        found = query(self._tables, asked["q"], self._dates)
        return self._records.page(call, found, lambda row: {"links": [], **row})
