"""The witness protocol: litewitness's own requests, each status, never two histories."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.cosignature import Cosigner, cosign
from protocols.encoding import b64
from protocols.errors import (
    BadSignature,
    Inconsistent,
    Malformed,
    ProtocolError,
    SizeConflict,
    UnknownKey,
)
from protocols.keys import PublicKey, Purpose
from protocols.merkle import EMPTY_ROOT, consistency_proof
from protocols.note import NoteVerifier, sign_note
from protocols.tiles import node_reader
from protocols.witnessing import (
    MAX_ADD_CHECKPOINT,
    MAX_PROOF,
    AddCheckpoint,
    advance,
    parse_add_checkpoint,
    read_conflict,
    read_cosignatures,
)
from tests.protocols.factories import Log, flip, key, leaves, log_signer, seed, vectors

PUBLIC = vectors("witnesses")["add_checkpoint"]
SIGSUM = [NoteVerifier(PUBLIC["origin"], PublicKey(Purpose.LOG, bytes.fromhex(PUBLIC["key"])))]
ALDER = [log_signer().verifier]
LOG = Log(leaves(9))


def request(old: int, size: int, log: Log = LOG) -> AddCheckpoint:
    part = Log(log.entries[:size])
    proof = consistency_proof(old, size, node_reader(size, part.tile))
    return AddCheckpoint(old, tuple(proof), part.note())


def held(size: int, log: Log = LOG) -> Checkpoint:
    return Log(log.entries[:size]).checkpoint()


def asked(held: Checkpoint | None, request: AddCheckpoint) -> Checkpoint:
    return advance(held, parse_add_checkpoint(request.encode()), ALDER)[0]


def signed(size: int, root: bytes) -> bytes:
    return sign_checkpoint(Checkpoint("alder.example/log", size, root), log_signer())


# --- What litewitness is tested with --------------------------------------------------------------


@pytest.mark.parametrize(("next_one", "size"), [("to_three", 3), ("to_five", 5)])
def test_the_requests_of_a_public_log_are_taken(next_one: str, size: int) -> None:
    first = parse_add_checkpoint(PUBLIC["first"].encode())
    assert first.origin == PUBLIC["origin"]
    before, _ = advance(None, first, SIGSUM)
    request = parse_add_checkpoint(PUBLIC[next_one].encode())
    assert request.encode() == PUBLIC[next_one].encode()
    after, text = advance(before, request, SIGSUM)
    assert (before.size, after.size) == (1, size)
    assert after.text == text


def test_the_race_of_litewitness_does_not_roll_back() -> None:
    before, _ = advance(None, parse_add_checkpoint(PUBLIC["first"].encode()), SIGSUM)
    five, _ = advance(before, parse_add_checkpoint(PUBLIC["to_five"].encode()), SIGSUM)
    with pytest.raises(SizeConflict) as conflict:
        advance(five, parse_add_checkpoint(PUBLIC["to_three"].encode()), SIGSUM)
    assert conflict.value.size == 5


@pytest.mark.parametrize(
    ("known", "old", "size", "root", "proof", "refused"),
    [
        (0, 0, 0, EMPTY_ROOT, (), None),
        (0, 0, 0, seed("leaf"), (), Inconsistent),
        (0, 0, 0, bytes(32), (), Inconsistent),
        (0, 0, 0, EMPTY_ROOT, (seed("leaf"),), Inconsistent),
        (0, 0, 1, seed("leaf"), (), None),
        (0, 0, 1, seed("leaf"), (seed("leaf"),), Inconsistent),
        (1, 0, 1, seed("leaf"), (seed("leaf"),), SizeConflict),
        (1, 1, 0, EMPTY_ROOT, (), Malformed),
        (1, 1, 1, seed("leaf"), (), None),
        (1, 1, 1, seed("other"), (), Inconsistent),
        (1, 1, 1, seed("leaf"), (seed("leaf"),), Inconsistent),
        (1, 2, 2, seed("leaf"), (), SizeConflict),
    ],
)
def test_sizes_of_nothing_and_one_as_litewitness_has_them(
    known: int,
    old: int,
    size: int,
    root: bytes,
    proof: tuple[bytes, ...],
    refused: type[ProtocolError] | None,
) -> None:
    before = Checkpoint("alder.example/log", 1, seed("leaf")) if known else None
    request = AddCheckpoint(old, proof, signed(size, root))
    if refused is None:
        assert asked(before, request).root == root
    else:
        with pytest.raises(refused):
            asked(before, request)


# --- What is checked, and in which order ----------------------------------------------------------


def test_a_signature_is_looked_at_before_any_size() -> None:
    note = LOG.note().replace(b"alder.example/log Ke", b"alder.example/log Kf")
    with pytest.raises(UnknownKey):
        asked(held(5), AddCheckpoint(99, (), note))
    with pytest.raises(UnknownKey):
        asked(held(5), AddCheckpoint(0, (), LOG.note("birch")))
    note = LOG.note().replace(b"\n9\n", b"\n8\n")
    with pytest.raises(BadSignature):
        asked(held(5), AddCheckpoint(99, (), note))


def test_an_old_size_above_the_new_is_looked_at_before_what_is_held() -> None:
    with pytest.raises(Malformed):
        asked(held(5), AddCheckpoint(10, (), LOG.note()))


def test_a_conflict_is_looked_at_before_the_proof() -> None:
    with pytest.raises(SizeConflict) as conflict:
        asked(held(5), AddCheckpoint(4, (bytes(32),), LOG.note()))
    assert conflict.value.size == 5


def test_a_proof_with_any_bit_flipped_is_refused() -> None:
    good = request(5, 9)
    proof = b"".join(good.proof)
    for bit in range(0, len(proof) * 8, 7):
        bad = flip(proof, bit)
        hashes = tuple(bad[at : at + 32] for at in range(0, len(bad), 32))
        with pytest.raises(Inconsistent):
            asked(held(5), AddCheckpoint(5, hashes, good.note))


def test_a_split_view_is_not_cosigned() -> None:
    other = Log([*LOG.entries[:4], b"another history", *LOG.entries[5:]])
    for size in (5, 9):
        with pytest.raises(Inconsistent):
            asked(held(5), AddCheckpoint(5, request(5, size).proof, request(5, size, other).note))
    with pytest.raises(Inconsistent):
        asked(held(5), request(5, 9, other))


def test_extension_lines_are_cosigned_too() -> None:
    note = sign_note(LOG.checkpoint().text + "more\n", [log_signer()])
    checkpoint, text = advance(None, AddCheckpoint(0, (), note), ALDER)
    assert checkpoint == LOG.checkpoint()
    assert text.endswith("\nmore\n")


NOTE = LOG.note()
HASH = b64(bytes(32)).encode()
BODIES = {
    "empty": b"",
    "no empty line": b"old 0\n" + NOTE.partition(b"\n\n")[0],
    "no old size": b"\n" + NOTE,
    "another word": b"new 0\n\n" + NOTE,
    "two spaces": b"old  0\n\n" + NOTE,
    "a leading zero": b"old 00\n\n" + NOTE,
    "a sign": b"old -1\n\n" + NOTE,
    "too large": b"old 9223372036854775808\n\n" + NOTE,
    "other digits": "old \u0661\n\n".encode() + NOTE,
    "a carriage return": b"old 0\r\n\r\n" + NOTE,
    "a short hash": b"old 1\n" + b64(bytes(31)).encode() + b"\n\n" + NOTE,
    "a hash with stray bits": b"old 1\n" + HASH[:-2] + b"B=\n\n" + NOTE,
    "a hash that is not base64": b"old 1\n?\n\n" + NOTE,
    "more than 63 hashes": b"old 1\n" + (HASH + b"\n") * (MAX_PROOF + 1) + b"\n" + NOTE,
    "too long": b"old 1\n\n" + NOTE + b"x" * MAX_ADD_CHECKPOINT,
    "no note": b"old 1\n\n",
    "a note without signatures": b"old 0\n\n" + NOTE.partition(b"\n\n")[0] + b"\n",
}


@pytest.mark.parametrize("what", BODIES)
def test_what_is_no_request_is_malformed(what: str) -> None:
    with pytest.raises(Malformed):
        advance(None, parse_add_checkpoint(BODIES[what]), ALDER)


def test_63_hashes_are_taken_as_a_request() -> None:
    body = b"old 1\n" + (HASH + b"\n") * MAX_PROOF + b"\n" + NOTE
    assert len(parse_add_checkpoint(body).proof) == MAX_PROOF


# --- What a log reads from a witness --------------------------------------------------------------

KEY = key("birch", Purpose.WITNESS)
BIRCH = Cosigner("birch.example/witness", KEY.public)
ANSWER = f"{cosign(LOG.checkpoint().text, BIRCH.name, KEY, 7)}\n".encode()


def test_the_cosignature_is_found_among_others() -> None:
    strangers = b"\xe2\x80\x94 stranger " + b64(bytes(76)).encode() + b"\n"
    found = read_cosignatures(strangers + ANSWER + strangers, NOTE, BIRCH)
    assert (found.cosigner, found.time) == (BIRCH, 7)


def test_an_answer_without_the_witness_cosignature_is_refused() -> None:
    text = LOG.checkpoint().text
    other = Log(leaves(3)).checkpoint().text
    with pytest.raises(UnknownKey):
        read_cosignatures(
            f"{cosign(text, 'cedar', key('cedar', Purpose.WITNESS), 7)}\n".encode(), NOTE, BIRCH
        )
    with pytest.raises(BadSignature):
        read_cosignatures(f"{cosign(other, BIRCH.name, KEY, 7)}\n".encode(), NOTE, BIRCH)


@pytest.mark.parametrize(
    "answer",
    [b"", b"\n", ANSWER[:-1], b"\n" + ANSWER, ANSWER + b"\n", b"text\n\n" + ANSWER, b"\xff\n"],
)
def test_an_answer_that_is_not_signature_lines_is_malformed(answer: bytes) -> None:
    with pytest.raises(Malformed):
        read_cosignatures(answer, NOTE, BIRCH)


def test_an_answer_does_not_move_where_the_checkpoint_ends() -> None:
    """Put behind the checkpoint as it is, a blank line would make signatures part of the text."""
    with pytest.raises(Malformed):
        read_cosignatures(b"\n" + ANSWER, NOTE, BIRCH)


def test_a_conflict_names_a_size_in_one_spelling() -> None:
    assert read_conflict(b"0\n") == 0
    assert read_conflict(b"20852163\n") == 20852163
    for wrong in (b"", b"1", b"01\n", b"-1\n", b" 1\n", b"1\n\n", b"9223372036854775808\n", b"x\n"):
        with pytest.raises(Malformed):
            read_conflict(wrong)


# --- A witness, whatever it is asked --------------------------------------------------------------


class AnyRequests(RuleBasedStateMachine):
    """A log that signs two histories, and a witness that is asked about both in any order."""

    def __init__(self) -> None:
        super().__init__()
        honest = leaves(12)
        self.histories = [Log(honest), Log([*honest[:6], *leaves(12)[:6]])]
        self.held: Checkpoint | None = None
        self.cosigned: list[Checkpoint] = []

    @rule(
        which=st.integers(0, 1),
        size=st.integers(0, 12),
        old=st.integers(0, 12),
        true_old=st.booleans(),
        proof_of=st.integers(0, 1),
        cut=st.integers(0, 2),
    )
    def ask(self, which: int, size: int, old: int, true_old: bool, proof_of: int, cut: int) -> None:
        if true_old:
            old = self.held.size if self.held else 0
        proof = list(request(min(old, size), size, self.histories[proof_of]).proof)
        asked = AddCheckpoint(old, tuple(proof[cut:]), request(0, size, self.histories[which]).note)
        try:
            self.held, _ = advance(self.held, asked, ALDER)
        except ProtocolError:
            return
        self.cosigned.append(self.held)

    @precondition(lambda self: self.cosigned)
    @invariant()
    def all_that_was_cosigned_is_of_one_history(self) -> None:
        def of(log: Log) -> bool:
            return all(held(one.size, log).root == one.root for one in self.cosigned)

        assert any(of(log) for log in self.histories)
        sizes = [one.size for one in self.cosigned]
        assert sizes == sorted(sizes)


AnyRequests.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestAnyRequests = AnyRequests.TestCase


def test_proofs_between_the_sizes_of_the_log_verify() -> None:
    """The machine above would pass a witness that takes nothing."""
    before = None
    for size in range(1, 10):
        before = asked(before, request(size - 1, size))
    assert before == held(9)
