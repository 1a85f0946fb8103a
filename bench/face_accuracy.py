"""How well a live face is told from another's by a chip photo: our method beside one plain SFace comparison, in the same run.

    python -m bench.face_accuracy --pairs PAIRS --images DIR [--chip none|q40|webp1k|jp2k1k] [--half A|B]
        [--subset NAMES] [--beside NAMES] [--json]

The third column is ours, corrected by a cohort: what a face has in common with everybody else's of the run is taken off its
scores. The station doesn't do that; the column says what it would bring.

What can't be seen in a few hundred impostor pairs is taken from the cross: all live photos of the pairs against all chip photos
of other people. `--half`: of the people one half (`bench.pairs.half_of`), and of the pairs those within it. `--beside`: how
often two people of these names are accepted at the limit that accepts one in a thousand of all other comparisons, and at the
station's; the interval is of 95 %, people drawn anew with all their photos.

The first photo of a pair is the live one, the second becomes the chip photo. A photo without a face counts as a comparison that
fails; pairs of a photo that is missing or can't be read are left out. Both are counted and named. Thresholds and method were
chosen on other pairs than those that figures are reported for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import click
import cv2
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from bench.chip import CONDITIONS, make_chip
from bench.figures import STDOUT, kept, note
from bench.pairs import Pair, Photo, half_of, photo_path, read_names, read_pairs, read_photo
from bench.rates import Scores, accepted_at, area_under_curve, equal_error_rate, interval_over_people, limit_at, tar_at
from kiosk import weights
from kiosk.config import FaceSettings
from kiosk.errors import KioskError
from kiosk.pipeline.face import Embedding, FaceMatcher
from kiosk.records import Image

NO_FACE: Final = -1.0
_NAMED: Final = 20  # photos by name on the screen; JSON names all


@dataclass(frozen=True)
class Figures:
    """What one method reaches. Shares are 0..1; None where there are too few pairs to say."""

    method: str
    auc: float | None
    eer: float | None
    tar_at_far_1e2: float | None
    tar_at_far_1e3: float | None
    pass_at: float
    far_at_pass: float | None
    tar_at_pass: float | None
    review_at: float
    far_at_review: float | None
    tar_at_review: float | None
    cross: int  # comparisons of two people, of which the figures below are
    cross_tar_at_far_1e3: float | None
    cross_tar_at_far_1e4: float | None
    cross_limit_at_far_1e3: float | None
    cross_far_at_pass: float | None
    beside: int  # of them within the names beside
    beside_far_at_limit: float | None  # where the others have 1e-3
    beside_between: tuple[float, float] | None
    beside_far_at_pass: float | None
    others_far_at_pass: float | None
    no_face: int  # pairs
    photos_without_face: tuple[str, ...]
    live_ms: float
    chip_ms: float
    comparison_ms: float


class Method:
    """Embeds every photo once per role and keeps the processor time that it took."""

    def __init__(self, name: str, matcher: FaceMatcher, images: Path, condition: str) -> None:
        self.name = name
        self._matcher, self._images, self._condition = matcher, images, condition
        self._kept: dict[tuple[Photo, str], Embedding | None] = {}
        self._seconds: dict[str, list[float]] = {"live": [], "chip": []}

    def score(self, pair: Pair) -> float:
        live, chip = self._embedded(pair.a, "live"), self._embedded(pair.b, "chip")
        return NO_FACE if live is None or chip is None else self._matcher.compare(live, chip, 0).value

    def cross(self) -> Cross:
        """Everybody's live photos against everybody's chip photos."""
        live, chip = self.embeddings("live"), self.embeddings("chip")
        scores = np.array(list(live.values())).reshape(-1, 128) @ np.array(list(chip.values())).reshape(-1, 128).T
        return Cross(scores.astype(np.float64), _names(live), _names(chip))

    def embeddings(self, role: str) -> dict[Photo, Embedding]:
        """Of all photos with a face that were embedded so far in this role."""
        return {photo: found for (photo, kept_role), found in self._kept.items() if kept_role == role and found is not None}

    def without_face(self) -> tuple[str, ...]:
        """The photos that showed none, and as what."""
        return tuple(sorted(f"{_name(photo)} ({role})" for (photo, role), found in self._kept.items() if found is None))

    def milliseconds(self, role: str) -> float:
        return float(np.median(self._seconds[role])) * 1000 if self._seconds[role] else 0.0

    def _embedded(self, photo: Photo, role: str) -> Embedding | None:
        if (photo, role) not in self._kept:
            self._kept[photo, role] = self._embed(photo, role)
        return self._kept[photo, role]

    def _embed(self, photo: Photo, role: str) -> Embedding | None:
        picture = read_photo(self._images, photo)
        if picture is None:  # it was there when the run began
            raise click.ClickException(f"can't be read any more: {photo_path(self._images, photo)}")
        work: Callable[[Image], Embedding] = self._matcher.embed
        try:
            if role == "chip":
                picture = make_chip(picture, self._matcher.find(picture), self._condition)
                work = self._matcher.embed_chip
            started_s = time.process_time()
            found = work(picture)
        except KioskError:
            return None
        self._seconds[role].append(time.process_time() - started_s)
        return found


@dataclass(frozen=True, eq=False)
class Cross:
    """Scores (live, chip), and whose photos they are of."""

    scores: Scores
    live: NDArray[np.str_]
    chip: NDArray[np.str_]

    def impostor(self) -> Scores:
        """Of two people."""
        return np.asarray(self.scores[self.live[:, None] != self.chip[None, :]], np.float64)

    def among(self, names: frozenset[str]) -> Cross:
        """Of these names only."""
        live, chip = (np.isin(whose, list(names)) for whose in (self.live, self.chip))
        return Cross(self.scores[np.ix_(live, chip)], self.live[live], self.chip[chip])

    def impostor_but(self, names: frozenset[str]) -> Scores:
        """Of two people who are not both of these names."""
        live, chip = (np.isin(whose, list(names)) for whose in (self.live, self.chip))
        both = live[:, None] & chip[None, :]
        return np.asarray(self.scores[(self.live[:, None] != self.chip[None, :]) & ~both], np.float64)


class Corrected:
    """A method's cosines, less what the two faces have in common with everybody else of the run (a symmetric shift).

    Which leaves the mean of strangers where it was, so that limits keep their meaning.
    """

    def __init__(self, method: Method) -> None:
        self.name = f"{method.name}, with a cohort"
        self._method = method
        self._found = {role: method.embeddings(role) for role in ("live", "chip")}
        self._sums: dict[tuple[str, str], tuple[NDArray[np.float64], int]] = {}
        for role, found in self._found.items():
            for (name, _), face in found.items():
                for key in ((role, name), (role, "")):  # of a person, and of all
                    total, count = self._sums.get(key, (np.zeros(128), 0))
                    self._sums[key] = total + face, count + 1

    def score(self, pair: Pair) -> float:
        plain = self._method.score(pair)
        if plain == NO_FACE:
            return plain
        strangers = {role: self._mean_without(role, {pair.a[0], pair.b[0]}) for role in ("live", "chip")}
        common = float(strangers["live"] @ strangers["chip"])
        live = float(self._found["live"][pair.a] @ strangers["chip"])
        chip = float(self._found["chip"][pair.b] @ strangers["live"])
        return plain - ((live - common) + (chip - common)) / 2

    def cross(self) -> Cross:
        """As `score`, but for the strangers: here the two people are among them, two of hundreds."""
        cross = self._method.cross()
        chips, lives = cross.scores.mean(axis=1, keepdims=True), cross.scores.mean(axis=0, keepdims=True)
        return Cross(cross.scores - (chips + lives) / 2 + cross.scores.mean(), cross.live, cross.chip)

    def without_face(self) -> tuple[str, ...]:
        return self._method.without_face()

    def milliseconds(self, role: str) -> float:
        return self._method.milliseconds(role)

    def _mean_without(self, role: str, names: set[str]) -> NDArray[np.float64]:
        total, count = self._sums[role, ""]
        for name in names:
            of_name, images = self._sums.get((role, name), (np.zeros(128), 0))
            total, count = total - of_name, count - images
        return np.asarray(total / max(count, 1))


def measure(
    method: Method | Corrected, pairs: list[Pair], limits: FaceSettings, beside: frozenset[str] = frozenset()
) -> Figures:
    """Score all pairs and sum up."""
    scores = np.array([method.score(pair) for pair in pairs])
    genuine_pair = np.array([pair.genuine for pair in pairs])
    genuine, impostor = scores[genuine_pair], scores[~genuine_pair]
    cross = method.cross()
    strangers, others, within = cross.impostor(), cross.impostor_but(beside), cross.among(beside)
    of_beside, limit = within.impostor(), limit_at(others, 1e-3)
    live_ms, chip_ms = method.milliseconds("live"), method.milliseconds("chip")
    return Figures(
        method=method.name,
        auc=area_under_curve(genuine, impostor),
        eer=equal_error_rate(genuine, impostor),
        tar_at_far_1e2=tar_at(genuine, impostor, 1e-2),
        tar_at_far_1e3=tar_at(genuine, impostor, 1e-3),
        pass_at=limits.pass_at,
        far_at_pass=accepted_at(impostor, limits.pass_at),
        tar_at_pass=accepted_at(genuine, limits.pass_at),
        review_at=limits.review_at,
        far_at_review=accepted_at(impostor, limits.review_at),
        tar_at_review=accepted_at(genuine, limits.review_at),
        cross=strangers.size,
        cross_tar_at_far_1e3=tar_at(genuine, strangers, 1e-3),
        cross_tar_at_far_1e4=tar_at(genuine, strangers, 1e-4),
        cross_limit_at_far_1e3=limit_at(strangers, 1e-3),
        cross_far_at_pass=accepted_at(strangers, limits.pass_at),
        beside=of_beside.size,
        beside_far_at_limit=None if limit is None else accepted_at(of_beside, limit),
        beside_between=None
        if limit is None or not of_beside.size
        else interval_over_people(within.scores >= limit, within.live, within.chip),
        beside_far_at_pass=accepted_at(of_beside, limits.pass_at),
        others_far_at_pass=accepted_at(others, limits.pass_at),
        no_face=int(np.sum(scores == NO_FACE)),
        photos_without_face=method.without_face(),
        live_ms=live_ms,
        chip_ms=chip_ms,
        comparison_ms=live_ms + chip_ms,
    )


def show(figures: list[Figures], title: str) -> None:
    table = Table(title=title)
    for column in ("", *(figure.method for figure in figures)):
        table.add_column(column, justify="left" if not column else "right")

    def percent(value: float | None) -> str:
        return "too few pairs" if value is None else f"{100 * value:.2f} %"

    def share(value: float | None) -> str:
        return "too few" if value is None else f"{value:.1e}"

    first = figures[0]
    rows: list[tuple[str, Callable[[Figures], str]]] = [
        ("AUC", lambda figure: "too few pairs" if figure.auc is None else f"{figure.auc:.5f}"),
        ("EER", lambda figure: percent(figure.eer)),
        ("TAR @ FAR 1e-2", lambda figure: percent(figure.tar_at_far_1e2)),
        ("TAR @ FAR 1e-3", lambda figure: percent(figure.tar_at_far_1e3)),
        (f"pass at {first.pass_at}: FAR", lambda figure: percent(figure.far_at_pass)),
        (f"pass at {first.pass_at}: TAR", lambda figure: percent(figure.tar_at_pass)),
        (f"review at {first.review_at}: FAR", lambda figure: percent(figure.far_at_review)),
        (f"review at {first.review_at}: TAR", lambda figure: percent(figure.tar_at_review)),
        (f"of {first.cross:,} of two people: TAR @ FAR 1e-3", lambda figure: percent(figure.cross_tar_at_far_1e3)),
        ("the same: TAR @ FAR 1e-4", lambda figure: percent(figure.cross_tar_at_far_1e4)),
        (f"the same: FAR at {first.pass_at}", lambda figure: share(figure.cross_far_at_pass)),
        (f"beside, {first.beside:,}: FAR where others have 1e-3", lambda figure: share(figure.beside_far_at_limit)),
        ("the same: 95 %", lambda figure: " to ".join(map(share, figure.beside_between or (None,)))),
        (
            f"beside, others: FAR at {first.pass_at}",
            lambda figure: f"{share(figure.beside_far_at_pass)}, {share(figure.others_far_at_pass)}",
        ),
        ("pairs without a face", lambda figure: str(figure.no_face)),
        ("live photo", lambda figure: f"{figure.live_ms:.1f} ms"),
        ("chip photo (once a student)", lambda figure: f"{figure.chip_ms:.1f} ms"),
        ("a comparison, all in all", lambda figure: f"{figure.comparison_ms:.1f} ms"),
    ]
    for label, value in rows:
        table.add_row(label, *(value(figure) for figure in figures))
    Console().print(table)


@click.command()
@click.option("--pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path), required=True)
@click.option("--images", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--chip", type=click.Choice(CONDITIONS), default="q40", show_default=True)
@click.option("--subset", default="", help="Only pairs of these names: a file with one a line, or names with commas between.")
@click.option("--half", type=click.Choice(["A", "B"]), help="People of one half only.")
@click.option("--beside", default="", help="Names, as --subset has them, whose false acceptances are told beside all others'.")
@click.option("--json", "to", is_flag=False, flag_value=STDOUT, metavar="[FILE]", help="Print JSON, or keep the figures.")
def main(pairs: Path, images: Path, chip: str, subset: str, half: str | None, beside: str, to: str | None) -> None:
    """Our method beside one plain SFace comparison."""
    try:
        wanted = read_pairs(pairs, read_names(subset) if subset else None)
        names = read_names(beside)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if half is not None:
        wanted = [pair for pair in wanted if half_of(pair.a[0]) == half_of(pair.b[0]) == half]
    with kept("face_accuracy", to, "kiosk/pipeline/face", quiet=True):
        _compare(pairs, images, chip, wanted, names, subset=bool(subset), as_json=to == STDOUT)


def _compare(
    pairs: Path, images: Path, chip: str, wanted: list[Pair], beside: frozenset[str], *, subset: bool, as_json: bool
) -> None:
    if not wanted:
        raise click.ClickException(f"no pairs{' of these names' if subset else ''} in {pairs}")
    missing = {photo for photo in _photos(wanted) if read_photo(images, photo) is None}
    chosen = [pair for pair in wanted if not {pair.a, pair.b} & missing]
    if not chosen:
        raise click.ClickException(f"no pair has both photos; the first is looked for at {photo_path(images, wanted[0].a)}")
    cv2.setNumThreads(1)
    files = weights.path(weights.YUNET), weights.path(weights.SFACE)
    methods = [
        Method("plain", FaceMatcher(*files, plain=True), images, chip),
        Method("ours", FaceMatcher(*files), images, chip),
    ]
    figures = [measure(method, chosen, FaceSettings(), beside) for method in methods]
    figures.append(measure(Corrected(methods[-1]), chosen, FaceSettings(), beside))
    genuine = sum(pair.genuine for pair in chosen)
    for one in figures:
        for name, value in asdict(one).items():
            if isinstance(value, float):
                note(f"{one.method}, chip {chip}: {name}", value, "ms" if name.endswith("_ms") else "")
    if as_json:
        report = {"chip": chip, "genuine": genuine, "impostor": len(chosen) - genuine}
        left_out = {"left_out": len(wanted) - len(chosen), "missing_photos": sorted(map(_name, missing))}
        click.echo(json.dumps({**report, **left_out, "methods": [asdict(figure) for figure in figures]}, indent=1))
        return
    show(figures, f"{genuine} genuine, {len(chosen) - genuine} impostor pairs, chip: {chip}")
    if without_face := sorted({name for figure in figures for name in figure.photos_without_face}):
        click.echo(f"no face: {_listed(without_face)}")
    if missing:
        lost = _listed(sorted(map(_name, missing)))
        click.echo(f"{len(wanted) - len(chosen)} pairs left out, no such photo, or none that can be read: {lost}")


def _photos(pairs: list[Pair]) -> set[Photo]:
    return {photo for pair in pairs for photo in (pair.a, pair.b)}


def _names(photos: Iterable[Photo]) -> NDArray[np.str_]:
    return np.array([name for name, _ in photos], np.str_)


def _listed(names: list[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _name(photo: Photo) -> str:
    return f"{photo[0]}_{photo[1]:04d}"


if __name__ == "__main__":
    main()
