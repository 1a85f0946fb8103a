"""What landmarks say about a face: where it is, how large, where it looks, eyes and mouth."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

# Face Mesh's numbers. Right and left are the person's own: the right eye is on the left of an unmirrored picture.
RIGHT_EYE: Final = (33, 133)
LEFT_EYE: Final = (362, 263)
RIGHT_LIDS: Final = ((159, 145), (160, 144), (158, 153))  # upper and lower
LEFT_LIDS: Final = ((386, 374), (387, 373), (385, 380))
INNER_LIPS: Final = ((13, 14), (82, 87), (312, 317))
CHIN: Final = 152

# The crown is as far above the eyes as the chin is below (ISO/IEC 39794-5, D.1.4.3.4: eyes halfway), hair adds a little.
HEAD_PER_EYE_TO_CHIN: Final = 2.05

# The mean face in Face Mesh's own coordinates (eyes' distance = 1), looking straight ahead: twenty points that move little
# with expression, averaged over 517 photos of many people and made symmetric. The pose is the turn from it to a face.
_MEAN_FACE: Final = {
    33: (-0.714, -0.054, -0.027),
    133: (-0.286, -0.031, -0.112),
    263: (+0.714, -0.054, -0.027),
    362: (+0.286, -0.031, -0.112),
    168: (+0.000, -0.101, -0.383),
    6: (+0.000, +0.021, -0.452),
    197: (+0.000, +0.138, -0.529),
    4: (+0.000, +0.504, -0.738),
    1: (+0.000, +0.609, -0.705),
    61: (-0.434, +1.036, -0.092),
    291: (+0.434, +1.036, -0.092),
    10: (+0.000, -0.883, -0.314),
    234: (-1.139, +0.247, +0.837),
    454: (+1.139, +0.247, +0.837),
    127: (-1.148, +0.010, +0.762),
    356: (+1.148, +0.010, +0.762),
    54: (-0.965, -0.607, +0.198),
    284: (+0.965, -0.607, +0.198),
    103: (-0.802, -0.746, -0.005),
    332: (+0.802, -0.746, -0.005),
}
_POSE_POINTS: Final = list(_MEAN_FACE)
_MEAN: Final = np.array(list(_MEAN_FACE.values())) - np.mean(list(_MEAN_FACE.values()), axis=0)


@dataclass(frozen=True)
class Pose:
    """Degrees. Yaw: turned to the person's left; pitch: chin down; roll: clockwise in the picture."""

    yaw_deg: float
    pitch_deg: float
    roll_deg: float


@dataclass(frozen=True)
class Geometry:
    """A face in pixels of its picture."""

    eyes: tuple[float, float]  # the middle between the eyes' centres
    inter_eye: float
    eye_to_chin: float  # from that middle to the chin: T of ISO/IEC 29794-5
    pose: Pose
    eye_opening: float  # lids' distance of the eye that is less open, over T
    mouth_opening: float  # inner lips' distance over T
    box: tuple[float, float, float, float]  # left, top, width, height of the landmarks

    @property
    def head_height(self) -> float:
        """Chin to crown, estimated."""
        return HEAD_PER_EYE_TO_CHIN * self.eye_to_chin


def measure_geometry(landmarks: NDArray[np.float32]) -> Geometry:
    """From landmarks (478, 3) in pixels."""
    points = landmarks.astype(np.float64)
    flat = points[:, :2]
    right, left = flat[list(RIGHT_EYE)].mean(axis=0), flat[list(LEFT_EYE)].mean(axis=0)
    middle = (right + left) / 2
    eye_to_chin = float(np.linalg.norm(flat[CHIN] - middle))
    low, high = flat.min(axis=0), flat.max(axis=0)

    def opening(pairs: tuple[tuple[int, int], ...]) -> float:
        return float(max(np.linalg.norm(flat[a] - flat[b]) for a, b in pairs)) / eye_to_chin

    return Geometry(
        eyes=(float(middle[0]), float(middle[1])),
        inter_eye=float(np.linalg.norm(left - right)),
        eye_to_chin=eye_to_chin,
        pose=find_pose(points),
        eye_opening=min(opening(RIGHT_LIDS), opening(LEFT_LIDS)),
        mouth_opening=opening(INNER_LIPS),
        box=(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])),
    )


def find_pose(points: NDArray[np.float64]) -> Pose:
    """The turn of a face (478, 3) against the mean face, by least squares (Kabsch)."""
    chosen = points[_POSE_POINTS] - points[_POSE_POINTS].mean(axis=0)
    u, _, vt = np.linalg.svd(chosen.T @ _MEAN)
    turn = u @ np.diag([1.0, 1.0, np.sign(np.linalg.det(u @ vt))]) @ vt
    forward, rightward = turn @ (0, 0, -1), turn @ (1, 0, 0)
    return Pose(
        yaw_deg=math.degrees(math.atan2(forward[0], -forward[2])),
        pitch_deg=math.degrees(math.atan2(forward[1], math.hypot(forward[0], forward[2]))),
        roll_deg=math.degrees(math.atan2(rightward[1], rightward[0])),
    )
