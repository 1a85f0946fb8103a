"""The names of states and reasons on sheets and papers, which are in Chinese whatever the screens speak."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.records import ProgressState, RefusalReason

STATE_NAMES: Final[Mapping[ProgressState, str]] = {
    ProgressState.CAPTURED: "已采集",
    ProgressState.EXCEPTION: "例外",
    ProgressState.REVIEW: "待复核",
    ProgressState.PHOTO: "已拍照",
    ProgressState.CAPTURING: "采集中",
    ProgressState.TO_CAPTURE: "待采集",
    ProgressState.REFUSED: "已拒绝",
    ProgressState.ABSENT: "缺席",
    ProgressState.NOT_SEEN: "未到场",
}
REASON_NAMES: Final[Mapping[RefusalReason, str]] = {
    RefusalReason.NOT_ON_ROSTER: "不在花名册",
    RefusalReason.WINDOW_NOT_YET: "未到采集时间段",
    RefusalReason.CASE_PENDING: "号码重复，佐证办理中",
    RefusalReason.WINDOW_OVER: "采集时间段已过",
    RefusalReason.OTHER_SCHOOL: "不属本报名点的学校",
    RefusalReason.AFTER_DEADLINE: "已过上报截止时间",
    RefusalReason.ALREADY_CAPTURED: "已采集过",
    RefusalReason.UNREADABLE: "证件读不出",
    RefusalReason.LEFT: "考生离开",
    RefusalReason.DEVICE: "设备故障",
    RefusalReason.IMPERSONATION: "疑似冒用，证件暂扣",
    RefusalReason.DECLINED: "考生或监护人不同意",
    RefusalReason.OTHER: "其他",
}
