"""入场核验: a candidate at the door of an exam room."""

from kiosk.checkin.desk import DOOR_PHOTO, Desk, DoorSnapshot
from kiosk.checkin.door import Door
from kiosk.checkin.neighbours import Neighbour, Neighbours
from kiosk.checkin.register import Register
from kiosk.checkin.roll import Roll
from kiosk.checkin.shelf import ExamPlan, Shelf, Shelved, plan_lines
from kiosk.checkin.state import (
    Looking,
    Order,
    Policy,
    Post,
    Pressing,
    Searching,
    Seated,
    State,
    Suspected,
    Turned,
    Unsaved,
    Waiting,
    Watched,
)

__all__ = [
    "DOOR_PHOTO",
    "Desk",
    "Door",
    "DoorSnapshot",
    "ExamPlan",
    "Looking",
    "Neighbour",
    "Neighbours",
    "Order",
    "Policy",
    "Post",
    "Pressing",
    "Register",
    "Roll",
    "Searching",
    "Seated",
    "Shelf",
    "Shelved",
    "State",
    "Suspected",
    "Turned",
    "Unsaved",
    "Waiting",
    "Watched",
    "plan_lines",
]
