"""Whose word counts: what followers make of records that are verified but not in order."""

from collections.abc import Callable

import pytest

from directory.homes.query import SearchQuery
from directory.homes.service import home_claims, search
from federation import reading
from federation.tables import Payload
from tests.federation.worlds import (
    DEVON,
    KENT,
    LEEDS,
    World,
    a_home,
    home_record,
    log_of,
    payload_states,
    set_aside,
    small_records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

OUTSIDE_ENGLAND = "W06000015"


def test_a_home_outside_its_author_s_area_is_set_aside_and_following_goes_on(world: World) -> None:
    world.publish("kent", home_record("U1"), home_record("STOLEN", LEEDS), home_record("U2"))
    assert world.follow("leeds", "kent") == 3
    world.publish("kent", home_record("U3"))
    assert world.follow("leeds", "kent") == 1
    leeds = world["leeds"]
    assert set_aside(leeds) == {1: "out of area"}
    assert urns(leeds) == ["U1", "U2", "U3"]
    assert log_of(leeds, "kent").size == 4
    assert trouble(leeds, "kent") is None
    assert payload_states(leeds, "kent") == [Payload.HELD] * 4


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b'{"schema":"home/2","urn":"U9"}', "UnknownSchema"),
        (b'{"schema":"vacancy/1"}', "UnknownSchema"),
        (b'{"schema":"home/1","urn":"U9"}', "Malformed"),
        (home_record("U9").replace(b'"urn"', b' "urn"'), "Malformed"),
        (b"not JSON", "Malformed"),
        (b"\x00\xff" * 100, "Malformed"),
        (b"[" * 60_000, "Malformed"),
        (b'{"schema":"' + b"x" * 60_000 + b'/1"}', "Malformed"),
        (b'{"schema":7}', "Malformed"),
    ],
    ids=[
        "newer version",
        "another schema",
        "members missing",
        "another spelling",
        "text",
        "bytes",
        "nested",
        "long name",
        "no name",
    ],
)
def test_a_record_that_cannot_be_read_is_set_aside_and_kept(
    world: World, record: bytes, reason: str
) -> None:
    world.publish("kent", home_record("U1"), record, home_record("U2"))
    assert world.follow("leeds", "kent") == 3
    assert set_aside(world["leeds"]) == {1: reason}
    assert urns(world["leeds"]) == ["U1", "U2"]
    assert payload_states(world["leeds"], "kent") == [Payload.HELD] * 3
    assert trouble(world["leeds"], "kent") is None


def test_a_home_in_no_authority_that_is_known_is_set_aside(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", served={"kent": (KENT, "E99999999"), "leeds": (LEEDS,)})
    world.publish("kent", home_record("U1", "E99999999"), home_record("U2"))
    world.follow("leeds", "kent")
    assert set_aside(world["leeds"]) == {0: "unknown authority"}
    assert urns(world["leeds"]) == ["U2"]


def test_a_node_may_publish_for_every_authority_that_it_serves(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", served={"kent": (KENT, DEVON), "leeds": (LEEDS,)})
    world.publish("kent", home_record("U1"), home_record("U2", DEVON))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2"]
    assert set_aside(world["leeds"]) == {}


def test_a_suspended_member_s_log_is_not_followed(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", "devon", suspended=["kent"])
    assert [member.node for member in world["leeds"].others()] == ["devon"]


def test_two_nodes_claims_to_one_home_are_both_shown_as_contested(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon")
    world.publish_homes("kent", a_home("U1", KENT), a_home("U2", KENT))
    world.publish_homes("leeds", a_home("U1", LEEDS))
    for author in ("kent", "leeds"):
        world.follow("devon", author)
    with reading(world["devon"].replica) as connection:
        claims = home_claims(connection, "U1")
        results = search(connection, SearchQuery())
    assert {claim.node: claim.contested for claim in claims} == {"kent": True, "leeds": True}
    assert (results.total, results.urns) == (3, 2)
    assert {one.record.urn: one.contested for one in results.homes} == {"U1": True, "U2": False}
    assert set_aside(world["devon"]) == {}


def test_the_latest_of_a_node_s_records_of_a_home_counts(world: World) -> None:
    world.publish_homes("kent", a_home("U1", places=3))
    world.follow("leeds", "kent")
    world.publish_homes("kent", a_home("U1", places=4))
    world.publish_homes("kent", a_home("U1", places=5))
    world.follow("leeds", "kent")
    with reading(world["leeds"].replica) as connection:
        assert [claim.record.places for claim in home_claims(connection, "U1")] == [5]


def test_records_that_nobody_knows_are_followed_by_the_thousand(world: World) -> None:
    world.publish("kent", *small_records(2000))
    assert world.follow("leeds", "kent") == 2000
    assert len(set_aside(world["leeds"])) == 2000
