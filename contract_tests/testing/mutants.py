"""Defects of adapters as they happen, one a row: the check that must find it, what is wrong, how it is planted."""

from __future__ import annotations

import itertools
import time
import uuid
from contextlib import nullcontext
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal
from types import SimpleNamespace
from typing import Any

from openreturns.ports import Change
from openreturns.transport import Budget
from openreturns.validation import Validator
from testing.planting import (
    Mutant,
    codec,
    expression,
    function,
    gaps,
    manifest,
    patched,
    reduced,
    table,
    unconfirmed,
    without,
    wrapped,
)

SHIPBOB = "openreturns_adapters.shipbob.client"
NETSUITE = "openreturns_adapters.netsuite.client"
AVATAX = "openreturns_adapters.avatax.client"
HEAR = f"{SHIPBOB}:ShipBob.hear"
RMA, MOVE = "return_authorization", "inventory_adjustment"
CHANGED, LINE = "lastModifiedDate", "custcol_openreturns_line"
ENVIRONMENT = "openreturns.mapping._environment.Environment"
TABLE = "openreturns.mapping._environment.CodeTable"
TENANT = "openreturns.mapping._environment.Tenant"
RULES = "openreturns.transport._rules"
CLIENT, REQUEST = "openreturns.transport._client:Client.__init__", "openreturns.transport._client:Client.request"
ANNOUNCED = f"{SHIPBOB}.ShipBob._announced"
IDEMPOTENCY, WIRE = "openreturns.idempotency", "openreturns.transport._wire"
SAID = "openreturns_adapters.netsuite.client._netsuite.said"
TOKENS, TRYTON = "openreturns.transport._tokens.TokenCache", "openreturns_adapters.tryton.functions.shared"
CONTRACT = "openreturns.adapters:_contract"
ENTRY_POINTS = "openreturns.testing._safe.entry_points"
WRITTEN_TOO = [{"native": "shipbob.return", "canonical": "return", "directions": ["in", "out"]}]

# --- instead of good things ------------------------------------------------------------------------------------


def silent(*given: Any, **more: Any) -> None:
    return None


def agrees(*given: Any) -> tuple[Any, ...]:
    return ()


def never(*given: Any) -> float:
    return -1.0


def failing(*given: Any) -> Any:
    raise ZeroDivisionError


def believed(outcome: Any, compare: Any) -> Any:
    return outcome


def external_ids(record: Any) -> dict[str, Any]:
    return {"externalId": record.get("externalId")}


def shortened(good: Any, client: Any, ref: Any) -> Any:
    seen = good(client, ref)
    return seen.model_copy(update={"lines": seen.lines[:1]})


def zoneless(good: Any, client: Any, since: datetime) -> Any:
    return good(client, since.replace(tzinfo=UTC))


def unmoved(good: Any, client: Any, ref: Any) -> Any:
    return good(client, ref).model_copy(update={"status": "authorized"})


def fine(tokens: Any, value: str) -> bool:
    return False


def nobody_waits(key: str) -> Any:
    return nullcontext()


def defaulted(tenant: Any, name: str) -> Any:
    return tenant.settings.get(name, 0)


def guessed(codes: Any, word: str, env: Any) -> str:
    return str(codes.code(word) or next(iter(codes.read.values())))


def entry_of_the_client(group: str) -> list[Any]:
    return [SimpleNamespace(name="shipbob", module=SHIPBOB)]


def lacking(codes: dict[str, Any]) -> None:
    codes["read"].popitem()


def refusing(codes: dict[str, Any]) -> None:
    codes["refused"] = [*codes.get("refused", ()), next(iter(codes["read"].values()))]


# --- values on their way: (value, environment, the good conversion) --------------------------------------------


def always_rma(value: Any, env: Any, good: Any) -> Any:
    return "RMA"


def one_more(value: Any, env: Any, good: Any) -> Any:
    return good(value + 1, env)


