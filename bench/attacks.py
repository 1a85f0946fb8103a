"""The proof of life against attacks and living people: error rates in the terms of ISO/IEC 30107-3, on rendered scenes.

    python -m bench.attacks [--part reported|development] [--people N] [--only KIND] [--passive MODULE:FACTORY] [--json [FILE]]

A presentation is one attempt: somebody sits down or holds something up, the shutter fires or doesn't, and what is asked then is
answered or not, as with `kiosk.seeing.framer`. Each of a part's people is presented with each challenge first, by a hand and on
paper or a screen of its own. APCER is, for each kind of instrument, the share of its presentations that are taken for a living
person; BPCER the share of living people's that are not. APNRR and BPNRR are the shares of which no picture was taken: that is
no error by the standard, and counted in neither. `three attempts`: of the people, how many would be let in by one of so many
attempts, none of which asks for the same first. Intervals are of 95 % and take presentations for independent, which the four
of one person are not. `--passive`: a vendor's check is asked, too, as the station asks it.

What is chosen (limits, which challenges) is chosen on the development part; the reported part has other people and other seeds.
All of it is computer graphics. A rate here says what a check does by its design; what it is worth against real paper, real
screens and people who try, only tests with these can say.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import comb
from typing import Final

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.figures import STDOUT, kept, note
from bench.rates import interval
from drivers_sim.camera.attacks import PRESENTED, Attack, Moment, attack
from drivers_sim.camera.scene import SIT_S, Act, compose
from drivers_sim.people import FACES
from kiosk.config import FaceSettings
from kiosk.pipeline.face import Challenge, FaceAnalyser, Outcome, ProofOfLife, Shot, Shutter
from kiosk.records import Frame, Image, Verdict
from kiosk.station.passive import PassiveGuard

Scene = Callable[[Moment], Image]

FPS: Final = 12
_LOOK_S: Final = 4.0  # for the shutter to fire
_REACTS_S: Final = (0.4, 1.1)  # whoever is asked, whether to answer or to find the recording
_LENGTH_S: Final = {Act.BLINK: 0.6, Act.TURN_LEFT: 2.0, Act.TURN_RIGHT: 2.0, Act.OPEN_MOUTH: 1.3}
_JPEG_QUALITY: Final = 85
_ATTEMPTS: Final = FaceSettings().attempts
_ANSWER_FRAMES: Final = 16  # four a second, as the station keeps them for a passive check
_LIVING: Final = "living people"
# What is measured: what looks, shoots and challenges, and what is shown; not how faces are compared, nor how photos are cut.
_LOOKING: Final = ("framing", "geometry", "guide", "liveness", "measures", "mesh", "qualities", "shutter")
_ROOMS: Final = (*(f"kiosk/pipeline/face/{name}.py" for name in _LOOKING), "drivers_sim/camera")
# Everybody of one part, and which seeds their presentations have.
PARTS: Final = {"development": (FACES[0::2], 1000), "reported": (FACES[1::2], 2000)}


@dataclass(frozen=True)
class Presented:
    """One presentation. `shot`: whether a picture was taken at all; `why`: how it ended, in the station's words."""

    face: int
    challenge: Challenge
    shot: bool
    accepted: bool
    why: str
    answered_s: float = 0.0  # from the shot to the end of the challenge
    turn_s: float = 0.0  # of it, what the turn took that followed something else; 0 where none did


