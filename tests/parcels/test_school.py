"""名单包: the office's list and rules, taken by a station when it is the right office's, for this school, newer and whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.ciphers.certificates import revoke
from kiosk.cli import main
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange import load_profile
from kiosk.exchange.parcel import reading
from kiosk.exchange.school_parcel import SchoolHead, SchoolParcel, SchoolWindow, read_school, write_school
from kiosk.exchange.shelf import look_in
from kiosk.office import Office, Tone
from kiosk.office.parcel_look import look_here
from kiosk.office.parcel_words import back_in_words, school_in_words
from kiosk.records import AccountList, Part, Person, Role, SchoolName, Student, Why
from kiosk.store import Store, Window, write_list
from tests.parcels.conftest import BY_OFFICE, OFFICE, SCHOOL, STRANGER, WANG, Station, certify, spoilt
from tests.store.conftest import AT, student
from tests.store.test_account_lists import listed

NAME = SchoolName(SCHOOL.name, SCHOOL.code)
TOLD = frozenset({"name", "id_number", "grade", "class_name", "registration_number", "school", "school_code"})
MORNING = SchoolWindow("正式采集", AT, AT + timedelta(hours=4), "高一", "5")
AGAIN = SchoolWindow("补采", AT + timedelta(days=3), AT + timedelta(days=4), "高一", "5")
FAR = AT + timedelta(days=2000)
KEY = OFFICE.signing.public.hex()


def of_school(number: int, **more: str) -> Student:
    return replace(student(number), school=NAME.name, school_code=NAME.code, **more)


def version(number: int, *students: int, school: SchoolName = NAME, **more: object) -> SchoolParcel:
    people = tuple(replace(of_school(one), school=school.name, school_code=school.code) for one in students)
    head = SchoolHead(school, number, AT, TOLD, **more)  # type: ignore[arg-type]
    return SchoolParcel(head, people)


@pytest.fixture
def sent(station: Station, tmp_path: Path) -> Callable[..., Path]:
    """Writes a package as the office does, for this station."""

    def write(parcel: SchoolParcel, office: OfficeKey = OFFICE, to: str = "") -> Path:
        path = tmp_path / f"school-{len(list(tmp_path.iterdir()))}.age"
        write_school(path, Sealing(recipients=(to or station.store.signing.recipient(), office.recipient)), office, parcel)
        return path

    return write


def refused(code: str) -> pytest.RaisesExc[KioskError]:
    return pytest.raises(KioskError, match=rf"^parcel\.{code}\b")


def names(store: Store) -> list[str]:
    return [one.name for one in store.roster.students()]


def test_it_shows_what_changes_before_anything_does(station: Station, sent: Callable[..., Path]) -> None:
    station.store.roster.replace_or_update([of_school(number) for number in (1, 2, 3)])
    changed = replace(version(1, 1, 2, 4, windows=(MORNING,), deadline=FAR, profile="cmis-5"))
    changed = replace(changed, students=(of_school(1, class_name="6"), *changed.students[1:]))
    before = names(station.store)
    file = sent(changed)
    plan = station.office.school_parcels.plan(file)
    words = school_in_words("zh-CN", plan)
    told = "\n".join((*words.lines, *words.warnings))
    for wanted in ("第 1 版", "新增 1 人，改动 1 人，离开 1 人", "考生4", "考生3", "正式采集 高一 5", "截止时间", "cmis-5"):
        assert wanted in told
    assert (names(station.store), station.store.rounds.windows()) == (before, [])
    station.office.school_parcels.take(file, by=WANG)
    assert names(station.store) == ["考生1", "考生2", "考生4"]
    assert [(one.round, one.class_name) for one in station.store.rounds.windows()] == [("正式采集", "5")]
    assert station.store.deadline.state().signed_at is not None
    assert station.store.captures.latest_complete(student(1).id_number) is not None


def test_wrong_signer_other_school_older_and_twice_change_nothing(
    station: Station, sent: Callable[..., Path], tmp_path: Path
) -> None:
    take = station.office.school_parcels.take
    with refused("wrong_signer"):
        take(sent(version(1, 1), STRANGER), by=WANG)
    with refused("wrong_signer"):
        take(sent(version(1, 1), STRANGER), office_key=STRANGER.signing.public.hex(), by=WANG)
    with refused("other_school"):
        take(sent(version(1, 1, school=SchoolName("别的学校", "6301002"))), by=WANG)
    second = sent(version(2, 1, 2, 3))
    take(second, by=WANG)
    with refused("already"):
        take(second, by=WANG)
    for older in (1, 2):
        with refused("older"):
            take(sent(version(older, 1)), by=WANG)
    with pytest.raises(ExchangeError, match=r"package\.no_key"):
        take(sent(version(3, 1), to=STRANGER.recipient), by=WANG)
    with refused("other_kind"):
        (captures,) = station.office.parcels.write(
            station.office.parcels.plan(), Sealing(recipients=(station.store.signing.recipient(),)), actor="王主任"
        ).written
        take(tmp_path / "export" / "packages" / captures.name, by=WANG)
    assert names(station.store) == ["考生1", "考生2", "考生3"]


def test_a_station_that_knows_no_office_wants_its_key_once(tmp_path: Path) -> None:
    with Store.open(tmp_path / "data", clock=lambda: AT) as store:
        office = Office(store, tmp_path / "export")
        paths = []
        for number in (1, 2):
            paths.append(tmp_path / f"{number}.age")
            write_school(paths[-1], Sealing(recipients=(store.signing.recipient(),)), OFFICE, version(number, 1))
        with refused("office_unknown"):
            office.school_parcels.plan(paths[0])
        plan = office.school_parcels.plan(paths[0], office_key=KEY)
        assert any("核对" in line for line in school_in_words("zh-CN", plan).warnings)
        office.school_parcels.take(paths[0], office_key=KEY, by=WANG)
        assert store.school.get().code == NAME.code  # it knows now whose it is
        office.school_parcels.take(paths[1], by=WANG)
        assert look_here(store, paths[1]).tone is Tone.GOOD
        office.close()


def test_windows_of_the_version_before_go_and_the_schools_own_stay(station: Station, sent: Callable[..., Path]) -> None:
    take = station.office.school_parcels.take
    take(sent(version(1, 1, 2, windows=(MORNING,))), by=WANG)
    own = Window("学校自定", AT, AT + timedelta(days=1), "高一")
    station.store.rounds.add(own, by="王主任")
    take(sent(version(2, 1, 2, windows=(AGAIN,))), by=WANG)
    assert {one.round for one in station.store.rounds.windows()} == {"补采", "学校自定"}
    with refused("window_nobody"):
        station.office.school_parcels.plan(sent(version(3, 1, windows=(replace(AGAIN, grade="高三"),))))


def test_the_school_can_go_back_and_forward_again(station: Station, sent: Callable[..., Path]) -> None:
    parcels = station.office.school_parcels
    with refused("no_earlier"):
        parcels.plan_back()
    parcels.take(sent(version(1, 1, 2, windows=(MORNING,))), by=WANG)
    second = sent(version(2, 2, 4, windows=(AGAIN,)))
    parcels.take(second, by=WANG)
    assert names(station.store) == ["考生2", "考生4"]
    assert any("第 1 版" in line for line in back_in_words("zh-CN", parcels.plan_back()).lines)
    parcels.go_back(by="王主任")
    assert (names(station.store), [one.round for one in station.store.rounds.windows()]) == (["考生1", "考生2"], ["正式采集"])
    with refused("no_earlier"):
        parcels.go_back(by="王主任")
    parcels.take(second, by=WANG)
    assert names(station.store) == ["考生2", "考生4"]
    assert [(one.version, one.left_at is None) for one in parcels.versions()] == [(2, True), (2, False), (1, True)]


def test_who_was_deleted_does_not_come_back_with_an_earlier_version(station: Station, sent: Callable[..., Path]) -> None:
    parcels = station.office.school_parcels
    parcels.take(sent(version(1, 1, 2, 3)), by=WANG)
    parcels.take(sent(version(2, 1, 2)), by=WANG)
    told = {"asked_by": WANG, "decided_by": Person("李老师"), "why": Why.REQUEST, "reason": "申请", "at": AT}
    station.store.erasing.erase({student(3).id_number: frozenset({Part.IDENTITY})}, **told)  # type: ignore[arg-type]
    parcels.go_back(by="王主任")
    assert names(station.store) == ["考生1", "考生2"]


def test_what_was_put_right_here_and_what_the_office_does_not_know_stays(station: Station, sent: Callable[..., Path]) -> None:
    parcels, number = station.office.school_parcels, student(3).id_number
    parcels.take(sent(version(1, 1, 2, 3)), by=WANG)
    station.store.roster.assign_exam_numbers({number: "E1"}, actor="王主任")
    station.store.corrections.correct(number, "class_name", "6", reason="转班", by=WANG, at=AT)
    plan, _ = parcels.take(sent(version(2, 1, 2, 3)), by=WANG)
    assert [one.name for one in plan.corrected] == ["考生3"]
    found = station.store.roster.find(number)
    assert found is not None
    assert (found.class_name, found.exam_number) == ("6", "E1")


OWN = """title = "河南 2027"
[[column]]
header = "姓名"
field = "name"
[[column]]
header = "班级"
field = "class_name"
"""
CHANGED = OWN.replace("class_name", "grade").replace("姓名", "考生姓名")


@pytest.fixture
def own_profiles(tmp_path: Path) -> Iterator[Path]:
    """Where the station's own profiles lie."""
    look_in(tmp_path / "profiles")
    yield tmp_path / "profiles"
    look_in(None)