def one_off(value: Any, env: Any, good: Any) -> Any:
    return good(value, env) + 1


def floated(value: Any, env: Any, good: Any) -> Any:
    return good(int(float(value)), env)


def of_the_first_line(value: Any, env: Any, good: Any) -> Any:
    return good(env.root["lines"][0]["lineId"], env)


def marked(value: Any, env: Any, good: Any) -> Any:
    return f"line {good(value, env)}"


def capitals(value: Any, env: Any, good: Any) -> Any:
    return good(value, env).upper()


def two_places(value: Any, env: Any, good: Any) -> Any:
    return good(round(Decimal(value), 2), env)


def as_float(value: Any, env: Any, good: Any) -> Any:
    return good(Decimal(str(float(value))), env)


def unsigned(value: Any, env: Any, good: Any) -> Any:
    return good(abs(value), env)


def zone_cut_off(value: Any, env: Any, good: Any) -> Any:
    return datetime.fromisoformat(value).replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")


# --- functions of a mapping: (scope, environment, the good function) -------------------------------------------


def nothing(scope: Any, env: Any, good: Any) -> None:
    return None


def same(scope: Any, env: Any, good: Any) -> Any:
    return ["1Z999"]


def other_sign(scope: Any, env: Any, good: Any) -> Any:
    made = good(scope, env)
    return -made if made is not None else None


def pieces(scope: Any, env: Any, good: Any) -> Any:
    return int(Decimal((scope.get("expected") or scope["requested"])["value"]))


def relying(scope: Any, env: Any, good: Any) -> Any:
    return (scope.get("status_history") or [])[0] and good(scope, env)


def null_as_text(scope: Any, env: Any, good: Any) -> Any:
    return str(scope["reference_id"]) if "reference_id" in scope else good(scope, env)


def first_of_none(scope: Any, env: Any, good: Any) -> Any:
    return scope["status_history"][0] and good(scope, env) if "status_history" in scope else good(scope, env)


