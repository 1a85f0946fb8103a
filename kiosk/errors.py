"""The error tree. Errors carry a code and data; only web and cli turn them into words (`kiosk.words`)."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.records import Message


class KioskError(Exception):
    """Something went wrong that a person can do something about.

    `code` is dotted (`card.unreadable`) and has words under `error.<code>` in every language; `data` fills their placeholders.
    Never put an ID number, a name or biometric data into `data`: errors are logged.
    """

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code, data)
        self.code = code
        self.data = data

    @property
    def message(self) -> Message:
        """What to say of it to a person."""
        return Message(f"error.{self.code}", self.data)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.data.items())
        return f"{self.code} ({details})" if details else self.code


class DeviceError(KioskError):
    """A device could not do what it was asked; the next request may succeed."""


class TemporaryFault(DeviceError):
    """The device is gone or confused: the worker tears it down, backs off and sets it up again."""


class PermanentFault(DeviceError):
    """Trying again is pointless until the operator has done something (`error.<code>` says what)."""


class StoreError(KioskError):
    """The store refused or could not keep something; nothing was half-written."""


class ExchangeError(KioskError):
    """A roster, profile or export is wrong; `data` names the place (file, row, column)."""


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a file. `key` is its path (`face.pass_at`, `column.3.width`; empty: the file as a whole),
    `line` and `column` count from 1; 0: no place."""

    key: str
    what: Message
    line: int = 0
    column: int = 0

    @property
    def message(self) -> Message:
        """The place, and what is wrong there."""
        if self.line and self.key:
            return Message("fault.at_key_and_line", {"line": self.line, "key": self.key, "what": self.what})
        if self.line:
            return Message("fault.at_line", {"line": self.line, "column": self.column or 1, "what": self.what})
        return Message("fault.at_key", {"key": self.key, "what": self.what}) if self.key else self.what


class ConfigError(KioskError):
    """The configuration is wrong. `problems` has every fault at once, with its place; `language` is the one that the file asks
    for, as far as that could be read."""

    def __init__(self, problems: tuple[Fault, ...], *, file: str, language: str = "") -> None:
        told = tuple(problem.message for problem in problems)
        super().__init__("config.invalid", file=file, count=len(problems), problems=told)
        self.problems = problems
        self.language = language
