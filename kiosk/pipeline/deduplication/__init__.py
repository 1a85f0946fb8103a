"""1:N over everything: who of many was captured twice under two names. Pure: partitions in, suspected pairs out.

Whether two subjects are suspected depends on the two and on the limits alone, never on who else is there or on how the work was
cut: that is why every engine (`kiosk.district`) gives the same answer.
"""

from kiosk.pipeline.deduplication.comparison import compare_shelves
from kiosk.pipeline.deduplication.limits import Limits, limits_for
from kiosk.pipeline.deduplication.shelf import Shelf, prepare
from kiosk.pipeline.deduplication.subject import Modality, Press, Subject, Suspect, merged

__all__ = ["Limits", "Modality", "Press", "Shelf", "Subject", "Suspect", "compare_shelves", "limits_for", "merged", "prepare"]
