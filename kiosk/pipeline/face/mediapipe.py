"""The parts of MediaPipe that are used, without its drawing library.

Importing anything of MediaPipe 0.10.9 imports matplotlib for functions that draw, and that takes longer than all the rest
together. An empty stand-in keeps it away; it is gone again when the import is done. The rest still takes most of a second,
which is spent when the first network is made: the commands of the office need none.
"""

from __future__ import annotations

import sys
from threading import Lock
from types import ModuleType
from typing import Any, Final
from weakref import finalize

_DRAWING: Final = ("matplotlib", "matplotlib.pyplot")
_importing: Final = Lock()  # each network is made in a thread of its own


def solutions() -> tuple[Any, Any]:
    """`FaceMesh` and `SelfieSegmentation` of MediaPipe's solutions, whose models are inside its package."""
    with _importing:
        return _load()


def _load() -> tuple[Any, Any]:
    stand_ins = {name: ModuleType(name) for name in _DRAWING if name not in sys.modules}
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
