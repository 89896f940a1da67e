"""The names that EPCIS has for goods, places and documents, both ways.

GS1 Digital Links where there is a GTIN or GLN, the tenant's own URIs elsewhere; EPC URNs are read as well. Source:
GS1 Digital Link URI syntax 1.2, EPC Tag Data Standard 2.0, section 6 (how a URN's company prefix and reference make a
GTIN or GLN), CBV 2.0, section 8.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, unquote

from openreturns.gs1 import check_digit, is_gtin
from openreturns.mapping import Tenant

__all__ = ["Goods", "goods", "goods_uri", "number_of", "place_of", "place_uri"]

_link = re.compile(r"https?://.+?/01/([0-9]{14})(?:/10/([^/?#]+))?(?:/21/([^/?#]+))?").fullmatch
_place_link = re.compile(r"https?://.+?/414/([0-9]{13})(?:/254/([^/?#]+))?").fullmatch
_urn = re.compile(r"urn:epc:(?:id:sgtin|class:lgtin|idpat:sgtin):([0-9]+)\.([0-9]+)\.(.+)").fullmatch
_place_urn = re.compile(r"urn:epc:id:sgln:([0-9]+)\.([0-9]*)\.(.+)").fullmatch
_GTIN = 14
_NO_EXTENSION = "0"


@dataclass(frozen=True, slots=True)
class Goods:
    """An item by GTIN or our number, with lot and serial number where they are known."""

    gtin: str | None = None
    sku: str | None = None
    lot: str | None = None
    serial: str | None = None


def _quoted(text: str) -> str:
    return quote(text, safe="")


def goods_uri(what: Goods, tenant: Tenant) -> str:
    """Return the URI of a piece or class of goods. Raises ValueError for an item without GTIN or number of ours."""
    parts = [("10", what.lot), ("21", what.serial)]
    tail = "".join(f"/{key}/{_quoted(value)}" for key, value in parts if value)
    if what.gtin:
        return f"{tenant.setting('digital_link')}/01/{what.gtin.zfill(_GTIN)}{tail}"
    if what.sku:
        return f"{tenant.setting('item_base')}{_quoted(what.sku)}{tail}"
    raise ValueError("an event names goods by GTIN or by our number of the item")


def goods(uri: str, tenant: Tenant) -> Goods | None:
    """Return what a URI names, None for one of a scheme nobody knows."""
    if found := _link(uri):
        gtin, lot, serial = found.groups()
        return Goods(_checked(gtin), None, lot and unquote(lot), serial and unquote(serial))
    if found := _urn(uri):
        company, reference, rest = found.groups()
        body = reference[:1] + company + reference[1:]
        last = None if rest == "*" else unquote(rest)
        by_lot = uri.startswith("urn:epc:class:")
        return Goods(_checked(body + check_digit(body)), None, last if by_lot else None, None if by_lot else last)
    base = str(tenant.setting("item_base"))
    if uri.startswith(base):
        sku, *parts = uri.removeprefix(base).split("/")
        told = dict(zip(parts[::2], map(unquote, parts[1::2]), strict=False))
        return Goods(None, unquote(sku), told.get("10"), told.get("21"))
    return None


def _checked(gtin: str) -> str:
    if not is_gtin(gtin):
        raise ValueError(f"{gtin} is no GTIN")
    return gtin


def place_uri(place: dict[str, str], tenant: Tenant) -> str:
    """Return the URI of a place, by its GLN or by the tenant's for it, else by our id."""
    listed = tenant.table("location").write.get(place["id"])
    gln = place.get("gln") or (str(listed) if listed else None)
    own_bin = f"/254/{_quoted(place['bin'])}" if "bin" in place else ""
    if gln:
        return f"{tenant.setting('digital_link')}/414/{gln}{own_bin}"
    return f"{tenant.setting('location_base')}{_quoted(place['id'])}{own_bin}"


def place_of(uri: str, tenant: Tenant) -> dict[str, str]:
    """Return the place that a URI names; one nobody knows is its own id."""
    if found := _place_link(uri):
        return _by_gln(found[1], found[2] and unquote(found[2]), tenant)
    if found := _place_urn(uri):
        body = found[1] + found[2]
        return _by_gln(body + check_digit(body), None if found[3] == _NO_EXTENSION else unquote(found[3]), tenant)
    base = str(tenant.setting("location_base"))
    if not uri.startswith(base):
        return {"id": uri}
    own, *parts = uri.removeprefix(base).split("/")
    told = dict(zip(parts[::2], map(unquote, parts[1::2]), strict=False))
    return {"id": unquote(own), **({"bin": told["254"]} if "254" in told else {})}


def _by_gln(gln: str, extension: str | None, tenant: Tenant) -> dict[str, str]:
    known = tenant.table("location").code(gln)
    return {"id": known or gln, "gln": gln, **({"bin": extension} if extension else {})}


def number_of(uri: str, base: str) -> str:
    """Return the number in a URI: what follows our base, else what follows the last colon or slash."""
    return unquote(uri.removeprefix(base) if uri.startswith(base) else re.split(r"[:/]", uri)[-1])
