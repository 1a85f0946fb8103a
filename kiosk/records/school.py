"""The school: its own data and 考试联系人, kept once and shown wherever a sheet, form, paper or list wants them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTACTS: Final = 2  # the notices want two at least


@dataclass(frozen=True)
class Contact:
    """考试联系人: whom the exam office calls."""

    name: str = ""
    duty: str = ""  # 职务
    mobile: str = ""
    phone: str = ""  # of the office


@dataclass(frozen=True)
class School:
    """What the notices ask of a school. Empty where nobody has said it yet."""

    name: str = ""
    code: str = ""  # 学校标识码 or the exam office's code
    district: str = ""  # 县（市、区）
    address: str = ""
    postcode: str = ""
    phone: str = ""
    principal: str = ""  # 校长
    contacts: tuple[Contact, ...] = (Contact(),) * CONTACTS

    @property
    def reachable(self) -> str:
        """`张三 13800000000、李四 13900000000`: whom to ask; the school's own line where nobody is named."""
        told = [" ".join(filter(None, (one.name, one.mobile or one.phone))) for one in self.contacts if one.name]
        return "、".join(told) or self.phone


UNKNOWN_SCHOOL: Final = School()  # before anybody has entered anything
