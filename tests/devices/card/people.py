"""Synthetic cards for the tests. The numbers carry right check digits; nobody has them."""

from datetime import date

import numpy as np

from drivers_sim.card import payload, photo

TODAY = date(2026, 11, 22)

RESIDENT = {
    "name": "张三",
    "sex": "1",
    "ethnicity": "01",
    "birth": "19900101",
    "address": "北京市东城区测试路1号",
    "number": "110101199001011237",
    "authority": "北京市公安局东城分局",
    "valid_from": "20200101",
    "valid_until": "长期",
}
OTHER = RESIDENT | {"name": "李四", "sex": "2", "ethnicity": "03", "birth": "20080229", "number": "630103200802290029"}
HMT = {
    "name": "陈大文",
    "sex": "1",
    "birth": "19991231",
    "address": "广东省深圳市测试路2号",
    "number": "810000199912310012",
    "authority": "深圳市公安局",
    "valid_from": "20240101",
    "valid_until": "20290101",
    "permit_number": "H12345678",
    "issue_count": "01",
    "kind": "J",
}
FOREIGNER_2017 = {
    "english_name": "SMITH, JOHN",
    "sex": "1",
    "number": "CAN110081080310",
    "nationality": "CAN",
    "name": "史密斯",
    "valid_from": "20170616",
    "valid_until": "20270615",
    "birth": "19810803",
    "version": "01",
    "authority": "1500",
    "kind": "I",
}
FOREIGNER_2023 = {
    "name": "李安娜",
    "sex": "2",
    "issue_count": "01",
    "birth": "19810803",
    "english_name": "LI, ANNA VERYLONG NAME OF A PERSON ",
    "english_name_rest": "WITH A TAIL",
    "number": "911124198108030024",
    "valid_from": "20231201",
    "valid_until": "20331130",
    "nationality": "CAN",
    "kind": "Y",
    "former_link": "001",
}


def portrait(seed: int = 0) -> np.ndarray:
    """A smooth picture that is neither symmetric nor grey."""
    coarse = np.random.default_rng(seed).integers(0, 255, (7, 6, 3))
    return np.kron(coarse, np.ones((18, 17, 1))).astype(np.uint8)


def resident_payload(**changes: str) -> bytes:
    return payload.payload(payload.text_block(**(RESIDENT | changes)), photo.encode(portrait()))


def other_payload() -> bytes:
    return payload.payload(payload.text_block(**OTHER), photo.encode(portrait(1)))
