"""`config.toml` as typed, frozen settings. All faults are reported at once, each with its path."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from kiosk.errors import ConfigError
from kiosk.languages import BESIDE_CONFIG, STAFF, STUDENT, languages, look_in, shown_on
from kiosk.records import STEPS, Step

Share = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Field(ge=0)]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
Digit = Literal["thumb", "index", "middle", "ring", "little"]
THUMB_FIRST: Final[tuple[Digit, ...]] = ("thumb", "index", "middle", "ring", "little")


def _no_finger_twice(order: tuple[Digit, ...]) -> tuple[Digit, ...]:
    if not order or len(set(order)) != len(order):
        raise ValueError("must name a finger, and none twice")
    return order


def _installed(tag: str) -> str:
    if tag not in shown_on(STAFF):
        raise ValueError(f"must be one of {', '.join(shown_on(STAFF))}")
    return tag


def _for_students(tags: tuple[str, ...]) -> tuple[str, ...]:
    known = shown_on(STUDENT)
    if not 1 <= len(tags) <= 2 or len(set(tags)) != len(tags) or not set(tags) <= set(known):
        raise ValueError(f"must be one or two of {', '.join(known)}")
    return tags


StaffLanguage = Annotated[str, AfterValidator(_installed)]
StudentLanguages = Annotated[tuple[str, ...], AfterValidator(_for_students)]
FingerOrder = Annotated[tuple[Digit, ...], AfterValidator(_no_finger_twice)]


class Section(BaseModel):
    """A table of the file: unknown names are faults, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StationSettings(Section):
    name: str = Field("采集点-01", min_length=1)
    school: str = ""  # until the office has entered it on its page
    exam: str = ""  # shown with the school's name while the student's screen waits
    contact: str = ""  # whom students and guardians ask about their data: a name, a telephone number
    language: StaffLanguage = "zh-CN"  # of the staff, until somebody chooses another one; `kiosk languages` lists them
    student_languages: StudentLanguages = ("zh-CN", "en")  # the large one, which is spoken, too, and the small one below it
    voice: bool = True  # the student's screen speaks its instructions
    profile: ProfileName = "qinghai-xuekao"
    other_profiles: tuple[ProfileName, ...] = ()  # whose photos the school will need too: every shot is judged for them at once


class AccountSettings(Section):
    shortest_pin: int = Field(6, ge=4, le=64)
    tries: int = Field(5, ge=2, le=20)  # wrong PINs in a row, then the account is locked
    locked_minutes: int = Field(30, ge=1)
    idle_minutes: int = Field(10, ge=1)  # without anybody doing anything the screens are locked
    # leader-mcc-relax v3: at or above, a thumb is that of somebody of the staff. One impostor pair in ten million reaches it,
    # ten times fewer than reach `finger.seen_before_at`: that one raises a suspicion, this one opens a door.
    thumb_at: Share = 0.90


SIMULATED: Final = "simulated"  # the folder of what simulated devices gave


class StoreSettings(Section):
    folder: Path = Path("data")
    # what a new store is sealed and signed with; one that is there keeps its own. sm: 国密, SM2, SM3 and SM4
    suite: Literal["international", "sm"] = "international"

    def within(self, folder: Path, *, simulated: bool) -> Path:
        """The data folder; `folder` is what relative paths start from. Simulated records never lie beside real ones."""
        return folder / self.folder / (SIMULATED if simulated else "")


class BackupSettings(Section):
    """Where the data are kept a second time: another disk, or a stick."""

    folder: Path | None = None
    at: time = time(17, 30)  # of this machine's clock; also at the next start, when it was off then
    keep: int = Field(7, ge=1, le=365)

    def within(self, folder: Path) -> Self:
        """With the folder that relative paths start from."""
        return self.model_copy(update={"folder": folder / self.folder}) if self.folder is not None else self


