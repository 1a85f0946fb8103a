"""The two parts of MediaPipe that are used, without the others.

Importing anything of MediaPipe 0.10.9 imports all of it, and matplotlib for functions that draw. Empty stand-ins keep away what
neither of the two needs; they are gone again when the import is done. It would take four times as long and 33 MB more. What
is left is imported when the first network is made: the commands of the office need none.
"""

from __future__ import annotations

import sys
from threading import Lock
from types import ModuleType
from typing import Any, Final
from weakref import finalize

_OTHER_SOLUTIONS: Final = "drawing_styles drawing_utils face_detection hands hands_connections holistic objectron pose".split()
_UNUSED: Final = (
    *("matplotlib", "matplotlib.pyplot", "mediapipe.tasks", "mediapipe.tasks.python"),
    *(f"mediapipe.python.solutions.{name}" for name in _OTHER_SOLUTIONS),
)
_importing: Final = Lock()  # each network is made in a thread of its own


def solutions() -> tuple[Any, Any]:
    """`FaceMesh` and `SelfieSegmentation` of MediaPipe's solutions, whose models are inside its package."""
    with _importing:
        return _load()


def _load() -> tuple[Any, Any]:
    stand_ins = {name: ModuleType(name) for name in _UNUSED if name not in sys.modules}
    sys.modules.update(stand_ins)
    try:
        from mediapipe.python.solutions import face_mesh, selfie_segmentation
    finally:
        for name in stand_ins:
            del sys.modules[name]
    return face_mesh.FaceMesh, selfie_segmentation.SelfieSegmentation


def close_with(owner: object, network: Any) -> None:
    """Close a network when nobody has its owner any more: its graph calls back into it, so that by itself it is never freed."""
    finalize(owner, network.close).atexit = False
