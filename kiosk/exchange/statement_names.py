"""What student and guardian said, as it stands on sheets and forms, which are Chinese."""

from __future__ import annotations

from typing import Final

from kiosk.records import STEPS, CaptureRecord, Means, Party, Statement, Step

_PARTIES: Final = {Party.STUDENT: "考生本人", Party.GUARDIAN: "监护人"}
_MEANS: Final = {
    Means.PRESS: "按压指纹仪确认",
    Means.SPOKEN: "当面告知采集员",
    Means.PAPER: "纸质同意书，采集员已核对",
    Means.ROSTER: "纸质同意书，花名册已登记",
    Means.DRAWN: "屏幕手写签字",
    Means.FILED: "学校事前登记",
    Means.TOLD: "法定职责",
}


def statement_text(statement: Statement) -> str:
    """`考生本人同意（按压指纹仪确认，告知书2026-1版）`."""
    text = f"，告知书{statement.text}版" if statement.text else ""
    if statement.means is Means.TOLD:
        return f"已向{_PARTIES[statement.party]}告知（{_MEANS[statement.means]}{text}）"
    said = "同意" if statement.agreed else "不同意"
    reached = "，".join(filter(None, (statement.relation, statement.phone)))
    who = f"{_PARTIES[statement.party]}{statement.name}" + (f"（{reached}）" if reached else "")
    return f"{who}{said}（{_MEANS[statement.means]}{text}）"


def statements_of(record: CaptureRecord) -> list[tuple[str, str]]:
    """Step by step what was said at it: the step's name, and the text."""
    found = ((step, record.result(step)) for step in Step if not STEPS[step].biometric)
    said = ((step, result.statements) for step, result in found if result is not None and result.statements)
    return [(STEPS[step].export_name, "；".join(map(statement_text, statements))) for step, statements in said]


def declined_text(record: CaptureRecord) -> str:
    """What was left out because student or guardian said no, and why; empty where nobody did."""
    if not record.refusals:
        return ""
    last = {step: record.result(step) for step in Step}
    declined = {step: result for step, result in last.items() if result is not None and result.declined}
    names = "、".join(STEPS[step].export_name for step in declined if STEPS[step].biometric)
    first = next(iter(declined.values()))
    return f"不同意采集生物识别信息（未采集：{names or '无'}）：{first.reason}（{first.decided_by}）"
