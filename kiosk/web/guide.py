"""The framing guide as lines to draw over the live picture: the photo's frame, head, eyes and shoulders, from the profile."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.pipeline.face.guide import guide_for
from kiosk.records import PhotoSpec


@dataclass(frozen=True)
class GuideLines:
    """Coordinates in pixels of a camera picture of `width` by `height`, rounded."""

    width: int
    height: int
    frame: tuple[int, int, int, int]  # left, top, width, height of the photo
    head: tuple[int, int, int, int]  # centre and radii of the ellipse
    eyes: str  # SVG paths
    shoulders: str


def guide_lines(photo: PhotoSpec, width: int, height: int) -> GuideLines:
    """Lines for the photo standard in use."""
    guide = guide_for(photo, width, height)
    left, top, wide, high = (round(share * size) for share, size in zip(guide.photo, (width, height) * 2, strict=True))
    x, y, head_w, head_h = (share * size for share, size in zip(guide.head, (width, height) * 2, strict=True))
    centre_x, centre_y, radius_x, radius_y = round(x + head_w / 2), round(y + head_h / 2), round(head_w / 2), round(head_h / 2)
    eye_y, tick = round(guide.eye_y * height), round(head_w * 0.09)
    eyes = f"M{centre_x - radius_x - 2 * tick} {eye_y}h{tick}M{centre_x + radius_x + tick} {eye_y}h{tick}"
    # From below the jaw outwards and down to the photo's lower edge: shoulders are about twice as wide as the head.
    neck_x, neck_y, bottom = round(radius_x * 0.62), round(centre_y + radius_y * 1.06), top + high
    reach = min(round(radius_x * 1.9), wide // 2 - 12)
    shoulders = "".join(
        f"M{centre_x + side * neck_x} {neck_y}"
        f"Q{centre_x + side * reach} {round(neck_y + (bottom - neck_y) * 0.25)} {centre_x + side * reach} {bottom - 8}"
        for side in (-1, 1)
    )
    return GuideLines(width, height, (left, top, wide, high), (centre_x, centre_y, radius_x, radius_y), eyes, shoulders)
