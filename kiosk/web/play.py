"""Playing the student, where the devices are simulated."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from kiosk.errors import KioskError
from kiosk.records import DeviceKind, FingerPosition
from kiosk.simulation import Scene, SimulatedPerson, Simulator
from kiosk.web.asking import flag
from kiosk.web.context import context, language
from kiosk.words import say

views = Blueprint("play", __name__, url_prefix="/play")


@views.get("")
def page() -> ResponseReturnValue:
    return render_template("play.html")


@views.get("/people")
def people() -> ResponseReturnValue:
    """Who can be played, what can be before the camera, and which devices are plugged in."""
    simulator, tongue = _simulator(), language()
    found = [
        {
            "number": person.number,
            "name": person.student.name,
            "intent": person.intent,
            "intentWords": say(tongue, f"intent.{person.intent}"),
        }
        for person in simulator.people
    ]
    scenes = [{"scene": scene, "words": say(tongue, f"scene.{scene}")} for scene in Scene]
    return jsonify(
        people=found, scenes=scenes, scene=simulator.scene, plugged={kind: simulator.plugged(kind) for kind in DeviceKind}
    )


@views.get("/people/<int:number>.jpg")
def portrait(number: int) -> ResponseReturnValue:
    return Response(_person(number).picture(), mimetype="image/jpeg")


@views.post("/lay/<int:number>")
def lay_card(number: int) -> ResponseReturnValue:
    _simulator().lay_card(_person(number).number)
    return _done()


@views.post("/take")
def take_card() -> ResponseReturnValue:
    _simulator().take_card()
    return _done()


@views.post("/sit/<int:number>")
def sit_down(number: int) -> ResponseReturnValue:
    _simulator().sit_down(_person(number).number)
    return _done()


@views.post("/stand")
def stand_up() -> ResponseReturnValue:
    _simulator().stand_up()
    return _done()


@views.post("/scene/<scene>")
def set_scene(scene: str) -> ResponseReturnValue:
    """What is before the camera: a person who does what is asked, or something else."""
    if scene not in set(Scene):
        return Response(status=404)
    _simulator().set_scene(Scene(scene))
    return _done()


@views.post("/press/<int:number>/<finger>")
def press(number: int, finger: str) -> ResponseReturnValue:
    """Lay a finger (`right_thumb`, `left_index`, …) on the scanner; it lies there until `lift`."""
    positions = {position.name.lower(): position for position in FingerPosition}
    if finger not in positions:
        return Response(status=404)
    _simulator().press(_person(number).number, positions[finger])
    return _done()


@views.post("/lift")
def lift() -> ResponseReturnValue:
    _simulator().lift()
    return _done()


@views.post("/plug/<kind>")
def plug(kind: str) -> ResponseReturnValue:
    """Put a device's plug in or pull it: JSON with `in`."""
    if kind not in set(DeviceKind):
        return Response(status=404)
    simulator = _simulator()
    if flag("in"):
        simulator.plug(DeviceKind(kind))
    else:
        simulator.unplug(DeviceKind(kind))
    return _done()


def _simulator() -> Simulator:
    simulator = context().simulator
    assert simulator is not None  # these views are registered with one only
    return simulator


def _person(number: int) -> SimulatedPerson:
    for person in _simulator().people:
        if person.number == number:
            return person
    raise KioskError("web.person_unknown", number=number)


def _done() -> ResponseReturnValue:
    return Response(status=204)
