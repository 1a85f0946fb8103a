"""`kiosk rehearse --exam`: an exam day at several doors that know nothing of each other, held against what was planted.

Packages, seals, registers, the doors' rules and both matchers are the real ones. The people are made of numbers. What cameras
and scanners do is `kiosk rehearse`'s business.
"""

from kiosk.exam_rehearsal.body import Body
from kiosk.exam_rehearsal.day import rehearse_exam
from kiosk.exam_rehearsal.plants import ExamDayReport, Plant

__all__ = ["Body", "ExamDayReport", "Plant", "rehearse_exam"]
