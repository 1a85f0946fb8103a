from __future__ import annotations

import contextlib
import http.client
import json
import threading
import time
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from urllib.parse import urlsplit

import cv2
import numpy as np
from flask import Flask
from flask.testing import FlaskClient

from kiosk.web import Server
from kiosk.web.app import WAITING_PLACES
from kiosk.web.context import Context
from tests.web import script
from tests.web.drawings import face_drawing
from tests.web.scripted import ScriptedStation


def fetch(server: Server, address: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", urlsplit(server.url).port, timeout=30)
    connection.request("GET", address)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, dict(answer.getheaders()), body


def test_the_state_comes_at_once_when_there_is_news(client: FlaskClient, station: ScriptedStation) -> None:
    number = station.show(script.right_thumb()).number
    state = client.get(f"/state?after={number - 1}").get_json()
    assert state["number"] == number
    assert (state["instruction"], state["cue"]) == ("请按右手拇指", "press")
    assert [step["name"] for step in state["steps"]] == ["身份证", "人脸", "右手拇指", "左手拇指", "核对"]


def test_a_screen_that_has_seen_everything_waits_for_the_next_snapshot(server: Server, station: ScriptedStation) -> None:
    number = station.show(script.waiting()).number
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(fetch, server, f"/state?after={number}")
        assert not wait([waiting], timeout=0.2).done  # an answer that does not wait would be here by now
        station.show(script.face())
        state = json.loads(waiting.result(5)[2])
    assert state["number"] == number + 1
    assert state["step"] == "face"


def test_the_whole_number_is_shown_only_while_somebody_compares_it(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.right_thumb())
    assert script.CARD.id_number not in client.get("/state").text
    station.show(script.confirm())
    assert script.CARD.id_number in client.get("/state").text


def test_a_name_that_differs_from_the_roster_stands_out(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.differing_names())
    columns = client.get("/state").get_json()["columns"]
    name = {row["field"]: row for row in columns["card"]}["name"]
    assert (name["value"], name["same"], name["variant"]) == ("李曉晨", False, True)
    assert {row["field"]: row["same"] for row in columns["roster"]}["id_number"] is True


def test_the_student_sees_part_of_the_name_until_the_data_are_to_be_checked(
    client: FlaskClient, station: ScriptedStation
) -> None:
    for snapshot in (script.face(), script.right_thumb(), script.decision(), script.saved()):
        station.show(snapshot)
        answer = client.get("/state?screen=student")
        assert answer.get_json()["name"] == "李＊晨"
        assert all(secret not in answer.text for secret in ("李晓晨", "6328", "昆仑", "2010", "相似度", "/picture/"))
    station.show(script.confirm())
    data = {row["field"]: row["value"] for row in client.get("/state?screen=student").get_json()["data"]}
    assert data["name"] == "李晓晨"
    assert data["id_number"] == "4426"  # the queue reads along; dots stand for the rest


def test_the_score_is_shown_against_its_limit(client: FlaskClient, station: ScriptedStation) -> None:
    station.show(script.right_thumb())
    face = client.get("/state").get_json()["steps"][1]
    (score,) = face["scores"]
    assert (score["name"], score["value"], score["limit"], score["met"]) == ("相似度", "0.62", "≥ 0.40", True)
    assert score["likeness"]
    measures = {measure["standard"]: measure for measure in face["measures"]}
    assert measures["HeadPosePitch"]["value"] == "17.6°"
    assert measures["HeadPosePitch"]["limit"] == "±15°"
    station.show(script.decision())
    score = client.get("/state").get_json()["steps"][1]["scores"][0]
    assert (score["value"], score["limit"], score["met"]) == ("0.29", "< 0.40", False)


def test_a_picture_that_is_gone_is_not_found(client: FlaskClient) -> None:
    assert client.get("/picture/chip").mimetype == "image/png"
    assert client.get("/picture/yesterday").status_code == 404


def test_no_camera_means_no_picture_soon(client: FlaskClient) -> None:
    assert client.get("/frame?after=0").status_code == 204


def test_one_frame_is_encoded_once_for_all_screens(app: Flask, server: Server, station: ScriptedStation) -> None:
    context = app.extensions["kiosk"]
    assert isinstance(context, Context)
    with ThreadPoolExecutor(6) as pool:
        waiting = [pool.submit(fetch, server, "/frame?after=0") for _ in range(6)]
        station.film(face_drawing(640, 360))
        answers = [job.result(10) for job in waiting]
    assert {headers["X-Frame"] for _, headers, _ in answers} == {"1"}
    assert len({body for _, _, body in answers}) == 1
    assert context.encoder.encoded == 1
    picture = cv2.imdecode(np.frombuffer(answers[0][2], np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (360, 640, 3)


def test_a_wide_picture_is_made_narrower_for_the_screens(client: FlaskClient, station: ScriptedStation) -> None:
    station.film(face_drawing(1280, 720))
    picture = cv2.imdecode(np.frombuffer(client.get("/frame?after=0").data, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (450, 800, 3)
    frame = station.preview(0, 1.0)
    assert frame is not None
    assert frame.pixels.shape == (720, 1280, 3)  # what photos are made of


def test_a_slow_screen_gets_the_newest_frame(client: FlaskClient, station: ScriptedStation) -> None:
    station.film(face_drawing(320, 180))
    assert client.get("/frame?after=0").headers["X-Frame"] == "1"
    for _ in range(30):
        station.film(face_drawing(320, 180))
    assert client.get("/frame?after=1").headers["X-Frame"] == "31"


def test_many_waiting_screens_never_starve_a_command(server: Server, station: ScriptedStation) -> None:
    number = station.snapshot().number
    ready = threading.Barrier(2 * WAITING_PLACES + 1)

    def screen() -> tuple[int, dict[str, str], bytes]:
        ready.wait()
        return fetch(server, f"/state?after={number}")

    with ThreadPoolExecutor(2 * WAITING_PLACES) as pool:
        screens = [pool.submit(screen) for _ in range(2 * WAITING_PLACES)]
        ready.wait()
        assert fetch(server, "/operator")[0] == 200
        wait(screens, 20, FIRST_COMPLETED)  # one that found no place
        station.show(script.face())
        states = [json.loads(job.result(20)[2]) for job in screens]
    # Who found no place was answered at once with what there was, and told to come back.
    assert {state["number"] for state in states if not state["crowded"]} == {number + 1}
    assert any(state["crowded"] for state in states)


def test_a_closing_server_does_not_wait_for_its_screens(server: Server, station: ScriptedStation) -> None:
    number = station.snapshot().number
    with ThreadPoolExecutor() as pool:
        for _ in range(4):
            pool.submit(lambda: _try(server, f"/state?after={number}"))
        fetch(server, "/operator")
        started = time.monotonic()
        server.stop()
        assert time.monotonic() - started < 4


def _try(server: Server, address: str) -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):  # the server goes: that is the point
        fetch(server, address)
