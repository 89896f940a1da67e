"""What the vendor offers, operation by operation: where, what it takes, what it answers, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from openreturns.sandbox import Answer, Call, Clock, Operation, Reply

from openreturns_adapters.avatax.simulator import checking, taxing
from openreturns_adapters.avatax.simulator.access import Access
from openreturns_adapters.avatax.simulator.ledger import Ledger
from openreturns_adapters.avatax.simulator.listing import matching, ordered
from openreturns_adapters.avatax.simulator.places import resolve
from openreturns_adapters.avatax.simulator.problems import Refused, fault, refusal
from openreturns_adapters.avatax.simulator.reference import ref
from openreturns_adapters.avatax.simulator.words import DOCUMENT_TYPES

__all__ = ["Service"]

Model = dict[str, Any]
Do = Callable[[Call], Reply]

_CODED = {"_-ava2f-_": "/", "_-ava2b-_": "+", "_-ava3f-_": "?", "_-ava25-_": "%", "_-ava23-_": "#"}
_INCLUDE: dict[str, Model] = {"$include": {"type": "string"}}
_CLIENT: dict[str, Model] = {"X-Avalara-Client": {"type": "string"}}
_TYPE: dict[str, Model] = {"documentType": {"type": "string", "enum": list(DOCUMENT_TYPES)}}
_ONE = "/companies/{companyCode}/transactions/{transactionCode}"
_WRONG = {
    400: "wrong, or against the rules",
    401: "not known",
    403: "not allowed",
    404: "not there",
    429: "too many requests",
    500: "a fault of the service",
    503: "not to be reached",
}


class Service:
    """The operations over one ledger."""

    def __init__(
        self,
        ledger: Ledger,
        access: Access,
        clock: Clock,
        *,
        page_size: int,
        created_status: int,
        records_before_timeout: bool,
    ) -> None:
        self._ledger = ledger
        self._access = access
        self._clock = clock
        self._page_size = page_size
        self._created = created_status
        self._records_before_timeout = records_before_timeout

    def operations(self) -> Sequence[Operation]:
        """Return all operations."""
        return (
            self._token(),
            _operation("GET", "/utilities/ping", self._ping, "Ping", "PingResultModel", open=True),
            self._post("/transactions/create", self._create, "Create a transaction", "CreateTransactionModel"),
            self._post(
                "/transactions/createoradjust",
                self._create_or_adjust,
                "Create or adjust a transaction",
                "CreateOrAdjustTransactionModel",
            ),
            _operation(
                "GET",
                "/transactions/{id}",
                self._by_id,
                "Read a transaction by its number",
                "TransactionModel",
                query=_INCLUDE,
                parameters={"id": {"type": "integer", "format": "int64"}},
            ),
            _operation(
                "GET",
                "/companies/{companyCode}/transactions",
                self._list,
                "List transactions",
                "FetchResult",
                query={
                    **_INCLUDE,
                    "$filter": {"type": "string"},
                    "$orderBy": {"type": "string"},
                    "$top": {"type": "integer", "minimum": 0, "maximum": self._page_size},
                    "$skip": {"type": "integer", "minimum": 0, "maximum": 2_147_483_647},
                    "dataSourceId": {"type": "integer"},
                },
            ),
            _operation(
                "GET",
                _ONE,
                self._read,
                "Read a transaction by its code",
                "TransactionModel",
                query={**_INCLUDE, **_TYPE},
            ),
            _operation(
                "GET",
                f"{_ONE}/types/{{documentType}}",
                self._read_type,
                "Read a transaction by its code and type",
                "TransactionModel",
                query=_INCLUDE,
                parameters=_TYPE,
            ),
            self._act("refund", self._refund, "Refund", "RefundTransactionModel", self._created, _BY_TAX_DATE),
            self._act("commit", self._commit, "Commit", "CommitTransactionModel"),
            self._act("uncommit", self._uncommit, "Uncommit", None),
            self._act("void", self._void, "Void", "VoidTransactionModel"),
            self._act("unvoid", self._unvoid, "Unvoid", None),
            self._act("adjust", self._adjust, "Adjust", "AdjustTransactionModel"),
            self._act("verify", self._verify, "Verify", "VerifyTransactionModel"),
            self._act("settle", self._settle, "Settle", "SettleTransactionModel"),
            self._act("changecode", self._change_code, "Change the code of", "ChangeTransactionCodeModel"),
            self._act("lock", self._lock, "Lock", "LockTransactionModel"),
            _operation(
                "GET",
                "/addresses/resolve",
                self._resolve,
                "Resolve an address",
                "AddressResolutionModel",
                query={**dict.fromkeys(_ADDRESS, _TEXT), "textCase": _CASE},
            ),
            _operation(
                "POST",
                "/addresses/resolve",
                self._resolve_posted,
                "Resolve an address",
                "AddressResolutionModel",
                takes="AddressValidationInfo",
            ),
        )

    def _token(self) -> Operation:
        """Return the token endpoint, which the vendor has on another host, identity.avalara.com."""
        return Operation(
            "POST",
            "/connect/token",
            self._access.token,
            "Get a token for a client's secret",
            {
                200: Answer("done", ref("Token")),
                400: Answer("refused", ref("TokenError")),
                **{code: Answer(_WRONG[code], ref("ErrorResult")) for code in (429, 500, 503)},
            },
            takes=ref("TokenRequest"),
            media_type="application/x-www-form-urlencoded",
            open=True,
        )

    def _post(self, path: str, do: Do, summary: str, takes: str) -> Operation:
        return _operation(
            "POST", path, do, summary, "TransactionModel", takes=takes, query=_INCLUDE, status=self._created
        )

    def _act(
        self,
        name: str,
        do: Do,
        verb: str,
        takes: str | None,
        status: int = 200,
        more: Mapping[str, Model] | None = None,
    ) -> Operation:
        query = {**_TYPE, **_INCLUDE, **(more or {})}
        return _operation(
            "POST",
            f"{_ONE}/{name}",
            do,
            f"{verb} a transaction",
            "TransactionModel",
            takes=takes,
            query=query,
            status=status,
        )

    # --- making and reading ------------------------------------------------------------------------------------

    def _ping(self, call: Call) -> Reply:
        answer: Model = {"version": "26.1.0", "authenticated": False, "authenticationType": "None"}
        try:
            caller = self._access.who(call)
        except Refused:
            return Reply(200, answer)
        company = next(iter(self._ledger.companies.values())).number
        known = {"authenticated": True, "authenticationType": caller.how, "authenticatedUserName": caller.name}
        numbers = {"authenticatedUserId": 1, "authenticatedAccountId": 1, "authenticatedCompanyId": company}
        return Reply(200, {**answer, **known, **numbers})

    def _create(self, call: Call) -> Reply:
        model = checking.body(call, "CreateTransactionModel")
        return self._made(call, lambda: self._ledger.create(model))

    def _create_or_adjust(self, call: Call) -> Reply:
        model = checking.body(call, "CreateOrAdjustTransactionModel")
        reason, said = model.get("adjustmentReason", "Other"), model.get("adjustmentDescription")
        return self._made(call, lambda: self._ledger.create_or_adjust(model["createTransactionModel"], reason, said))

    def _made(self, call: Call, make: Callable[[], Model]) -> Reply:
        """Return what was made; a time-out asked for comes instead, with or without the effect."""
        if "forcetimeout" not in _included(call):
            return Reply(self._created, _shown(make(), call))
        if self._records_before_timeout:
            make()
        raise fault("TimeoutRequested", "$include asked for ForceTimeout.", "$include")

    def _by_id(self, call: Call) -> Reply:
        number = call.path["id"]
        if not (number.isascii() and number.lstrip("-").isdigit() and len(number) < 20):
            raise fault("ModelStateInvalid", "The number of a transaction is an integer.", "id")
        return Reply(200, _shown(self._ledger.by_number(int(number)), call))

    def _company(self, call: Call) -> str:
        return self._ledger.company(_plain(call.path["companyCode"]))

    def _read(self, call: Call) -> Reply:
        kind = checking.word(call, "documentType", DOCUMENT_TYPES)
        found = self._ledger.read(self._company(call), _plain(call.path["transactionCode"]), kind)
        return Reply(200, _shown(found, call))

    def _read_type(self, call: Call) -> Reply:
        kind = call.path["documentType"]
        if kind not in DOCUMENT_TYPES:
            raise fault("InvalidEnumValue", f"The type is one of: {', '.join(DOCUMENT_TYPES)}.", "documentType")
        found = self._ledger.read(self._company(call), _plain(call.path["transactionCode"]), kind)
        return Reply(200, _shown(found, call))

    def _list(self, call: Call) -> Reply:
        company = self._company(call)
        top = checking.whole(call, "$top", self._page_size) or self._page_size
        skip = checking.whole(call, "$skip", 2_147_483_647)
        today = self._clock.now().date()
        found = matching(self._ledger.all(company), call.query.get("$filter", ""), today)
        found = ordered(found, call.query.get("$orderBy", ""))
        page = [_shown(document, call, otherwise="") for document in found[skip : skip + top]]
        answer: Model = {"@recordsetCount": len(found), "value": page}
        if skip + top < len(found):
            answer["@nextLink"] = _following(call, top, skip + top)
        return Reply(200, answer)

    # --- the life of one document --------------------------------------------------------------------------------

    def _found(self, call: Call, *, tell_type: bool = False) -> Model:
        kind = checking.word(call, "documentType", DOCUMENT_TYPES)
        code = _plain(call.path["transactionCode"])
        return self._ledger.change(self._company(call), code, kind, tell_type=tell_type)

    def _refund(self, call: Call) -> Reply:
        model = checking.body(call, "RefundTransactionModel")
        by_tax_date = checking.flag(call, "useTaxDateOverride")
        made = self._ledger.refund(self._found(call), model, by_tax_date=by_tax_date)
        return Reply(self._created, _shown(made, call))

    def _commit(self, call: Call) -> Reply:
        model = checking.body(call, "CommitTransactionModel")
        found = self._found(call, tell_type=True)
        return Reply(200, _shown(self._ledger.commit(found, wanted=model["commit"]), call))

    def _uncommit(self, call: Call) -> Reply:
        return Reply(200, _shown(self._ledger.uncommit(self._found(call)), call))

    def _void(self, call: Call) -> Reply:
        checking.body(call, "VoidTransactionModel")
        return Reply(200, _shown(self._ledger.void(self._found(call)), call))

    def _unvoid(self, call: Call) -> Reply:
        return Reply(200, _shown(self._ledger.unvoid(self._found(call)), call))

    def _adjust(self, call: Call) -> Reply:
        model = checking.body(call, "AdjustTransactionModel")
        reason, said = model["adjustmentReason"], model.get("adjustmentDescription")
        made = self._ledger.adjust(self._found(call), model["newTransaction"], reason, said)
        return Reply(200, _shown(made, call))

    def _verify(self, call: Call) -> Reply:
        model = checking.body(call, "VerifyTransactionModel")
        return Reply(200, _shown(self._ledger.verify(self._found(call, tell_type=True), model), call))

    def _settle(self, call: Call) -> Reply:
        model = checking.body(call, "SettleTransactionModel")
        found = self._found(call, tell_type=True)
        if "verify" in model:
            self._ledger.verify(found, model["verify"])
        if "changeCode" in model:
            self._ledger.rename(found, model["changeCode"]["newCode"])
        if "commit" in model:
            self._ledger.commit(found, wanted=model["commit"]["commit"])
        return Reply(200, _shown(found, call))

    def _change_code(self, call: Call) -> Reply:
        model = checking.body(call, "ChangeTransactionCodeModel")
        return Reply(200, _shown(self._ledger.rename(self._found(call), model["newCode"]), call))

    def _lock(self, call: Call) -> Reply:
        model = checking.body(call, "LockTransactionModel")
        return Reply(200, _shown(self._ledger.lock(self._found(call), locked=model["isLocked"]), call))

    # --- addresses -----------------------------------------------------------------------------------------------

    def _resolve(self, call: Call) -> Reply:
        checking.word(call, "textCase", ("Upper", "Mixed"))
        return self._resolved({name: value for name, value in call.query.items() if name in _ADDRESS})

    def _resolve_posted(self, call: Call) -> Reply:
        return self._resolved(checking.body(call, "AddressValidationInfo"))

    def _resolved(self, given: Model) -> Reply:
        today = self._clock.now().date()
        found = {name: value for name, value in given.items() if name in _ADDRESS}
        return Reply(200, resolve(found, self._ledger.places, self._ledger.policy.rates, today))


_TEXT: Model = {"type": "string"}
_CASE: Model = {"type": "string", "enum": ["Upper", "Mixed"]}
_BY_TAX_DATE: dict[str, Model] = {"useTaxDateOverride": {"type": "boolean"}}
_ADDRESS = ("line1", "line2", "line3", "city", "region", "country", "postalCode", "textCase")


def _operation(
    method: str,
    path: str,
    do: Do,
    summary: str,
    gives: str,
    *,
    takes: str | None = None,
    query: Mapping[str, Model] | None = None,
    parameters: Mapping[str, Model] | None = None,
    status: int = 200,
    open: bool = False,
) -> Operation:
    def answered(call: Call) -> Reply:
        try:
            return do(call)
        except Refused as error:
            return refusal(error.faults)

    statuses = {status: Answer("done", ref(gives))}
    wrong = {code: Answer(meaning, ref("ErrorResult")) for code, meaning in _WRONG.items()}
    return Operation(
        method,
        path,
        answered,
        summary,
        {**statuses, **wrong},
        takes=ref(takes) if takes else None,
        query=dict(query or {}),
        headers=_CLIENT,
        parameters=dict(parameters or {}),
        open=open,
    )


def _plain(code: str) -> str:
    """Return a code from a path, which cannot have some characters in it."""
    for coded, mark in _CODED.items():
        code = code.replace(coded, mark)
    return code


def _included(call: Call, otherwise: str = "Summary,Addresses") -> set[str]:
    return {word.strip().lower() for word in call.query.get("$include", otherwise).split(",")}


def _shown(document: Model, call: Call, otherwise: str = "Summary,Addresses") -> Model:
    """Return a document with what the call wants to see of its parts."""
    wanted = _included(call, otherwise)
    whole = wanted & {"details", "summary", "taxdetailsbytaxtype"} and not wanted & {"summaryonly", "linesonly"}
    parts = ("lines", "addresses")
    shown = {name: value for name, value in document.items() if name not in parts}
    if whole:
        shown["lines"] = document["lines"]
    elif wanted & {"lines", "linesonly"}:
        shown["lines"] = [{k: v for k, v in line.items() if k != "details"} for line in document["lines"]]
    groups = taxing.summary(document["lines"])
    if wanted & {"summary", "summaryonly"}:
        shown["summary"] = groups
    if "taxdetailsbytaxtype" in wanted:
        shown["taxDetailsByTaxType"] = taxing.tax_types(groups)
    if "addresses" in wanted:
        shown["addresses"] = document["addresses"]
    return {**shown, "messages": []}


def _following(call: Call, top: int, skip: int) -> str:
    """Return the address of the next page."""
    query = {**call.query, "$top": str(top), "$skip": str(skip)}
    return call.url.partition("?")[0] + "?" + "&".join(f"{quote(k, safe='$')}={quote(v)}" for k, v in query.items())
