"""How far the simulated people are apart, and a contact sheet of them.

`python -m bench.cohort [--poses] [--sheet FILE] [--write]`

They were chosen against SFace, so nothing here says how well SFace tells real people apart.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from drivers_sim.camera.scene import HEIGHT, WIDTH, Act, compose
from drivers_sim.people.faces import FACES, LIVE_WIDTH, PICTURES, Look, chip_photo, live_picture
from kiosk import weights
from kiosk.pipeline.face import FaceMatcher
from kiosk.pipeline.face.geometry import measure_geometry
from kiosk.pipeline.face.mesh import FaceMesh
from kiosk.records import Image

CARD_BYTES: Final = 1000  # the chip has 1,024 for the photo and the simulation's header
_WALL: Final = 190
POSES: Final = ((15, 0, 0), (-15, 0, 0), (0, 8, 0), (0, -8, 0), (10, 5, 3), (-10, -5, -3))


def on_card(photo: Image) -> Image:
    """What is left of a chip photo when it was squeezed onto a card."""
    for quality in range(60, -1, -2):
        data = cv2.imencode(".webp", photo, [cv2.IMWRITE_WEBP_QUALITY, quality])[1]
        if len(data) <= CARD_BYTES:
            break
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def scores(matcher: FaceMatcher) -> NDArray[np.float64]:
    """Row: who sits there, looking straight; column: whose card."""
    live = [matcher.embed(compose(info.number, Act.SIT, 0.2, 1)) for info in FACES]
    return _against_chips(matcher, live)


def posed_scores(matcher: FaceMatcher) -> NDArray[np.float64]:
    """As `scores`, within ±15°: (pose, live, chip). Renders everybody, so it needs the extra `render`."""
    from drivers_sim.people.actor import Actor, View, develop
    from drivers_sim.people.identity import make_person
    from drivers_sim.people.render import IDENTITIES

    view = View(640, 480, focal=1100, eye_at=(320, 190), finer=1)
    rows = json.loads(IDENTITIES.read_text(encoding="ascii"))
    found = []
    for row in rows:
        actor = Actor(make_person(row["sex"], row["genes"]))
        pictures = [actor.render(replace(view, pose=pose)) for pose in POSES]
        shown = [develop(colour * cover[..., None] + (1 - cover[..., None]) * 0.68) for colour, cover in pictures]
        found.append([matcher.embed(picture) for picture in shown])
    return np.stack([_against_chips(matcher, list(live)) for live in zip(*found, strict=True)])


def _against_chips(matcher: FaceMatcher, live: list[Any]) -> NDArray[np.float64]:
    chips = [matcher.embed_chip(on_card(chip_photo(info.number))) for info in FACES]
    return np.array([[matcher.compare(a, b, 0).value for b in chips] for a in live])


def describe() -> list[dict[str, Any]]:
    """What `faces.json` keeps of each face, measured on its picture."""
    from drivers_sim.people.render import IDENTITIES

    mesh = FaceMesh(tracking=False)
    rows = []
    for number, row in enumerate(json.loads(IDENTITIES.read_text(encoding="ascii"))):
        # In a picture of the camera's shape: landmarks depend on it a little.
        frame = np.full((HEIGHT, WIDTH, 3), _WALL, np.uint8)
        aside = (WIDTH - LIVE_WIDTH) // 2
        frame[:, aside : aside + LIVE_WIDTH] = on_wall(live_picture(number, Look.FRONT))[:HEIGHT]
        geometry = measure_geometry(mesh.find(frame)[0])
        eyes = [round(geometry.eyes[0] - aside, 1), round(geometry.eyes[1], 1)]
        rows.append({"sex": row["sex"], "eyes": eyes, "eye_to_chin": round(geometry.eye_to_chin, 1)})
    return rows


def write_faces(matcher: FaceMatcher) -> None:
    """Write `faces.json` from the pictures: sizes, and who of the same sex is least like whom."""
    rows = describe()
    live = [matcher.embed(on_wall(live_picture(number, Look.FRONT))) for number in range(len(rows))]
    chips = [matcher.embed_chip(on_card(chip_photo(number))) for number in range(len(rows))]
    table = np.array(live) @ np.array(chips).T
    np.fill_diagonal(table, np.inf)
    sexes = np.array([row["sex"] for row in rows])
    table[sexes[:, None] != sexes[None]] = np.inf
    for row, unlike in zip(rows, table.argmin(axis=1), strict=True):
        row["unlike"] = int(unlike)
    (PICTURES / "faces.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="ascii")


def on_wall(person: Image) -> Image:
    """A cut-out before an even wall."""
    cover = person[..., 3:].astype(np.float32) / 255
    return np.asarray(person[..., :3] * cover + (1 - cover) * _WALL, np.uint8)


def contact_sheet(columns: int = 6) -> Image:
    """Everybody live, with their chip photo beside."""
    cells = []
    for info in FACES:
        live = cv2.resize(
            on_wall(live_picture(info.number, Look.FRONT))[60:660, 260:780], (208, 240), interpolation=cv2.INTER_AREA
        )
        chip = cv2.resize(on_card(chip_photo(info.number)), (102, 126))
        cell = np.full((240, 312, 3), 255, np.uint8)
        cell[:, :208] = live
        cell[60:186, 209:311] = chip
        cv2.putText(cell, str(info.number), (214, 40), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (60, 60, 60), 2, cv2.LINE_AA)
        cells.append(cell)
    cells += [np.full((240, 312, 3), 255, np.uint8)] * (-len(cells) % columns)
    rows = [np.hstack(cells[start : start + columns]) for start in range(0, len(cells), columns)]
    return np.vstack(rows)


def _say(name: str, table: NDArray[np.float64]) -> None:
    own = np.eye(table.shape[-1], dtype=bool)
    impostor = np.broadcast_to(~own, table.shape)
    click.echo(
        f"{name}: genuine at least {table[..., own].min():.3f} (median {np.median(table[..., own]):.3f}), "
        f"impostor at most {table[impostor].max():.3f}, pairs at 0.36 or above: {(table[impostor] >= 0.36).sum()}"
    )


@click.command()
@click.option("--poses", is_flag=True, help="Within ±15°, too (renders; minutes).")
@click.option("--sheet", type=click.Path(dir_okay=False, path_type=Path), help="Write a contact sheet (JPEG).")
@click.option("--write", is_flag=True, help="Measure the pictures and write faces.json anew.")
def main(poses: bool, sheet: Path | None, write: bool) -> None:
    """Print how far everybody is apart."""
    cv2.setNumThreads(1)
    matcher = FaceMatcher(weights.path(weights.YUNET), weights.path(weights.SFACE))
    if write:
        write_faces(matcher)
        return
    table = scores(matcher)
    click.echo(f"{len(FACES)} faces")
    _say("straight", table)
    if poses:
        _say("within 15°", posed_scores(matcher))
    if sheet:
        sheet.write_bytes(cv2.imencode(".jpg", contact_sheet(), [cv2.IMWRITE_JPEG_QUALITY, 88])[1].tobytes())


if __name__ == "__main__":
    main()
