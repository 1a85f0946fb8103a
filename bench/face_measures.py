"""Every measure of a photo against a good picture and one with the fault that it is for.

`python -m bench.face_measures [--pictures DIR]`
"""

from __future__ import annotations

from pathlib import Path

import click
import cv2
from rich.console import Console
from rich.table import Table

from bench.faults import ADVICE, FAULTS, SPEC, good_photo
from kiosk.config import FaceSettings
from kiosk.pipeline.face.assessment import NOT_EVALUATED, Assessor
from kiosk.records import Measure, Verdict


@click.command()
@click.option("--pictures", type=click.Path(file_okay=False, path_type=Path), help="Keep the pictures here.")
def main(pictures: Path | None) -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    assessor = Assessor(FaceSettings(), SPEC)
    good = good_photo(assessor)
    fine = {quality.measure.name: quality for quality in assessor.assess(good).qualities}
    table = Table("measure", "limits", "good", "0–100", "bad", "0–100", "noticed", title="good and bad, both ways")
    for name, fault in {**FAULTS, **ADVICE}.items():
        photo = fault(good, assessor)
        bad = {quality.measure.name: quality for quality in assessor.assess(photo).qualities}[name]
        measure = fine[name].measure
        limits = " … ".join("" if limit is None else f"{limit:.3g}" for limit in (measure.low, measure.high))
        cells = (f"{measure.value:.3g}", f"{fine[name].score:.0f}", f"{bad.measure.value:.3g}", f"{bad.score:.0f}")
        table.add_row(name, limits, *cells, _noticed(measure, bad.measure))
        if pictures:
            pictures.mkdir(parents=True, exist_ok=True)
            (pictures / f"{name}.jpg").write_bytes(cv2.imencode(".jpg", photo)[1].tobytes())
    for name in NOT_EVALUATED:
        table.add_row(name, "", "", "", "", "", "not evaluated")
    Console(width=120).print(table)


def _noticed(good: Measure, bad: Measure) -> str:
    if good.hint or not bad.hint:
        return "NO"
    return "advice" if bad.verdict is Verdict.PASS else "yes"


if __name__ == "__main__":
    main()
