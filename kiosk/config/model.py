"""`config.toml` as typed, frozen settings: each key with its type, range, default, unit, and when a change takes effect.

What a key is called and what it is for stands in the catalogues (`setting.<key>`, `setting_help.<key>`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypedDict

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kiosk.config.faults import ADDRESS, ADDRESS_OR_NONE, DATABASE, PROFILE_NAME, REFERENCE, USB_ID, VIDEO_FORMAT, wrong
from kiosk.config.traits import Effect, Secret, Unit
from kiosk.languages import STAFF, STUDENT, shown_on
from kiosk.records import STEPS, Step

Share = Annotated[float, Field(ge=0, le=1)]
_LONGEST_S: Final = 600  # of what somebody waits for; no such time is infinite
Seconds = Annotated[float, Field(ge=0, le=_LONGEST_S), Unit.SECONDS]
LimitedSeconds = Annotated[float, Field(gt=0, le=_LONGEST_S), Unit.SECONDS]
Degrees = Annotated[float, Field(gt=0), Unit.DEGREES]
Pixels = Annotated[int, Unit.PIXELS]
ProfileName = Annotated[str, Field(pattern=PROFILE_NAME)]
_LINE: Final = 100  # characters of a text that stands on screens and papers in a line
Line = Annotated[str, Field(max_length=_LINE)]
Digit = Literal["thumb", "index", "middle", "ring", "little"]
THUMB_FIRST: Final[tuple[Digit, ...]] = ("thumb", "index", "middle", "ring", "little")


def _no_finger_twice(order: tuple[Digit, ...]) -> tuple[Digit, ...]:
    if not order or len(set(order)) != len(order):
        raise wrong("fault.finger_twice")
    return order


def _not_blank(text: str) -> str:
    if not text.strip():
        raise wrong("fault.empty")
    return text


def _installed(tag: str) -> str:
    if tag not in shown_on(STAFF):
        raise wrong("fault.language", names=", ".join(shown_on(STAFF)))
    return tag


def _for_students(tags: tuple[str, ...]) -> tuple[str, ...]:
    known = shown_on(STUDENT)
    if not 1 <= len(tags) <= 2 or len(set(tags)) != len(tags) or not set(tags) <= set(known):
        raise wrong("fault.languages", names=", ".join(known))
    return tags


Name = Annotated[Line, AfterValidator(_not_blank)]
StaffLanguage = Annotated[str, AfterValidator(_installed)]
StudentLanguages = Annotated[tuple[str, ...], AfterValidator(_for_students)]
FingerOrder = Annotated[tuple[Digit, ...], AfterValidator(_no_finger_twice)]


class Section(BaseModel):
    """A table of the file: unknown names are faults, values don't change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class StationSettings(Section):
    name: Name = "采集点-01"
    school: Annotated[Line, Effect.FIRST_START] = ""  # until the office has entered it on its page
    exam: Line = ""  # shown with the school's name while the student's screen waits
    contact: Line = ""  # whom students and guardians ask about their data: a name, a telephone number
    language: StaffLanguage = "zh-CN"  # of the staff, until somebody chooses another one; `kiosk languages` lists them
    student_languages: StudentLanguages = ("zh-CN", "en")  # the large one, which is spoken, too, and the small one below it
    voice: bool = True  # the student's screen speaks its instructions
    profile: ProfileName = "qinghai-xuekao"
    other_profiles: tuple[ProfileName, ...] = ()  # whose photos the school will need too: every shot is judged for them at once


class AccountSettings(Section):
    shortest_pin: int = Field(6, ge=4, le=64)
    tries: int = Field(5, ge=2, le=20)  # wrong PINs in a row, then the account is locked
    locked_minutes: Annotated[int, Unit.MINUTES] = Field(30, ge=1, le=10_080)  # a week
    idle_minutes: Annotated[int, Unit.MINUTES] = Field(10, ge=1, le=1440)  # without anybody doing anything: locked
    # leader-mcc-relax v5: at or above, a thumb is that of somebody of the staff. One impostor pair in ten million reaches it,
    # ten times fewer than reach `finger.seen_before_at`: that one raises a suspicion, this one opens a door.
    thumb_at: Share = 0.90
    # the staff's templates go to the office with each 采集包, so that the school's other stations know them
    likenesses_to_office: bool = False


SIMULATED: Final = "simulated"  # the folder of what simulated devices gave


