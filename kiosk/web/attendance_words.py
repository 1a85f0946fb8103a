"""Attendance at an exam in words, for a door's pages and the office's."""

from __future__ import annotations

from kiosk.checkin.admitting import door_name
from kiosk.clock import hour
from kiosk.records import Twice
from kiosk.words import say, say_list


def doors_in_words(language: str, one: Twice) -> str:
    """At which doors and when somebody was let in more than once."""
    return say_list(language, (f"{door_name(door)} {hour(at)}" for door, at in one.arrivals))


def twice_in_words(language: str, one: Twice) -> str:
    """Who was let in more than once, where it is, and at which doors and when."""
    told = {"name": one.candidate.name, "room": one.seat.room, "seat": one.seat.seat, "doors": doors_in_words(language, one)}
    return say(language, "checkin.twice", **told)
