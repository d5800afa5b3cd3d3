"""Signed notes: what Go's `note` package opens and refuses, and attacks on signature lines."""

import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import b64
from protocols.errors import BadSignature, Malformed, ProtocolError, UnknownKey
from protocols.keys import PrivateKey, Purpose
from protocols.note import (
    MAX_NOTE,
    MAX_SIGNATURES,
    NoteSigner,
    NoteVerifier,
    open_note,
    sign_note,
)
from tests.protocols.factories import charter_signer, flip, key, log_signer, vectors

GO = vectors("go_note")
SIGNERS = {
    known["id"]: NoteSigner(known["name"], PrivateKey(Purpose.LOG, bytes.fromhex(known["seed"])))
    for known in GO["keys"]
    if known["id"] != "neumann"
}
REASONS = {
    "malformed": Malformed,
    "no known signature": UnknownKey,
    "invalid signature": BadSignature,
}
ALDER, BIRCH = log_signer("alder"), log_signer("birch")
NOTE = sign_note("two\nlines\n", [ALDER, BIRCH])


def cases(vector: list[dict[str, Any]]) -> Any:
    return pytest.mark.parametrize("vector", vector, ids=[one["case"] for one in vector])


@pytest.mark.parametrize("known", GO["keys"], ids=[known["id"] for known in GO["keys"]])
def test_keys_have_the_ids_and_the_spelling_that_go_gives_them(known: dict[str, str]) -> None:
    verifier = NoteVerifier.from_vkey(known["vkey"], Purpose.LOG)
    assert verifier.vkey == known["vkey"]
    assert verifier.key_id.hex() == known["key_id"]
    if known["id"] in SIGNERS:
        assert SIGNERS[known["id"]].verifier == verifier


@cases(GO["refused_keys"])
def test_a_verifier_key_that_go_refuses_is_refused(vector: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        NoteVerifier.from_vkey(vector["vkey"], Purpose.LOG)


@cases(GO["notes"])
def test_a_note_that_go_opens_is_opened_by_the_same_keys(vector: dict[str, Any]) -> None:
    vkeys = {known["id"]: known["vkey"] for known in GO["keys"]}
    known = [NoteVerifier.from_vkey(vkeys[name], Purpose.LOG) for name in vector["known"]]
    opened = open_note(vector["note"].encode(), known)
    assert opened.text == vector["text"]
    assert [signer.vkey for signer in opened.signers] == [vkeys[n] for n in vector["verified"]]


@cases(GO["refused"])
def test_a_note_that_go_refuses_is_refused_for_the_same_reason(vector: dict[str, str]) -> None:
    with pytest.raises(REASONS[vector["reason"]]):
        open_note(base64.b64decode(vector["note"]), [SIGNERS["log"].verifier])


def test_we_write_the_note_that_go_writes() -> None:
    (vector,) = (one for one in GO["notes"] if one["case"] == "two signatures, both known")
    signers = [SIGNERS[name] for name in vector["verified"]]
    assert sign_note(vector["text"], signers).decode() == vector["note"]


text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]) | st.just("\n"), max_size=60)


@given(text, st.sets(st.sampled_from(["alder", "birch", "cedar"]), min_size=1))
def test_what_is_signed_opens(words: str, nodes: set[str]) -> None:
    signers = [log_signer(node) for node in sorted(nodes)]
    opened = open_note(sign_note(words + "\n", signers), [one.verifier for one in signers])
    assert opened.text == words + "\n"
    assert opened.signers == tuple(one.verifier for one in signers)


def test_a_note_with_any_bit_flipped_is_refused() -> None:
    known = [ALDER.verifier, BIRCH.verifier]
    for bit in range(len(NOTE) * 8):
        try:
            opened = open_note(flip(NOTE, bit), known)
        except ProtocolError:
            continue
        # The name or key id of one signature is another now: it counts for nothing.
        assert opened.text == "two\nlines\n"
        assert len(opened.signers) == 1


@given(st.integers(0, len(NOTE) - 1))
def test_a_note_cut_short_is_refused_or_loses_a_signature(length: int) -> None:
    try:
        opened = open_note(NOTE[:length], [ALDER.verifier, BIRCH.verifier])
    except ProtocolError:
        return
    assert opened.signers == (ALDER.verifier,)


def test_a_note_signed_by_strangers_alone_is_refused() -> None:
    with pytest.raises(UnknownKey):
        open_note(NOTE, [log_signer("cedar").verifier])
    with pytest.raises(UnknownKey):
        open_note(NOTE, [])


def test_a_key_does_not_sign_under_the_name_of_another() -> None:
    forged = NoteSigner(ALDER.name, BIRCH.key)
    with pytest.raises(UnknownKey):
        open_note(sign_note("text\n", [forged]), [ALDER.verifier, BIRCH.verifier])


