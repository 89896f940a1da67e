"""Our adapters, connected to the live servers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from live.base_data import password
from live.servers import Tryton
from openreturns import adapter
from openreturns.transport import Budget

__all__ = ["tryton_client"]

TESTS = Path(__file__).parents[1]


def tryton_client(server: Tryton, database: str, role: str, login: str = "integration", **more: Any) -> Any:
    """Return a client of our adapter for one user of a database."""
    tenant = tomllib.loads((TESTS / "tryton" / "tenant.toml").read_text("utf-8"))["tryton"]
    settings = {**tenant.get("settings", {}), **more.pop("settings", {})}
    given = {
        "base_url": f"{server.url}/{database}",
        "login": login,
        "password": password(login),
        "application_key": server.ids["keys"][login],
        "budget": Budget(),
        **more,
    }
    return adapter("tryton", {**tenant, "settings": settings}).connect(role, **given)
