"""The nouns of the house, as frozen dataclasses. Rooms hand these to one another, never dicts.

Pictures are numpy arrays: colour uint8 (H, W, 3) in BGR order, grey uint8 (H, W). Times are timezone-aware datetimes; seconds
measured on the monotonic clock are floats named `*_s`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
NUMBER_DIGITS: Final = 16  # of a record's id that are printed
NO_DATA: Mapping[str, Any] = MappingProxyType({})


class Verdict(StrEnum):
    """What a check says."""

    PASS = "pass"
    REVIEW = "review"
    FAIL = "fail"

    @staticmethod
    def worst(verdicts: "list[Verdict] | tuple[Verdict, ...]") -> "Verdict":
        """FAIL before REVIEW before PASS; PASS of nothing."""
        return max(verdicts, key=list(Verdict).index, default=Verdict.PASS)


class Step(StrEnum):
    """One step of a capture, in the order of the day."""

    CARD = "card"
    FACE = "face"
    RIGHT_THUMB = "right_thumb"
    LEFT_THUMB = "left_thumb"
    CONFIRM = "confirm"


class DeviceKind(StrEnum):
    CARD = "card"
    CAMERA = "camera"
    FINGER = "finger"


class DeviceState(StrEnum):
    STARTING = "starting"
    READY = "ready"
    LOST = "lost"  # a temporary fault: being looked for
    FAULT = "fault"  # a permanent fault: the operator must act


class CardKind(StrEnum):
    """The kinds of card that the station reads."""

    RESIDENT = "resident"  # 居民身份证
    HMT_RESIDENCE = "hmt_residence"  # 港澳台居民居住证
    FOREIGNER_2017 = "foreigner_2017"  # 外国人永久居留身份证, 2017
    FOREIGNER_2023 = "foreigner_2023"  # the same, 2023
    PASSPORT = "passport"  # passports and other e-documents of ICAO 9303
    NONE = "none"  # typed in, of a student without a mainland document


class CardEntry(StrEnum):
    """Where card data come from. Typed data are never taken for read data."""

    READ = "read"
    TYPED = "typed"


class FingerPosition(IntEnum):
    """ISO/IEC 19794-2:2005, table 5."""

    RIGHT_THUMB = 1
    RIGHT_INDEX = 2
    RIGHT_MIDDLE = 3
    RIGHT_RING = 4
    RIGHT_LITTLE = 5
    LEFT_THUMB = 6
    LEFT_INDEX = 7
    LEFT_MIDDLE = 8
    LEFT_RING = 9
    LEFT_LITTLE = 10


# The finger that each step is named after. Another one of the same hand may stand in for it: `StepResult.position` tells.
OWN_FINGER: Mapping[Step, FingerPosition] = MappingProxyType(
    {Step.RIGHT_THUMB: FingerPosition.RIGHT_THUMB, Step.LEFT_THUMB: FingerPosition.LEFT_THUMB}
)


@dataclass(frozen=True)
class Message:
    """Something to say to a person: words are found under `code`, `data` fills their placeholders."""

    code: str
    data: Mapping[str, Any] = field(default_factory=lambda: NO_DATA)


@dataclass(frozen=True)
class Score:
    """A number with its scale and version (`sface-2021dec cosine`) and the limit that it was held against.

    It must be at least the limit, or with `below` under it.
    """

    value: float
    scale: str
    limit: float | None = None
    below: bool = False

    @property
    def met(self) -> bool:
        """Whether the limit is kept to; always without one."""
        return self.limit is None or (self.value < self.limit if self.below else self.value >= self.limit)


@dataclass(frozen=True)
class Measure:
    """One property that was measured: its standard's name, value, limits (inclusive), verdict, and what to do about it."""

    name: str
    value: float
    low: float | None
    high: float | None
    verdict: Verdict
    hint: Message | None = None


@dataclass(frozen=True)
class Student:
    """考生: one row of the roster."""

    name: str
    id_number: str
    grade: str = ""
    class_name: str = ""
    registration_number: str = ""  # 考籍号
    sex: str = ""  # 男, 女 or unknown to the roster
    birth_text: str = ""  # YYYYMMDD
    ethnicity: str = ""
    document_type: str = ""  # code of the national student register; empty and 1: resident ID card
    stream: str = ""  # 文科, 理科
    student_number: str = ""  # 学籍号
    exam_number: str = ""  # 考号
    school: str = ""
    school_code: str = ""  # 学校标识码


@dataclass(frozen=True)
class Teacher:
    """One row of the teachers' sheet, in the values of the notice."""

    name: str
    sex: str
    id_number: str
    birth_month: str  # YYYYMM
    classes: str  # numbers separated by commas
    subject: str
    former_subjects: str
    years: str
    title: str
    first_degree: str
    first_major: str
    highest_degree: str
    highest_major: str


