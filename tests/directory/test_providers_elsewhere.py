"""A provider through Kent runs a home in Leeds: asked there by a sealed message, and answered."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from directory.app import create_app
from directory.arriving import receive
from directory.notices.arriving import receive as receive_notice
from directory.providers.vouching.models import home_claim, provider_home
from directory.security.rights.roles import Role
from federation import Node, deliver_due, reading, writing
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.providers import ClaimState, HomeClaimAnswer, encode_provider_body
from tests.directory.people import signed_in
from tests.directory.post import Door
from tests.directory.providers import OURS, claim, number_of, send, staff_of
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, Consortium, a_home, consortium

PAGE = f"/authorities/{LEEDS}/providers"
URN = "SC200001"
HOMES = {"leeds-node": [a_home(URN, authority=LEEDS, provider="Acorn Care Limited")]}
WHY = "It was sold in January"


@dataclass(frozen=True)
class World:
    one: Consortium
    staff: FlaskClient
    officer: FlaskClient

    @property
    def kent(self) -> Node:
        return self.one.nodes["kent-node"]

    @property
    def leeds(self) -> Node:
        return self.one.nodes["leeds-node"]

    def deliver(self) -> None:
        deliver_due(self.kent, Door(self.leeds, self.kent.member))
        deliver_due(self.leeds, Door(self.kent, self.leeds.member))

    def decide(self, what: str, **fields: str) -> None:
        number = number_of(self.leeds, "Acorn Care Ltd", URN)
        answer = send(self.officer, f"{PAGE}/claims/{number}/{what}", f"{PAGE}/invite", **fields)
        assert answer.status_code == 303

    def ours(self) -> str:
        return words_of(self.staff.get(OURS))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with consortium(tmp_path, HOMES) as one:
        one.follow_all(one.nodes["leeds-node"])
        staff = staff_of(create_app(one.reader), one.reader)
        officer = signed_in(create_app(one.nodes["leeds-node"]), Role.COMMISSIONER, LEEDS)
        yield World(one, staff, officer)


def claim_id(world: World) -> str:
    with reading(world.kent.node_db) as connection:
        return str(connection.scalar(select(provider_home.c.id)))


def answered(world: World, state: ClaimState, after: timedelta, sender: str = LEEDS) -> Message:
    """An answer to the claim, as it arrives at Kent."""
    at = world.kent.now() + after
    body = encode_provider_body(HomeClaimAnswer(claim_id(world), state, at))
    return Message(1, "f" * 32, sender, KENT, at, at, msgspec.Raw(body))


def test_the_claim_goes_there_and_what_was_decided_comes_back(world: World) -> None:
    assert claim(world.staff, URN).status_code == 303
    assert "On its way to Leeds" in world.ours()
    world.deliver()
    assert "Waits for the authority" in world.ours()
    shown = words_of(world.officer.get(PAGE))
    assert "Acorn Care Ltd By Sam Sample" in shown
    assert "through Kent" in shown
    world.decide("confirm")
    world.deliver()
    assert " Yours " in world.ours()
    world.decide("refuse", reason=WHY)
    world.deliver()
    assert f"Ended {WHY}" in world.ours()


def test_a_node_that_knows_no_claims_says_so_and_the_staff_can_ask_anew_later(world: World) -> None:
    before = replace(world.leeds, receive=receive_notice)  # as 0.1.0 receives
    claim(world.staff, URN)
    deliver_due(world.kent, Door(before, world.kent.member))
    assert "The node of Leeds cannot take claims yet: ask them" in world.ours()
    assert claim(world.staff, URN).status_code == 303
    world.deliver()
    assert "Waits for the authority" in world.ours()


def test_an_answer_that_was_overtaken_changes_nothing(world: World) -> None:
    claim(world.staff, URN)
    later, earlier = timedelta(minutes=2), timedelta(minutes=1)
    for state, after in (("ended", later), ("confirmed", earlier)):
        with writing(world.kent.node_db) as connection:
            message = answered(world, state, after)  # type: ignore[arg-type]
            receive(connection, world.kent, message, world.kent.now())
    assert "Ended" in world.ours()


def test_nobody_but_the_authority_that_was_asked_can_answer(world: World) -> None:
    claim(world.staff, URN)
    message = answered(world, "confirmed", timedelta(), LEWISHAM)
    with pytest.raises(Malformed), writing(world.kent.node_db) as connection:
        receive(connection, world.kent, message, world.kent.now())
    assert "Yours" not in world.ours()


def test_a_claim_that_is_made_again_there_takes_the_place_of_the_one_that_waits(
    world: World,
) -> None:
    claim(world.staff, URN)
    world.deliver()
    with writing(world.kent.node_db) as connection:  # as if Kent had lost its database since
        connection.execute(provider_home.delete())
    claim(world.staff, URN)
    world.deliver()
    with reading(world.leeds.node_db) as connection:
        assert connection.scalars(select(home_claim.c.id)).all() == [claim_id(world)]
