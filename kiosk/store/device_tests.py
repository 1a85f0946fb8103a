"""The tests of the devices, kept in the audit trail: there nobody can put one in afterwards, or take one out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kiosk.records import AuditEntry, CheckPoint, DeviceKind, DeviceTest, Measure, Message, PointFinding, Verdict
from kiosk.store.audit import Audit


class DeviceTests:
    """Writes and reads them. Methods may be called from any thread."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit

    def keep(self, test: DeviceTest) -> None:
        """Enter a finished test; its time is the entry's. Raises StoreError."""
        points = {
            finding.point.value: {
                "verdict": finding.verdict.value,
                "hints": [[hint.code, dict(hint.data)] for hint in finding.hints],
                "measures": [[one.name, one.value, one.low, one.high, one.verdict.value] for one in finding.measures],
            }
            for finding in test.findings
        }
        devices = {kind.value: name for kind, name in test.devices.items()}
        told: dict[str, Any] = {} if test.unverified is None else {"unverified": [kind.value for kind in test.unverified]}
        if test.wanted != tuple(CheckPoint):
            told["wanted"] = [point.value for point in test.wanted]
        self._audit.record("devices.tested", actor=test.by, points=points, devices=devices, **told)

    def latest(self) -> DeviceTest | None:
        """The newest one, or None."""
        newest = self._audit.latest(1, action="devices.tested")
        if not newest:
            return None
        return _test(newest[0])

    def between(self, start: datetime, end: datetime) -> list[DeviceTest]:
        """Those that were finished from `start` on and before `end`, the oldest first."""
        entries = self._audit.entries(since=start, until=end, action="devices.tested")
        return [_test(entry) for entry in entries]


def _test(entry: AuditEntry) -> DeviceTest:
    findings = tuple(_finding(point, entry.detail["points"][point]) for point in CheckPoint if point in entry.detail["points"])
    devices = {kind: str(entry.detail["devices"][kind]) for kind in DeviceKind if kind in entry.detail["devices"]}
    unverified = entry.detail.get("unverified")
    kinds = None if unverified is None else tuple(DeviceKind(kind) for kind in unverified)
    wanted = tuple(map(CheckPoint, entry.detail.get("wanted", CheckPoint)))
    return DeviceTest(entry.at, entry.actor, findings, devices, kinds, wanted)


def _finding(point: CheckPoint, kept: Mapping[str, Any]) -> PointFinding:
    hints = tuple(Message(code, data) for code, data in kept["hints"])
    measures = tuple(Measure(name, value, low, high, Verdict(verdict)) for name, value, low, high, verdict in kept["measures"])
    return PointFinding(point, Verdict(kept["verdict"]), hints, measures)
