"""Checkpoints: what a log signs, and what nobody else can sign for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.checkpoint import (
    MAX_CHECKPOINT,
    MAX_SIZE,
    Checkpoint,
    open_checkpoint,
    parse_checkpoint,
    sign_checkpoint,
)
from protocols.encoding import b64
from protocols.errors import BadSignature, Malformed, ProtocolError, UnknownKey
from protocols.keys import Purpose
from protocols.merkle import EMPTY_ROOT
from protocols.note import NoteSigner, sign_note
from tests.protocols.factories import (
    Log,
    charter,
    charter_note,
    flip,
    key,
    leaves,
    log_signer,
    member,
    origin,
    seed,
)

ROOT = seed("root")
ALDER = member("alder")
CHECKPOINT = Checkpoint(origin("alder"), 20852163, ROOT)
NOTE = sign_checkpoint(CHECKPOINT, log_signer())


def opened(note: bytes) -> Checkpoint:
    return open_checkpoint(note, ALDER.origin, ALDER.log_verifiers)


def signed_text(text: str) -> bytes:
    return sign_note(text, [log_signer()])


def test_the_example_of_c2sp_is_read() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    read = parse_checkpoint(text)
    assert (read.origin, read.size) == ("example.com/behind-the-sofa", 20852163)
    assert read.text == text


@given(st.integers(1, MAX_SIZE), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back(size: int, root: bytes) -> None:
    checkpoint = Checkpoint(ALDER.origin, size, root)
    assert opened(sign_checkpoint(checkpoint, log_signer())) == checkpoint


def test_a_checkpoint_of_the_empty_log_comes_back() -> None:
    assert opened(Log([]).note()) == Checkpoint(ALDER.origin, 0, EMPTY_ROOT)


def test_a_checkpoint_with_any_bit_flipped_is_refused() -> None:
    for bit in range(len(NOTE) * 8):
        with pytest.raises(ProtocolError):
            opened(flip(NOTE, bit))


def test_a_checkpoint_signed_by_an_unknown_key_is_refused() -> None:
    stranger = NoteSigner(ALDER.origin, key("stranger", Purpose.LOG))
    with pytest.raises(UnknownKey):
        opened(sign_checkpoint(CHECKPOINT, stranger))


@pytest.mark.parametrize("purpose", [Purpose.WITNESS, Purpose.ACCESS, Purpose.CHARTER])
def test_another_key_of_the_same_node_signs_no_checkpoint(purpose: Purpose) -> None:
    signer = NoteSigner(ALDER.origin, key("alder", purpose))
    with pytest.raises(UnknownKey):
        opened(sign_note(CHECKPOINT.text, [signer]))
    with pytest.raises(TypeError):
        sign_checkpoint(CHECKPOINT, signer)


def test_a_node_signs_no_checkpoint_for_another_log() -> None:
    theirs = Checkpoint(origin("birch"), 7, ROOT)
    with pytest.raises(Malformed, match="instead of"):
        opened(signed_text(theirs.text))
    with pytest.raises(Malformed, match="does not sign for"):
        sign_checkpoint(theirs, log_signer("alder"))


def test_the_checkpoint_of_one_log_does_not_pass_for_another() -> None:
    with pytest.raises(UnknownKey):
        opened(Log(leaves(3)).note("birch"))


def test_a_charter_does_not_pass_for_a_checkpoint() -> None:
    with pytest.raises(UnknownKey):
        opened(charter_note(charter()))
    with pytest.raises(Malformed):
        parse_checkpoint(charter_note().rpartition(b"\n\n")[0].decode() + "\n")


def test_a_signature_is_not_moved_to_another_size_or_root() -> None:
    line = NOTE.rpartition(b"\n\n")[2]
    for other in (
        Checkpoint(ALDER.origin, 20852164, ROOT),
        Checkpoint(ALDER.origin, 20852163, seed("x")),
    ):
        with pytest.raises(BadSignature):
            opened(other.text.encode() + b"\n" + line)


@pytest.mark.parametrize(
    "size",
    [
        "",
        "00",
        "01",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "0x1",
        " 1",
        "1 ",
        "1_000",
        "1,000",
        "١",
        "१२",
        "²",
        str(MAX_SIZE + 1),
        "9" * 19,
        "9" * 20,
        "9" * 5000,
        "many",
    ],
)
def test_a_size_in_another_spelling_is_refused(size: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(f"{ALDER.origin}\n{size}\n{b64(ROOT)}\n")


@pytest.mark.parametrize(
    "root",
    [
        b64(ROOT)[:-1],
        b64(ROOT) + "=",
        b64(ROOT[:31]),
        b64(ROOT + b"\0"),
        b64(b""),
        ROOT.hex(),
        f" {b64(ROOT)}",
        "?" * 44,
    ],
)
def test_a_root_in_another_spelling_is_refused(root: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(f"{ALDER.origin}\n5\n{root}\n")


def test_a_checkpoint_of_size_0_has_the_root_of_the_empty_tree() -> None:
    with pytest.raises(Malformed, match="of such a tree"):
        parse_checkpoint(f"{ALDER.origin}\n0\n{b64(ROOT)}\n")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n\n",
        "origin\n",
        "origin\n5\n",
        f"origin\n5\n{b64(ROOT)}",
        f"\n5\n{b64(ROOT)}\n",
        f"origin\n\n5\n{b64(ROOT)}\n",
        f"origin\n5\n{b64(ROOT)}\n\n",
        f"origin\n5\n{b64(ROOT)}\n\nextension\n",
        f"origin\r\n5\r\n{b64(ROOT)}\r\n",
    ],
)
def test_text_with_lines_missing_or_empty_is_no_checkpoint(text: str) -> None:
    with pytest.raises(Malformed):
        parse_checkpoint(text)


def test_a_checkpoint_too_long_for_a_proof_of_a_fork_is_refused() -> None:
    longest = MAX_CHECKPOINT - len(NOTE) - len("\n")
    for length, accepted in ((longest, True), (longest + 1, False)):
        note = sign_note(f"{CHECKPOINT.text}{'x' * length}\n", [log_signer()])
        assert (len(note) <= MAX_CHECKPOINT) is accepted
        if accepted:
            assert opened(note) == CHECKPOINT
        else:
            with pytest.raises(Malformed, match="more than 16384 bytes"):
                opened(note)


def test_extension_lines_are_signed_and_ignored() -> None:
    note = signed_text(CHECKPOINT.text + "later: something\n")
    assert opened(note) == CHECKPOINT
    with pytest.raises(BadSignature):
        opened(note.replace(b"something", b"otherwise"))


def test_signatures_of_witnesses_are_let_stand() -> None:
    line = "— witness.example/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"  # noqa: E501
    assert opened(NOTE + line.encode()) == CHECKPOINT
