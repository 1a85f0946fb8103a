"""Instruction and confirmation codes of the EF01 protocol (ZFM-20 manual v2.0 §5, R503 manual v1.2 §5.3)."""

from __future__ import annotations

from enum import IntEnum


class Instruction(IntEnum):
    GEN_IMG = 0x01
    IMG_2_TZ = 0x02
    MATCH = 0x03
    SEARCH = 0x04
    REG_MODEL = 0x05
    STORE = 0x06
    LOAD_CHAR = 0x07
    UP_CHAR = 0x08
    DOWN_CHAR = 0x09
    UP_IMAGE = 0x0A
    DOWN_IMAGE = 0x0B
    DELETE_CHAR = 0x0C
    EMPTY = 0x0D
    SET_SYS_PARA = 0x0E
    READ_SYS_PARA = 0x0F
    ENROLL = 0x10  # AS608: capture, extract and store in the first free page
    IDENTIFY = 0x11  # AS608: capture, extract and search
    SET_PASSWORD = 0x12
    VERIFY_PASSWORD = 0x13
    RANDOM = 0x14
    SET_ADDRESS = 0x15
    READ_INFO_PAGE = 0x16
    PORT_CONTROL = 0x17
    WRITE_NOTEPAD = 0x18
    READ_NOTEPAD = 0x19
    BURN_CODE = 0x1A  # AS608: a new program
    HIGH_SPEED_SEARCH = 0x1B
    GEN_BIN_IMAGE = 0x1C  # AS608: make the held picture black and white
    TEMPLATE_COUNT = 0x1D
    USER_GPIO = 0x1E  # AS608: set an output
    READ_INDEX_TABLE = 0x1F
    GEN_IMG_EXTENDED = 0x28  # R503: GetImageEx
    CANCEL = 0x30
    AURA_LED = 0x35  # HandShake on some modules that are no R503
    CHECK_SENSOR = 0x36
    ALGORITHM_VERSION = 0x39
    FIRMWARE_VERSION = 0x3A
    PRODUCT_INFO = 0x3C
    SOFT_RESET = 0x3D
    HANDSHAKE_R503 = 0x40
    LED_ON = 0x50
    LED_OFF = 0x51
    GEN_IMG_UNLIT = 0x52
    HANDSHAKE_ZFM = 0x53


class Confirmation(IntEnum):
    OK = 0x00
    PACKET_ERROR = 0x01
    NO_FINGER = 0x02
    CAPTURE_FAILED = 0x03
    TOO_DRY = 0x04
    TOO_WET = 0x05
    TOO_MESSY = 0x06
    TOO_FEW_POINTS = 0x07
    NO_MATCH = 0x08
    NOT_FOUND = 0x09
    MERGE_FAILED = 0x0A
    PAGE_OUT_OF_RANGE = 0x0B
    TEMPLATE_READ = 0x0C
    TEMPLATE_UPLOAD = 0x0D
    CANNOT_RECEIVE = 0x0E
    IMAGE_UPLOAD = 0x0F
    DELETE_FAILED = 0x10
    CLEAR_FAILED = 0x11
    WRONG_PASSWORD = 0x13
    NO_IMAGE = 0x15
    FLASH = 0x18
    BAD_REGISTER = 0x1A
    BAD_SETTING = 0x1B
    BAD_NOTEPAD_PAGE = 0x1C
    PORT_FAILED = 0x1D
    LIBRARY_FULL = 0x1F
    BAD_ADDRESS = 0x20
    PASSWORD_WANTED = 0x21
    TEMPLATE_EMPTY = 0x22
    LIBRARY_EMPTY = 0x24
    TIMEOUT = 0x26
    ALREADY_STORED = 0x27
    SENSOR_HARDWARE = 0x29
    HANDSHAKE_ZFM_OK = 0x55
    UNSUPPORTED = 0xFC
    HARDWARE_FAILED = 0xFD
    EXECUTION_FAILED = 0xFE


class Parameter(IntEnum):
    """What SetSysPara sets."""

    BAUD = 4  # in units of 9600, 1–12
    SECURITY = 5  # 1–5
    PACKET_SIZE = 6  # 0–3: 32, 64, 128, 256 bytes


BAUD_UNIT = 9600
FASTEST_BAUD = 115_200
PACKET_SIZES = (32, 64, 128, 256)
