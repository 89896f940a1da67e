"""Whether a customer is in good standing, by the field of the account that the tenant names."""

from __future__ import annotations

import re

from openreturns.mapping import Tenant
from openreturns.models import Party
from openreturns.ports import Standing

from openreturns_adapters.salesforce.client._errors import setting
from openreturns_adapters.salesforce.client._org import Org, quoted, select
from openreturns_adapters.salesforce.ids import is_id

__all__ = ["standing_of"]

_is_field = re.compile(r"[A-Za-z](?:\w*\w)?", re.ASCII).fullmatch
_GOOD, _HELD = "good", "held"


def standing_of(org: Org, tenant: Tenant, party: Party) -> Standing:
    """Return a customer's standing; whatever is not known to be good needs a person."""
    field, number = _field(tenant, "standing_field"), _field(tenant, "customer_field")
    own = tenant.table("account").write.get(party.id) or (party.id if is_id(party.id, "001") else "")
    where = f"Id = {quoted(own)}" if own else f"{number} = {quoted(party.id)}"
    account = org.one("standing", select(("Id", field), "Account", where))
    if account is None:
        return Standing(good=False, reason="Salesforce has no account of this customer")
    value = account[field]
    word = str(value).lower() if isinstance(value, bool) else str(value or "")
    code = tenant.table("standing").code(word) if word else None
    if code not in (_GOOD, _HELD, None):
        raise setting(f"the code table 'standing' says {code!r}; it knows {_GOOD} and {_HELD}")
    if code == _GOOD:
        return Standing(good=True)
    unlisted = "" if code else ", which the code table 'standing' does not list"
    return Standing(good=False, reason=f"the account's {field} is {word[:80] or 'empty'}{unlisted}")


def _field(tenant: Tenant, name: str) -> str:
    """Return the name of a field of an account. Raises MappingError for none, or one that no field can have."""
    value = str(tenant.settings.get(name) or "")
    if not value:
        raise setting(f"salesforce needs the setting {name!r} to tell a customer's standing")
    if not _is_field(value):
        raise setting(f"salesforce setting {name!r} must be the API name of a field of Account")
    return value
