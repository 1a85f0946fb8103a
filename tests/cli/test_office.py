"""`kiosk office` at the terminal: take, status, receipts, areas."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from kiosk.cli import main
from kiosk.records import Role
from tests.parcels.conftest import OFFICE
from tests.parcels.offices import Site, centre, one, stations

__all__ = ["one", "stations"]  # fixtures


def test_the_commands_take_what_came_and_answer_it(one: Site, tmp_path: Path) -> None:
    file, (config, bad) = one.send(), (tmp_path / "config.toml", tmp_path / "bad.age")
    bad.write_bytes(file.read_bytes()[:-100])
    config.write_text('[store]\nfolder = "office"\n[office]\nkey = "office.key"\n', encoding="utf-8")
    with centre(tmp_path, {}) as office:
        account = office.store.accounts.issue("李主任", Role.OFFICER, "135790", by=None)

    def kiosk(*arguments: object) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--config", str(config), "office", *map(str, arguments)])
        return done.exit_code, done.output

    assert kiosk("take", file)[0] == 2  # without a key
    (tmp_path / "office.key").write_text(OFFICE.text(), encoding="ascii")
    status, words = kiosk("take", bad, file)
    assert (status, "bad.age：未采用" in words, "新记录 2" in words) == (1, True, True), words
    assert kiosk("take", file)[0] == 0  # once more
    status, words = kiosk("status")
    assert (status, "2/3 人已采集" in words, "采集点-one" in words) == (0, True, True), words
    status, words = kiosk("dedupe")
    assert (status, "2 人，其中新来 2 人" in words, "没有可比对数据的 2 人" in words) == (0, True, True), words
    status, words = kiosk("receipts", "--out", tmp_path / "back")
    assert (status, "2 条" in words) == (0, True), words
    assert kiosk("area", "李主任", "63-01")[0] == 2
    assert kiosk("area", "李主任", "城中区")[0] == 2  # there are several
    assert kiosk("area", "李主任", "西宁市", "海东市")[1].strip() == "李主任：青海省西宁市、青海省海东市"
    status, words = kiosk("serve", "--listen", "0.0.0.0:8310")
    assert (status, "TLS" in words) == (2, True), words
    with centre(tmp_path, {}, fresh=False) as office:
        assert office.store.account_areas.of(account.id) == {"6301", "6302"}
    (receipt,) = (tmp_path / "back").iterdir()
    one.office.receipts.take(receipt, by="王主任")
    assert one.office.parcels.standing().unconfirmed == 0