@dataclass(frozen=True, eq=False)
class ChipPhoto:
    """芯片照片: uint8 (126, 102, 3) BGR, as the decoder gave it."""

    pixels: Image


@dataclass(frozen=True, eq=False)
class CardData:
    """What a card said. Raw codes stay beside their meaning; dates that don't parse stay readable in their raw text."""

    kind: str  # a CardKind
    name: str
    sex_code: str
    sex: str
    ethnicity_code: str
    ethnicity: str
    birth_text: str  # YYYYMMDD as on the chip
    birth: date | None
    address: str
    id_number: str
    authority: str
    valid_from_text: str
    valid_until_text: str  # YYYYMMDD or 长期
    warnings: tuple[Message, ...] = ()
    photo: ChipPhoto | None = None
    photo_problem: Message | None = None  # why there is no photo
    english_name: str = ""  # of foreigners
    nationality: str = ""  # of foreigners: three letters, or digits, as on the chip
    permit_number: str = ""  # 通行证号码, of Hong Kong, Macao and Taiwan residents
    issue_count: str = ""  # 签发次数 or 换证次数
    version: str = ""  # 版本号, of the foreigner's card of 2017
    former_number: str = ""  # of a foreigner's card of 2023: the number of the card before, where the chip links to it
    additional_address: str = ""  # 追加地址
    entry: CardEntry = CardEntry.READ
    entry_reason: str = ""  # why the data were typed: a `kiosk.manual.EntryReason`


@dataclass(frozen=True, eq=False)
class Frame:
    """One camera picture, uint8 (H, W, 3) BGR, never mirrored. `number` counts up; `at_s` is monotonic."""

    pixels: Image
    number: int
    at_s: float


@dataclass(frozen=True, eq=False)
class Impression:
    """指纹图像: uint8 (H, W), dark ridges on light ground."""

    pixels: Image
    dpi: int
    position: FingerPosition
    sensor: str


@dataclass(frozen=True, eq=False)
class Portrait:
    """考生照片: a finished JPEG file and what it was made of."""

    jpeg: bytes
    width: int
    height: int
    dpi: int


class BiometricKind(StrEnum):
    """What the vault keeps. Associated data of the encryption is record id + kind.

    Fingers are named after their step; which finger it was, the step's result tells.
    """

    CHIP_PHOTO = "chip_photo"  # PNG
    PORTRAIT = "portrait"  # JPEG, the profile's
    LIVE_FACE = "live_face"  # JPEG, the whole best frame
    FACE_TEMPLATE = "face_template"  # what the live face is to the network, to search for duplicates
    RIGHT_THUMB = "right_thumb"  # PNG, the best impression
    LEFT_THUMB = "left_thumb"
    RIGHT_THUMB_SECOND = "right_thumb_second"  # PNG, the second best
    LEFT_THUMB_SECOND = "left_thumb_second"
    RIGHT_THUMB_TEMPLATE = "right_thumb_template"  # the compact template of each of these, to search for duplicates
    LEFT_THUMB_TEMPLATE = "left_thumb_template"
    RIGHT_THUMB_SECOND_TEMPLATE = "right_thumb_second_template"
    LEFT_THUMB_SECOND_TEMPLATE = "left_thumb_second_template"
    CARD_FINGERPRINTS = "card_fingerprints"  # two templates of 512 bytes, as the card's chip gave them
    DOCUMENT = "document"  # JPEG, the ID document's front as the profile wants it
    FORM = "form"  # scan of the signed form, JPEG or PDF


@dataclass(frozen=True, eq=False)
class Biometric:
    """One encoded piece of biometric data on its way to or from the vault."""

    kind: BiometricKind
    data: bytes


@dataclass(frozen=True)
class Resemblance:
    """Another student's record with the same face or thumb: which of its pictures shows that, and how alike they are."""

    record_id: str
    kind: BiometricKind
    name: str
    number: str  # masked
    score: Score


@dataclass(frozen=True)
class StepResult:
    """How a step ended. `decided_by` and `reason` are set when a person decided.

    `position`: the finger that was captured; None where none was. FAIL by a person means that this finger was given up and
    the hand's next one is asked for.
    """

    step: Step
    verdict: Verdict
    at: datetime
    attempts: int = 1
    scores: tuple[Score, ...] = ()
    measures: tuple[Measure, ...] = ()
    problems: tuple[Message, ...] = ()
    alike: tuple[Resemblance, ...] = ()  # suspected duplicates, the likest first
    decided_by: str = ""
    reason: str = ""
    device_s: float = 0.0  # waiting for the device and the student
    own_s: float = 0.0  # waiting for our own computing
    position: FingerPosition | None = None

    @property
    def stands_in(self) -> bool:
        """Whether another finger than the step's own was captured."""
        return self.position is not None and self.position is not OWN_FINGER.get(self.step)