class StoreSettings(Section):
    folder: Path = Path("data")
    # what a new store is sealed and signed with; one that is there keeps its own. sm: 国密, SM2, SM3 and SM4
    suite: Annotated[Literal["international", "sm"], Effect.NEW_DATA] = "international"

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

    days: Annotated[int, Unit.DAYS, Effect.AT_ONCE] = Field(ge=0, le=36_500)
    start: Annotated[Literal["export", "receipt"] | date, Effect.AT_ONCE] = "export"


class RetentionSettings(Section):
    """保存期限. Nothing is deleted by itself: when a term is over, two people may delete."""

    raw: TermSettings = TermSettings(days=30)  # the camera's whole frames
    second: TermSettings = TermSettings(days=30)  # second impressions
    templates: TermSettings = TermSettings(days=180)  # what duplicates are searched by
    proof: TermSettings = TermSettings(days=365)  # signed forms, pictures of documents, consents on paper
    pictures: TermSettings = TermSettings(days=365)  # portraits and prints
    identity: TermSettings = TermSettings(days=365)  # names, numbers, what was decided; never before the rest

    @model_validator(mode="before")
    @classmethod
    def _usual_days(cls, values: object) -> object:
        """A term of which only the start is told keeps its days."""
        if not isinstance(values, dict):
            return values
        usual = {name: field.default.days for name, field in cls.model_fields.items()}
        return {
            name: {"days": usual[name], **term} if name in usual and isinstance(term, dict) else term
            for name, term in values.items()
        }


class ConsentSettings(Section):
    notice: Path | None = None  # the school's own 告知书, instead of the profile's
    basis: Literal["", "statutory", "own"] = ""  # of whom nothing else is known; empty: as the profile says
    filing_from: int = Field(100_000, ge=1)  # faces; from here on the processing has to be filed with the authority


class WebSettings(Section):
    port: int = Field(8210, ge=0, le=65535)  # 0: any free one
    kiosk: bool = False  # windows without bars over whole monitors, as with `serve --kiosk`
    swap_monitors: bool = False  # the student's window on the main monitor, the operator's on the other
    preview_width: Pixels = Field(800, ge=320, le=1920)  # pixels at most, of what screens show; no photo is taken from it
    preview_jpeg_quality: int = Field(80, ge=30, le=95)


class Databases(TypedDict, total=False):
    """The URLs of the two halves of a store, where they are not files."""

    identity_url: str
    vault_url: str


class DeliverySettings(Section):
    """Of a station: sending packages to the office over the network. Off, unless an address is set."""

    # host:port of the office's door for stations
    office: Annotated[str, Effect.AT_ONCE] = Field("", pattern=ADDRESS_OR_NONE)
    by_itself: bool = False  # as soon as a package is written, and again until the office has it


class OfficeSettings(Section):
    """Of a computer that takes what stations send (`kiosk office`); a station leaves it empty."""

    # a PostgreSQL database, postgresql://user@host/name, and beside it name_vault for the sealed pieces; empty: files
    database: Annotated[str, Field(pattern=DATABASE), Secret()] = ""
    key: Path | None = None  # the office's key file, as `office-key make` writes it
    revocations: Path | None = None  # the list of revoked certificates
    inbox: Path | None = None  # a folder whose packages are taken by themselves
    # host:port where stations deliver packages over the network; empty: nowhere
    deliveries: str = Field("", pattern=ADDRESS_OR_NONE)
    lists: Path | None = None  # a folder of 名单包 that stations of their schools get there
    # receipts carry the templates of whom the school's other stations captured, so that a station knows them
    templates_to_stations: bool = False
    compare_by_itself: bool = True  # whoever is new with everybody, after packages came; false: when somebody asks for it
    listen: str = Field("127.0.0.1:8310", pattern=ADDRESS)  # host:port of the pages; elsewhere than here with TLS only
    tls_certificate: Path | None = None  # PEM, with its chain
    tls_key: Path | None = None

    @model_validator(mode="after")
    def _both(self) -> Self:
        if (self.tls_certificate is None) is not (self.tls_key is None):
            raise wrong("fault.tls_both", "tls_key")
        return self

    def databases(self, *, simulated: bool = False) -> Databases:
        """The URLs of the two halves, as `Store.open` takes them; none for files, which simulated data always lie in."""
        if not self.database or simulated:
            return {}
        url = self.database.replace("postgresql://", "postgresql+psycopg://", 1)
        name, mark, more = url.partition("?")
        return {"identity_url": url, "vault_url": f"{name}_vault{mark}{more}"}


Address = Annotated[str, Field(pattern=ADDRESS)]


