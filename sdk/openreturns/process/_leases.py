"""Which workers live: each shows it every now and then, and who is silent for too long has no lease any more."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from openreturns.process import _statements as sql
from openreturns.process._database import Tables
from openreturns.process._tables import LEASE

__all__ = ["Leases"]


class Leases(Tables):
    """The workers' leases."""

    def beat(self, worker: str) -> None:
        """Show that a worker lives."""
        with self._writing() as connection:
            sql.BEAT(connection, {"worker": worker, "beat": self._clock(connection)})

    def alive(self, lease: timedelta) -> set[str]:
        """Return the workers that were heard of within a lease's time."""
        with self._reading() as connection:
            heard = self._clock(connection) - lease // timedelta(microseconds=1)
            return set(connection.execute(select(LEASE.c.worker).where(LEASE.c.beat >= heard)).scalars())

    def forget(self, lease: timedelta) -> None:
        """Drop the leases of workers that were not heard of for a lease's time, once their work is taken over."""
        with self._writing() as connection:
            silent = self._clock(connection) - lease // timedelta(microseconds=1)
            connection.execute(delete(LEASE).where(LEASE.c.beat < silent))

    def leave(self, worker: str) -> None:
        """End a worker's lease."""
        with self._writing() as connection:
            connection.execute(delete(LEASE).where(LEASE.c.worker == worker))
