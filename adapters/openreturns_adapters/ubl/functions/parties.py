"""Seller and buyer: what a document has of them, and what the tenant's tables add to be addressed and taxed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from openreturns.errors import Problem
from openreturns.mapping import Environment

from openreturns_adapters.ubl.functions import taxes

__all__ = [
    "SIDES",
    "country",
    "direction",
    "endpoint",
    "identification",
    "identifiers",
    "known_as",
    "legal",
    "missing",
    "name",
    "number",
    "registrations",
    "tax_id",
]

Record = dict[str, Any]
Function = Callable[[Record, Environment], Any]

SIDES = {"seller": "AccountingSupplierParty", "buyer": "AccountingCustomerParty"}
_COMPANY = "company"
"""The scheme of a registered number whose register is not told."""
# The codes of the Electronic Address Scheme and of ISO 6523.
_is_address_scheme = re.compile(r"[0-9]{4}|A[NQSU]|EM").fullmatch
_is_register = re.compile(r"0[0-9]{3}").fullmatch


# --- reading --------------------------------------------------------------------------------------------------


def _party(record: Record, side: str) -> Record:
    party: Record = record[SIDES[side]]["Party"]
    return party


def _identified(party: Record) -> list[Record]:
    return [one["ID"] for one in party.get("PartyIdentification") or ()]


def _legal_entity(party: Record) -> Record:
    return next(iter(party.get("PartyLegalEntity") or ()), {})


def _vat(party: Record) -> str | None:
    found = [one["CompanyID"] for one in party.get("PartyTaxScheme") or () if one["TaxScheme"]["ID"] == "VAT"]
    return found[0] if found else None


def known_as(party: Record) -> str | None:
    """Return what a party is called by: its number, else the address, register, tax number or name it has."""
    identified = _identified(party)
    own = [one for one in identified if "schemeID" not in one] or identified
    legal = _legal_entity(party)
    places = (*own, party.get("EndpointID", {}), legal.get("CompanyID", {}))
    values = [one["value"] for one in places if "value" in one]
    return next(iter([*values, *filter(None, (_vat(party), _name(party)))]), None)


def number(side: str) -> Function:
    """Make the function that returns a party's number."""

    def party_number(record: Record, env: Environment) -> str | None:
        return known_as(_party(record, side))

    return party_number


def _name(party: Record) -> str | None:
    found: str | None = _legal_entity(party).get("RegistrationName")
    return found


def name(side: str) -> Function:
    """Make the function that returns a party's registered name."""

    def party_name(record: Record, env: Environment) -> str | None:
        return _name(_party(record, side))

    return party_name


def tax_id(side: str) -> Function:
    """Make the function that returns a party's VAT number."""

    def party_tax_id(record: Record, env: Environment) -> str | None:
        return _vat(_party(record, side))

    return party_tax_id


def identifiers(side: str) -> Function:
    """Make the function that returns a party's identifiers: its address first, then its register, then others."""

    def read(record: Record, env: Environment) -> list[Record] | None:
        party = _party(record, side)
        company = _legal_entity(party).get("CompanyID")
        rows = [party.get("EndpointID"), {"schemeID": _COMPANY, **company} if company else None, *_identified(party)]
        found = [{"scheme": one["schemeID"], "value": one["value"]} for one in rows if one and "schemeID" in one]
        return [one for place, one in enumerate(found) if one not in found[:place]] or None

    return read


def direction(record: Record, env: Environment) -> str:
    """Return who credits whom: we the customer if the seller's address is ours."""
    own = str(env.tenant.settings.get("own_endpoint", ""))
    endpoint = record["AccountingSupplierParty"]["Party"].get("EndpointID", {})
    ours = own == f"{endpoint.get('schemeID')}:{endpoint.get('value')}"
    return "to_customer" if ours else "from_vendor"


# --- writing --------------------------------------------------------------------------------------------------


def _from_table(table: str, party: Record, env: Environment) -> str | None:
    found = env.tenant.table(table).write.get(party["id"])
    return str(found) if found else None


def _address(party: Record, env: Environment) -> tuple[str, str, int | None] | None:
    """Return a party's electronic address: the tenant's, else the first identifier of such a scheme and its place."""
    if listed := _from_table("endpoint", party, env):
        scheme, _, value = listed.partition(":")
        return scheme, value, _place_of(party, scheme, value)
    for place, one in enumerate(party.get("identifiers") or ()):
        if _is_address_scheme(one["scheme"]):
            return one["scheme"], one["value"], place
    return None