@dataclass(frozen=True)
class PhotoSpec:
    """A photo standard in numbers, from the profile. Shares are of the picture's height or width."""

    width: int  # pixels
    height: int
    dpi: int
    min_kb: float
    max_kb: float
    min_jpeg_quality: int
    head_share: float  # chin to crown over the height
    eye_line: float  # upper edge to the eyes over the height
    background: tuple[int, int, int] | None = None  # RGB wanted, None: not prescribed


class RecordState(StrEnum):
    OPEN = "open"
    COMPLETE = "complete"


@dataclass(frozen=True)
class Correction:
    """One field of a record's student that was put right; the old value stays."""

    field: str
    before: str
    after: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CaptureRecord:
    """采集记录: one student's way through the station. A re-capture is a new version with a reason, never an overwrite."""

    id: str  # random, links identity and biometrics
    student: Student
    version: int
    started_at: datetime
    station: str
    operator: str
    profile: str
    profile_hash: str
    state: RecordState = RecordState.OPEN
    finished_at: datetime | None = None
    recapture_reason: str = ""
    card: CardData | None = None  # without its photo, which is in the vault
    steps: tuple[StepResult, ...] = ()
    corrections: tuple[Correction, ...] = ()  # already applied to `student`
    signed_at: datetime | None = None  # signed by student and guardian: frozen, changed by re-capture only

    @property
    def number(self) -> str:
        """What stands on its form, as text and as QR code."""
        return f"{self.id[:NUMBER_DIGITS].upper()}-{self.version}"

    def result(self, step: Step) -> StepResult | None:
        """The last result of a step, or None while it is not done."""
        return next((result for result in reversed(self.steps) if result.step is step), None)

    def given_up(self, step: Step) -> tuple[StepResult, ...]:
        """The fingers of a step that a person gave up, in their order."""
        return tuple(one for one in self.steps if one.step is step and one.verdict is Verdict.FAIL and one.decided_by)

    def decisions(self, step: Step) -> tuple[StepResult, ...]:
        """What persons decided on the way to a step's last result, where that one was decided; each decision once."""
        if (last := self.result(step)) is None or not last.decided_by:
            return ()
        decided = {(one.decided_by, one.reason): one for one in self.steps if one.step is step and one.decided_by}
        return tuple(decided.values())

    @property
    def stand_ins(self) -> tuple[FingerPosition, ...]:
        """Fingers that were captured in place of a step's own."""
        last = (self.result(step) for step in OWN_FINGER)
        return tuple(one.position for one in last if one is not None and one.stands_in and one.position is not None)

    def is_settled(self, step: Step) -> bool:
        """Whether a step has passed, or was decided by a person; a finger that a person gave up is followed by the next."""
        result = self.result(step)
        if result is None or result.verdict is Verdict.FAIL:
            return False
        return result.verdict is Verdict.PASS or bool(result.decided_by)

    @property
    def verdict(self) -> Verdict:
        """The worst of the steps' last verdicts."""
        last = {result.step: result.verdict for result in self.steps}
        return Verdict.worst(list(last.values()))


class ProgressState(StrEnum):
    """Where a student of the roster stands."""

    CAPTURED = "captured"
    EXCEPTION = "exception"  # captured, and a person decided a step
    REVIEW = "review"  # captured, and a step has not passed
    UNFINISHED = "unfinished"
    ABSENT = "absent"  # reported absent, with a reason
    NOT_SEEN = "not_seen"  # nobody has seen them: 空挂学籍 must surface


@dataclass(frozen=True)
class StudentProgress:
    """A student of the roster and what became of them. `at` and `note` belong to the state."""

    student: Student
    state: ProgressState
    record_id: str = ""
    at: datetime | None = None
    note: str = ""
    signed: bool = False

    @property
    def captured(self) -> bool:
        """Whether a capture was completed, by whatever way."""
        return self.state in {ProgressState.CAPTURED, ProgressState.EXCEPTION, ProgressState.REVIEW}

    stand_ins: tuple[FingerPosition, ...] = ()  # fingers that were captured in place of a thumb


@dataclass(frozen=True)
class DeviceStatus:
    """The state of one device as the operator sees it. `model` names it; `problem` says what to do."""

    kind: DeviceKind
    state: DeviceState
    model: str = ""
    problem: Message | None = None
    unverified: bool = False  # this adapter was never tried on the real thing


@dataclass(frozen=True)
class DayCounts:
    """The day at a glance."""

    roster: int = 0
    captured: int = 0
    review: int = 0
    refused: int = 0
    unfinished: int = 0


@dataclass(frozen=True, eq=False)
class StoredBiometric:
    """A row that names a blob of the vault."""

    record_id: str
    kind: BiometricKind
    blob_id: str
    size: int
    sha256: str = field(default="")
