"""The nouns of the house, as frozen dataclasses. Rooms hand these to one another, never dicts.

Times are timezone-aware datetimes; seconds measured on the monotonic clock are floats named `*_s`.
"""

from kiosk.records.account_lists import AccountChange, AccountList, AccountListPlan, ListedAccount
from kiosk.records.accounts import RIGHTS, Account, Right, Role
from kiosk.records.audit import AuditEntry
from kiosk.records.biometrics import Biometric, BiometricKind, KeptBiometric, StoredBiometric
from kiosk.records.capture import NUMBER_DIGITS, CaptureRecord, Correction, Press, RecordState, Resemblance, StepResult
from kiosk.records.card import CardData, CardEntry, CardKind, ChipPhoto
from kiosk.records.cases import FOLLOWING, PENDING, Case, CaseAct, CaseKind, CasePaper, CaseState, CaseStudent, SharedNumber
from kiosk.records.consents import ALONE_FROM, Basis, Consent, Notice, is_child
from kiosk.records.cues import CHALLENGES, Cue
from kiosk.records.device_faults import DeviceFault
from kiosk.records.device_tests import CheckPoint, DeviceTest, PointFinding
from kiosk.records.devices import DeviceKind, DeviceState, DeviceStatus
from kiosk.records.duties import SUBJECTS, Duty, Gap, HelpLine, Subject, Task, Whose
from kiosk.records.exams import Exam, ExamSession, Seating, room_order
from kiosk.records.judgements import Measure, Message, Score, Verdict
from kiosk.records.lists import Filing, Finding, IdCheck, RegistrationWindow, RollCall, Slot
from kiosk.records.materials import SIGNED_FORM, USUAL, Leaving, Material, StudentMaterials
from kiosk.records.particulars import ParticularsEntry
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
    "FOLLOWING",
    "NO_POINT",
    "NUMBER_DIGITS",
    "OWN_FINGER",
    "PARTS",
    "PENDING",
    "RIGHTS",
    "SIGNED_FORM",
    "STEPS",
    "SUBJECTS",
    "THUMB_TEMPLATES",
    "UNKNOWN_SCHOOL",
    "USUAL",
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
    "Case",
    "CaseAct",
    "CaseKind",
    "CasePaper",
    "CaseState",
    "CaseStudent",
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
    "Duty",
    "Enrolment",
    "Erased",
    "Exam",
    "ExamSession",
    "Facts",
    "FileState",
    "Filing",
    "Finding",
    "FingerPosition",
    "Frame",
    "Gap",
    "GroupCount",
    "HelpLine",
    "Holding",
    "IdCheck",
    "Image",
    "Impression",
    "KeptBiometric",
    "Leaving",
    "Line",
    "ListedAccount",
    "Material",
    "Means",
    "Measure",
    "Message",
    "Notice",
    "Part",
    "ParticularsEntry",
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
    "RegistrationWindow",
    "Resemblance",
    "Review",
    "ReviewCause",
    "ReviewOutcome",
    "Right",
    "Role",
    "RollCall",
    "School",
    "SchoolName",
    "Score",
    "Seating",
    "Served",
    "SharedNumber",
    "Slot",
    "StaffTemplate",
    "Statement",
    "Step",
    "StepResult",
    "StepSpec",
    "StoredBiometric",
    "Student",
    "StudentMaterials",
    "StudentProgress",
    "Subject",
    "Task",
    "Teacher",
    "Verdict",
    "Whose",
    "Why",
    "WrittenFile",
    "is_child",
    "is_enough",
    "name_key",
    "part_of",
    "progress_of",
    "review_causes",
    "room_order",
    "school_words",
    "with_dots",
]
