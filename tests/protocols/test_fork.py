"""Forks: two histories are proved by their checkpoints alone, and honest logs never are."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.json import Decoder

from protocols.encoding import b64url, encode_canonical
from protocols.errors import BadSignature, Malformed, NoFork, ProtocolError, UnknownKey
from protocols.fork import Fork, check_fork, counts, prove_fork, read_fork
from protocols.keys import Purpose
from protocols.members import Key
from protocols.tiles import node_reader
from tests.protocols.factories import Log, flip, key, leaves, log_signer, member

_FORK = Decoder(Fork)

ALDER = [log_signer().verifier]
ONE = Log(leaves(20))


def other(size: int, since: int) -> Log:
    """The same log up to `since`, and another from there."""
    return Log([*leaves(20)[:since], *(b"other %d" % n for n in range(since, size))])


def prove(smaller: Log, larger: Log) -> bytes:
    return prove_fork(smaller.note(), larger.note(), node_reader(larger.size, larger.tile))


FORKED = prove(other(7, 5), ONE)


@given(st.integers(1, 20), st.data())
def test_two_histories_of_any_sizes_are_proved(size: int, data: st.DataObject) -> None:
    since = data.draw(st.integers(0, size - 1))
    proof = prove(other(size, since), ONE)
    smaller, larger = check_fork(proof, ALDER).checkpoints
    assert (smaller.size, larger.size) == (size, 20)


@given(st.integers(0, 20), st.integers(0, 20))
def test_one_history_is_never_proved_forked(first: int, second: int) -> None:
    first, second = sorted((first, second))
    with pytest.raises(NoFork):
        prove(Log(leaves(first)), Log(leaves(second)))


@given(st.integers(1, 19), st.binary(min_size=32, max_size=32))
def test_an_honest_log_cannot_be_accused(size: int, prefix: bytes) -> None:
    """Whatever root and proof somebody makes up for two notes of one history."""
    part = Log(leaves(size))
    made = msgspec.structs.replace(
        read_fork(FORKED), smaller=part.note().decode(), prefix=b64url(prefix)
    )
    with pytest.raises(NoFork):
        read_fork(encode_canonical(made, _FORK, "fork"))


def test_the_hashes_of_another_tree_prove_nothing() -> None:
    third = other(20, 3)
    with pytest.raises(NoFork):
        prove_fork(other(7, 5).note(), ONE.note(), node_reader(20, third.tile))


def test_notes_that_the_log_did_not_sign_prove_nothing() -> None:
    with pytest.raises(UnknownKey):
        check_fork(FORKED, [log_signer("birch").verifier])
    forged = FORKED.replace(b"\\n7\\n", b"\\n6\\n")
    assert forged != FORKED
    with pytest.raises((BadSignature, NoFork)):
        check_fork(forged, ALDER)


def test_two_logs_are_no_fork() -> None:
    with pytest.raises(NoFork):
        prove_fork(other(7, 5).note("birch"), ONE.note(), node_reader(20, ONE.tile))


def test_a_proof_with_any_bit_flipped_is_refused() -> None:
    for bit in range(0, len(FORKED) * 8, 5):
        with pytest.raises(ProtocolError):
            check_fork(flip(FORKED, bit), ALDER)


@pytest.mark.parametrize("data", [b"", b"{}", b"null", FORKED + b" ", b"x" * 200_000])
def test_what_is_no_proof_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        read_fork(data)


def test_a_fork_is_settled_when_the_keys_that_signed_it_have_ended() -> None:
    made, alder = read_fork(FORKED), member("alder")
    assert counts(made, alder)
    ended = Key(
        Purpose.LOG,
        b64url(key("alder", Purpose.LOG).public.raw),
        until=20,
        root=b64url(ONE.frontier.root()),
    )
    later = Key.of(key("alder 2", Purpose.LOG).public, since=20)
    others = tuple(one for one in alder.keys if one.purpose is not Purpose.LOG)
    assert not counts(made, msgspec.structs.replace(alder, keys=(ended, later, *others)))
    assert not counts(made, member("birch"))
