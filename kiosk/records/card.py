"""What a card said, or what was typed in its place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kiosk.records.judgements import Message
from kiosk.records.pictures import Image


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
