"""Two-way value codecs that only AvaTax needs: texts it would refuse as too long, and amounts that go back."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from openreturns.mapping import SAME, Codec, Environment, Tenant, counted, decimal, money

__all__ = ["document_code", "given_back", "limited", "unitless"]

_is_code = re.compile(r"[A-Za-z0-9._-]{1,50}").fullmatch


def _checked(name: str, check: Callable[[str], None]) -> Codec:
    """Return a codec that leaves a text as it is, and refuses to write one that does not pass."""

    def write(value: str, env: Environment) -> str:
        check(value)
        return value

    def bind(tenant: Tenant) -> Any:  # noqa: ANN401 - what SAME binds to
        same = SAME.bind(tenant)
        return replace(same, write=replace(same.write, call=write, expression=""))

    return Codec(name, frozenset({"text"}), frozenset({"text"}), bind)


def limited(size: int) -> Codec:
    """Join two texts; one with more characters than AvaTax takes is refused."""

    def check(value: str) -> None:
        if len(value) > size:
            raise ValueError(f"has {len(value)} characters, AvaTax takes {size}")

    return _checked(f"up to {size}", check)


def _check_code(value: str) -> None:
    if not _is_code(value):
        raise ValueError("an AvaTax code is up to 50 of the characters A-Z a-z 0-9 . _ -")


document_code = _checked("document code", _check_code)
"""The number of a document; characters that a path cannot hold would make it unfindable, and are refused."""


def _bind_given_back(tenant: Tenant) -> Any:  # noqa: ANN401 - what money binds to
    plain = money.bind(tenant)
    amount = plain.parts["amount"]

    def write(value: dict[str, str], env: Environment) -> Decimal:
        number: Decimal = plain.write.call(value, env)
        return number.copy_negate() if number else number  # a minus sign would round, and zero has none

    def read(value: int | Decimal, env: Environment) -> str:
        text: str = amount.call(value.copy_negate() if isinstance(value, Decimal) else -value, env)
        return text

    parts = {**plain.parts, "amount": replace(amount, call=read, expression="")}
    return replace(plain, parts=parts, write=replace(plain.write, call=write, expression=""))


given_back = replace(money, name="money given back", bind=_bind_given_back)
"""Canonical Money and a number below zero: what goes from the company to the customer."""

_counted = counted("unit_of_measure")


def _bind_unitless(tenant: Tenant) -> Any:  # noqa: ANN401 - what counted binds to
    inner, number = _counted.bind(tenant), decimal.bind(tenant).write
    uom = str(tenant.setting("unit_of_measure"))

    def write(value: dict[str, str], env: Environment) -> Decimal:
        if value["uom"] != uom:
            env.lose("AvaTax has no units", below="/uom")
        count: Decimal = number.call(value["value"], env)
        if not count:
            raise ValueError("AvaTax takes a quantity of zero for one")
        return count

    return replace(inner, write=replace(inner.write, call=write, expression=""))


unitless = replace(_counted, name="without unit", native=frozenset({"number"}), bind=_bind_unitless)
"""Canonical Quantity and a bare number, in the tenant's unit."""
