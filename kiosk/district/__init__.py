"""Searching everybody for duplicates: on one core, on all cores of a machine, on many machines; the answer is the same."""

from kiosk.district.partitions import Partition, partitioned
from kiosk.district.processes import ProcessesEngine
from kiosk.district.search import Engine, find_among, find_duplicates
from kiosk.district.serial import SerialEngine

__all__ = ["Engine", "Partition", "ProcessesEngine", "SerialEngine", "find_among", "find_duplicates", "partitioned"]
