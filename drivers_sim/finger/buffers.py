"""The character files that a sensor holds while it has power, and which of them Match and Search look at."""

from __future__ import annotations

from drivers_sim.finger import characters
from drivers_sim.finger.models import SensorModel


class CharacterBuffers:
    """`model.buffers` buffers, counted from 1; greater numbers, and 0, mean the last one (ZFM-20 manual §5.2)."""

    def __init__(self, model: SensorModel) -> None:
        self._model = model
        self._files: dict[int, bytes] = {}
        self._extracted: dict[int, bytes] = {}  # since the last template was made of them
        self._latest: bytes | None = None  # what was extracted last, while the image is still that one
        self._searched: bytes | None = None  # the same, or what was loaded since
        self._template: bytes | None = None  # what was merged or loaded last

    def image_taken(self) -> None:
        """GenImg looked at the glass."""
        self._latest = self._searched = None

    def extract(self, number: int, file: bytes) -> None:
        """Img2Tz."""
        number = self._number(number)
        self._files[number] = self._extracted[number] = self._latest = self._searched = file

    def load(self, number: int, file: bytes) -> None:
        """LoadChar, DownChar."""
        self._files[self._number(number)] = self._template = self._searched = file

    def merge(self, security: int) -> bool:
        """RegModel: every buffer then holds the template; False when there are fewer than two files, or of two fingers."""
        files = self._extracted if self._model.compares_latest else self._files
        template = characters.merged([files[number] for number in sorted(files)], security)
        if template is None:
            return False
        self._files = dict.fromkeys(range(1, self._model.buffers + 1), template)
        self._extracted = {}
        self._template = self._searched = template
        return True

    def file(self, number: int) -> bytes | None:
        """What UpChar and Store take."""
        return self._files.get(self._number(number))

    def pair(self) -> tuple[bytes, bytes]:
        """What Match holds against each other, empty where there is nothing."""
        if self._model.compares_latest:
            return self._latest or b"", self._template or b""
        return self._files.get(1, b""), self._files.get(2, b"")

    def wanted(self, number: int) -> bytes:
        """What Search looks for, empty where there is nothing."""
        return (self._searched if self._model.compares_latest else self.file(number)) or b""

    def _number(self, number: int) -> int:
        return number if 1 <= number <= self._model.buffers else self._model.buffers
