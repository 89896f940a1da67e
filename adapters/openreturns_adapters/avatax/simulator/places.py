"""Addresses: which ones a transaction has, whether they are whole, and what the service makes of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from openreturns_adapters.avatax.simulator.problems import fault
from openreturns_adapters.avatax.simulator.rates import RateTable

__all__ = ["PLACES", "Place", "check_addresses", "destination", "resolve"]

Model = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A place the service knows well enough to check a postal code against, and to put on a map."""

    city: str
    region: str
    country: str
    postal_code: str
    latitude: Decimal
    longitude: Decimal


def _place(city: str, region: str, country: str, postal_code: str, latitude: str, longitude: str) -> Place:
    return Place(city, region, country, postal_code, Decimal(latitude), Decimal(longitude))


PLACES = (
    _place("Austin", "TX", "US", "78701", "30.271", "-97.742"),
    _place("Irvine", "CA", "US", "92615", "33.684", "-117.851"),
    _place("Cicero", "IL", "US", "60804", "41.845", "-87.754"),
    _place("Wichita", "KS", "US", "67202", "37.688", "-97.335"),
    _place("Duluth", "MN", "US", "55802", "46.784", "-92.098"),
    _place("Erie", "PA", "US", "16501", "42.126", "-80.086"),
    _place("Spokane", "WA", "US", "99201", "47.666", "-117.430"),
    _place("Portland", "OR", "US", "97204", "45.518", "-122.675"),
)

_ORIGINS = ("shipFrom", "pointOfOrderAcceptance", "singleLocation")
_DESTINATIONS = ("shipTo", "pointOfOrderOrigin", "singleLocation")


def _of(model: Model, line: Model) -> Model:
    """Return the addresses of a line: its own, else the document's; never some of each."""
    return dict(line.get("addresses") or model.get("addresses") or {})


def destination(model: Model, line: Model) -> Model:
    """Return the address whose taxes are due."""
    own = _of(model, line)
    return next(own[name] for name in _DESTINATIONS if name in own)


def check_addresses(model: Model, locations: Mapping[str, Model], places: Sequence[Place]) -> Model:
    """Return the model with every address whole: locations looked up, coordinates found. Raises Refused."""
    whole = {
        **model,
        "lines": [_whole(line, f"lines[{n}].", locations, places) for n, line in enumerate(model["lines"])],
    }
    whole = _whole(whole, "", locations, places)
    for place, line in enumerate(whole["lines"]):
        own = _of(whole, line)
        if not (any(name in own for name in _ORIGINS) and any(name in own for name in _DESTINATIONS)):
            said = "Give a singleLocation, or shipFrom and shipTo."
            raise fault("MissingAddress", said, f"lines[{place}].addresses")
    return whole


def _whole(holder: Model, at: str, locations: Mapping[str, Model], places: Sequence[Place]) -> Model:
    given = holder.get("addresses")
    if not given:
        return holder
    found = {name: _one(one, f"{at}addresses.{name}", locations, places) for name, one in given.items()}
    return {**holder, "addresses": found}


def _one(given: Model, at: str, locations: Mapping[str, Model], places: Sequence[Place]) -> Model:
    code = given.get("locationCode")
    if code:
        if code not in locations:
            raise fault("AddressLocationNotFound", "The company has no such location.", f"{at}.locationCode")
        return {**locations[code]}
    if "latitude" in given and "longitude" in given:  # the text is passed over then
        nearest = min(places, key=lambda place: _distance(place, given))
        return {
            "city": nearest.city,
            "region": nearest.region,
            "country": nearest.country,
            "postalCode": nearest.postal_code,
            "latitude": given["latitude"],
            "longitude": given["longitude"],
        }
    country = given.get("country", "US")
    placed = given.get("postalCode") or (given.get("city") and given.get("region"))
    if country == "US" and not (placed and (given.get("region") or _region(given, places))):
        raise fault("InvalidAddress", "Give a postal code, or city and region.", at)
    region = given.get("region") or _region(given, places)
    return {**given, "country": country, **({"region": region} if region else {})}


def _region(given: Model, places: Sequence[Place]) -> str | None:
    known = (place.region for place in places if place.postal_code == str(given.get("postalCode", ""))[:5])
    return next(known, None)


def _distance(place: Place, given: Model) -> Decimal:
    return abs(place.latitude - Decimal(given["latitude"])) + abs(place.longitude - Decimal(given["longitude"]))


def resolve(given: Model, places: Sequence[Place], rates: RateTable, on: date) -> Model:
    """Return what the service makes of an address: checked, on the map, with those who tax there."""
    upper = given.get("textCase") == "Upper"
    address = {
        name: value.upper() if upper and isinstance(value, str) else value
        for name, value in given.items()
        if name != "textCase" and value != ""
    }
    address.setdefault("country", "US")
    known = next((p for p in places if p.postal_code == str(address.get("postalCode", ""))[:5]), None)
    if known is None:
        said = "The postal code is none the service can place."
        message = {"summary": "The address was not found.", "details": said, "refersTo": "Address.PostalCode"}
        return {
            "address": address,
            "validatedAddresses": [],
            "resolutionQuality": "NotCoded",
            "taxAuthorities": [],
            "messages": [{**message, "severity": "Error", "source": "Avalara.AvaTax.Services.Address"}],
        }
    at = {"latitude": known.latitude, "longitude": known.longitude}
    city = known.city.upper() if upper else known.city
    whole = {**address, "city": city, "region": known.region, "country": known.country}
    return {
        "address": address,
        "validatedAddresses": [{"addressType": "StreetOrResidentialAddress", **whole, **at}],
        "coordinates": at,
        "resolutionQuality": "Rooftop" if address.get("line1") else "PostalCentroidGood",
        "taxAuthorities": [
            {"avalaraId": rate.code, "jurisdictionName": rate.name, "jurisdictionType": rate.kind}
            for rate in rates.at(whole, on)
        ],
        "messages": [],
    }
