"""学籍照相 on the screens: keys alone take a class through; the called child's name is large on the student's screen."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import Browser, expect

from kiosk.exchange import load_profile
from kiosk.exchange.fields import ExportRow
from kiosk.exchange.report import check_rows
from kiosk.records import ClassKey, GroupCount, SchoolName, looked
from kiosk.snapshot import Command
from kiosk.web import Server, figures
from kiosk.web.operator_words import for_operator
from kiosk.web.student_words import for_student
from tests.web import script
from tests.web.browser import Watched, watched
from tests.web.scripted import ScriptedStation
from tests.web.test_accessibility import faults

FIRST, SECOND = SchoolName("格尔木市第一中学", "3163000001"), SchoolName("格尔木市第二中学", "3163000002")


def classes() -> list[GroupCount]:
    """Two schools; of the second one's 高一 the first class has its photos."""
    of = [(FIRST, "高一", "1", 45), (SECOND, "高一", "1", 45), (SECOND, "高一", "2", 30), (SECOND, "高二", "1", 0)]
    return [GroupCount(ClassKey(school.key, grade, name), school, 45, shot) for school, grade, name, shot in of]


def test_row_3_13_a_class_is_chosen_and_walked_through_by_keys_alone_and_the_called_child_is_read_from_afar(
    page: Watched, browser: Browser, server: Server, station: ScriptedStation
) -> None:
    station.groups = classes()
    screen = page.open(f"{server.url}/operator")
    station.show(replace(script.waiting(), commands=(Command.TYPE_IN, Command.BEGIN_RUN)))
    expect(screen.locator("[data-command=begin_run]")).to_be_visible()
    screen.keyboard.press("Insert")
    expect(screen.locator("#photo-run-school option:checked")).to_have_text(SECOND.name)  # where there is something left to do
    expect(screen.locator("#photo-run-classes label:has(:checked)")).to_have_text("2班30/45")
    expect(screen.locator("#photo-run-classes :checked")).to_be_focused()
    assert faults(screen) == []
    with screen.expect_response("**/photo-run/begin"):
        screen.keyboard.press("Enter")
    assert station.called == [ClassKey(SECOND.key, "高一", "2")]

    station.show(script.called())
    child = script.line().student
    expect(screen.locator("#run-name")).to_have_text(child.name)
    expect(screen.locator("#run-children [aria-current]")).to_contain_text(child.name)
    assert faults(screen) == []
    with screen.expect_response("**/command"):
        screen.keyboard.press("PageDown")  # a pedal
    assert [order.command for order in station.orders] == [Command.NEXT_CHILD]

    with screen.expect_response("**/command"):
        screen.keyboard.press("2")  # a necklace: it is on the profile's list
    assert (station.orders[1].command, station.orders[1].given) == (Command.MARK, "necklace")
    expect(screen.locator("#looks .seen")).to_have_text("1耳环有")

    wanted = script.line().children[20].student
    screen.keyboard.press("Home")
    screen.keyboard.type(wanted.id_number[-4:])
    expect(screen.locator("#run-children li")).to_have_count(1)
    screen.keyboard.press("Delete")  # edits the field: nobody is absent for it
    with screen.expect_response("**/photo-run/call"):
        screen.keyboard.press("Enter")
    assert station.called[1:] == [wanted.id_number]
    assert len(station.orders) == 2

    station.show(script.shot_already())
    photo = screen.locator("#run-photo img")
    expect(photo).to_be_visible()
    station.show(script.called())
    expect(screen.locator("#run-name")).to_have_text(child.name)
    expect(photo).to_be_visible()  # the photo that was shown last stays beside whoever is called
    with watched(browser, viewport={"width": 1366, "height": 768}) as beside:
        student = beside.open(f"{server.url}/student")
        expect(student.locator("#called-name")).to_have_text(child.name)
        assert student.evaluate("parseFloat(getComputedStyle(document.querySelector('#called-name')).fontSize)") >= 96
        assert beside.errors == []
    station.show(script.waiting())
    expect(photo).to_have_count(0)  # nothing of a class stays after it
    assert page.errors == []


def test_row_3_13_the_screens_say_how_far_the_class_is_and_no_child_is_called_while_the_operator_looks() -> None:
    line = for_operator(script.called(), (), "zh-CN")["line"]
    assert line["place"] == "第 12 位，共 45 人"
    assert {count["label"]: count["value"] for count in line["counts"]} == {"未拍": 34, "已拍": 9, "跳过": 1, "不在": 1}
    called = for_student(script.called(), (), ("zh-CN",))["called"]
    assert (called["name"], called["place"]) == (script.line().student.name, "12 / 45")
    assert called["next"] == f"下一位：{script.line(12).student.name}"
    looked_at = for_student(script.shot_already(), (), ("zh-CN",))
    assert (looked_at["called"]["name"], looked_at["instruction"]) == ("高一 1班", "请稍候")
    numbers = [child.student.id_number for child in script.line().children]
    assert not any(number in str(for_operator(script.called(), (), "zh-CN")) for number in numbers)


def test_row_2_4_what_a_person_saw_is_told_in_words_on_the_record_and_before_an_export() -> None:
    seen, custom = figures.measure("zh-CN", looked("earrings", seen=True)), figures.measure("en", looked("红领巾", seen=False))
    assert (seen["name"], seen["value"], seen["verdict"]) == ("耳环", "有", "review")
    assert (custom["name"], custom["value"], custom["verdict"]) == ("红领巾", "no", "pass")
    face = replace(script.capture().steps[0], measures=(looked("earrings", seen=True), looked("collar", seen=False)))
    row = ExportRow(replace(script.capture(), steps=(face,)))
    (entry,) = check_rows(load_profile("henan-zhongkao"), [row])
    told = [problem.code for problem in entry.problems if problem.code.startswith("face.seen.")]
    assert told == ["face.seen.earrings"]
