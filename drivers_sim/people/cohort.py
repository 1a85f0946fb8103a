"""A seeded cohort of students who don't exist: plausible names, valid numbers, addresses, ethnic groups.

Their ID numbers use the district codes of 市辖区 (…01): the codes are in GB/T 2260, yet nobody is registered under them, so a
number that comes out here is nobody's.
"""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from kiosk.idnumber import check_character
from kiosk.records import Student

# GB/T 2260: code, name as it stands on a card, the police that would issue it.
_DISTRICTS: Final = (
    ("630101", "青海省西宁市", "西宁市公安局"),
    ("630201", "青海省海东市", "海东市公安局"),
    ("620101", "甘肃省兰州市", "兰州市公安局"),
    ("410101", "河南省郑州市", "郑州市公安局"),
)
_ROADS: Final = ("五四大街", "黄河路", "昆仑路", "海晏路", "朝阳东路", "南山路", "学院巷", "湟水路", "同仁路", "胜利路")
_SURNAMES: Final = tuple("李王张刘陈杨赵黄周吴徐孙胡朱高林何郭罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕")
_GIVEN: Final = {
    "1": tuple("伟强磊军洋勇杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林阳航宸睿博"),
    "2": tuple("芳娜敏静丽艳娟霞燕玲丹萍红颖洁琳雪婷慧莹佳欣怡倩雅蕾梅岚瑶梦琪雨晴"),
}
_TIBETAN: Final = {
    "1": ("扎西", "才让", "多杰", "东珠", "尼玛", "旦增", "洛桑", "索南"),
    "2": ("卓玛", "央金", "拉姆", "措毛", "白玛", "德吉", "梅朵", "仁青"),
}
_HUI_SURNAMES: Final = tuple("马冶韩喇沙丁")
# The groups that are frequent in the province, with their shares.
_ETHNIC: Final = (("01", 50), ("04", 20), ("03", 16), ("30", 6), ("35", 4), ("02", 4))


@dataclass(frozen=True)
class CardHolder:
    """What stands on a simulated student's card, and where the roster has him or her."""

    student: Student
    sex_code: str
    ethnicity_code: str
    birth: date
    address: str
    authority: str
    valid_from: date
    valid_until: date


def cohort(seed: int, sexes: Iterable[str]) -> list[CardHolder]:
    """One person per wanted sex (`1` or `2`), the same ones for the same seed; ID numbers all differ."""
    chance = random.Random(f"cohort-{seed}")
    taken: set[str] = set()
    return [_holder(chance, number, sex, taken) for number, sex in enumerate(sexes, start=1)]


def _holder(chance: random.Random, number: int, sex: str, taken: set[str]) -> CardHolder:
    district, place, police = chance.choices(_DISTRICTS, weights=(60, 25, 8, 7))[0]
    birth = date(2010, 9, 1) + timedelta(days=chance.randrange(365))
    id_number = _id_number(chance, district, birth, sex)
    while id_number in taken:
        id_number = _id_number(chance, district, birth, sex)
    taken.add(id_number)
    ethnicity = chance.choices([code for code, _ in _ETHNIC], weights=[share for _, share in _ETHNIC])[0]
    issued = date(2023, 1, 1) + timedelta(days=chance.randrange(900))
    student = Student(
        name=_name(chance, sex, ethnicity),
        id_number=id_number,
        grade="高一",
        class_name=str(1 + (number - 1) // 10),
        registration_number=f"2026{district[:4]}{number:05d}",
    )
    house = f"{chance.randrange(1, 200)}号{chance.randrange(1, 30)}号楼{chance.randrange(101, 1800)}室"
    address = f"{place}{chance.choice(_ROADS)}{house}"
    # A card issued under the age of sixteen is valid for five years.
    expires = issued.replace(year=issued.year + 5, day=min(issued.day, 28))
    return CardHolder(student, sex, ethnicity, birth, address, police, issued, expires)


def _id_number(chance: random.Random, district: str, birth: date, sex: str) -> str:
    order = chance.randrange(0, 499) * 2 + (1 if sex == "1" else 0)
    first17 = f"{district}{birth:%Y%m%d}{order:03d}"
    return first17 + check_character(first17)


def _name(chance: random.Random, sex: str, ethnicity: str) -> str:
    if ethnicity == "04":
        return "".join(chance.sample(_TIBETAN["1"], 1) + chance.sample(_TIBETAN[sex], 1))
    surname = chance.choice(_HUI_SURNAMES if ethnicity in {"03", "35"} else _SURNAMES)
    return surname + "".join(chance.sample(_GIVEN[sex], chance.choice((1, 2, 2))))
