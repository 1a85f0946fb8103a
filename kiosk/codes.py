"""Code tables of the national standards that cards, rosters and exports share."""

from __future__ import annotations

from typing import Final

# GB/T 2261.1-2003
SEX: Final = {"0": "未知", "1": "男", "2": "女", "9": "未说明"}

_ETHNIC_NAMES: Final = (
    "汉 蒙古 回 藏 维吾尔 苗 彝 壮 布依 朝鲜 满 侗 瑶 白 土家 哈尼 哈萨克 傣 黎 傈僳 佤 畲 高山 拉祜 水 东乡 纳西 景颇 "
    "柯尔克孜 土 达斡尔 仫佬 羌 布朗 撒拉 毛南 仡佬 锡伯 阿昌 普米 塔吉克 怒 乌孜别克 俄罗斯 鄂温克 德昂 保安 裕固 京 塔塔尔 "
    "独龙 鄂伦春 赫哲 门巴 珞巴 基诺"
)
# GB/T 3304-1991, two digits
ETHNICITY: Final = {f"{code:02d}": name for code, name in enumerate(_ETHNIC_NAMES.split(), start=1)} | {
    "97": "其他",
    "98": "外国血统中国籍人士",
}

# 身份证件类型 of the national register
RESIDENT_CARD: Final = "1"
PERMANENT_RESIDENCE: Final = "9"
PASSPORT: Final = "A"
OTHER_DOCUMENT: Final = "Z"

# Three letters of ISO 3166-1 for the codes that travel documents have of their own (ICAO 9303-3, section 5).
NATIONALITIES: Final = {"D": "DEU", **dict.fromkeys(("GBD", "GBN", "GBO", "GBP", "GBS"), "GBR")}


def sex_name(code: str) -> str:
    """`男`, `女`, `未知`, `未说明`; an unknown code is shown as it is. Never guesses.

    >>> sex_name("1"), sex_name("7"), sex_name("")
    ('男', '未知(7)', '')
    """
    return SEX.get(code, f"未知({code})" if code else "")


def sex_code(name: str) -> str:
    """The code of `男` and so on; empty for everything else."""
    return next((code for code, meaning in SEX.items() if meaning == name), "")


def ethnicity_code(name: str) -> str:
    """The code of an ethnic group's name, as rosters write it; empty for everything else."""
    return next((code for code, meaning in ETHNICITY.items() if meaning == name.removesuffix("族")), "")


def ethnicity_name(code: str) -> str:
    """The name of an ethnic group; a code that the standard lacks is shown as 其他(code)."""
    return ETHNICITY.get(code, f"其他({code})" if code else "")
