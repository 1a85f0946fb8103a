"""The nouns of the house, as frozen dataclasses. Rooms hand these to one another, never dicts.

Times are timezone-aware datetimes; seconds measured on the monotonic clock are floats named `*_s`.
"""

from kiosk.records.account_lists import AccountChange, AccountList, AccountListPlan, ListedAccount
from kiosk.records.accounts import RIGHTS, Account, Right, Role
from kiosk.records.audit import AuditEntry
from kiosk.records.biometrics import Biometric, BiometricKind, KeptBiometric, StoredBiometric
from kiosk.records.capture import NUMBER_DIGITS, CaptureRecord, Correction, Press, RecordState, Resemblance, StepResult
from kiosk.records.card import CardData, CardEntry, CardKind, ChipPhoto
from kiosk.records.consents import ALONE_FROM, Basis, Consent, Notice, is_child
from kiosk.records.cues import CHALLENGES, Cue
from kiosk.records.device_faults import DeviceFault
from kiosk.records.device_tests import CheckPoint, DeviceTest, PointFinding
from kiosk.records.devices import DeviceKind, DeviceState, DeviceStatus
from kiosk.records.judgements import Measure, Message, Score, Verdict
from kiosk.records.looked_for import is_looked_for, looked, mend_message, name_of, seen_message
from kiosk.records.people import ClassKey, Person, SchoolName, Student, Teacher, name_key, school_words, with_dots
from kiosk.records.photo_run import Child, ChildState, GroupCount, Line
from kiosk.records.pictures import Frame, Image, Impression, PhotoSpec, Portrait
from kiosk.records.points import CATEGORIES, NO_POINT, Point, Served
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
from kiosk.records.retention import (
    BODILY,
    PARTS,
    Deletion,
    Erased,
    FileState,
    Holding,
    Part,
    Receipt,
    Why,
    WrittenFile,
    part_of,
)
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
    "ALONE_FROM",
    "ALWAYS_TWO",
    "BODILY",
    "CATEGORIES",
    "CHALLENGES",
    "CONTACTS",
    "DECISION_RULES",
    "NO_POINT",
    "NUMBER_DIGITS",
    "OWN_FINGER",
    "PARTS",
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
    "Basis",
    "Begun",
    "Biometric",
    "BiometricKind",
    "CaptureRecord",
    "CardData",
    "CardEntry",
    "CardKind",
    "CheckPoint",
    "Child",
    "ChildState",
    "ChipPhoto",
    "ClassKey",
    "Completed",
    "Consent",
    "Contact",
    "Correction",
    "Cue",
    "DayCounts",
    "Decision",
    "DecisionRule",
    "Deletion",
    "DeviceFault",
    "DeviceKind",
    "DeviceState",
    "DeviceStatus",
    "DeviceTest",
    "Enrolment",
    "Erased",
    "Facts",
    "FileState",
    "FingerPosition",
    "Frame",
    "GroupCount",
    "Holding",
    "Image",
    "Impression",
    "KeptBiometric",
    "Line",
    "ListedAccount",
    "Means",
    "Measure",
    "Message",
    "Notice",
    "Part",
    "Party",
    "Person",
    "PhotoSpec",
    "Point",
    "PointFinding",
    "Portrait",
    "Press",
    "ProgressState",
    "Receipt",
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
    "SchoolName",
    "Score",
    "Served",
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
    "Why",
    "WrittenFile",
    "is_child",
    "is_enough",
    "is_looked_for",
    "looked",
    "mend_message",
    "name_key",
    "name_of",
    "part_of",
    "progress_of",
    "review_causes",
    "school_words",
    "seen_message",
    "with_dots",
]
