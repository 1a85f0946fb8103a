"""Judges frames while the student still holds still, so that the verdict is there when the shutter falls."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from kiosk.pipeline.face.framing import FaceLook
from kiosk.pipeline.face.shutter import KEPT, Shot
from kiosk.records import Frame
from kiosk.seeing.judges import Glance

_MOST: Final = 3  # frames of one hold: each costs 60 ms of the processor that the preview needs, too
# A frame that was judged ahead makes the photo unless one of the last moment is better by more than this, on the scale of
# `FaceLook.quality`: the photo counts for more than the wait.
_AS_GOOD: Final = 0.05


class Ahead:
    """One frame at a time, the better ones of a hold. Called in the framing's thread; the work is done beside it."""

    def __init__(self, prepare: Callable[[Frame, FaceLook], Glance]) -> None:
        self._prepare = prepare
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="ahead")
        self._under_way: list[tuple[FaceLook, Future[Glance]]] = []
        self._since_s: float | None = None

    def forget(self) -> None:
        """Another hold, or somebody else: nothing of what was judged counts any more."""
        self._under_way = []

    def follow(self, since_s: float | None, frame: Frame, look: FaceLook, *, over: bool) -> None:
        """The next frame. `since_s`: when the hold began that it is of, None: of none. `over`: the shutter falls with it."""
        if since_s != self._since_s:
            self._since_s = since_s
            self.forget()
        if since_s is not None and look.good and not over:
            self._offer(frame, look)

    def _offer(self, frame: Frame, look: FaceLook) -> None:
        if len(self._under_way) >= _MOST or any(not future.done() for _, future in self._under_way):
            return
        if len(self._under_way) < 2 or look.quality > max(one.quality for one, _ in self._under_way):
            self._under_way.append((look, self._worker.submit(self._prepare, frame, look)))

    def chosen(self, shot: Shot, *, more_time: bool) -> Shot:
        """The shot with a frame that was judged ahead as its best, where one is as good. `more_time`: something is asked of the
        student now; a shot without such a frame is judged meanwhile."""
        done = sorted(self._done(), key=lambda one: -one.look.quality)
        if not done or done[0].look.quality < shot.look.quality - _AS_GOOD:
            if more_time:
                self._under_way.append((shot.look, self._worker.submit(self._prepare, shot.best, shot.look)))
            return shot
        best, *others = done
        frames = {frame.number: frame for frame in (*(one.frame for one in others), shot.best, *shot.others)}
        rest = [frame for number, frame in frames.items() if number != best.frame.number]
        return Shot(best.frame, best.look, tuple(rest[: KEPT - 1]))

    def of(self, shot: Shot) -> tuple[Glance, ...]:
        """What was judged of the frames of a shot."""
        frames = {frame.number for frame in (shot.best, *shot.others)}
        return tuple(one for one in self._done() if one.frame.number in frames)

    def close(self) -> None:
        """Wait for what is under way, and end."""
        self.forget()
        self._worker.shutdown(cancel_futures=True)

    def _done(self) -> list[Glance]:
        """What could be judged."""
        over = (future for _, future in self._under_way if future.done() and not future.cancelled())
        return [future.result() for future in over if future.exception() is None]
