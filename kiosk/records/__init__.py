"""The nouns of the house, as frozen dataclasses. Rooms hand these to one another, never dicts.

Times are timezone-aware datetimes; seconds measured on the monotonic clock are floats named `*_s`.
"""

from kiosk.records.account_lists import AccountChange, AccountList, AccountListPlan, ListedAccount
from kiosk.records.accounts import RIGHTS, Account, Right, Role
from kiosk.records.audit import AuditEntry
from kiosk.records.biometrics import Biometric, BiometricKind, KeptBiometric, StoredBiometric
from kiosk.records.capture import NUMBER_DIGITS, CaptureRecord, Correction, RecordState, Resemblance, StepResult
from kiosk.records.card import CardData, CardEntry, CardKind, ChipPhoto
from kiosk.records.cues import CHALLENGES, Cue
from kiosk.records.device_tests import CheckPoint, DeviceTest, PointFinding
from kiosk.records.devices import DeviceKind, DeviceState, DeviceStatus
from kiosk.records.judgements import Measure, Message, Score, Verdict
from kiosk.records.people import Person, Student, Teacher, name_key, with_dots
from kiosk.records.pictures import Frame, Image, Impression, PhotoSpec, Portrait
from kiosk.records.progress import (
    Absence,
    Begun,
    Completed,
    DayCounts,
    Facts,
    ProgressState,
    StudentProgress,
    progress_of,
)
from kiosk.records.refusals import Refusal, RefusalKind, RefusalReason
from kiosk.records.reviews import Review, ReviewCause, ReviewOutcome, review_causes
from kiosk.records.school import CONTACTS, UNKNOWN_SCHOOL, Contact, School
from kiosk.records.staff import (
    ALWAYS_TWO,
    DECISION_RULES,
    THUMB_TEMPLATES,
    Decision,
    DecisionRule,
    Enrolment,
    StaffTemplate,
    is_enough,
)
from kiosk.records.statements import Means, Party, Statement
from kiosk.records.steps import OWN_FINGER, STEPS, FingerPosition, Step, StepSpec

__all__ = [
    "ALWAYS_TWO",
    "CHALLENGES",
    "CONTACTS",
    "DECISION_RULES",
    "NUMBER_DIGITS",
    "OWN_FINGER",
    "RIGHTS",
    "STEPS",
    "THUMB_TEMPLATES",
    "UNKNOWN_SCHOOL",
    "Absence",
    "Account",
    "AccountChange",
    "AccountList",
    "AccountListPlan",
    "AuditEntry",
    "Begun",
    "Biometric",
    "BiometricKind",
    "CaptureRecord",
    "CardData",
    "CardEntry",
    "CardKind",
    "CheckPoint",
    "ChipPhoto",
    "Completed",
    "Contact",
    "Correction",
    "Cue",
    "DayCounts",
    "Decision",
    "DecisionRule",
    "DeviceKind",
    "DeviceState",
    "DeviceStatus",
    "DeviceTest",
    "Enrolment",
    "Facts",
    "FingerPosition",
    "Frame",
    "Image",
    "Impression",
    "KeptBiometric",
    "ListedAccount",
    "Means",
    "Measure",
    "Message",
    "Party",
    "Person",
    "PhotoSpec",
    "PointFinding",
    "Portrait",
    "ProgressState",
    "RecordState",
    "Refusal",
    "RefusalKind",
    "RefusalReason",
    "Resemblance",
    "Review",
    "ReviewCause",
    "ReviewOutcome",
    "Right",
    "Role",
    "School",
    "Score",
    "StaffTemplate",
    "Statement",
    "Step",
    "StepResult",
    "StepSpec",
    "StoredBiometric",
    "Student",
    "StudentProgress",
    "Teacher",
    "Verdict",
    "is_enough",
    "name_key",
    "progress_of",
    "review_causes",
    "with_dots",
]
