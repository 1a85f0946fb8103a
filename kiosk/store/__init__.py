"""Roster, captures, biometric vault and audit trail, kept so that nothing is lost."""

from kiosk.store.audit import Audit, AuditEntry
from kiosk.store.captures import OUT_OF_TIME, Captures
from kiosk.store.deadline import DeadlineState
from kiosk.store.roster import Roster, RosterChange, StudentChange
from kiosk.store.rounds import Window
from kiosk.store.store import Store

__all__ = [
    "OUT_OF_TIME",
    "Audit",
    "AuditEntry",
    "Captures",
    "DeadlineState",
    "Roster",
    "RosterChange",
    "Store",
    "StudentChange",
    "Window",
]
