"""A vendor's passive liveness check: loaded by name at start-up, asked about every shot, and never waited for too long."""

from __future__ import annotations

import inspect
import logging
import math
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field, replace
from importlib import import_module
from typing import Any, Final, cast

from kiosk.errors import KioskError
from kiosk.pipeline.face.liveness import Outcome, PassiveCheck
from kiosk.records import Frame, Message, Score, Verdict

log = logging.getLogger(__name__)

_LOAD_S: Final = 60.0  # a network from a slow disk, a camera that takes its time
_CLOSE_S: Final = 5.0


@dataclass(frozen=True)
class PassiveAnswer:
    """What the check made of one shot: PASS, FAIL, or REVIEW where it gave no answer; its score where it gave one."""

    outcome: Outcome
    score: Score | None = None


@dataclass(frozen=True, eq=False)
class Question:
    """A shot that the check was asked about."""

    frames: tuple[Frame, ...]
    until_s: float
    answer: Future[Score] = field(default_factory=Future)


class PassiveGuard:
    """The check and its thread: it is loaded, asked and closed there, as many vendors' libraries want it.

    A call that never comes back costs that thread and one shot's frames; shots that follow go to a person.
    """

    def __init__(self, reference: str, timeout_s: float, load_s: float = _LOAD_S) -> None:
        """`reference` is `package.module:factory`. Raises KioskError, code passive.*, when there is no check to be had."""
        self._timeout_s = timeout_s
        self._changed = threading.Condition()
        self._waiting: Question | None = None
        self._quit = False
        loaded: Future[PassiveCheck] = Future()
        self._thread = threading.Thread(target=self._run, args=(reference, loaded), name="passive", daemon=True)
        self._thread.start()
        if not wait((loaded,), load_s).done:
            self._quit = True
            raise KioskError("passive.slow_start", check=reference, seconds=f"{load_s:g}")
        check = loaded.result()
        self.name: Final = f"{check.name} {check.version}"

    def ask(self, frames: Sequence[Frame]) -> Question:
        """Begin to look at a shot; `answer` says what came of it."""
        question = Question(tuple(frames), time.monotonic() + self._timeout_s)
        with self._changed:
            self._waiting = question
            self._changed.notify()
        return question

    def answer(self, question: Question) -> PassiveAnswer:
        """Wait until the deadline at most. Without a usable answer in time a person must look; it never passes."""
        wait((question.answer,), max(0.0, question.until_s - time.monotonic()))
        with self._changed:
            if self._waiting is question:
                self._waiting = None
        if not question.answer.done():
            log.warning("passive check: no answer within %g s", self._timeout_s)
            return self._unanswered("problem.passive.slow", seconds=f"{self._timeout_s:g}")
        if error := question.answer.exception():
            log.warning("passive check: %s", type(error).__name__, exc_info=error)
            return self._unanswered("problem.passive.failed")
        score = self._checked(question.answer.result())
        if score is None:
            log.warning("passive check: the answer is no score with a limit")
            return self._unanswered("problem.passive.failed")
        if score.met:
            return PassiveAnswer(Outcome(Verdict.PASS), score)
        return PassiveAnswer(Outcome(Verdict.FAIL, Message("problem.passive.refused", {"check": self.name})), score)

    def close(self) -> None:
        """Let the check go; one that doesn't come back is left behind. Idempotent."""
        with self._changed:
            self._quit = True
            self._changed.notify()
        self._thread.join(_CLOSE_S)

    def _run(self, reference: str, loaded: Future[PassiveCheck]) -> None:
        try:
            check = _load(reference)
        except KioskError as error:
            loaded.set_exception(error)
            return
        loaded.set_result(check)
        while (question := self._next()) is not None:
            try:
                question.answer.set_result(check.score(question.frames))
            except BaseException as error:  # whatever a vendor's code does, the thread goes on
                question.answer.set_exception(error)
            question = None  # no frame stays here while nobody sits
        try:
            check.close()
        except Exception as error:
            log.warning("passive check: %s at the end", type(error).__name__, exc_info=error)

    def _next(self) -> Question | None:
        with self._changed:
            self._changed.wait_for(lambda: self._quit or self._waiting is not None)
            question, self._waiting = self._waiting, None
            return None if self._quit else question

    def _checked(self, score: Any) -> Score | None:
        """A vendor's answer as it is kept: name and version before its scale; None for what is no score with a limit."""
        if not isinstance(score, Score) or score.limit is None:
            return None
        try:
            value, limit = float(score.value), float(score.limit)
        except (TypeError, ValueError):
            return None
        if not (math.isfinite(value) and math.isfinite(limit)):
            return None
        return replace(score, value=value, limit=limit, below=bool(score.below), scale=f"{self.name} {score.scale}".strip())

    def _unanswered(self, code: str, **data: str) -> PassiveAnswer:
        return PassiveAnswer(Outcome(Verdict.REVIEW, Message(code, {"check": self.name, **data})))


def _load(reference: str) -> PassiveCheck:
    """Import, make, and look whether it can be asked."""
    module_name, _, attribute = reference.partition(":")
    try:
        module = import_module(module_name)
    except BaseException as error:  # a vendor's module may even call sys.exit
        raise KioskError("passive.module", module=module_name, details=_told(error)) from error
    factory = getattr(module, attribute, None)
    if not callable(factory):
        raise KioskError("passive.factory", module=module_name, factory=attribute)
    try:
        check = factory()
    except BaseException as error:
        raise KioskError("passive.start", check=reference, details=_told(error)) from error
    if missing := _missing(check):
        raise KioskError("passive.shape", check=reference, missing=", ".join(missing))
    return cast("PassiveCheck", check)


def _missing(check: object) -> list[str]:
    """What of a PassiveCheck an object doesn't have."""
    missing = [name for name in ("name", "version") if not _is_text(getattr(check, name, None))]
    if not _takes(getattr(check, "score", None), 1):
        missing.append("score(frames)")
    if not _takes(getattr(check, "close", None), 0):
        missing.append("close()")
    return missing


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _takes(method: object, arguments: int) -> bool:
    if not callable(method):
        return False
    try:
        inspect.signature(method).bind(*[None] * arguments)
    except TypeError:
        return False
    except ValueError:  # compiled functions that don't say what they take
        return True
    return True


def _told(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
