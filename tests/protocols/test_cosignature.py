"""Cosignatures: those of public witnesses are read, and nobody's but a witness's own counts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.cosignature import MAX_TIME, Cosigner, cosign, cosignatures
from protocols.encoding import b64, from_b64
from protocols.errors import BadSignature, Malformed, ProtocolError
from protocols.keys import Purpose
from protocols.note import NoteSigner, open_note, sign_note
from tests.protocols.factories import Log, flip, key, leaves, log_signer, vectors

PUBLIC = vectors("witnesses")
NAME = "birch.example/witness"
KEY = key("birch", Purpose.WITNESS)
COSIGNER = Cosigner(NAME, KEY.public)
TEXT = Log(leaves(3)).checkpoint().text
NOTE = Log(leaves(3)).note()
TIME = 1772443800


def cosigned(note: bytes = NOTE, time: int = TIME) -> bytes:
    text = note.rpartition(b"\n\n")[0].decode() + "\n"
    return note + f"{cosign(text, NAME, KEY, time)}\n".encode()


def test_the_cosignatures_of_public_witnesses_verify() -> None:
    known = [Cosigner.of_vkey(vkey) for vkey in PUBLIC["witnesses"]]
    found = cosignatures(PUBLIC["checkpoint"].encode(), known)
    assert [one.cosigner.vkey for one in found] == PUBLIC["witnesses"]
    assert {one.time for one in found} == {PUBLIC["time"]}
    assert all(one.line in PUBLIC["checkpoint"] for one in found)


def test_a_change_of_what_public_witnesses_cosigned_is_found() -> None:
    known = [Cosigner.of_vkey(vkey) for vkey in PUBLIC["witnesses"]]
    for changed in (("1432088532", "1432088533"), ("U7WM", "U7WN"), ("\n\n", "\nextension\n\n")):
        with pytest.raises(BadSignature):
            cosignatures(PUBLIC["checkpoint"].replace(*changed).encode(), known)


def test_the_key_id_and_the_signed_message_are_those_of_the_document() -> None:
    signature = from_b64(cosign(TEXT, NAME, KEY, TIME).split(" ")[2], "line")
    assert signature[:4] == COSIGNER.key_id
    assert int.from_bytes(signature[4:12]) == TIME
    KEY.public.verify(signature[12:], f"cosignature/v1\ntime {TIME}\n{TEXT}".encode())


@given(st.integers(1, MAX_TIME))
def test_what_is_cosigned_verifies_with_its_time(time: int) -> None:
    (found,) = cosignatures(cosigned(time=time), [COSIGNER])
    assert (found.cosigner, found.time) == (COSIGNER, time)
    assert cosigned(time=time).endswith(f"\n{found.line}\n".encode())


@pytest.mark.parametrize("time", [0, -1, MAX_TIME + 1])
def test_a_time_that_is_none_is_not_cosigned(time: int) -> None:
    with pytest.raises(Malformed):
        cosign(TEXT, NAME, KEY, time)


def test_a_cosigned_note_with_any_bit_flipped_loses_the_cosignature_or_is_refused() -> None:
    note = cosigned()
    start = len(NOTE) * 8
    for bit in range(start, len(note) * 8):
        try:
            assert cosignatures(flip(note, bit), [COSIGNER]) == ()
        except ProtocolError:
            continue


def test_a_cosignature_does_not_pass_for_the_logs_signature_nor_the_reverse() -> None:
    note = sign_note(TEXT, [NoteSigner(NAME, KEY)])
    assert cosignatures(note, [COSIGNER]) == ()
    line = cosign(TEXT, log_signer().name, key("alder", Purpose.WITNESS), TIME)
    assert open_note(NOTE + f"{line}\n".encode(), [log_signer().verifier]).text == TEXT


def test_a_cosignature_is_not_moved_to_another_checkpoint_log_or_time() -> None:
    line = cosigned().rpartition(b"\n\n")[2].split(b"\n")[1]
    other = Log(leaves(4)).note()
    with pytest.raises(BadSignature):
        cosignatures(other + line + b"\n", [COSIGNER])
    name, encoded = line.decode().rsplit(" ", 1)
    raw = from_b64(encoded, "line")
    later = raw[:4] + (TIME + 1).to_bytes(8) + raw[12:]
    with pytest.raises(BadSignature):
        cosignatures(NOTE + f"{name} {b64(later)}\n".encode(), [COSIGNER])


@pytest.mark.parametrize("size", [63, 64, 71, 73, 2428])
def test_a_cosignature_of_another_length_spoils_the_note(size: int) -> None:
    line = f"— {NAME} {b64(COSIGNER.key_id + (1).to_bytes(8) + bytes(size - 8))}\n"
    with pytest.raises(BadSignature):
        cosignatures(NOTE + line.encode(), [COSIGNER])


def test_a_cosignature_without_a_time_spoils_the_note() -> None:
    signature = KEY.sign(f"cosignature/v1\ntime 0\n{TEXT}".encode())
    line = f"— {NAME} {b64(COSIGNER.key_id + bytes(8) + signature)}\n"
    with pytest.raises(BadSignature):
        cosignatures(NOTE + line.encode(), [COSIGNER])


def test_one_witness_counts_once_however_often_it_cosigns() -> None:
    twice = cosigned() + f"{cosign(TEXT, NAME, KEY, TIME + 9)}\n".encode()
    assert [one.time for one in cosignatures(twice, [COSIGNER])] == [TIME]


def test_cosignatures_of_strangers_are_let_stand() -> None:
    assert cosignatures(cosigned(), []) == ()
    assert cosignatures(PUBLIC["checkpoint"].encode(), [COSIGNER]) == ()


def test_the_verifier_key_of_a_log_is_no_witness() -> None:
    for vkey in (PUBLIC["log"], log_signer().verifier.vkey):
        with pytest.raises(Malformed, match="0x04"):
            Cosigner.of_vkey(vkey)
    assert Cosigner.of_vkey(COSIGNER.vkey) == COSIGNER
