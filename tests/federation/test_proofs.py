"""Proofs of what this node holds: of any log, by the checkpoint that it verified last."""

from collections.abc import Callable

import pytest

from federation import FollowedLog, prove, reading
from federation.errors import NothingToProve
from protocols.proof import check_proof, decode_proof
from tests.federation.worlds import World, log_of, own_entries, records, small_records

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Leeds, which follows Kent's log of more than one tile."""
    made = found("kent", "leeds")
    made.publish("kent", *small_records(300))
    made.follow("leeds", "kent")
    return made


def proved(world: World, index: int, log: FollowedLog | None = None) -> tuple[bytes, bytes | None]:
    with reading(world["leeds"].replica) as connection:
        made = prove(connection, log or log_of(world["leeds"], "kent"), index)
    return made.proof, made.payload


@pytest.mark.parametrize("index", [0, 255, 256, 299])
def test_an_entry_is_proved_with_the_author_s_key_alone(world: World, index: int) -> None:
    data, payload = proved(world, index)
    one = decode_proof(data)
    assert check_proof(one, world.member("kent").log_verifiers).size == 300
    assert (one.index, one.entry) == (index, own_entries(world["kent"])[index])
    assert payload is not None
    assert payload.endswith(records(world["leeds"], "kent")[index])


def test_nothing_is_proved_that_no_verified_checkpoint_covers(world: World) -> None:
    before = log_of(world["leeds"], "kent")
    world.publish("kent", b'{"schema":"number/1","number":300}')
    for index in (300, -1):
        with pytest.raises(NothingToProve, match="hearth sync"):
            proved(world, index)
    world.follow("leeds", "kent")
    with pytest.raises(NothingToProve):
        proved(world, 300, before)
    assert check_proof(decode_proof(proved(world, 300)[0]), world.member("kent").log_verifiers)
