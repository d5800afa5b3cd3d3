"""Offline proofs: the form of C2SP tlog-proof, to the byte, and nothing that is not one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import b64
from protocols.errors import BadSignature, Malformed, NotIncluded, ProtocolError, UnknownKey
from protocols.merkle import inclusion_proof
from protocols.proof import MAX_PROOF, Proof, check_proof, decode_proof, encode_proof
from protocols.tiles import MAX_ENTRY, node_reader
from tests.protocols.factories import Log, flip, leaves, member

KEYS = member("alder").log_verifiers


def made(index: int = 3, size: int = 11) -> Proof:
    entries = leaves(size)
    log = Log(entries)
    path = inclusion_proof(index, size, node_reader(size, log.tile))
    return Proof(entries[index], index, tuple(path), log.note())


def lines(proof: Proof | None = None) -> list[str]:
    return encode_proof(proof or made()).decode().split("\n")


def joined(*given: str) -> bytes:
    return "\n".join(given).encode()


def test_a_proof_has_the_form_of_the_document() -> None:
    proof = made()
    assert lines(proof) == [
        "c2sp.org/tlog-proof@v1",
        f"extra {b64(proof.entry)}",
        "index 3",
        *map(b64, proof.path),
        "",
        *proof.checkpoint.decode().split("\n"),
    ]


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_every_entry_of_every_log_is_proved(place: tuple[int, int]) -> None:
    proof = decode_proof(encode_proof(made(*place)))
    assert proof == made(*place)
    assert check_proof(proof, KEYS).size == place[1]


def test_a_proof_with_a_bit_flipped_anywhere_proves_nothing() -> None:
    data = encode_proof(made())
    for bit in range(0, len(data) * 8, 3):
        with pytest.raises(ProtocolError):
            check_proof(decode_proof(flip(data, bit)), KEYS)


@pytest.mark.parametrize("place", [(2, 11), (4, 11), (3, 12)])
def test_a_path_is_not_moved_to_another_place(place: tuple[int, int]) -> None:
    other, proof = made(*place), made()
    with pytest.raises(NotIncluded):
        check_proof(Proof(proof.entry, other.index, proof.path, other.checkpoint), KEYS)


def test_another_entry_is_not_proved_by_the_same_path() -> None:
    proof = made()
    with pytest.raises(NotIncluded):
        check_proof(Proof(b"another", proof.index, proof.path, proof.checkpoint), KEYS)


def test_a_proof_by_another_log_s_key_is_refused() -> None:
    with pytest.raises(UnknownKey):
        check_proof(made(), member("birch").log_verifiers)


def test_a_signature_over_another_checkpoint_is_refused() -> None:
    proof, other = made(), made(3, 12)
    swapped = proof.checkpoint.rpartition(b"\n\n")[0] + b"\n\n"
    swapped += other.checkpoint.rpartition(b"\n\n")[2]
    with pytest.raises(BadSignature):
        check_proof(Proof(proof.entry, proof.index, proof.path, swapped), KEYS)


@pytest.mark.parametrize(
    "change",
    [
        lambda said: ["c2sp.org/tlog-proof@v2", *said[1:]],
        lambda said: ["c2sp.org/tlog-proof@v1 ", *said[1:]],
        lambda said: [said[0], *said[2:]],
        lambda said: [said[0], "extra", *said[2:]],
        lambda said: [said[0], "extra ", *said[2:]],
        lambda said: [said[0], said[1] + "=", *said[2:]],
        lambda said: [said[0], said[1], said[1], *said[2:]],
        lambda said: [*said[:2], *said[3:]],
        lambda said: [*said[:2], "index 03", *said[3:]],
        lambda said: [*said[:2], "index -3", *said[3:]],
        lambda said: [*said[:2], "index  3", *said[3:]],
        lambda said: [*said[:2], "index ٣", *said[3:]],
        lambda said: [*said[:2], f"index {2**63 - 1}", *said[3:]],
        lambda said: [*said[:3], said[3] + " ", *said[4:]],
        lambda said: [*said[:3], b64(bytes(31)), *said[4:]],
        lambda said: [*said[:3], *[b64(bytes(32))] * 64, *said[4:]],
        lambda said: [one.replace("\n", "\r\n") + "\r" for one in said],
    ],
)
def test_another_spelling_is_no_proof(change: object) -> None:
    with pytest.raises(Malformed):
        decode_proof(joined(*change(lines())))  # type: ignore[operator]


def test_a_proof_cut_short_or_too_long_proves_nothing() -> None:
    data = encode_proof(made())
    for end in range(0, len(data), 7):
        with pytest.raises(ProtocolError):
            check_proof(decode_proof(data[:end]), KEYS)
    with pytest.raises(Malformed, match="more than"):
        decode_proof(data + b"\n" * MAX_PROOF)


@pytest.mark.parametrize("size", [0, MAX_ENTRY + 1])
def test_no_proof_is_written_that_nobody_would_read(size: int) -> None:
    proof = made()
    with pytest.raises(Malformed):
        encode_proof(Proof(bytes(size), proof.index, proof.path, proof.checkpoint))


def test_the_longest_entry_fits() -> None:
    proof = made()
    longest = Proof(bytes(MAX_ENTRY), proof.index, proof.path, proof.checkpoint)
    assert decode_proof(encode_proof(longest)) == longest