def living(face: int, seed: int) -> Scene:
    """Somebody who sits there and does what is asked: nearer or farther, in more or less light."""
    chance = np.random.default_rng(seed)
    near, lean, light = (float(chance.uniform(*range_)) for range_ in ((0.93, 1.05), (-2, 2), (0.85, 1.08)))
    warp = cv2.getRotationMatrix2D((640.0, 360.0), lean, near)

    def look(moment: Moment) -> Image:
        share = moment.at_s / SIT_S % 1 if moment.act is Act.SIT else moment.share
        picture = compose(face, moment.act, share, moment.number)
        moved = cv2.warpAffine(picture, warp, (1280, 720), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(cv2.convertScaleAbs(moved, alpha=light), np.uint8)

    return look


def presented(kind: Attack, face: int, seed: int) -> Scene:
    """An instrument in somebody's hand: of the face, by the one of the same sex who is least like it."""
    return lambda moment: attack(kind, face, FACES[face].unlike, moment, seed)


class Attempt:
    """One presentation before the station: until the shutter fires, and then until what is asked is answered."""

    def __init__(self, analyser: FaceAnalyser, scene: Scene, first: Challenge, seed: int) -> None:
        self._analyser, self._scene, self._first = analyser, scene, first
        self._chance = np.random.default_rng((seed, 1))
        self._settings = FaceSettings()
        self._shutter = Shutter(self._settings.hold_s)
        self.shot: Shot | None = None
        self.asked_s: list[float] = []  # when each act was asked for, and when it was over
        self.answered: deque[Frame] = deque(maxlen=_ANSWER_FRAMES)

    def outcome(self) -> Outcome | None:
        """None where no picture was taken."""
        self._analyser.reset()
        proof: ProofOfLife | None = None
        asked_s, asked, reacts_s = 0.0, self._first, 0.0
        for number in range(round((_LOOK_S + 3 * self._settings.liveness_s) * FPS)):
            at_s = number / FPS
            share = (at_s - asked_s - reacts_s) / _LENGTH_S[Act(asked)]
            acts = proof is not None and 0 <= share < 1
            frame = Frame(
                _sent(self._scene(Moment(at_s, number, Act(asked), share) if acts else Moment(at_s, number))), number + 1, at_s
            )
            look = self._analyser.analyse(frame)
            if proof is None:
                self.shot = self._shutter.consider(frame, look)
                if self.shot is not None:
                    proof = ProofOfLife(self._first, lambda turns: turns[int(self._chance.integers(len(turns)))], at_s)
                elif at_s > _LOOK_S:
                    return None
            else:
                if number % round(FPS / 4) == 0:
                    self.answered.append(frame)
                if outcome := proof.consider(look, at_s):
                    self.asked_s.append(at_s)
                    return outcome
            if proof is not None and (not reacts_s or proof.challenge is not asked):
                asked_s, asked, reacts_s = at_s, proof.challenge, float(self._chance.uniform(*_REACTS_S))
                self.asked_s.append(at_s)
        raise AssertionError("the time for the answer was not kept")


def _sent(picture: Image) -> Image:
    """As it comes out of a camera's stream."""
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


def presentations(
    analyser: FaceAnalyser, kind: str, part: str, people: int, passive: PassiveGuard | None
) -> Iterator[Presented]:
    """One kind, by each of so many people of a part, asked for each challenge first."""
    faces, first_seed = PARTS[part]
    for info in faces[:people]:
        for number, challenge in enumerate(Challenge):
            seed = first_seed + len(Challenge) * info.number + number
            scene = living(info.number, seed) if kind == _LIVING else presented(Attack(kind), info.number, seed)
            attempt = Attempt(analyser, scene, challenge, seed)
            outcome = attempt.outcome()
            if passive is not None and outcome is not None and outcome.verdict is Verdict.PASS and attempt.shot is not None:
                frames = (attempt.shot.best, *attempt.shot.others, *attempt.answered)
                outcome = passive.answer(passive.ask(sorted(frames, key=lambda frame: frame.at_s))).outcome
            passed = outcome is not None and outcome.verdict is Verdict.PASS
            why = outcome.problem.code.rpartition(".")[2] if outcome is not None and outcome.problem else ""
            over_s = attempt.asked_s[-1] - attempt.asked_s[0] if outcome is not None else 0.0
            turn_s = attempt.asked_s[-1] - attempt.asked_s[1] if len(attempt.asked_s) > 2 else 0.0
            yield Presented(info.number, challenge, outcome is not None, passed, why, over_s, turn_s)


def within_attempts(several: list[Presented]) -> float:
    """The share of people of whom one of the attempts is accepted, each of which asks for something else."""
    found = []
    for face in {one.face for one in several}:
        refused = sum(not one.accepted for one in several if one.face == face)
        found.append(1 - comb(refused, _ATTEMPTS) / comb(len(Challenge), _ATTEMPTS))
    return float(np.mean(found))


@click.command()
@click.option("--part", type=click.Choice(list(PARTS)), default="reported", show_default=True)
@click.option("--people", type=click.IntRange(1, len(FACES) // 2), default=len(FACES) // 2, show_default=True)
@click.option("--only", type=click.Choice([_LIVING, *PRESENTED]), multiple=True, help="These kinds; several times.")
@click.option("--passive", default="", metavar="MODULE:FACTORY", help="A vendor's check, as of face.passive_check.")
@click.option("--json", "to", is_flag=False, flag_value=STDOUT, metavar="[FILE]", help="Keep the figures as JSON.")
def main(part: str, people: int, only: tuple[str, ...], passive: str, to: str | None) -> None:
    """Print the table."""
    cv2.setNumThreads(1)
    analyser = FaceAnalyser(FaceSettings())
    guard = PassiveGuard(passive, FaceSettings().passive_s) if passive else None
    with kept("attacks", to, *_ROOMS):
        table = Table(title=f"{part} part, {people} people, {len(Challenge)} challenges each")
        for column in ("", "presented", "no shot", "accepted", "95 %", "of them by", "three attempts", "refused because"):
            table.add_column(column, justify="left" if column in {"", "refused because", "of them by"} else "right")
        for kind in only or (_LIVING, *PRESENTED):
            _add(table, kind, list(presentations(analyser, str(kind), part, people, guard)))
        Console(width=160).print(table)
    if guard is not None:
        guard.close()


def _add(table: Table, kind: str, several: list[Presented]) -> None:
    """A kind's row, and its figures."""
    count, is_living = len(several), kind == _LIVING
    nothing, accepted = sum(not one.shot for one in several), sum(one.accepted for one in several)
    wrong = count - nothing - accepted if is_living else accepted
    between = "{:.1f} to {:.1f} %".format(*(100 * share for share in interval(wrong, count)))
    note(f"{kind}: {'BPCER' if is_living else 'APCER'}", 100 * wrong / count, "%", f"{wrong} of {count}; 95 %: {between}")
    note(f"{kind}: {'BPNRR' if is_living else 'APNRR'}", 100 * nothing / count, "%", f"{nothing} of {count}")
    attempts = ""
    if is_living:
        for name, seconds in _lengths(several).items():
            note(f"{kind}: {name}", float(np.median(seconds)), "s", f"median of {len(seconds)}, at most {max(seconds):.1f}")
    else:
        note(f"{kind}: let in within {_ATTEMPTS} attempts", 100 * within_attempts(several), "%", "of the people")
        attempts = f"{within_attempts(several):.0%}"
    by = _counted(str(one.challenge) for one in several if one.accepted)
    why = _counted(one.why for one in several if one.shot and not one.accepted)
    table.add_row(kind, str(count), str(nothing), str(accepted), between, by, attempts, why)


def _lengths(several: list[Presented]) -> dict[str, list[float]]:
    """What being asked costs whoever answers, in the scenes' own time."""
    accepted = [one for one in several if one.accepted]
    found = {
        "from the shot to the end, a turn alone": [one.answered_s for one in accepted if not one.turn_s],
        "from the shot to the end, something else and a turn": [one.answered_s for one in accepted if one.turn_s],
        "of it the turn": [one.turn_s for one in accepted if one.turn_s],
    }
    return {name: seconds for name, seconds in found.items() if seconds}


def _counted(words: Iterator[str]) -> str:
    return ", ".join(f"{word} {count}" for word, count in Counter(words).most_common())


if __name__ == "__main__":
    main()
