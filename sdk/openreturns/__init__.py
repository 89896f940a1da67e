"""The open contract for goods that come back, and the SDK that keeps systems to it.

`Return`, `Disposition`, `Adjustment` and `Credit` are the canonical documents; `adapter(name)` reads and
writes the records of an external system; `openreturns.errors` has everything that can go wrong.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from openreturns.adapters import Adapter, adapter, adapter_names, load_tenant
    from openreturns.errors import OpenReturnsError
    from openreturns.models import DOCUMENTS, Adjustment, Credit, Disposition, Return

__all__ = [
    "DOCUMENTS",
    "Adapter",
    "Adjustment",
    "Credit",
    "Disposition",
    "OpenReturnsError",
    "Return",
    "adapter",
    "adapter_names",
    "load_tenant",
]

_ELSEWHERE = {
    **dict.fromkeys(("Adapter", "adapter", "adapter_names", "load_tenant"), "openreturns.adapters"),
    "OpenReturnsError": "openreturns.errors",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first used: the classes cost a quarter of a second, a script may need none."""
    if name not in __all__:
        raise AttributeError(f"module 'openreturns' has no attribute {name!r}")
    value = getattr(import_module(_ELSEWHERE.get(name, "openreturns.models")), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