class TermSettings(Section):
    """How long something is kept, and what starts the term: the newest export with it, the receiver's receipt, or a day."""

    days: int = Field(ge=0)
    start: Literal["export", "receipt"] | date = "export"


class RetentionSettings(Section):
    """保存期限. Nothing is deleted by itself: when a term is over, two people may delete."""

    raw: TermSettings = TermSettings(days=30)  # the camera's whole frames
    second: TermSettings = TermSettings(days=30)  # second impressions
    templates: TermSettings = TermSettings(days=180)  # what duplicates are searched by
    proof: TermSettings = TermSettings(days=365)  # signed forms, pictures of documents, consents on paper
    pictures: TermSettings = TermSettings(days=365)  # portraits and prints
    identity: TermSettings = TermSettings(days=365)  # names, numbers, what was decided; never before the rest


class ConsentSettings(Section):
    notice: Path | None = None  # the school's own 告知书, instead of the profile's
    basis: Literal["", "statutory", "own"] = ""  # of whom nothing else is known; empty: as the profile says
    filing_from: int = Field(100_000, ge=1)  # faces; from here on the processing has to be filed with the authority


class WebSettings(Section):
    port: int = Field(8210, ge=0, le=65535)  # 0: any free one
    preview_jpeg_quality: int = Field(80, ge=30, le=95)


class PhotoDecoderSettings(Section):
    """The vendor's library for chip photos. Without one the station works on, without chip photos."""

    library: Path | None = None
    call: Literal["unpack", "wlt2bmp", "Unpack", "_Unpack", "GetBmp"] = "unpack"
    symbol: str = ""  # where the library names the same call otherwise
    code: int = 0  # the vendor's number, or 1 serial and 2 USB for GetBmp
    colours: Literal["rgb", "bgr"] = "rgb"  # of libraries that give bare pixels
    rows: Literal["bottom-up", "top-down"] = "bottom-up"
    mirrored: bool = False
    timeout_s: Annotated[float, Field(gt=0)] = 3.0
    python: str = ""  # another Python for the library, a 32-bit one for instance


class TunnelSettings(Section):
    """How a PC/SC reader passes the security module's frames. One of the two, as the reader's maker says."""

    apdu: str = ""  # FF 00 00 00 {size} {frame} 00
    control: int | None = Field(None, ge=0, le=0xFFFF)  # a control code, as for SCARD_CTL_CODE

    @model_validator(mode="after")
    def _one(self) -> "TunnelSettings":
        if self.apdu and self.control is not None:
            raise ValueError("apdu or control, not both")
        if self.apdu and self.apdu.split().count("{frame}") != 1:
            raise ValueError("apdu must hold {frame} once, like FF 00 00 00 {size} {frame} 00")
        return self


class KitSettings(Section):
    """How a maker's kit is run that a module of somebody's wraps."""

    folder: Path | None = None  # where the module lies, if not beside this file or installed
    python: str = ""  # another Python for it, a 32-bit one for a 32-bit kit
    timeout_s: Annotated[float, Field(gt=0)] = 5.0


_REFERENCE = r"^(\w+(\.\w+)*:\w+)?$"  # package.module:factory


class CardSettings(Section):
    source: str = Field("", pattern=_REFERENCE)  # a module around a maker's kit that hands over fields; empty: none
    kit: KitSettings = KitSettings()
    transport: Literal["pcsc", "serial", "usb"] = "pcsc"
    reader: str = ""  # part of a PC/SC reader's name; empty: every suitable one is watched
    tunnel: TunnelSettings = TunnelSettings()
    port: str = "auto"  # of a serial reader: COM3, /dev/ttyUSB0, socket://127.0.0.1:4001; auto: every port is probed
    baud: Literal["auto", 115200, 57600, 38400, 19200, 9600] = 115200
    usb_id: str = Field("0400:C35A", pattern=r"^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$")
    usb_pipes: Literal["split", "single"] = "split"
    additional_address: bool = False
    read_timeout_s: Seconds = 5.0
    photo: PhotoDecoderSettings = PhotoDecoderSettings()