def test_the_profile_comes_along_and_what_it_changes_is_told_before(
    station: Station, sent: Callable[..., Path], own_profiles: Path
) -> None:
    parcels, file = station.office.school_parcels, own_profiles / "henan-2027.toml"

    def with_profile(number: int, text: str, name: str = "henan-2027") -> Path:
        return sent(version(number, 1, profile=name, definition=text.encode()))

    def told(path: Path) -> str:
        words = school_in_words("zh-CN", parcels.plan(path))
        return "\n".join((*words.lines, *words.warnings))

    first = with_profile(1, OWN)
    assert "“henan-2027”（河南 2027，2 列），本站还没有" in told(first)
    assert not file.exists()
    parcels.take(first, by=WANG)
    assert load_profile("henan-2027").hash == hashlib.sha256(OWN.encode()).hexdigest()
    assert "henan-2027”（" not in told(with_profile(2, OWN))  # the same once more is no change
    second = with_profile(2, CHANGED)
    for wanted in ("新增列：考生姓名。", "去掉列：姓名。", "改动列：班级。"):
        assert wanted in told(second)
    assert "自己改过" not in told(second)
    file.write_text(OWN + "# 本校\n", encoding="utf-8")
    assert "自己改过" in told(second)
    parcels.take(second, by=WANG)
    assert file.read_text(encoding="utf-8") == CHANGED
    (kept,) = (own_profiles / "earlier").iterdir()
    assert kept.read_text(encoding="utf-8") == OWN + "# 本校\n"
    assert "去掉列：考生姓名。" in "\n".join(back_in_words("zh-CN", parcels.plan_back()).lines)
    parcels.go_back(by="王主任")
    assert file.read_text(encoding="utf-8") == OWN
    assert [one.action for one in station.store.audit.entries() if one.action == "profile.take"] == ["profile.take"] * 3


