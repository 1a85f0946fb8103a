"""What of a record was deleted, as it stands on sheets and forms, which are Chinese."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from kiosk.records import Erased, Part, Why

PART_NAMES: Final = {
    Part.RAW: "现场原图",
    Part.SECOND: "第二枚指纹图像",
    Part.TEMPLATES: "人脸与指纹特征",
    Part.PROOF: "证明材料图像",
    Part.PICTURES: "照片与指纹图像",
    Part.IDENTITY: "身份信息",
}
WHY_NAMES: Final = {Why.TERM: "保存期限届满", Why.REQUEST: "应本人或监护人要求", Why.WITHDRAWN: "撤回同意"}


def erased_text(erased: Iterable[Erased]) -> str:
    """`现场原图、第二枚指纹图像已于2026-11-28删除（保存期限届满，王主任）`; empty where nothing was."""
    acts: dict[tuple[str, str], set[Part]] = {}
    for one in erased:
        act = f"{one.at.astimezone():%Y-%m-%d}", f"{WHY_NAMES[one.why]}，{one.decided_by}"
        acts.setdefault(act, set()).add(one.part)
    named = {act: "、".join(PART_NAMES[part] for part in Part if part in parts) for act, parts in acts.items()}
    return "；".join(f"{names}已于{on}删除（{how}）" for (on, how), names in named.items())
