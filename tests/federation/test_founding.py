"""Founding a consortium: what the members say of themselves, under one signed charter."""

from datetime import timedelta
from pathlib import Path

import pytest

from federation import found_charter, initialise, new_charter_key
from protocols.charter import Member, open_founding_charter
from protocols.errors import CharterRefused, Expired
from tests.federation.worlds import KENT, LEEDS, NAMES, NOW


@pytest.fixture
def members(tmp_path: Path) -> list[Member]:
    return [
        initialise(tmp_path / name, name, f"https://{name}.example", {gss: NAMES[gss]})
        for name, gss in (("kent", KENT), ("leeds", LEEDS))
    ]


def test_everybody_can_verify_the_charter_alone(members: list[Member]) -> None:
    keys = [new_charter_key(f"{member.node}/charter") for member in members]
    note = found_charter("Two", members, {"Both": [KENT, LEEDS]}, keys, NOW)
    charter = open_founding_charter(note, NOW)
    assert charter.members == tuple(members)
    assert charter.charter_keys == tuple(key.verifier.vkey for key in keys)
    assert [(group.name, group.authorities) for group in charter.groups] == [
        ("Both", (KENT, LEEDS))
    ]


def test_a_charter_lasts_a_year_and_a_month(members: list[Member]) -> None:
    note = found_charter("Two", members, {}, [new_charter_key("a/charter")], NOW)
    assert open_founding_charter(note, NOW + timedelta(days=399))
    with pytest.raises(Expired):
        open_founding_charter(note, NOW + timedelta(days=400))


def test_every_charter_key_is_drawn_apart() -> None:
    drawn = {new_charter_key("a/charter").key.seed for _ in range(20)}
    assert len(drawn) == 20


def test_one_node_does_not_stand_there_twice(members: list[Member]) -> None:
    with pytest.raises(CharterRefused, match="twice"):
        found_charter("Two", [*members, members[0]], {}, [new_charter_key("a/charter")], NOW)


def test_two_nodes_do_not_serve_one_authority(members: list[Member], tmp_path: Path) -> None:
    other = initialise(tmp_path / "other", "other", "https://other.example", {KENT: NAMES[KENT]})
    with pytest.raises(CharterRefused, match="same authority"):
        found_charter("Three", [*members, other], {}, [new_charter_key("a/charter")], NOW)