@pytest.mark.parametrize(
    ("name", "text", "said"), [("cmis-5", OWN, "自带的同名方案"), ("next-year", OWN + "[sheet]\nnew_key = 1\n", "读不懂")]
)
def test_a_profile_of_the_program_s_name_or_of_a_newer_program_is_told_and_left_out(
    station: Station, sent: Callable[..., Path], own_profiles: Path, name: str, text: str, said: str
) -> None:
    path = sent(version(1, 1, profile=name, definition=text.encode()))
    plan, _ = station.office.school_parcels.take(path, by=WANG)
    assert any(said in one for one in school_in_words("zh-CN", plan).warnings)
    assert not own_profiles.exists()
    assert names(station.store) == ["考生1"]


@pytest.mark.parametrize("name", ["../x", "", "A"])
def test_a_definition_under_a_name_that_is_no_profile_s_is_refused(
    station: Station, sent: Callable[..., Path], name: str
) -> None:
    with refused("unreadable"):
        station.office.school_parcels.plan(sent(version(1, 1, profile=name, definition=OWN.encode())))


def test_accounts_and_the_station_s_certificate_come_along(station: Station, sent: Callable[..., Path]) -> None:
    people = AccountList(NAME.code, 1, AT, AT + timedelta(days=90), (listed("T1", "张老师", Role.OFFICER),))
    known = station.store.signing.certificate()
    certify(station.store)
    fresh = station.store.signing.certificate()
    assert known is not None
    assert fresh is not None
    with station.store._opened.identity.write() as connection:
        connection.exec_driver_sql("DELETE FROM certificates WHERE number > 1")
    parcel = replace(version(1, 1), accounts=write_list(people, OFFICE.signing), certificates=(known.content, fresh.content))
    plan, _ = station.office.school_parcels.take(sent(parcel), by=WANG)
    assert plan.accounts is not None
    assert [one.name for one in station.store.accounts.open()] == ["张老师"]
    assert station.office.school_parcels.plan(sent(replace(parcel, head=version(2).head))).accounts is None


def test_the_list_of_revoked_stations_comes_along_and_an_old_one_does_no_harm(
    station: Station, sent: Callable[..., Path]
) -> None:
    older = revoke(OFFICE, None, "aa", at=AT, reason="丢失")
    newer = revoke(OFFICE, older, "bb", at=AT, reason="丢失")
    take = station.office.school_parcels.take
    for number, told in ((1, newer), (2, older)):
        take(sent(replace(version(number, 1), revocations=told.content)), by=WANG)
    known = station.store.signing.revocations(OFFICE.signing.public)
    assert known is not None
    assert set(known.revoked) == {"aa", "bb"}
    others = revoke(STRANGER, None, "cc", at=AT, reason="丢失")
    with pytest.raises(KioskError, match=r"certificate\.other_office"):
        take(sent(replace(version(3, 1), revocations=others.content)), by=WANG)