def _place_of(party: Record, scheme: str, value: str) -> int | None:
    rows = party.get("identifiers") or ()
    return next((n for n, one in enumerate(rows) if (one["scheme"], one["value"]) == (scheme, value)), None)


def _register(party: Record, env: Environment) -> tuple[Record, int] | None:
    """Return the identifier that stands for a party's register: the first that is one and not the address."""
    address = _address(party, env)
    for place, one in enumerate(party.get("identifiers") or ()):
        if one["scheme"] == _COMPANY or (_is_register(one["scheme"]) and (address is None or place != address[2])):
            return one, place
    return None


def endpoint(side: str) -> Function:
    """Make the function that returns a party's electronic address; identifiers beyond it and the register are lost."""

    def write(document: Record, env: Environment) -> Record | None:
        party = document[side]
        address, register = _address(party, env), _register(party, env)
        kept = {address[2] if address else None, register[1] if register else None}
        for place in range(len(party.get("identifiers") or ())):
            if place not in kept:
                env.lose("Peppol has one address and one register", below=f"/{side}/identifiers/{place}")
        return {"value": address[1], "schemeID": address[0]} if address else None

    return write


def identification(side: str) -> Function:
    """Make the function that returns our number of a party as its identifier."""

    def party_identification(document: Record, env: Environment) -> list[Record]:
        return [{"ID": {"value": document[side]["id"]}}]

    return party_identification


def legal(side: str) -> Function:
    """Make the function that returns what a party is by law: its name and register."""

    def write(document: Record, env: Environment) -> list[Record]:
        party = document[side]
        entity: Record = {"RegistrationName": party.get("name") or _from_table("party_name", party, env)}
        if register := _register(party, env):
            one = register[0]
            named = {} if one["scheme"] == _COMPANY else {"schemeID": one["scheme"]}
            entity["CompanyID"] = {"value": one["value"], **named}
        return [entity]

    return write


def _taxed(party: Record, env: Environment) -> str | None:
    return party.get("taxId") or _from_table("tax_id", party, env)


def registrations(side: str) -> Function:
    """Make the function that returns a party's VAT number, which a credit not subject to VAT must not have."""

    def write(document: Record, env: Environment) -> list[Record] | None:
        found = _taxed(document[side], env)
        if env.once(taxes.categories) == {"O"}:
            if "taxId" in document[side]:
                env.lose("what is not subject to VAT has no VAT numbers (BR-O-02)", below=f"/{side}/taxId")
            return None
        return [{"CompanyID": found, "TaxScheme": {"ID": "VAT"}}] if found else None

    return write


def country(side: str) -> Function:
    """Make the function that returns a party's country, the tenant's where the document has no address."""

    def write(document: Record, env: Environment) -> str | None:
        party = document[side]
        return (party.get("address") or {}).get("countryCode") or _from_table("country", party, env)

    return write


_WANTED = {
    "endpoint": ("no_endpoint", "EndpointID", "electronic address", "PEPPOL-EN16931-R010, R020"),
    "party_name": ("no_name", "PartyLegalEntity", "name", "BR-06, BR-07"),
    "country": ("no_country", "PostalAddress", "country", "BR-08 to BR-11"),
    "tax_id": ("no_tax_id", "PartyTaxScheme", "VAT number", "BR-S-02 and its siblings"),
}


def missing(document: Record, env: Environment) -> Iterable[Problem]:
    """Yield what a lawful credit note has of both parties, and neither document nor tables tell."""
    found = env.once(taxes.categories)
    for side, native in SIDES.items():
        party = document[side]
        has: dict[str, object] = {
            "endpoint": _address(party, env),
            "party_name": party.get("name") or _from_table("party_name", party, env),
            "country": country(side)(document, env),
            "tax_id": _taxed(party, env) or found == {"O"} or (side == "buyer" and not found & {"AE", "K"}),
        }
        for table, (code, theirs, what, rule) in _WANTED.items():
            if not has[table]:
                said = f"a credit note has the {side}'s {what} ({rule}); or add the party to the code table {table}"
                yield Problem(code, said, f"/{side}", f"/{native}/Party/{theirs}")