class CheckinSettings(Section):
    """Of an exam's door (`kiosk checkin`)."""

    # Doors of one site that tell each other who is in, over the local network and by TLS; a door asks nobody for leave.
    listen: str = Field("", pattern=ADDRESS_OR_NONE)  # host:port at which the others find this one; empty: nowhere
    doors: tuple[Address, ...] = Field((), max_length=31)  # host:port of the others


class PhotoDecoderSettings(Section):
    """The vendor's library for chip photos. Without one the station works on, without chip photos."""

    library: Path | None = None
    call: Literal["unpack", "wlt2bmp", "Unpack", "_Unpack", "GetBmp"] = "unpack"
    symbol: str = ""  # where the library names the same call otherwise
    code: int = 0  # the vendor's number, or 1 serial and 2 USB for GetBmp
    colours: Literal["rgb", "bgr"] = "rgb"  # of libraries that give bare pixels
    rows: Literal["bottom-up", "top-down"] = "bottom-up"
    mirrored: bool = False
    timeout_s: LimitedSeconds = 3.0
    python: str = ""  # another Python for the library, a 32-bit one for instance


class TunnelSettings(Section):
    """How a PC/SC reader passes the security module's frames. One of the two, as the reader's maker says."""

    apdu: str = ""  # FF 00 00 00 {size} {frame} 00
    control: int | None = Field(None, ge=0, le=0xFFFF)  # a control code, as for SCARD_CTL_CODE

    @model_validator(mode="after")
    def _one(self) -> "TunnelSettings":
        if self.apdu and self.control is not None:
            raise wrong("fault.tunnel_one", "apdu")
        if self.apdu and self.apdu.split().count("{frame}") != 1:
            raise wrong("fault.tunnel_frame", "apdu", example="FF 00 00 00 {size} {frame} 00")
        return self


class KitSettings(Section):
    """How a maker's kit is run that a module of somebody's wraps."""

    folder: Path | None = None  # where the module lies, if not beside this file or installed
    python: str = ""  # another Python for it, a 32-bit one for a 32-bit kit
    timeout_s: LimitedSeconds = 5.0


class CardSettings(Section):
    source: str = Field("", pattern=REFERENCE)  # a module around a maker's kit that hands over fields; empty: none
    kit: KitSettings = KitSettings()
    transport: Literal["pcsc", "serial", "usb"] = "pcsc"
    reader: str = ""  # part of a PC/SC reader's name; empty: every suitable one is watched
    tunnel: TunnelSettings = TunnelSettings()
    port: str = Field(
        "auto", min_length=1
    )  # of a serial reader: COM3, /dev/ttyUSB0, socket://127.0.0.1:4001; auto: every port is probed
    baud: Literal["auto", 115200, 57600, 38400, 19200, 9600] = 115200
    usb_id: str = Field("0400:C35A", pattern=USB_ID)
    usb_pipes: Literal["split", "single"] = "split"
    additional_address: bool = False
    read_timeout_s: Seconds = 5.0
    photo: PhotoDecoderSettings = PhotoDecoderSettings()


class CameraSettings(Section):
    source: int | str = 0  # index, device path (/dev/v4l/by-id/…), file or address
    interface: Literal["auto", "dshow", "msmf", "v4l2"] = "auto"  # of a webcam; auto: DirectShow, or V4L2 on Linux
    format: str = Field("MJPG", pattern=VIDEO_FORMAT)  # asked of a webcam; empty: whatever it likes
    turn: Annotated[Literal[0, 90, 180, 270], Unit.DEGREES] = (
        0  # degrees clockwise, of a camera that hangs on its side or upside down
    )
    mirrored: bool = False  # the camera gives its picture mirrored: turn it back
    width: Pixels = Field(1280, ge=320)
    height: Pixels = Field(720, ge=240)
    fps: Annotated[int, Unit.FRAMES_PER_SECOND] = Field(30, ge=1, le=120)
    frozen_after_s: Seconds = 2.0


class FaceSettings(Section):
    hold_s: Seconds = 0.6  # how long everything must be good before the shot
    attempts: int = Field(3, ge=1)
    pass_at: Share = 0.40
    review_at: Share = 0.33
    seen_before_at: Share = 0.60  # at or above, another student has this face: stricter, as it is asked of everybody
    liveness: bool | None = None  # a random challenge after every shot, that ends with a turned head; None: as the profile says
    liveness_s: Seconds = 6.0  # time for the answer
    passive_check: str = Field("", pattern=REFERENCE)  # a vendor's, as package.module:factory; empty: none
    passive_s: LimitedSeconds = 2.0  # time for its answer
    max_yaw_deg: Degrees = 15
    max_pitch_deg: Degrees = 15
    max_roll_deg: Degrees = 8
    min_sharpness: float = Field(40, ge=0)
    min_luminance: float = Field(70, ge=0, le=255)
    max_luminance: float = Field(210, ge=0, le=255)

    @model_validator(mode="after")
    def _ordered(self) -> "FaceSettings":
        if self.review_at > self.pass_at:
            raise wrong("fault.not_above", "review_at", other="pass_at", value=self.review_at)
        return self


