"""What went wrong with the devices, counted by hours: a plug that flaps all day makes a handful of rows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from kiosk.records import DeviceFault, DeviceKind
from kiosk.store.database import Database
from kiosk.store.tables import device_faults as table


class DeviceFaults:
    """Writes and reads them. Methods may be called from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, faults: Sequence[DeviceFault]) -> None:
        """Count these beside what their hours have already; all or none. Raises StoreError."""
        with self._database.write() as connection:
            for fault in faults:
                _add(connection, fault)

    def between(self, start: datetime, end: datetime) -> list[DeviceFault]:
        """Those of the hours from `start` on and before `end`, the oldest first."""
        query = select(table).where(table.c.at >= start, table.c.at < end).order_by(table.c.at, table.c.number)
        with self._database.read() as connection:
            return [
                DeviceFault(DeviceKind(row.kind), row.code, row.at, row.last, row.times, row.station, row.model)
                for row in connection.execute(query)
            ]


def _add(connection: Connection, fault: DeviceFault) -> None:
    at = fault.at.replace(minute=0, second=0, microsecond=0)
    told = {"at": at, "station": fault.station, "kind": fault.kind, "model": fault.model, "code": fault.code}
    same = [table.c[name] == value for name, value in told.items()]
    known = connection.execute(select(table.c.number, table.c.times).where(*same)).first()
    if known is None:
        connection.execute(insert(table).values(**told, last=fault.last, times=fault.times))
    else:
        counted = {"times": known.times + fault.times, "last": fault.last}
        connection.execute(update(table).where(table.c.number == known.number).values(counted))
