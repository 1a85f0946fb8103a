from __future__ import annotations

import io

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PillowImage

from kiosk.errors import KioskError
from kiosk.pipeline.document import CARD_RATIO, find_card, make_document
from kiosk.records import Image

WANTED = {"width": 800, "height": 600, "dpi": 300, "max_kb": 50.0}


def card(width: int = 1000) -> Image:
    """A card's front: pale ground, lines of text at the left, a dark photo at the right."""
    height = round(width / CARD_RATIO)
    front = np.full((height, width, 3), (235, 225, 215), np.uint8)
    for line in range(6):
        words = "NAME SEX 1234567890 ADDRESS"[: 12 + line * 2]
        cv2.putText(front, words, (40, 80 + line * 90), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (60, 50, 40), 3)
    front[60:460, 680:940] = (90, 80, 70)
    cv2.circle(front, (810, 220), 90, (150, 170, 190), -1)
    return front


def shot(
    table: tuple[int, int, int] = (60, 70, 60),
    tilt: float = 0.04,
    turn_deg: float = 6,
    share: float = 0.6,
    front: Image | None = None,
) -> tuple[Image, NDArray[np.float32]]:
    """A 1920×1080 picture of the card on a table, seen a little from the side; and the card's corners in it."""
    rng = np.random.default_rng(3)
    picture = np.clip(np.array(table) + rng.normal(0, 4, (1080, 1920, 1)), 0, 255).astype(np.uint8)
    front = card() if front is None else front
    height, width = front.shape[:2]
    shown = share * 1920
    flat = np.array([(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)]) * (shown, shown / CARD_RATIO)
    flat *= 1 + tilt * flat[:, 1:2] / flat[2, 1]
    turn = np.deg2rad(turn_deg)
    rotated = flat @ np.array([(np.cos(turn), np.sin(turn)), (-np.sin(turn), np.cos(turn))]) + (960, 540)
    corners = rotated.astype(np.float32)
    source = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    warp = cv2.getPerspectiveTransform(source, corners)
    seen = cv2.warpPerspective(front, warp, (1920, 1080), flags=cv2.INTER_AREA)
    mask = cv2.warpPerspective(np.full((height, width), 255, np.uint8), warp, (1920, 1080))
    picture[mask > 127] = seen[mask > 127]
    return picture, corners


@pytest.mark.parametrize("table", [(60, 70, 60), (30, 60, 110), (140, 120, 100)])
@pytest.mark.parametrize("turn_deg", [-12, 0, 8])
def test_a_card_on_the_table_is_found_to_the_pixel(table: tuple[int, int, int], turn_deg: float) -> None:
    picture, corners = shot(table, turn_deg=turn_deg)
    found = find_card(picture)
    assert found is not None
    assert np.abs(found - corners).max() < 8


def test_the_picture_is_level_centred_and_of_the_wanted_size() -> None:
    made = make_document(shot()[0], **WANTED)  # type: ignore[arg-type]
    assert len(made.jpeg) <= 50 * 1024
    with PillowImage.open(io.BytesIO(made.jpeg)) as image:
        assert (image.size, round(image.info["dpi"][0]), image.format) == ((800, 600), 300, "JPEG")
        pixels = np.asarray(image.convert("RGB"))[..., ::-1]
    again = find_card(np.ascontiguousarray(pixels))
    assert again is not None
    wide = 0.94 * 800
    assert np.abs(again[0] - ((800 - wide) / 2, (600 - wide / CARD_RATIO) / 2)).max() < 4
    assert abs(again[1, 1] - again[0, 1]) < 3


def test_a_card_lying_upside_down_is_turned_when_told() -> None:
    right = make_document(shot()[0], **WANTED)  # type: ignore[arg-type]
    turned = make_document(shot(front=card()[::-1, ::-1].copy())[0], **WANTED, upside_down=True)  # type: ignore[arg-type]
    one, other = (np.asarray(PillowImage.open(io.BytesIO(made.jpeg)).convert("L"), float) for made in (right, turned))
    assert np.abs(one[100:500, 100:700] - other[100:500, 100:700]).mean() < 12


def test_an_empty_table_is_no_card() -> None:
    with pytest.raises(KioskError, match="not_found"):
        make_document(np.full((1080, 1920, 3), 90, np.uint8), **WANTED)  # type: ignore[arg-type]


def test_a_sheet_of_paper_is_no_card() -> None:
    paper = np.full((1080, 1920, 3), 60, np.uint8)
    paper[150:900, 600:1130] = 230  # A4
    assert find_card(paper) is None


def test_a_card_too_far_away_is_asked_to_come_closer() -> None:
    with pytest.raises(KioskError, match="too_far"):
        make_document(shot(share=0.24)[0], **WANTED)  # type: ignore[arg-type]


def test_an_unsharp_shot_is_refused() -> None:
    blurred = cv2.GaussianBlur(shot()[0], (0, 0), 6)
    with pytest.raises(KioskError, match="blurred"):
        make_document(np.asarray(blurred, np.uint8), **WANTED)  # type: ignore[arg-type]


def test_a_glaring_shot_is_refused() -> None:
    front = card()
    cv2.circle(front, (300, 300), 70, (255, 255, 255), -1)
    with pytest.raises(KioskError, match="glare"):
        make_document(shot(front=front)[0], **WANTED)  # type: ignore[arg-type]


def test_a_picture_that_no_quality_makes_small_enough_is_told() -> None:
    with pytest.raises(KioskError, match="size"):
        make_document(shot()[0], width=800, height=600, dpi=300, max_kb=5)
