"""Twins are declared, with a reason, and the declaration can be taken back."""

from __future__ import annotations

import pytest

from kiosk.errors import StoreError
from kiosk.store import Store
from tests.store.conftest import student

ANNA, BELLA, CARLA = (student(number).id_number for number in (1, 2, 3))


def test_twins_are_declared_once_and_for_both(store: Store) -> None:
    for _ in range(2):
        store.lookalikes.declare((ANNA, BELLA), reason="双胞胎，已核对户口簿", by="王主任")
    assert store.lookalikes.of(ANNA) == store.lookalikes.of(BELLA) == {ANNA, BELLA}
    assert store.lookalikes.of(CARLA) == {CARLA}
    (declaration,) = store.lookalikes.declarations()
    assert (declaration.id_numbers, declaration.by) == (tuple(sorted((ANNA, BELLA))), "王主任")
    (entry,) = [entry for entry in store.audit.entries() if entry.action == "lookalikes.declare"]
    assert (entry.actor, entry.detail["reason"]) == ("王主任", "双胞胎，已核对户口簿")
    assert ANNA not in entry.subject


def test_who_looks_like_a_twin_of_mine_is_not_declared_to_look_like_me(store: Store) -> None:
    store.lookalikes.declare((ANNA, BELLA), reason="双胞胎", by="王主任")
    store.lookalikes.declare((BELLA, CARLA), reason="表姐妹", by="王主任")
    assert store.lookalikes.of(BELLA) == {ANNA, BELLA, CARLA}
    assert store.lookalikes.of(ANNA) == {ANNA, BELLA}
    store.lookalikes.declare((ANNA, BELLA, CARLA), reason="三胞胎", by="王主任")
    assert store.lookalikes.of(ANNA) == {ANNA, BELLA, CARLA}


def test_a_declaration_made_by_mistake_is_withdrawn(store: Store) -> None:
    store.lookalikes.declare((ANNA, BELLA), reason="双胞胎", by="王主任")
    (declaration,) = store.lookalikes.declarations()
    with pytest.raises(StoreError, match=r"store\.reason_missing"):
        store.lookalikes.withdraw(declaration.number, reason=" ", by="王主任")
    store.lookalikes.withdraw(declaration.number, reason="点错", by="王主任")
    assert store.lookalikes.of(ANNA) == {ANNA}
    assert store.lookalikes.declarations() == []
    with pytest.raises(StoreError, match=r"store\.declaration_unknown"):
        store.lookalikes.withdraw(declaration.number, reason="点错", by="王主任")


def test_nobody_is_declared_without_a_reason_or_alone(store: Store) -> None:
    with pytest.raises(StoreError, match=r"store\.reason_missing"):
        store.lookalikes.declare((ANNA, BELLA), reason="", by="王主任")
    with pytest.raises(StoreError, match=r"store\.lookalikes_two"):
        store.lookalikes.declare((ANNA, ANNA), reason="双胞胎", by="王主任")
