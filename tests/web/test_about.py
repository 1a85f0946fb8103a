"""About: what this station is made of, and nothing about anybody."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from kiosk.records import DeviceKind, DeviceState, DeviceStatus, Message
from kiosk.snapshot import Phase, Snapshot
from tests.pseudo import installed, untranslated_on, write_pseudo_language
from tests.web.desk import EVERYBODY, desk


def test_the_page_says_what_the_station_is_and_the_text_for_support_is_about_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with desk(tmp_path) as at_work:
        devices = (
            DeviceStatus(DeviceKind.CARD, DeviceState.READY, "ACS ACR1581", unverified=True),
            DeviceStatus(DeviceKind.CAMERA, DeviceState.READY, "clip.mp4"),
        )
        at_work.station.show(Snapshot(1, Phase.WAITING, Message("station.lay_card"), devices=devices))
        client = at_work.app.test_client()
        page = client.get("/records/about").text
        verdicts = re.findall(r'<th scope="row">([^<]+)</th>.*?</svg>([^<]+)</span></td></tr>', page)
        assert dict(verdicts[:2]) == {"读卡器": "未经实机验证", "摄像头": "已在真实设备上验证"}
        assert dict(verdicts)["leader.onnx"] == "完好"
        assert "identity 00" in page
        found = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
        assert found
        text = unescape(found[1])
        assert "读卡器: ACS ACR1581 · 正常 · 未经实机验证" in text
        assert "SQLCipher" in text
        names = [one.student.name for one in at_work.office.looks.students()]
        assert len(names) == EVERYBODY
        assert not [name for name in (*names, "王老师", str(tmp_path), str(Path.home())) if name in text]
        monkeypatch.setenv("KIOSK_WEIGHTS", str(tmp_path))  # a folder without them
        assert "缺失或已改动" in client.get("/records/about").text
        assert "Redistribution and use" in client.get("/records/about/licence/click").text
        assert client.get("/records/about/licence/nonsense").status_code == 404
        offered = re.findall(r'href="(/records/about/licence/[^"]+)"', client.get("/records/about").text)
        assert len(offered) > 50
        assert {client.get(one).status_code for one in offered} == {200}
        with installed(write_pseudo_language(tmp_path)) as tag:
            client.set_cookie("language", tag)
            own = re.sub(r"<(tbody|dd|textarea)\b.*?</\1>", "", client.get("/records/about").text, flags=re.DOTALL)
            assert untranslated_on(own, ("采集员", "采集点-01", "SHA-256", "中文", "English")) == []
