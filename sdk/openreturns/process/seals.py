"""The ends of all returns' audits, sealed now and then in one chain: a return that is deleted whole is missed.

Each seal says how many entries a return's audit had and what the last one's hash was; its own hash, the head, is of
that and of the seal before. A head that is kept elsewhere shows later that nothing before it was changed. Whatever was
written since the last seal is missed by what is left of it in other tables, and by nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, union

from openreturns.errors import Problem
from openreturns.process._tables import AUDIT, COMMAND, INBOX, SEAL, STATE
from openreturns.process._values import digest, micros
from openreturns.process.store import Store

__all__ = ["broken", "head", "seal"]

_FIRST = "0" * 64
_AT_A_TIME = 5000


def seal(store: Store, now: datetime) -> int:
    """Seal the audits that have grown since they were sealed; return how many those are."""
    sealed = select(SEAL.c.number, func.max(SEAL.c.entries).label("entries")).group_by(SEAL.c.number).subquery()
    grown = (
        select(STATE.c.number, STATE.c.audit_count, STATE.c.audit_hash)
        .outerjoin(sealed, sealed.c.number == STATE.c.number)
        .where(or_(sealed.c.entries.is_(None), sealed.c.entries < STATE.c.audit_count))
        .order_by(STATE.c.number)
        .limit(_AT_A_TIME)
    )
    count = 0
    while True:
        with store._reading() as connection:  # no write lock while all returns are looked through
            found = connection.execute(grown).all()
        if not found:
            return count
        with store._turn("seal") as connection:
            place, before = _last(connection)
            rows = []
            for one in found:
                place += 1
                before = _hash(before, place, one.number, one.audit_count, one.audit_hash)
                told = {"number": one.number, "entries": one.audit_count, "hash": one.audit_hash, "at": micros(now)}
                rows.append({"place": place, **told, "head": before})
            connection.execute(insert(SEAL), rows)
        count += len(found)


def head(store: Store) -> str:
    """Return the hash of the last seal; empty where there is none."""
    with store._reading() as connection:
        place, last = _last(connection)
    return last if place else ""


def broken(store: Store, known: str = "") -> Iterator[Problem]:
    """Yield what is not as it was sealed, a `known` head that is not there, and what returns that are gone left."""
    held = AUDIT.c.hash.label("held")
    chosen = select(SEAL, held).outerjoin(AUDIT, (AUDIT.c.number == SEAL.c.number) & (AUDIT.c.place == SEAL.c.entries))
    before, seen, wrong = _FIRST, not known, dict[str, str]()
    with store._reading() as connection:
        for place, one in enumerate(connection.execute(chosen.order_by(SEAL.c.place)), 1):
            before = _hash(before, place, one.number, one.entries, one.hash)
            if one.place != place or one.head != before:
                yield Problem("audit", f"seal {one.place} is not what was written", f"/seal/{place}")
                break
            seen = seen or one.head == known
            if one.held != one.hash:
                wrong.setdefault(one.number, f"{one.number} is sealed with {one.entries} entries that are not there")
        else:
            if not seen:
                yield Problem("audit", f"no seal has the head {known}", "/seal")
        left = connection.execute(_left()).scalars().all()
    for number in left:
        wrong.setdefault(number, f"{number} is gone, and events, commands or entries of it are left")
    for number, said in wrong.items():
        yield Problem("audit", said, f"/{number}")


def _left() -> Any:  # noqa: ANN401 - a query
    """Return the query of the numbers of returns that are gone and have left something."""
    known = select(STATE.c.number)
    applied = select(INBOX.c.number).where(INBOX.c.status == "applied", INBOX.c.number.not_in(known))
    return union(applied, *(select(one.c.number).where(one.c.number.not_in(known)) for one in (AUDIT, COMMAND)))


def _last(connection: Connection) -> tuple[int, str]:
    found = connection.execute(select(SEAL.c.place, SEAL.c.head).order_by(SEAL.c.place.desc()).limit(1)).one_or_none()
    return (found.place, found.head) if found else (0, _FIRST)


def _hash(before: str, place: int, number: str, count: int, last: str) -> str:
    return digest(before, str(place), number, str(count), last)
