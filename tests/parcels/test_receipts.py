"""回执包: what the office has, what it wants again, and that only what it has and permits begins a term."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.ciphers import OfficeKey
from kiosk.ciphers.age import Sealing
from kiosk.cli import main
from kiosk.errors import ExchangeError, KioskError
from kiosk.exchange.captures_parcel import received
from kiosk.exchange.parcel import reading
from kiosk.exchange.receipt_parcel import Pairs, ReceiptHead, ReceiptParcel, read_receipt, write_receipt
from kiosk.office import Tone
from kiosk.office.parcel_look import look_here
from kiosk.office.parcels import Which
from kiosk.office.receipts import receipt_in_words
from kiosk.records import ReviewOutcome
from tests.parcels.conftest import BY_OFFICE, OFFICE, STRANGER, WANG, Station, capture, spoilt
from tests.store.conftest import AT, student

Answer = Callable[..., Path]


def arrived(*files: Path) -> Pairs:
    found: list[tuple[str, str]] = []
    for file in files:
        with reading(file, BY_OFFICE) as parcel:
            found += [(one.id, one.digest) for one in received(parcel)]
    return tuple(found)


@pytest.fixture
def answer(station: Station, tmp_path: Path) -> Answer:
    """Writes a receipt as the office does."""

    def write(
        pairs: Pairs,
        *,
        again: Pairs = (),
        decisions: Pairs = (),
        may_delete: bool = True,
        office: OfficeKey = OFFICE,
        store: str = "",
    ) -> Path:
        path = tmp_path / f"receipt-{len(list(tmp_path.iterdir()))}.age"
        head = ReceiptHead(store or station.store.id(), AT, may_delete)
        to = Sealing(recipients=(station.store.signing.recipient(), office.recipient))
        write_receipt(path, to, office, ReceiptParcel(head, pairs, again, decisions))
        return path

    return write


def released(station: Station) -> set[int]:
    """Whose term has begun with a receipt."""
    numbers = {student(number).id_number: number for number in (1, 2, 3)}
    return {numbers[one.id_number] for one in station.store.retention.holdings() if one.receipt_at is not None}


def refused(code: str) -> pytest.RaisesExc[KioskError]:
    return pytest.raises(KioskError, match=rf"^parcel\.{code}\b")


def test_what_the_office_has_and_permits_begins_its_term(station: Station, answer: Answer) -> None:
    pairs = arrived(*station.send())
    kept = answer(pairs, may_delete=False)
    station.office.receipts.take(kept, by="王主任")
    assert released(station) == set()
    assert station.office.parcels.plan(Which.UNCONFIRMED).records == 0  # but it has them
    file = answer(pairs[:1], decisions=((pairs[0][0], "双胞胎，已核实"),))
    words = receipt_in_words("zh-CN", station.office.receipts.plan(file))
    told = "\n".join(words.lines)
    assert "1 条记录与本站现在一致" in told
    assert "双胞胎" in told
    assert "允许删除" in told
    station.office.receipts.take(file, by="王主任")
    assert released(station) == {1}
    assert [(name, one.text) for name, one in station.office.receipts.words()] == [("考生1", "双胞胎，已核实")]


def test_what_changed_since_it_was_sent_is_not_confirmed(station: Station, answer: Answer) -> None:
    pairs = arrived(*station.send())
    station.store.corrections.correct(
        student(1).id_number, "class_name", "6", reason="转班", by=WANG, at=AT + timedelta(hours=1)
    )
    file = answer(pairs)
    plan = station.office.receipts.plan(file)
    assert (plan.current, plan.stale, plan.unknown) == (1, 1, 0)
    station.office.receipts.take(file, by="王主任")
    assert released(station) == {2}
    with station.store._opened.identity.write() as connection:  # before it is sent again, while the tests' clock stands still
        connection.exec_driver_sql("UPDATE corrections SET at = '2026-08-02 00:00:00'")
    station.office.receipts.take(answer(arrived(*station.send())), by="王主任")
    assert released(station) == {1, 2}


def test_a_new_capture_is_not_covered_by_the_receipt_of_the_old(station: Station, answer: Answer) -> None:
    pairs = arrived(*station.send())
    station.office.receipts.take(answer(pairs), by="王主任")
    capture(station.store, 1, reason="重采")
    assert released(station) == {2}


def test_who_is_wanted_again_is_sent_back_until_captured_again(station: Station, answer: Answer) -> None:
    pairs = arrived(*station.send())
    record = station.records[1]
    file = answer(pairs, again=((record, "照片模糊"),))
    assert "要求重采：考生1——照片模糊" in receipt_in_words("zh-CN", station.office.receipts.plan(file)).lines
    station.office.receipts.take(file, by="王主任")
    review = station.store.reviews.sent_back(student(1).id_number)
    assert review is not None
    assert (review.outcome, review.reason, review.by.name) == (ReviewOutcome.SENT_BACK, "照片模糊", "上级办公室")
    capture(station.store, 1, reason="照片模糊")
    assert station.store.reviews.sent_back(student(1).id_number) is None
    assert [one.done for _, one in station.office.receipts.words()] == [True]
    later = answer(pairs, again=((record, "仍要重采"),))  # it comes late: the new capture is not touched
    station.office.receipts.take(later, by="王主任")
    assert station.store.reviews.sent_back(student(1).id_number) is None


def test_another_signer_another_station_and_twice_change_nothing(station: Station, answer: Answer) -> None:
    pairs = arrived(*station.send())
    take = station.office.receipts.take
    for code, file in (
        ("wrong_signer", answer(pairs, office=STRANGER)),
        ("other_station", answer(pairs, store="0" * 32)),
    ):
        with refused(code):
            take(file, by="王主任")
    assert released(station) == set()
    file = answer(pairs)
    assert look_here(station.store, file).tone is Tone.GOOD
    take(file, by="王主任")
    with refused("receipt_already"):
        take(file, by="王主任")
    assert len(station.office.receipts.taken()) == 1


@pytest.fixture
def three(station: Station, answer: Answer) -> list[Path]:
    first = arrived(*station.send())
    capture(station.store, 3)
    second = arrived(*station.send())
    return [answer(first[:1]), answer(first, may_delete=False), answer((*first, *second, ("f" * 32, "0" * 64)))]


@pytest.mark.parametrize("order", [*permutations(range(3))][::3])
def test_in_any_order_and_as_often_as_they_come_they_say_the_same(
    station: Station, three: list[Path], order: tuple[int, ...]
) -> None:
    for which in (*order, *order):
        try:
            station.office.receipts.take(three[which], by="王主任")
        except ExchangeError as error:
            again = error.code
            assert again == "parcel.receipt_already"
    assert released(station) == {1, 2, 3}


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_nothing_of_one_that_was_cut_or_changed_is_read(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "whole.age"
    if not path.exists():
        pairs = tuple((f"{number:032x}", f"{number:064x}") for number in range(700))
        head = ReceiptHead("5a" * 16, AT, True)
        write_receipt(path, Sealing(recipients=(OFFICE.recipient,)), OFFICE, ReceiptParcel(head, pairs))
    whole = path.read_bytes()
    file = tmp_path / "x.age"
    file.write_bytes(spoilt(whole, data))
    with pytest.raises(ExchangeError), reading(file, BY_OFFICE) as parcel:
        read_receipt(parcel)


def test_the_commands_go_round(station: Station, tmp_path: Path) -> None:
    files = station.send()
    (tmp_path / "office.key").write_text(OFFICE.text(), encoding="ascii")
    (tmp_path / "again.csv").write_text(f"who,reason\n{student(2).id_number},照片模糊\n", encoding="utf-8-sig")
    (tmp_path / "config.toml").write_text('[store]\nfolder = "data"\n', encoding="utf-8")
    station.store.close()

    def kiosk(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(tmp_path / "config.toml"), "package", *map(str, arguments)])
        return done.exit_code, done.output

    damaged = tmp_path / "damaged.age"
    damaged.write_bytes(files[0].read_bytes()[:-1])
    told = ["--key", tmp_path / "office.key", "--out", tmp_path / "back", "--may-delete", "--again", tmp_path / "again.csv"]
    assert kiosk("receipt", damaged, files[0], *told)[0] == 1  # the good one is answered, the other told
    (receipt,) = (tmp_path / "back").iterdir()
    status, words = kiosk("take", receipt, "--by", "王主任", "--yes")
    assert (status, "照片模糊" in words, "已采用回执包" in words) == (0, True, True), words
    (tmp_path / "again.csv").write_text("who,reason\n不认识,照片模糊\n", encoding="utf-8")
    status, words = kiosk("receipt", files[0], *told)
    assert (status, "第 2 行" in words) == (2, True), words
