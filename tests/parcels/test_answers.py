"""回执包 as an office writes them of what it took: what was declared there is declared at the stations that it concerns."""

from __future__ import annotations

from pathlib import Path

from kiosk.office.answers import write_answers
from kiosk.office.parcels import Which
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Centre, Site, office, one, stations, two, urls
from tests.postgresql import server
from tests.store.conftest import student

__all__ = ["office", "one", "server", "stations", "two", "urls"]  # fixtures
FIRST, SECOND, THIRD = (student(number).id_number for number in (1, 2, 3))


def hear(site: Site, office: Centre, folder: Path) -> None:
    """The office answers everybody, and the station takes what is for it."""
    answers = write_answers(office.store, OFFICE, folder, may_delete=False, language="zh-CN")
    (path,) = (answer.path for answer in answers if answer.station.store == site.store.id())
    site.office.receipts.take(path, by="王主任")


def test_twins_are_declared_where_they_were_captured_and_withdrawn_with_the_office(
    one: Site, two: Site, office: Centre, tmp_path: Path
) -> None:
    office.take(one.send(), two.send())
    office.store.lookalikes.declare([FIRST, SECOND], reason="双胞胎，户口本已核", by="李主任")
    one.store.lookalikes.declare([SECOND, THIRD], reason="表兄弟", by="王主任")
    for site in (one, two):
        hear(site, office, tmp_path / "answers")
    assert one.store.lookalikes.of(FIRST) - {FIRST} == {SECOND}
    assert two.store.lookalikes.of(FIRST) <= {FIRST}  # it has captured one of them only
    assert [(known.reason, known.by) for known in one.store.lookalikes.declarations()] == [
        ("表兄弟", "王主任"),
        ("双胞胎，户口本已核", "上级办公室"),
    ]
    (known,) = office.store.lookalikes.declarations()
    office.store.lookalikes.withdraw(known.number, reason="登记有误", by="李主任")
    hear(one, office, tmp_path / "answers")
    assert [known.reason for known in one.store.lookalikes.declarations()] == ["表兄弟"]


def test_a_package_that_was_lost_is_missed_until_everything_came_again(one: Site, two: Site, office: Centre) -> None:
    office.take(one.send())
    one.capture(3)
    one.send()  # lost
    one.capture(1, "照片模糊")
    (missed,) = office.take(one.send())
    assert missed.missing
    assert [parcel.missing for parcel in office.store.inbox.all()] == [True, False]
    (whole,) = office.take(one.send(which=Which.UNCONFIRMED))
    assert whole.counts.whole
    assert [parcel.missing for parcel in office.store.inbox.all()] == [False, False, False]