class CameraSettings(Section):
    source: int | str = 0  # index, device path (/dev/v4l/by-id/…), file or address
    interface: Literal["auto", "dshow", "msmf", "v4l2"] = "auto"  # of a webcam; auto: DirectShow, or V4L2 on Linux
    format: str = Field("MJPG", pattern=r"^([A-Z0-9]{4})?$")  # asked of a webcam; empty: whatever it likes
    turn: Literal[0, 90, 180, 270] = 0  # degrees clockwise, of a camera that hangs on its side or upside down
    mirrored: bool = False  # the camera gives its picture mirrored: turn it back
    width: int = Field(1280, ge=320)
    height: int = Field(720, ge=240)
    fps: int = Field(30, ge=1, le=120)
    frozen_after_s: Seconds = 2.0


class FaceSettings(Section):
    hold_s: Seconds = 0.6  # how long everything must be good before the shot
    attempts: int = Field(3, ge=1)
    pass_at: Share = 0.40
    review_at: Share = 0.33
    seen_before_at: Share = 0.60  # at or above, another student has this face: stricter, as it is asked of everybody
    liveness: bool | None = None  # a random challenge (blink, turn, open the mouth) after every shot; None: as the profile says
    liveness_s: Seconds = 6.0  # time for the answer
    passive_check: str = Field("", pattern=_REFERENCE)  # a vendor's, as package.module:factory; empty: none
    passive_s: Annotated[float, Field(gt=0)] = 2.0  # time for its answer
    max_yaw_deg: float = Field(15, gt=0)
    max_pitch_deg: float = Field(15, gt=0)
    max_roll_deg: float = Field(8, gt=0)
    min_sharpness: float = Field(40, ge=0)
    min_luminance: float = Field(70, ge=0, le=255)
    max_luminance: float = Field(210, ge=0, le=255)

    @model_validator(mode="after")
    def _ordered(self) -> "FaceSettings":
        if self.review_at > self.pass_at:
            raise ValueError("review_at must not be above pass_at")
        return self


class ImageSettings(Section):
    """The picture of a scanner that the station doesn't know, as its maker describes it."""

    name: str = Field("scanner", min_length=1)
    width: int = Field(ge=64, le=1024)
    height: int = Field(ge=64, le=1024)
    dpi: int = Field(500, ge=250, le=1200)
    bits: Literal[4, 8] = 4  # a pixel

    @model_validator(mode="after")
    def _whole(self) -> "ImageSettings":
        if self.bits == 4 and self.width % 2:
            raise ValueError("width must be even where two pixels share a byte")
        return self


class FingerSettings(Section):
    source: str = Field("", pattern=_REFERENCE)  # a module around a maker's kit that gives pictures; empty: none
    kit: KitSettings = KitSettings()
    port: str = "auto"  # COM3, /dev/ttyUSB0, socket://127.0.0.1:4000; auto: every serial port is probed
    baud: int | Literal["auto"] = "auto"  # a multiple of 9600 up to 115200 is kept, whatever else the line could carry
    image: ImageSettings | None = None  # of a serial scanner that isn't known
    password: int = Field(0, ge=0, le=0xFFFFFFFF)
    address: int = Field(0xFFFFFFFF, ge=0, le=0xFFFFFFFF)
    presses: int = Field(2, ge=1, le=3)  # good ones wanted of each thumb
    attempts: int = Field(5, ge=1)
    right_order: FingerOrder | None = None  # whose turn it is when one can't be had; None: the profile's
    left_order: FingerOrder | None = None
    min_quality: Share = 0.70  # leader-mq
    refuse_quality: Share = 0.50
    min_minutiae: int = Field(15, ge=1)
    min_contact_mm2: float = Field(60, ge=0)
    max_offset: Share = 0.42  # of half the picture, the finger's middle from the picture's
    min_ink: Share = 0.17  # below, the finger is dry
    max_ink: Share = 0.66  # above, it is wet
    same_finger_at: Share = 0.67  # leader-mcc-relax v3: at or above, two presses are of one finger (1 in 10,000 by chance)
    other_finger_below: Share = 0.67  # below, the thumbs are different ones
    seen_before_at: Share = 0.84  # at or above, another student has this thumb: stricter, as it is asked of everybody

    @model_validator(mode="after")
    def _ordered(self) -> "FingerSettings":
        if isinstance(self.baud, int) and self.baud not in range(9600, 115_201, 9600):
            raise ValueError('baud must be "auto" or a multiple of 9600 up to 115200')
        if self.refuse_quality > self.min_quality:
            raise ValueError("refuse_quality must not be above min_quality")
        if self.min_ink > self.max_ink:
            raise ValueError("min_ink must not be above max_ink")
        return self

    @property
    def right(self) -> tuple[Digit, ...]:
        """The order of the right hand."""
        return self.right_order or THUMB_FIRST

    @property
    def left(self) -> tuple[Digit, ...]:
        return self.left_order or THUMB_FIRST


