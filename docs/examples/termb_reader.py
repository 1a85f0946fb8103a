"""A worked example: ID-card readers whose kit is a `termb` library (华视 CVR-100 and its kin), for `[card] source`.

Function names as public sample programs of such kits have them; never tried on a real reader. Adapt it to your kit's manual. It
runs in a process of its own, so it may use ctypes as it likes; and in a 32-bit Python where `[card] kit` names one.
"""

import ctypes
import os
import sys
from pathlib import Path

LIBRARY = os.environ.get("TERMB_LIBRARY", "C:/reader/termb.dll" if sys.platform == "win32" else "/opt/reader/libtermb.so")
PORTS = (*range(1001, 1017), *range(1, 17))  # USB first, then COM1 to COM16
FIELDS = {
    "name": "GetPeopleName",
    "sex": "GetPeopleSex",
    "ethnicity": "GetPeopleNation",
    "birth": "GetPeopleBirthday",
    "address": "GetPeopleAddress",
    "number": "GetPeopleIDCode",
    "authority": "GetDepartment",
    "valid_from": "GetStartDate",
    "valid_until": "GetEndDate",
}


class TermbReader:
    """What the station calls, one call at a time."""

    def __init__(self):
        folder = Path(LIBRARY).parent
        if sys.platform == "win32":
            os.add_dll_directory(str(folder))
        os.chdir(folder)  # licence files lie beside the library, and it writes its pictures there
        loader = ctypes.WinDLL if sys.platform == "win32" else ctypes.CDLL
        self._kit = loader(LIBRARY)
        self._picture = folder / "zp.bmp"

    def open(self):
        """Find the reader; returns its name for the operator. An exception means that there is none: it is asked again."""
        port = next((port for port in PORTS if self._kit.CVR_InitComm(port) == 1), None)
        if port is None:
            raise OSError("no reader on any port")
        return "termb · USB" if port > 1000 else f"termb · COM{port}"

    def find(self):
        """Whether a card has come, or lies there: either will do, the station knows a card again."""
        return self._kit.CVR_Authenticate() == 1

    def read(self):
        """The card that was found: texts, or bytes as the kit gives them (GBK or UTF-8), and the photo's file."""
        self._picture.unlink(missing_ok=True)
        if self._kit.CVR_Read_Content(4) != 1:
            raise OSError("the card could not be read")
        card = {name: self._text(function) for name, function in FIELDS.items()}
        if self._picture.is_file():
            card["photo"] = self._picture.read_bytes()
            self._picture.unlink()  # nothing of a student stays on the disk
        return card

    def close(self):
        """The station ends, or asks for a fresh start."""
        self._kit.CVR_CloseComm()

    def _text(self, function):
        room, size = ctypes.create_string_buffer(512), ctypes.c_int(512)
        getattr(self._kit, function)(room, ctypes.byref(size))
        return room.value


def make():
    return TermbReader()