def breaks_on_two(scope: Any, env: Any, good: Any) -> Any:
    return ["of one line"][len(scope.get("inventory") or ()) // 2] and good(scope, env)


def tells_a_name(scope: Any, env: Any, good: Any) -> Any:
    env.finding("note", f"a return of {scope.get('customer_name')}")
    return good(scope, env)


calls = itertools.count()


def counted(scope: Any, env: Any, good: Any) -> Any:
    return f"{good(scope, env)}-{next(calls)}"


def changes_its_source(scope: Any, env: Any, good: Any) -> Any:
    scope["reference_id"] = "changed"
    return good(scope, env)


kept: dict[str, Any] = {}


def keeps_between(scope: Any, env: Any, good: Any) -> Any:
    kept["last"] = good(scope, env)
    time.sleep(0)
    return kept["last"]


# --- functions around good ones: (the good function, what it is given) ------------------------------------------


def opened(good: Any, *given: Any) -> Any:
    def without_limits(node: Any) -> Any:
        if isinstance(node, dict):
            return {name: without_limits(one) for name, one in node.items() if name != "additionalProperties"}
        return [without_limits(one) for one in node] if isinstance(node, list) else node

    return Validator(without_limits(good(*given).schema))


def narrowed(good: Any, *given: Any) -> Any:
    schema = good(*given).schema
    return Validator({**schema, "properties": {n: one for n, one in schema["properties"].items() if n != "channel"}})


def uncoded(good: Any, client: Any, name: str, method: str, path: str, **given: Any) -> Any:
    if name == "commit":
        given["json"] = {key: value for key, value in given["json"].items() if key != "code"}
    return good(client, name, method, path, **given)


def unthrottled(good: Any, client: Any, *given: Any, **more: Any) -> None:
    good(client, *given, **{**more, "throttled": ()})


def unexplained(good: Any, client: Any, *given: Any, **more: Any) -> None:
    good(client, *given, **{**more, "explain": None})


def unlimited(good: Any, client: Any, *given: Any, **more: Any) -> None:
    good(client, *given, **{**more, "budget": Budget()})


def first_page(good: Any, client: Any, params: Any) -> Any:
    yield from client._client.request("list", "GET", "/return", params=tuple(params.items())).json["items"]


def shown(client: Any) -> str:
    return "ShipBob(token='sandbox-token')"


last: dict[int, Any] = {}


def one_for_all(good: Any, client: Any, document: Any) -> Any:
    last[id(client)] = document
    time.sleep(0.002)
    return good(client, last[id(client)])


def unverified(good: Any, client: Any, received: Any, secrets: Any) -> Any:
    return Change(client._ref(78101), datetime.now(UTC), "1")


def another_event(good: Any, client: Any, received: Any, secrets: Any) -> Any:
    change = good(client, received, secrets)
    return Change(change.ref, change.at, uuid.uuid4().hex)


def only_newest(good: Any, client: Any, received: Any, secrets: Any) -> Any:
    return good(client, received, secrets[:1])


MUTANTS = [
    # --- what is declared
    Mutant("MANIFEST_TRUE", "the manifest says that a record is written", "shipbob", manifest(documents=WRITTEN_TOO)),
    Mutant("MANIFEST_TRUE", "what no account can say it does", "netsuite", manifest(only_if={"credit_ahead": "zone"})),
    Mutant("MAPPING_COMPLETE", "a field nobody carries", "shipbob", without("return", "customer_name")),
    Mutant("MAPPING_COMPLETE", "a loss nobody declares", "shipbob", gaps("return_create", forget="approvals")),
    Mutant("TABLES_TOTAL", "a code neither written nor refused", "netsuite", table("order_status", lacking)),
    Mutant("TABLES_TOTAL", "a code written and refused", "netsuite", table("order_status", refusing)),
    Mutant("CLIENT_DECLARED", "a client of another role", "shipbob", manifest(clients={"wms": f"{NETSUITE}:NetSuite"})),
    Mutant("CLIENT_DECLARED", "a write without a rule", "avatax", manifest(idempotency={"void": "perhaps"})),
    Mutant("PROPOSALS_CONFIRMED", "a quantity that was guessed", "shipbob", unconfirmed("return", "quantity")),
    Mutant("SETTINGS_NEEDED", "a default for what must be set", "shipbob", patched(f"{TENANT}.setting", defaulted)),
    # --- what gets lost
    Mutant("CANONICAL_FIELDS_KEPT", "one remark for all", "netsuite", codec("item_receipt", "memo", write=always_rma)),
    Mutant("CANONICAL_FIELDS_KEPT", "the first line's", "netsuite", codec(RMA, LINE, write=of_the_first_line)),
    Mutant("VENDOR_FIELDS_KEPT", "one tracking number", "shipbob", function("return", "tracking_numbers", same)),
    Mutant("LOSSES_TOLD", "a declared loss that is not told", "netsuite", patched(f"{ENVIRONMENT}.lose", silent)),
    Mutant("LOSSES_TRUE", "declared ignored, and read", "netsuite", gaps("return_authorization", ignore=CHANGED)),
    Mutant("LOTS_REFUSED", "a dropped lot", "netsuite", function("item_receipt", "inventory_detail", nothing)),
    Mutant("ENGINES_AGREE", "an expression that says something else", "netsuite", expression("item_receipt", "memo")),
    # --- what is recorded
    Mutant("RECORDS_READ", "a cent too much", "netsuite", codec("credit_memo", "amount", read=one_more)),
    Mutant("RECORDS_EXPECTED", "a document no longer read", "shipbob", reduced("disposition")),
    Mutant("RECORDS_WRITTEN", "a swapped sign", "netsuite", function("item_receipt", "received_quantity", other_sign)),
    Mutant("TAPES_READ", "a contract that forgot a field", "shipbob", wrapped(CONTRACT, narrowed)),
    # --- there and back
    Mutant("CODECS_REVERSIBLE", "a price off by one", "netsuite", codec(RMA, "rate", write=one_off)),
    Mutant(
        "CODECS_REVERSIBLE", "an id through a float", "adobe_commerce", codec("return", "customer_id", read=floated)
    ),
    Mutant(
        "CODECS_REVERSIBLE",
        "a count off by one in the record that is written",
        "adobe_commerce",
        codec("return_create", "qty_requested", write=one_off),
        select="*written as return_create",
    ),
    Mutant("DOCUMENTS_RETURN", "a line's id changed", "netsuite", codec(MOVE, LINE, write=marked)),
    Mutant("RECORDS_RETURN", "a description in capitals", "netsuite", codec(RMA, "description", read=capitals)),
    # --- what vendors do
    Mutant("WORDS_UNKNOWN_TOLD", "a new word taken for an old one", "netsuite", patched(f"{TABLE}.require", guessed)),
    Mutant("FIELDS_UNKNOWN_TOLD", "a contract open to all", "shipbob", wrapped(CONTRACT, opened)),
    Mutant("FIELDS_MISSING_TAKEN", "relying on what may be missing", "shipbob", function("return", "history", relying)),
    Mutant("ANY_TAKEN", "one line and no more", "shipbob", function("return", "number", breaks_on_two)),
    Mutant("NULLS_TAKEN", "null taken for a word", "shipbob", function("return", "number", null_as_text)),
    Mutant("LISTS_EMPTY_TAKEN", "the first of no elements", "shipbob", function("return", "history", first_of_none)),
    # --- exact
    Mutant("DIGITS_KEPT", "a lost digit", "netsuite", codec(RMA, "rate", read=two_places)),
    Mutant("DIGITS_KEPT", "money through a binary float", "netsuite", codec(RMA, "rate", read=as_float)),
    Mutant("FLOATS_UNDERSTOOD", "a float that is cut", "tryton", patched(f"{TRYTON}.ROUND_HALF_EVEN", ROUND_DOWN)),
    Mutant("SIGNS_KEPT", "a sign thrown away", "netsuite", codec(RMA, "rate", read=unsigned)),
    Mutant("CURRENCIES_KEPT", "every currency has cents", "netsuite", codec(RMA, "rate", read=two_places)),
    Mutant("MOMENTS_KEPT", "a zone cut off", "shipbob", codec("return", "insert_date", read=zone_cut_off)),
    Mutant("UNITS_KEPT", "boxes as pieces", "shipbob", function("return_create", "quantity_to_announce", pieces)),
    # --- safe
    Mutant("PERSONAL_HIDDEN", "a name in a finding", "shipbob", function("return", "number", tells_a_name)),
    Mutant("TRANSLATION_REPEATABLE", "a number that counts up", "shipbob", function("return", "number", counted)),
    Mutant("TRANSLATION_REPEATABLE", "a changed source", "shipbob", function("return", "number", changes_its_source)),
    Mutant("TRANSLATION_SHAREABLE", "kept between documents", "shipbob", function("return", "number", keeps_between)),
    Mutant("IMPORT_LIGHT", "an HTTP client imported at once", "shipbob", patched(ENTRY_POINTS, entry_of_the_client)),
    # --- the client
    Mutant(
        "VERBS_WORK", "a line that the status leaves out", "shipbob", wrapped(f"{SHIPBOB}:ShipBob.status", shortened)
    ),
    Mutant("VERBS_WORK", "a status that never changes", "shipbob", wrapped(f"{SHIPBOB}:ShipBob.status", unmoved)),
    Mutant("VERBS_WORK", "a verb that fails", "shipbob", patched(f"{SHIPBOB}.ShipBob.status", failing)),
    Mutant("TAPES_PLAYED", "another page size", "roundup", patched("openreturns_adapters.roundup.client._PAGE", 50)),
    Mutant("VERBS_REFUSED", "a verb that does nothing", "shipbob", patched("openreturns.ports.Wms.put_away", silent)),
    Mutant("WRITES_DONE_ONCE", "a retry without a look", "shipbob", manifest(idempotency={"announce": "native"})),
    Mutant("WRITES_DONE_ONCE", "a look that finds nothing", "shipbob", patched(ANNOUNCED, silent)),
    Mutant("WRITES_REPEATED_ONCE", "said twice, done twice", "shipbob", patched(ANNOUNCED, silent)),
    Mutant("WRITES_DELIVERED_ONCE", "a write without our number", "avatax", wrapped(REQUEST, uncoded)),
    Mutant("WRITES_READ_BACK", "a 200 that is believed", "shipbob", patched(f"{SHIPBOB}.proven", believed)),
    Mutant("WRITES_READ_BACK", "another's answer believed", "avatax", patched(f"{AVATAX}.AvaTax._as_recorded", agrees)),
    Mutant("WRITES_AS_ASKED", "a total that is believed", "avatax", patched(f"{AVATAX}.AvaTax._as_recorded", agrees)),
    Mutant("WRITES_AS_ASKED", "a price that is believed", "netsuite", patched(SAID, external_ids), "authorize"),
    Mutant("WRITES_TOGETHER_ONCE", "two look and both write", "shipbob", patched(f"{IDEMPOTENCY}.alone", nobody_waits)),
    Mutant("BODIES_MISLABELLED_TAKEN", "the label believed", "shipbob", patched(f"{WIRE}._PACKED", b"")),
    Mutant("CLIENT_SHAREABLE", "one document for all", "shipbob", wrapped(f"{SHIPBOB}:ShipBob.announce", one_for_all)),
    Mutant("ERRORS_SORTED", "a swallowed 429", "shipbob", wrapped(CLIENT, unthrottled), "429*"),
    Mutant("ERRORS_SORTED", "the vendor's code forgotten", "netsuite", wrapped(CLIENT, unexplained), "400*"),
    Mutant("SESSIONS_RENEWED", "an ended session kept", "salesforce", patched(f"{TOKENS}.refused", fine)),
    Mutant("RETRY_AFTER_HEEDED", "a wait not heeded", "shipbob", patched(f"{RULES}.retry_after", never)),
    Mutant("RETRY_AFTER_HEEDED", "a 403 that means too much", "salesforce", wrapped(CLIENT, unthrottled)),
    Mutant("BUDGET_KEPT", "a rate nobody keeps", "shipbob", wrapped(CLIENT, unlimited), "requests"),
    Mutant("BUDGET_KEPT", "any number at one time", "netsuite", wrapped(CLIENT, unlimited), "concurrent"),
    Mutant(
        "PAGES_COMPLETE",
        "a zone cut off when changes are asked for",
        "avatax",
        wrapped(f"{AVATAX}:AvaTax.changes", zoneless),
    ),
    Mutant("PAGES_COMPLETE", "the end of the first page", "shipbob", wrapped(f"{SHIPBOB}:ShipBob._listed", first_page)),
    Mutant("SECRETS_HIDDEN", "a token in the repr", "shipbob", patched(f"{SHIPBOB}.ShipBob.__repr__", shown)),
    # --- webhooks
    Mutant("WEBHOOKS_GENUINE", "another vendor's scheme", "shipbob", manifest(webhooks={"signature": "shopify"})),
    Mutant("WEBHOOKS_FORGED", "an accepted forgery", "shipbob", wrapped(HEAR, unverified), "wms hears"),
    Mutant("WEBHOOKS_REPLAYED", "a new event each time", "shipbob", wrapped(HEAR, another_event), "wms hears"),
    Mutant("WEBHOOKS_ROTATED", "only the newest secret", "shipbob", wrapped(HEAR, only_newest), "wms hears"),
]