def test_a_known_key_whose_signature_fails_spoils_the_note() -> None:
    """C2SP signed-note: clients SHOULD reject the whole note."""
    wrong = f"— {ALDER.name} {b64(ALDER.verifier.key_id + bytes(64))}\n".encode()
    both = [ALDER.verifier, BIRCH.verifier]
    for note in (
        sign_note("text\n", [BIRCH]) + wrong,
        sign_note("text\n", []) + wrong + sign_note("text\n", [BIRCH])[6:],
    ):
        with pytest.raises(BadSignature):
            open_note(note, both)


def test_a_signature_is_of_the_text_and_the_blank_lines_in_it() -> None:
    line = sign_note("text\n", [ALDER])[6:]
    for moved in (b"text\n\n\n" + line, b"\ntext\n\n" + line, b"texts\n\n" + line):
        with pytest.raises(BadSignature):
            open_note(moved, [ALDER.verifier])


def test_signature_lines_in_the_text_count_for_nothing() -> None:
    inner = sign_note("we owe Birch nothing\n", [BIRCH]).decode()
    opened = open_note(sign_note(inner, [ALDER]), [ALDER.verifier, BIRCH.verifier])
    assert opened.signers == (ALDER.verifier,)


def test_one_key_signing_twice_is_one_signer() -> None:
    twice = sign_note("text\n", [ALDER, ALDER])
    assert open_note(twice, [ALDER.verifier]).signers == (ALDER.verifier,)


def test_what_only_c2sp_allows_a_reader_to_refuse_is_refused() -> None:
    """Trailing bits in base64: Go takes them, but then a note has a twin."""
    cut = sign_note("text\n", [ALDER]).decode().rstrip("\n")
    assert cut.endswith("=")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    stem, last = cut.rstrip("=")[:-1], cut.rstrip("=")[-1]
    twin = letters[letters.index(last) | 1]
    assert twin != last
    with pytest.raises(Malformed):
        open_note(f"{stem}{twin}{cut[len(stem) + 1 :]}\n".encode(), [ALDER.verifier])


def test_a_note_with_too_many_signatures_is_refused_before_one_is_verified() -> None:
    line = f"— stranger {b64(bytes(68))}\n".encode()
    note = sign_note("text\n", [ALDER])
    most = note + line * (MAX_SIGNATURES - 1)
    assert open_note(most, [ALDER.verifier]).signers == (ALDER.verifier,)
    with pytest.raises(Malformed, match="more than 100 signatures"):
        open_note(most + line, [ALDER.verifier])


def test_a_note_that_is_too_long_is_refused() -> None:
    longest = "x" * (MAX_NOTE - len(sign_note("\n", [ALDER]))) + "\n"
    note = sign_note(longest, [ALDER])
    assert len(note) == MAX_NOTE
    assert open_note(note, [ALDER.verifier]).text == longest
    with pytest.raises(Malformed, match="more than 1000000 bytes"):
        open_note(b"x" + note, [ALDER.verifier])


@pytest.mark.parametrize(
    "name", ["", " ", "a b", "a+b", "a\u2003b", "a\xa0b", "a\u3000", "a\nb", "a\0b", "\udc80"]
)
def test_a_key_name_that_would_not_come_back_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        NoteVerifier(name, key("alder", Purpose.LOG).public)


@pytest.mark.parametrize(
    "words", ["", "no newline", "tab\t\n", "bell\x07\n", "return\r\n", "\0\n", "\ud800\n"]
)
def test_text_that_is_no_note_is_not_signed(words: str) -> None:
    with pytest.raises(Malformed):
        sign_note(words, [ALDER])


def test_a_verifier_key_of_a_cosignature_is_refused() -> None:
    """Type 0x04 signs other bytes; a witness is not a log (C2SP tlog-cosignature)."""
    verifier = ALDER.verifier
    material = b"\x04" + verifier.key.raw
    with pytest.raises(Malformed, match="taken, 0x01"):
        NoteVerifier.from_vkey(f"{verifier.name}+{'0' * 8}+{b64(material)}", Purpose.LOG)


@given(st.sampled_from(["alder", "birch"]), st.data())
def test_a_verifier_key_comes_back_and_no_other_spelling_does(
    node: str, data: st.DataObject
) -> None:
    verifier = log_signer(node).verifier
    assert NoteVerifier.from_vkey(verifier.vkey, Purpose.LOG) == verifier
    bit = data.draw(st.integers(0, len(verifier.vkey) * 8 - 1))
    changed = flip(verifier.vkey.encode(), bit).decode("latin-1")
    with pytest.raises(Malformed):
        NoteVerifier.from_vkey(changed, Purpose.LOG)


def test_charter_and_log_keys_are_told_apart_by_name_and_purpose() -> None:
    holder = charter_signer("alder/charter")
    assert holder.verifier.key.purpose is Purpose.CHARTER
    with pytest.raises(UnknownKey):
        open_note(sign_note("text\n", [holder]), [ALDER.verifier])
