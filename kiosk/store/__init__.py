"""Roster, captures, biometric vault and audit trail, kept so that nothing is lost."""

from kiosk.store.aftercare import CORRECTABLE
from kiosk.store.audit import Audit, AuditEntry
from kiosk.store.captures import DAMAGED, OUT_OF_TIME, Captures
from kiosk.store.deadline import DeadlineState
from kiosk.store.roster import Departure, Roster, RosterChange, StudentChange
from kiosk.store.rounds import Admission, Window
from kiosk.store.store import Store
from kiosk.store.timekeeping import ClockState

__all__ = [
    "CORRECTABLE",
    "DAMAGED",
    "OUT_OF_TIME",
    "Admission",
    "Audit",
    "AuditEntry",
    "Captures",
    "ClockState",
    "DeadlineState",
    "Departure",
    "Roster",
    "RosterChange",
    "Store",
    "StudentChange",
    "Window",
]
