"""The keys of the screens, in one table: what binds them and what lists them reads it here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from kiosk.snapshot import Command

# Orders at the desk. One key, one meaning: none is given twice. The order is that of the buttons. Keys that no browser needs.
DESK: Final[Mapping[Command, str]] = {
    Command.SAVE: "Enter",
    Command.AGREE: "Shift+Enter",
    Command.GUARDIAN: "Shift+F1",
    Command.DECLINE: "Shift+F9",
    Command.SHOOT: "F2",
    Command.LOOKED: "0",
    Command.RETRY: "F3",
    Command.ACCEPT: "F4",
    Command.REDO: "F8",
    Command.EXCEPTION: "F6",
    Command.NEXT_FINGER: "F7",
    Command.OWN_FINGER: "Shift+F7",
    Command.DECLARE_LOOKALIKES: "Shift+F4",
    Command.RECAPTURE: "Shift+F8",
    Command.ADMIT: "Shift+F6",
    Command.TYPE_IN: "Shift+F2",
    Command.OPEN_DOCUMENT: "Shift+F3",
    Command.HOLD: "F9",
    Command.ABORT: "F10",
    # Of a photo run. A foot pedal and a presenter are keyboards with these keys: Page Down and Page Up.
    Command.BEGIN_RUN: "Insert",
    Command.NEXT_CHILD: "PageDown",
    Command.PREVIOUS_CHILD: "PageUp",
    Command.SKIP_CHILD: "Shift+PageDown",
    Command.ABSENT_CHILD: "Delete",
    Command.PRESENT_CHILD: "Shift+Delete",
    Command.FIND_CHILD: "Home",
    Command.RETAKE: "Backspace",
    Command.END_RUN: "End",
}
# What a person looks for on a photo, in the order of the profile's list: seen, and no more.
LOOKED_FOR: Final = "123456789"
# What every page does by itself (`static/js/help.js`): key, what it does. Those of one character wait while somebody types.
EVERYWHERE: Final[Mapping[str, str]] = {"F1": "help", "?": "help", "Escape": "close"}


def keys_of(screen: str) -> list[tuple[str, str]]:
    """What a screen's keys do: the key, and the code of the words for it."""
    desk = [(key, f"command.{command}") for command, key in DESK.items()] if screen == "operator" else []
    marks = [(f"{LOOKED_FOR[0]} – {LOOKED_FOR[-1]}", f"command.{Command.MARK}")] if screen == "operator" else []
    return [*desk, *marks, *((key, f"key.{what}") for key, what in EVERYWHERE.items())]