class ImageSettings(Section):
    """The picture of a scanner that the station doesn't know, as its maker describes it."""

    name: Name = "scanner"
    width: Pixels = Field(ge=64, le=1024)
    height: Pixels = Field(ge=64, le=1024)
    dpi: Annotated[int, Unit.DPI] = Field(500, ge=250, le=1200)
    bits: Annotated[Literal[4, 8], Unit.BITS] = 4  # a pixel

    @model_validator(mode="after")
    def _whole(self) -> "ImageSettings":
        if self.bits == 4 and self.width % 2:
            raise wrong("fault.even_width", "width")
        return self


class FingerSettings(Section):
    source: str = Field("", pattern=REFERENCE)  # a module around a maker's kit that gives pictures; empty: none
    kit: KitSettings = KitSettings()
    port: str = Field("auto", min_length=1)  # COM3, /dev/ttyUSB0, socket://127.0.0.1:4000; auto: every serial port is probed
    baud: int | Literal["auto"] = "auto"  # a multiple of 9600 up to 115200 is kept, whatever else the line could carry
    image: ImageSettings | None = None  # of a serial scanner that isn't known
    password: Annotated[int, Secret()] = Field(0, ge=0, le=0xFFFFFFFF)
    address: int = Field(0xFFFFFFFF, ge=0, le=0xFFFFFFFF)
    presses: int = Field(2, ge=1, le=3)  # good ones wanted of each thumb
    attempts: int = Field(5, ge=1)
    # who says that a finger came again, at the second press and at the confirmation: the scanner itself where it can, which
    # takes 0.3 s, or this computer, for which every image is uploaded (3.3 s at 115200 baud)
    compared_by: Literal["sensor", "station"] = "sensor"
    single_image_from: Share = 0.85  # leader-mq; below, the second press is uploaded all the same
    right_order: FingerOrder | None = None  # whose turn it is when one can't be had; None: the profile's
    left_order: FingerOrder | None = None
    min_quality: Share = 0.70  # leader-mq
    refuse_quality: Share = 0.50
    min_minutiae: int = Field(15, ge=1)
    min_contact_mm2: Annotated[float, Unit.SQUARE_MILLIMETRES] = Field(60, ge=0)
    max_offset: Share = 0.42  # of half the picture, the finger's middle from the picture's
    min_ink: Share = 0.17  # below, the finger is dry
    max_ink: Share = 0.66  # above, it is wet
    same_finger_at: Share = 0.67  # leader-mcc-relax v5: at or above, two presses are of one finger (1 in 10,000 by chance)
    other_finger_below: Share = 0.67  # below, the thumbs are different ones
    seen_before_at: Share = 0.84  # at or above, another student has this thumb: stricter, as it is asked of everybody

    @model_validator(mode="after")
    def _ordered(self) -> "FingerSettings":
        if isinstance(self.baud, int) and self.baud not in range(9600, 115_201, 9600):
            raise wrong("fault.baud", "baud")
        if self.refuse_quality > self.min_quality:
            raise wrong("fault.not_above", "refuse_quality", other="min_quality", value=self.refuse_quality)
        if self.min_ink > self.max_ink:
            raise wrong("fault.not_above", "min_ink", other="max_ink", value=self.min_ink)
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
            raise wrong("fault.card_listed", "steps")
        if len(set(self.steps)) != len(self.steps):
            raise wrong("fault.step_twice", "steps")
        if not self.steps or self.steps[-1] is not Step.CONFIRM:
            raise wrong("fault.confirm_last", "steps")
        for step in self.steps[1:]:
            if STEPS[step].consents:
                raise wrong("fault.first_step", "steps", step=str(step))
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
    delivery: DeliverySettings = DeliverySettings()
    office: OfficeSettings = OfficeSettings()
    checkin: CheckinSettings = CheckinSettings()

    @model_validator(mode="after")
    def _staff_stricter(self) -> "Settings":
        if self.accounts.thumb_at < self.finger.seen_before_at:
            raise wrong("fault.not_below", "accounts", "thumb_at", other="[finger] seen_before_at")
        return self
