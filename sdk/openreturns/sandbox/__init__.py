"""Vendors in memory: stateful simulators for tests, demos and teams without a vendor's sandbox.

Needs the extra `openreturns[sandbox]`. A simulator behaves as the vendor documents it, errors and limits
included, describes itself in OpenAPI 3.1, and can be told what goes wrong next.
"""

from openreturns.sandbox._described import described
from openreturns.sandbox._faults import KINDS, Fault, Faults, Kind
from openreturns.sandbox._http import Answer, Call, Operation, Reply
from openreturns.sandbox._outbox import Delivery, Outbox
from openreturns.sandbox._server import serving
from openreturns.sandbox._simulator import Clock, Logged, Simulator, Vendor, WallClock

__all__ = [
    "KINDS",
    "Answer",
    "Call",
    "Clock",
    "Delivery",
    "Fault",
    "Faults",
    "Kind",
    "Logged",
    "Operation",
    "Outbox",
    "Reply",
    "Simulator",
    "Vendor",
    "WallClock",
    "described",
    "serving",
]
