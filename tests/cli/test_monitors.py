"""Whose window belongs on which monitor."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kiosk.cli.monitors import Monitor, Places, in_xrandr, monitors, places

LAPTOP_AND_SCREEN = """\
Screen 0: minimum 320 x 200, current 3286 x 1080, maximum 16384 x 16384
eDP-1 connected primary 1366x768+0+312 (normal left inverted right x axis y axis) 344mm x 194mm
   1366x768      60.00*+  40.00
   1280x720      60.00
HDMI-1 connected 1920x1080+1366+0 (normal left inverted right x axis y axis) 527mm x 296mm
   1920x1080     60.00*+
DP-1 disconnected (normal left inverted right x axis y axis)
DP-2 connected (normal left inverted right x axis y axis)
   1920x1080     60.00 +
VGA-1 disconnected 1024x768+0+0 (normal left inverted right x axis y axis) 0mm x 0mm
"""
LAPTOP, SCREEN = Monitor(0, 312, 1366, 768, primary=True), Monitor(1366, 0, 1920, 1080)
WALL = Monitor(3286, 0, 1280, 1024)


def test_outputs_that_show_something_are_monitors() -> None:
    assert in_xrandr(LAPTOP_AND_SCREEN) == (LAPTOP, SCREEN)
    assert in_xrandr("XWAYLAND0 connected 1920x1080+0+0 (normal left inverted right x axis y axis) 340mm x 190mm\n") == (
        Monitor(0, 0, 1920, 1080),
    )
    turned = "DP-3 connected 1080x1920+1920+0 left (normal left inverted right x axis y axis) 527mm x 296mm\n"
    assert in_xrandr(turned) == (Monitor(1920, 0, 1080, 1920),)
    assert in_xrandr("Can't open display \n") == ()


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ((), Places()),
        ((SCREEN,), Places(SCREEN)),
        ((SCREEN, LAPTOP), Places(LAPTOP, SCREEN)),  # the main one is the operator's, wherever it stands
        ((WALL, SCREEN, LAPTOP), Places(LAPTOP, SCREEN)),
        ((WALL, SCREEN), Places(SCREEN, WALL)),  # none is the main one: from the left
        ((LAPTOP, Monitor(0, 312, 1920, 1080)), Places(LAPTOP)),  # a projector that shows the same
        ((Monitor(0, 312, 1920, 1080), LAPTOP), Places(LAPTOP)),
    ],
)
def test_the_operator_has_the_main_monitor_and_the_student_the_next(there: tuple[Monitor, ...], expected: Places) -> None:
    assert places(there) == expected
    swapped = expected if expected.student is None else Places(expected.student, expected.operator)
    assert places(there, swapped=True) == swapped


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks `xrandr`")
def test_the_x_server_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":9")
    assert monitors() == ()
    program = tmp_path / "xrandr"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nprint({LAPTOP_AND_SCREEN!r} if sys.argv[1:] == ['--current'] else '')\n"
    )
    program.chmod(0o700)
    assert monitors() == (LAPTOP, SCREEN)
    monkeypatch.delenv("DISPLAY")
    assert monitors() == ()
