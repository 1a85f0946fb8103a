"""The tests of the devices, in the trail that nobody changes."""

from __future__ import annotations

from dataclasses import replace

from kiosk.records import CheckPoint, DeviceKind, DeviceTest, Measure, Message, PointFinding, Verdict
from kiosk.store import Store
from tests.store.conftest import AT

SEAT = PointFinding(CheckPoint.SEAT, Verdict.PASS)
SLOW = PointFinding(
    CheckPoint.CAMERA,
    Verdict.FAIL,
    (Message("checkup.small_camera", {"width": 640, "height": 480, "least": "408×543", "profile": "青海"}),),
    (Measure("FPS", 8.1, 10.0, None, Verdict.FAIL),),
)


def test_the_newest_result_comes_back_as_it_was_found(store: Store) -> None:
    assert store.device_tests.latest() is None
    first = DeviceTest(AT, "王老师", (SEAT, SLOW), {DeviceKind.CAMERA: "V4L2 640×480"})
    store.device_tests.keep(first)
    assert store.device_tests.latest() == first
    assert (first.good, first.failed, CheckPoint.CARD in first.missing) == (False, (CheckPoint.CAMERA,), True)
    photos = replace(first, wanted=(CheckPoint.SEAT, CheckPoint.CAMERA))
    store.device_tests.keep(photos)
    kept = store.device_tests.latest()
    assert kept is not None
    assert (kept.wanted, kept.missing) == (photos.wanted, ())
    second = replace(first, findings=tuple(PointFinding(point, Verdict.PASS) for point in CheckPoint))
    store.device_tests.keep(second)
    assert store.device_tests.latest() == second
    assert second.good
    assert store.audit.first_broken() is None
