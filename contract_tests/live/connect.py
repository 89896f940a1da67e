"""Our adapters, connected to the live servers."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from live.base_data import password
from live.servers import ADMIN, Roundup, Tryton
from openreturns import adapter
from openreturns.transport import Budget

__all__ = ["roundup_client", "tenant_of", "tryton_client"]

TESTS = Path(__file__).parents[1]


def tenant_of(name: str, settings: dict[str, Any]) -> dict[str, Any]:
    tenant = tomllib.loads((TESTS / name / "tenant.toml").read_text("utf-8"))[name]
    return {**tenant, "settings": {**tenant.get("settings", {}), **settings}}


def roundup_client(server: Roundup, **more: Any) -> Any:
    """Return a client of our adapter for the tracker's administrator."""
    given = {"base_url": server.url, "login": ADMIN[0], "password": ADMIN[1], "budget": Budget(), **more}
    return adapter("roundup", tenant_of("roundup", given.pop("settings", {}))).connect(**given)


def tryton_client(server: Tryton, database: str, role: str, login: str = "integration", **more: Any) -> Any:
    """Return a client of our adapter for one user of a database."""
    given = {
        "base_url": f"{server.url}/{database}",
        "login": login,
        "password": password(login),
        "application_key": server.ids["keys"][login],
        "budget": Budget(),
        **more,
    }
    return adapter("tryton", tenant_of("tryton", given.pop("settings", {}))).connect(role, **given)