class WorkflowSettings(Section):
    steps: tuple[Step, ...] = (Step.FACE, Step.RIGHT_THUMB, Step.LEFT_THUMB, Step.CONFIRM)
    guardian_always: bool = False  # where consent is asked for, the guardian's too, whatever the student's age

    @model_validator(mode="after")
    def _sensible(self) -> "WorkflowSettings":
        if Step.CARD in self.steps:
            raise ValueError("the card always comes first and isn't listed")
        if len(set(self.steps)) != len(self.steps):
            raise ValueError("a step is listed twice")
        if not self.steps or self.steps[-1] is not Step.CONFIRM:
            raise ValueError('the last step must be "confirm"')
        for step in self.steps[1:]:
            if STEPS[step].consents:
                raise ValueError(f'"{step}" must be the first step')
        return self

    def with_wishes(self, steps: Iterable[Step], *, guardian_always: bool) -> Self:
        """With what an export profile wants beside: its steps, each in its place in the order of the day."""
        merged, day = list(self.steps), list(Step)
        for step in steps:
            if step not in merged:
                later = next(place for place, other in enumerate(merged) if day.index(other) > day.index(step))
                merged.insert(later, step)
        return type(self)(steps=tuple(merged), guardian_always=self.guardian_always or guardian_always)


class Settings(Section):
    """The whole file. `Settings()` is what an empty file means."""

    station: StationSettings = StationSettings()
    accounts: AccountSettings = AccountSettings()
    store: StoreSettings = StoreSettings()
    backup: BackupSettings = BackupSettings()
    retention: RetentionSettings = RetentionSettings()
    consent: ConsentSettings = ConsentSettings()
    web: WebSettings = WebSettings()
    card: CardSettings = CardSettings()
    camera: CameraSettings = CameraSettings()
    face: FaceSettings = FaceSettings()
    finger: FingerSettings = FingerSettings()
    workflow: WorkflowSettings = WorkflowSettings()

    @model_validator(mode="after")
    def _staff_stricter(self) -> "Settings":
        if self.accounts.thumb_at < self.finger.seen_before_at:
            raise ValueError("accounts.thumb_at must not be below finger.seen_before_at")
        return self


def load(path: Path) -> Settings:
    """Settings from a TOML file, and the languages beside it; raises ConfigError with every fault and what would be right."""
    look_in(path.parent / BESIDE_CONFIG)
    languages()
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError((("", "the file does not exist"),), file=str(path)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError((("", str(error)),), file=str(path)) from None
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        faults = tuple(
            (".".join(str(part) for part in fault["loc"]), f"{fault['msg']} (is {fault['input']!r})")
            for fault in error.errors()
        )
        raise ConfigError(faults, file=str(path)) from None
