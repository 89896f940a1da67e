"""What each event changes in the state of a return: one small pure function an event. Nothing is given out here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from openreturns import flow
from openreturns.models import Disposition, DocumentRef, Quantity, Return, ReturnStatus, Settlement
from openreturns.process import _documents as documents
from openreturns.process import events
from openreturns.process.commands import NOT_ASKED
from openreturns.process.policy import Limit, Policy
from openreturns.process.state import TERMINAL, Decided, Effect, Finding, ProcessState

__all__ = ["SALE_DAY_UNKNOWN", "NotApplied", "absorb", "found", "opened", "taken_back"]


@dataclass(frozen=True)
class NotApplied(Exception):  # noqa: N818 - it is an answer, not a mistake of ours
    """The event changes nothing; it is kept with this reason."""

    code: str
    reason: str

    def __str__(self) -> str:
        return f"{self.code}: {self.reason}"


def opened(event: events.Event, policy: Policy) -> ProcessState:
    """Return the state of a return that is asked for."""
    if not isinstance(event, events.ReturnRequested):
        raise NotApplied("unknown_return", "no return of that number was asked for; it may still be")
    asked = event.return_
    if asked.status not in {"requested", "authorized"}:
        raise NotApplied("not_a_request", f"a request is requested or authorized, this one is {asked.status}")
    return ProcessState(
        number=asked.number,
        entered=event.at,
        requested_by=event.by,
        priority=policy.priority(asked),
        return_=asked,
    )


def absorb(state: ProcessState, event: events.Event, policy: Policy) -> ProcessState:
    """Return the state after an event. Raises NotApplied where it may not or need not change anything."""
    return _RULES[type(event)](state, event, policy)


def found(state: ProcessState, code: str, message: str, at: datetime, subject: str = "") -> ProcessState:
    """Return the state with a finding, once."""
    if any(one.code == code and one.subject == subject for one in state.findings):
        return state
    finding = Finding(code=code, subject=subject, message=message, at=at)
    return state.replace(findings=(*state.findings, finding))


# ---------------------------------------------------------------- the request


def _requested(state: ProcessState, event: events.ReturnRequested, policy: Policy) -> ProcessState:
    if event.return_.lines == state.return_.lines:
        raise NotApplied("duplicate", "this return was asked for before")
    raise NotApplied("conflict", "another return was asked for under this number")


def _cancelled(state: ProcessState, event: events.CancelRequested, policy: Policy) -> ProcessState:
    _refuse_ended(state)
    if documents.receipts_of(state.return_):
        raise NotApplied("too_late", "goods have come in; they are dealt with, not cancelled")
    if state.credits:
        raise NotApplied("too_late", "a credit is on its way")
    return state.replace(ending="cancelled")


def _refuse_ended(state: ProcessState) -> None:
    if state.ending or state.stage in TERMINAL:
        raise NotApplied("ended", f"the return is {state.ending or state.stage}")


# ---------------------------------------------------------------- goods


def _came_in(state: ProcessState, event: events.GoodsReceived, policy: Policy) -> ProcessState:
    if state.return_.status == "requested" and not state.ending:
        raise NotApplied("early", "goods came in on a return that nobody has agreed to yet")
    counted = tuple(line for line in event.seen.lines if line.receipts)
    if not counted:
        raise NotApplied("nothing_new", "nothing was counted yet")
    numbers, strangers = flow.find_lines(event.seen.replace(lines=counted), state.return_)
    before = state
    for line_id in strangers:
        message = "goods came in that no line of the return expects"
        state = found(state, "blind_receipt", message, event.at, line_id)
    ours = tuple(line for line in counted if line.line_id in numbers)
    seen = flow.match_lines(event.seen.replace(lines=ours), numbers) if ours else None
    after = documents.taken_in(state.return_, seen) if seen else state.return_
    ended = event.seen.status in _ALL_IN and state.return_.status == "partially_received"
    if after is state.return_ and not ended:  # that no more will come is news too
        if state is before:
            raise NotApplied("nothing_new", "no receipt that was not known")
        return state
    if state.ending or state.stage in TERMINAL:
        message = f"goods came in on a return that is {state.ending or state.stage}"
        return found(state, "goods_after_the_end", message, event.at)
    state = _over_or_short(state, after, event)
    complete = documents.whole_in(after) or event.seen.status in _ALL_IN
    to: ReturnStatus = "received" if complete else "partially_received"
    if state.return_.status == to:
        return state.replace(return_=documents.next_revision(after, event.at))
    return state.replace(return_=documents.advanced(after, to, event.at, event.id))


_ALL_IN = frozenset({"received", "inspected", "dispositioned", "credited", "closed"})


def _over_or_short(state: ProcessState, after: Return, event: events.GoodsReceived) -> ProcessState:
    for line in after.lines:
        agreed = (line.authorized or line.requested).value
        came = line.received.value if line.received else Decimal(0)
        if came > agreed:
            message = f"{came:f} came in of {agreed:f} agreed to"
            state = found(state, "over_receipt", message, event.at, line.line_id)
        elif came < agreed and event.seen.status in _ALL_IN:
            state = found(state, "short_receipt", f"{came:f} came in of {agreed:f}", event.at, line.line_id)
    return state


def _inspected(state: ProcessState, event: events.GoodsInspected, policy: Policy) -> ProcessState:
    seen = event.disposition
    if seen.status != "final":
        raise NotApplied("not_final", f"the disposition is {seen.status}; nothing follows from it yet")
    numbers, strangers = flow.find_lines(seen, state.return_)
    for line_id in strangers:
        state = found(state, "blind_disposition", "goods were inspected that no line expects", event.at, line_id)
    if strangers:
        if not numbers:
            return state
        seen = seen.replace(lines=tuple(line for line in seen.lines if line.return_line_id in numbers))
    matched = flow.match_receipts(flow.match_lines(seen, numbers), state.return_)
    disposition = documents.judged(matched, policy.not_creditable)
    _refuse_decided(state, disposition)
    if state.ending or state.stage in TERMINAL:
        message = f"goods were inspected of a return that is {state.ending or state.stage}"
        return found(state, "goods_after_the_end", message, event.at)
    _refuse_unreceived(state, disposition)
    return state.replace(dispositions=(*state.dispositions, disposition))


def _refuse_decided(state: ProcessState, disposition: Disposition) -> None:
    for known in state.dispositions:
        if known.meta.document_id == disposition.meta.document_id:
            if known.lines == disposition.lines:
                raise NotApplied("duplicate", "this was decided before")
            raise NotApplied("conflict", "a final disposition says something else now; reverse it first")


def _refuse_unreceived(state: ProcessState, disposition: Disposition) -> None:
    """Decisions may come before the receipts they are about; then they wait."""
    never = {"customer_keeps", "field_destroy"}
    for line in disposition.lines:
        ours = next(one for one in state.return_.lines if one.line_id == line.return_line_id)
        came = ours.received.value if ours.received else Decimal(0)
        inspected = sum(
            (
                split.quantity.value
                for known in (*state.standing, disposition)
                for other in known.lines
                if other.return_line_id == line.return_line_id
                for split in other.splits
                if split.disposition.code not in never
            ),
            Decimal(0),
        )
        if inspected > came:
            raise NotApplied(
                "early", f"{inspected:f} inspected of line {line.return_line_id}, {came:f} received so far"
            )


def _reversed(state: ProcessState, event: events.DispositionReversed, policy: Policy) -> ProcessState:
    known = {one.meta.document_id for one in state.dispositions}
    if event.document_id not in known:
        raise NotApplied("unknown_disposition", f"no disposition {event.document_id} was decided")
    if event.document_id in state.reversed_:
        raise NotApplied("duplicate", "it was reversed before")
    state = state.replace(reversed_=(*state.reversed_, event.document_id))
    for credit in state.credits:
        if any(line.disposition and line.disposition.document_id == event.document_id for line in credit.lines):
            state = taken_back(state, credit.number, event.at)
    return state


def taken_back(state: ProcessState, number: str, at: datetime) -> ProcessState:
    """Return the state with a credit taken back: voided if the ERP never heard of it, else to be voided there.

    One that a person did instead of the ERP's verb is for a person again.
    """
    issued = state.effect("issue_credit", number)
    if issued is None:
        return _with_credit(state, number, status="voided")
    if issued.status == "discarded":
        state = found(state, "credit_to_reverse", "a credit that somebody issued by hand is taken back", at, number)
    return state if number in state.to_void else state.replace(to_void=(*state.to_void, number))


def _with_credit(state: ProcessState, number: str, **changes: Any) -> ProcessState:  # noqa: ANN401 - Credit's fields
    credits_ = tuple(one.replace(**changes) if one.number == number else one for one in state.credits)
    return state.replace(credits=credits_)


# ---------------------------------------------------------------- people


def _approval(
    state: ProcessState, event: events.ApprovalGiven | events.ApprovalRefused, policy: Policy
) -> ProcessState:
    if not event.by:
        raise NotApplied("nobody", "an approval is somebody's")
    _refuse_ended(state)
    given = isinstance(event, events.ApprovalGiven)
    before = state.decided(event.step, event.subject)
    if before is not None:
        raise NotApplied(
            "duplicate" if (before.decision == "approved") == given else "conflict", "it was decided before"
        )
    if given:
        _refuse_unfit(state, event, policy)
    decided = Decided(
        step=event.step,
        subject=event.subject,
        decision="approved" if given else "rejected",
        by=event.by,
        at=event.at,
    )
    state = state.replace(decisions=(*state.decisions, decided))
    if event.step == "credit":
        credit = next((one for one in state.credits if one.number == event.subject), None)
        if credit is None:
            raise NotApplied("unknown_credit", f"there is no credit {event.subject}")
        if given:
            agreed = documents.approved(credit, event.by, state.requested_by, event.at)
            return state.replace(credits=tuple(agreed if one is credit else one for one in state.credits))
        return _with_credit(state, event.subject, status="rejected")
    if event.step == "return" and not given:
        return state.replace(ending="declined")
    return state


def _refuse_unfit(state: ProcessState, event: events.ApprovalGiven | events.ApprovalRefused, policy: Policy) -> None:
    """Refuse an approval by who asked, inspected, or has no such role or limit: segregation of duties."""
    rules = policy.approvals
    if event.by == state.requested_by:
        raise NotApplied("segregation", "nobody approves what they asked for")
    if event.step == "return":
        if rules.return_roles and not policy.has_role(event.by, rules.return_roles):
            raise NotApplied("segregation", "a return is approved by: " + ", ".join(rules.return_roles))
        return
    inspectors = {line.inspection.by for one in state.dispositions for line in one.lines if line.inspection is not None}
    if event.by in inspectors:
        raise NotApplied("segregation", "who inspected the goods approves neither their credit nor their write-off")
    other = "write_off" if event.step == "credit" else "credit"
    if any(one.step == other and one.by == event.by for one in state.decisions):
        raise NotApplied("segregation", "one person does not approve both a write-off and a credit of a return")
    limits, amount = _at_stake(state, event, rules.credit_limits, rules.write_off_limits)
    if not policy.may_approve(event.by, limits, amount, state.return_.currency):
        raise NotApplied("limit", "the amount is above what this person may approve")


def _at_stake(
    state: ProcessState,
    event: events.ApprovalGiven | events.ApprovalRefused,
    credit_limits: tuple[Limit, ...],
    write_off_limits: tuple[Limit, ...],
) -> tuple[tuple[Limit, ...], Decimal]:
    if event.step == "credit":
        for credit in state.credits:
            if credit.number == event.subject:
                return credit_limits, credit.totals.tax_inclusive.amount
        raise NotApplied("unknown_credit", f"there is no credit {event.subject}")
    for disposition in state.dispositions:
        if disposition.meta.document_id == event.subject:
            return write_off_limits, documents.written_off(disposition, state.return_)
    raise NotApplied("unknown_disposition", f"there is no disposition {event.subject}")


def _settled(state: ProcessState, event: events.Settled, policy: Policy) -> ProcessState:
    credit = next((one for one in state.credits if one.number == event.credit), None)
    if credit is None or not state.over("issue_credit", event.credit):
        raise NotApplied("early" if credit else "unknown_credit", f"no credit {event.credit} is out")
    if event.credit in state.settled:
        raise NotApplied("duplicate", "it was settled before")
    total = credit.totals.tax_inclusive
    settlement = Settlement(
        method=event.method, amount=total, status="completed", at=event.at, reference=event.reference or None
    )
    totals = credit.totals.replace(settled=total, due=documents.money(Decimal(0), credit.currency))
    paid = credit.replace(settlements=(settlement,), totals=totals)
    credits_ = tuple(paid if one.number == event.credit else one for one in state.credits)
    return state.replace(settled=(*state.settled, event.credit), credits=credits_)


def _placed(state: ProcessState, event: events.OrderPlaced, policy: Policy) -> ProcessState:
    subject = f"{event.kind}/{event.subject}"
    if subject not in state.asked:
        raise NotApplied("not_asked_for", f"nobody asked for a {event.kind} of {event.subject}")
    if subject in state.placed:
        raise NotApplied("duplicate" if state.placed[subject] == event.ref else "conflict", "it is placed already")
    return _with_order(state, subject, event.ref, event.at)


def _with_order(state: ProcessState, subject: str, ref: DocumentRef, at: datetime) -> ProcessState:
    """Return the state with an order that is placed; what is sent instead of a line is told on the line."""
    lines = tuple(
        line.replace(replacement=line.replacement.replace(order=ref))
        if line.replacement is not None and subject == f"replacement/{line.line_id}"
        else line
        for line in state.return_.lines
    )
    if lines != state.return_.lines:
        state = state.replace(return_=documents.next_revision(state.return_.replace(lines=lines), at))
    return state.replace(placed={**state.placed, subject: ref})


# ---------------------------------------------------------------- time


def _late(state: ProcessState, event: events.DeadlinePassed, policy: Policy) -> ProcessState:
    due = state.deadlines.get(event.name)
    if due is None or event.at < due:
        raise NotApplied("overtaken", "nothing waits for that any more")
    deadlines = {name: at for name, at in state.deadlines.items() if name != event.name}
    state = state.replace(deadlines=deadlines)
    kind, _, subject = event.name.partition("/")
    if kind == "retry":
        effect = state.effects[subject]
        return _with_effect(state, subject, effect.replace(status="started", attempts=effect.attempts + 1, at=event.at))
    level = policy.service_level(subject)
    if level is not None and level.then == "expire" and subject == "awaiting_goods":
        return state.replace(ending="expired")
    message = f"{subject} takes longer than agreed"
    if level is not None and level.escalate_to:
        message += f"; {level.escalate_to} is asked to look"
    return found(state, "overdue", message, event.at, f"{subject}/{event.at:%Y-%m-%dT%H:%M}")


# ---------------------------------------------------------------- results


def _finished(state: ProcessState, event: events.CommandsFinished, policy: Policy) -> ProcessState:
    for result in event.results:
        effect = state.effects.get(result.key)
        if effect is None or effect.over:
            continue  # a worker that was thought dead answers late: its result is known, or nobody asked
        state = _with_effect(state, result.key, _after(effect, result, policy, event.at))
        if result.status == "done":
            state = _learned(state, effect, result, policy, event.at)
        elif result.status in {"later", "unknown"} and state.effects[result.key].status == "later":
            pause = _pause(effect, result, policy)
            state = state.replace(deadlines={**state.deadlines, f"retry/{result.key}": event.at + pause})
        elif result.status == "rejected":
            state = _refused(state, effect, event.at)
    return state


def _with_effect(state: ProcessState, key: str, effect: Effect) -> ProcessState:
    return state.replace(effects={**state.effects, key: effect})


def _after(effect: Effect, result: events.Result, policy: Policy, at: datetime) -> Effect:
    told = {"at": at, "kind": result.kind, "problems": result.problems}
    if result.status == "done":
        return effect.replace(status="done", ref=result.ref, **told)
    if result.status in {"rejected", "poison"}:
        return effect.replace(status=result.status, **told)
    if result.status == "unknown" and result.kind == "none":
        return effect.replace(status="held", **told)  # it may be done and may not be repeated: a person looks
    if result.kind == NOT_ASKED:
        return effect.replace(status="later", attempts=effect.attempts - 1, **told)
    limit = policy.vendors[effect.system].attempts if effect.system in policy.vendors else _ATTEMPTS
    return effect.replace(status="later" if effect.attempts < limit else "poison", **told)


_ATTEMPTS = 5
_LONGEST = timedelta(hours=6)


def _pause(effect: Effect, result: events.Result, policy: Policy) -> timedelta:
    """Return how long to wait: what the system asked for, at least twice as long as the last time."""
    base = policy.vendors[effect.system].retry_seconds if effect.system in policy.vendors else 30
    return min(
        max(timedelta(seconds=base * 2 ** min(effect.attempts, 16) // 2), timedelta(seconds=result.retry_after or 0)),
        _LONGEST,
    )


def _learned(state: ProcessState, effect: Effect, result: events.Result, policy: Policy, at: datetime) -> ProcessState:
    """Take in what a question brought, and the order that was placed."""
    if effect.step == "order_replacement" and result.ref is not None:
        return _with_order(state, f"replacement/{effect.subject}", result.ref, at)
    if not result.answer:
        return state
    name = effect.step if not effect.subject else f"{effect.step}/{effect.subject}"
    checks = {**state.checks, name: json.loads(result.answer)}
    state = state.replace(checks=checks)
    if effect.step == "check_excess":
        return _excess(state, name, at)
    return _in_time(_eligible(state, at), policy, at) if effect.step == "check_eligibility" else state


def _excess(state: ProcessState, name: str, at: datetime) -> ProcessState:
    """Agree to what came too much as far as all of it was sold."""
    told = {one["lineId"]: Quantity.model_validate(one["returnable"]) for one in state.checks[name]}
    lines = []
    for line in state.return_.lines:
        may = told.get(line.line_id)
        sold = may is not None and line.received is not None and may.uom == line.received.uom
        enough = sold and may.value >= line.received.value  # type: ignore[union-attr] # both are there if it was sold
        lines.append(documents.raised(line) if documents.is_over(line) and enough else line)
    raised = state.return_.replace(lines=tuple(lines))
    return state if raised == state.return_ else state.replace(return_=documents.next_revision(raised, at))


def _eligible(state: ProcessState, at: datetime) -> ProcessState:
    """Agree to no more than may come back, at the price it was sold for."""
    told = {one["lineId"]: one for one in state.checks["check_eligibility"]}
    lines = []
    for line in state.return_.lines:
        one = told.get(line.line_id)
        if one is None:
            lines.append(line)
            continue
        may = Quantity.model_validate(one["returnable"])
        if may.uom != line.requested.uom:
            state = found(
                state, "unit_mismatch", f"sold by {may.uom}, asked for by {line.requested.uom}", at, line.line_id
            )
            may = Quantity(value=Decimal(0), uom=line.requested.uom)
        elif may.value < line.requested.value:
            why = one.get("reason") or "the rest was returned before"
            message = f"{may.value:f} of {line.requested.value:f} may come back: {why}"
            state = found(state, "not_eligible", message, at, line.line_id)
        agreed = Quantity(value=min(may.value, line.requested.value), uom=line.requested.uom)
        changes: dict[str, Any] = {"authorized": agreed}
        if line.unit_price is None and one.get("unitPrice"):
            changes["unit_price"] = one["unitPrice"]
        original = DocumentRef.model_validate(one["original"]) if one.get("original") else None
        if original is not None and line.original_invoice is None and original.type == "invoice":
            changes["original_invoice"] = original
        lines.append(line.replace(**changes))
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


def _in_time(state: ProcessState, policy: Policy, at: datetime) -> ProcessState:
    """Agree to nothing that is asked for later than its window; where nobody knows the day, a person looks."""
    asked = (state.return_.requested_at or state.return_.meta.issued_at).date()
    lines = []
    for line in state.return_.lines:
        window = policy.window(line.reason.code)
        origins = (line.original_invoice, line.original_order)
        sold = next((one.issue_date for one in origins if one is not None and one.issue_date), None)
        if window is not None and sold is None:
            state = found(state, SALE_DAY_UNKNOWN, f"{window.days} days are allowed, since when?", at, line.line_id)
        elif window is not None and sold is not None and (asked - sold).days > window.days:
            message = f"asked for {(asked - sold).days} days after it was sold, {window.days} are allowed"
            state = found(state, "not_eligible", message, at, line.line_id)
            line = line.replace(authorized=Quantity(value=Decimal(0), uom=line.requested.uom))
        lines.append(line)
    return state.replace(return_=state.return_.replace(lines=tuple(lines)))


SALE_DAY_UNKNOWN = "sale_day_unknown"


def _refused(state: ProcessState, effect: Effect, at: datetime) -> ProcessState:
    """Answer a no that the story knows an answer to; any other stays a dead letter."""
    if effect.step == "cancel_announcement" and not documents.receipts_of(state.return_):
        message = "the warehouse would not cancel: the goods are on their way and are dealt with"
        return found(state.replace(ending=""), "cancel_refused", message, at)
    return state


def _retried(state: ProcessState, event: events.DeadLetterRetried, policy: Policy) -> ProcessState:
    effect = _dead(state, event.key)
    return _with_effect(state, event.key, effect.replace(status="started", attempts=1, at=event.at))


def _discarded(state: ProcessState, event: events.DeadLetterDiscarded, policy: Policy) -> ProcessState:
    effect = _dead(state, event.key)
    return _with_effect(state, event.key, effect.replace(status="discarded", reason=event.reason, at=event.at))


def _dead(state: ProcessState, key: str) -> Effect:
    effect = state.effects.get(key)
    if effect is None or not effect.dead:
        raise NotApplied("no_dead_letter", f"there is no dead letter {key}")
    return effect


_RULES: Mapping[type, Callable[[ProcessState, Any, Policy], ProcessState]] = {
    events.ReturnRequested: _requested,
    events.GoodsReceived: _came_in,
    events.GoodsInspected: _inspected,
    events.DispositionReversed: _reversed,
    events.ApprovalGiven: _approval,
    events.ApprovalRefused: _approval,
    events.CancelRequested: _cancelled,
    events.Settled: _settled,
    events.OrderPlaced: _placed,
    events.DeadlinePassed: _late,
    events.CommandsFinished: _finished,
    events.DeadLetterRetried: _retried,
    events.DeadLetterDiscarded: _discarded,
}