def test_after_the_deadline_only_the_office_s_later_one_opens_the_list(station: Station, sent: Callable[..., Path]) -> None:
    parcels = station.office.school_parcels
    parcels.take(sent(version(1, 1, deadline=AT + timedelta(days=1))), by=WANG)  # which is over by now
    for deadline in (None, AT + timedelta(days=2)):
        with pytest.raises(KioskError, match=r"store\.locked"):
            parcels.take(sent(version(2, 1, 2, deadline=deadline)), by=WANG)
    with pytest.raises(KioskError, match=r"store\.locked"):
        parcels.take(sent(version(2, 1, 2)), by=WANG)
    assert names(station.store) == ["考生1"]
    parcels.take(sent(version(2, 1, 2, deadline=FAR)), by=WANG)
    assert names(station.store) == ["考生1", "考生2"]
    assert station.store.deadline.state().deadline == FAR


def test_one_that_was_broken_off_counts_for_nothing_and_is_taken_anew(
    station: Station,
    sent: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parcels, file = station.office.school_parcels, sent(version(1, 1, 2, windows=(MORNING,)))
    with monkeypatch.context() as broken:
        broken.setattr(station.store.rounds, "add", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            parcels.take(file, by=WANG)
    assert list(parcels.versions()) == []
    parcels.take(file, by=WANG)
    assert [one.version for one in parcels.versions()] == [1]
    assert len(station.store.rounds.windows()) == 1


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("whole") / "school.age"
    write_school(path, Sealing(recipients=(OFFICE.recipient,)), OFFICE, version(1, *range(1, 300), windows=(MORNING,)))
    return path.read_bytes()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_of_one_that_was_cut_or_changed_is_read(whole: bytes, tmp_path: Path, data: st.DataObject) -> None:
    file = tmp_path / "x.age"
    file.write_bytes(spoilt(whole, data))
    with pytest.raises(ExchangeError), reading(file, BY_OFFICE) as parcel:
        read_school(parcel)


def test_the_commands_of_office_and_station(station: Station, tmp_path: Path, own_profiles: Path) -> None:
    assert not own_profiles.exists()
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["姓名", "身份证号", "年级", "班级", "考籍号"])
    for number in (1, 2, 4):
        one = student(number)
        sheet.append([one.name, one.id_number, "高一", "5", one.registration_number])
    book.save(tmp_path / "roster.xlsx")
    (tmp_path / "windows.csv").write_text(
        "round,grade,class,category,opens,closes\n正式采集,高一,5,,2026-12-01 08:00,2026-12-01 12:00\n", encoding="utf-8"
    )
    (tmp_path / "office.key").write_text(OFFICE.text(), encoding="ascii")
    (tmp_path / "request.json").write_bytes(station.office.certificates.request())
    (tmp_path / "config.toml").write_text('[store]\nfolder = "data"\n', encoding="utf-8")
    station.store.close()

    def kiosk(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "package", *map(str, arguments)])
        return done.exit_code, done.output

    office = ["--key", tmp_path / "office.key", "--roster", tmp_path / "roster.xlsx", "--school", NAME.code]
    office += ["--name", NAME.name, "--to", tmp_path / "request.json"]
    first, second = tmp_path / "school-1.age", tmp_path / "school-2.age"
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "henan-2027.toml").write_text(OWN, encoding="utf-8")
    status, told = kiosk("school", first, *office, "--profile", "henan-2028")
    assert (status, "henan-2028" in told) == (2, True), told
    status, told = kiosk("school", first, *office, "--windows", tmp_path / "windows.csv", "--profile", "henan-2027")
    assert (status, "第 1 版，3 人" in told) == (0, True), told
    status, told = kiosk("school", second, *office, "--after", first)
    assert (status, "第 2 版" in told) == (0, True), told
    (tmp_path / "profiles" / "henan-2027.toml").unlink()  # the station has not got it
    for file in (first, second):
        status, told = kiosk("take", file, "--by", "王主任", "--yes")
        assert status == 0, told
    assert (tmp_path / "profiles" / "henan-2027.toml").read_text(encoding="utf-8") == OWN
    status, told = kiosk("back", "--by", "王主任", "--yes")
    assert (status, "第 1 版" in told, "正式采集" in told) == (0, True, True), told
    status, told = kiosk("look", second)
    assert (status, "西宁第一中学" in told) == (0, True), told
