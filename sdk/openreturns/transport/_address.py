"""Where requests go: one base address, checked once, and paths below it that no value can lead astray."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from urllib.parse import quote, urljoin, urlsplit

from openreturns.errors import ContractError, MappingError

__all__ = ["Params", "Plain", "checked", "is_this_machine", "join", "origin", "same_place", "shown"]

Plain = str | int | Decimal
Params = Mapping[str, Plain | bool | None] | Iterable[tuple[str, Plain | bool | None]]

_PORTS = {"http": 80, "https": 443}


def checked(url: str, what: str, *, allow_http: bool = False) -> str:
    """Return an address without its last slash. Raises MappingError (kind `setting`) for one that gives secrets away.

    Plain http is for this machine, or where `allow_http` says that the network is trusted.
    """
    wrong = ""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise MappingError(f"{what} is not an address", kind="setting") from None
    if parts.scheme not in _PORTS or not host:
        wrong = "is not an address that starts with https://"
    elif parts.username is not None or parts.password is not None:
        wrong = "has a name or password in it; give them to `auth`"
    elif parts.query or parts.fragment:
        wrong = "has a query or fragment"
    elif parts.scheme == "http" and not allow_http and not is_this_machine(host):
        wrong = "is not https, and credentials would be sent for all to read; `allow_http` is for a trusted network"
    if wrong:
        raise MappingError(f"{what} {wrong}", kind="setting")
    return url.rstrip("/")


def is_this_machine(host: str) -> bool:
    """Return whether a host is the machine that we run on."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def same_place(base: str, target: str, what: str) -> str:
    """Return `target` (absolute, or relative to `base`) if it is on the same host.

    Raises ContractError (kind `contract_drift`): credentials go nowhere else.
    """
    try:
        found = urljoin(base, target)
        if origin(found) == origin(base) and "@" not in urlsplit(found).netloc:
            return found
    except ValueError:
        pass
    raise ContractError(f"{what} leads to another place than {shown(base)}", kind="contract_drift")


def shown(url: str) -> str:
    """Return an address as it may be told: without its query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def join(base: str, path: str, at: Mapping[str, Plain], params: Params) -> str:
    """Return the address of a path such as `/return/{id}` below `base`, its places filled from `at`.

    An absolute path is one that the other system gave us, on its own host. Raises ValueError for a place
    without a value, or with one that would change the path.
    """
    if re.match(r"https?://", path, re.IGNORECASE):
        url = same_place(base, path, "the address")
    else:
        url = base + re.sub(r"\{(\w+)\}", lambda place: _segment(place[1], at), path)
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in _written(params))
    return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _segment(name: str, at: Mapping[str, Plain]) -> str:
    if name not in at:
        raise ValueError(f"the path has a place {{{name}}} and no value for it")
    value = str(at[name])
    if value in {"", ".", ".."}:
        raise ValueError(f"the value for {{{name}}} would change the path")
    return quote(value, safe="")


def _written(params: Params) -> Iterable[tuple[str, str]]:
    for name, value in params.items() if isinstance(params, Mapping) else params:
        if isinstance(value, float):
            raise TypeError(f"the parameter {name} is a float; amounts and quantities are Decimals")
        if value is not None:
            yield name, str(value).lower() if isinstance(value, bool) else str(value)
