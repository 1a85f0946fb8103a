"""A small district, played: `kiosk rehearse --stations` tells what went wrong when something did."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.district_rehearsal import Fate, Finding, plotted, rehearse_district


def test_a_small_district_comes_out_as_it_was_planted(tmp_path: Path) -> None:
    heard: list[int] = []
    done = rehearse_district(tmp_path, stations=3, schools=2, students=12, told=heard.append)
    assert done.as_planted, [one for one in done.findings if not one.as_planted] + list(done.faults)
    found = {one.what: one.planted for one in done.findings}
    assert (found["students"], found["doubles"], found["twins"], found["contested"]) == (12, 1, 1, 1)
    assert found["revoked"] == 3
    assert (found["network"], found["turned_away"], found["fetched"]) == (1, 1, 1)
    assert (found["staff"], found["others"], found["profile"]) == (2, 2, 2)
    assert heard == list(range(1, 9))


@pytest.mark.parametrize("stations", [5, 9])
def test_whatever_can_go_wrong_is_planted_and_what_does_not_come_is_noticed_each(stations: int) -> None:
    plot = plotted(stations, 3, 40, 1)
    assert {fate for post in plot.posts for fate in post.fates} == set(Fate)
    assert {post.skew.days for post in plot.posts} == {-1, 0, 1}
    assert {post.by_network for post in plot.posts if not post.is_revoked} == {True, False}
    never = {Fate.LOST, Fate.TRUNCATED, Fate.NEWER_VERSION}
    assert not any({one, two} <= never for post in plot.posts for one, two in zip(post.fates, post.fates[1:], strict=False))
    sat = [sitting.student.id_number for post in plot.posts for sitting in post.sittings]
    assert {number for number in sat if sat.count(number) > 1} == plot.contested
    assert len(plot.doubles) == len(plot.twins) == len(plot.contested) == (stations - 1) // 2


def test_one_too_few_is_not_as_planted() -> None:
    assert not Finding("students", 12, 11).as_planted
