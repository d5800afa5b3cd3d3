"""The Merkle tree against its definition in RFC 6962, others' vectors, and forged proofs."""

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.errors import Inconsistent, Malformed, NotIncluded
from protocols.merkle import (
    EMPTY_ROOT,
    Frontier,
    Subtree,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    split_hashes,
    subtree_root,
)
from tests.protocols.factories import flip, leaves, seed, vectors

RFC6962, GO = vectors("rfc6962"), vectors("go_tlog")
MOST = 600


def mth(entries: Sequence[bytes]) -> bytes:
    """MTH(D[n]) as RFC 6962 section 2.1 defines it."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while 2 * k < len(entries):
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: Sequence[bytes]) -> list[bytes]:
    """PATH(m, D[n]) as RFC 6962 section 2.1.1 defines it."""
    if len(entries) == 1:
        return []
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """SUBPROOF(m, D[n], b) as RFC 6962 section 2.1.2 defines it."""
    if m == len(entries):
        return [] if whole else [mth(entries)]
    k = 1
    while 2 * k < len(entries):
        k *= 2
    if m <= k:
        return [*subproof(m, entries[:k], whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], False), mth(entries[:k])]


ENTRIES = leaves(MOST)


@cache
def node(level: int, index: int) -> bytes:
    if level == 0:
        return leaf_hash(ENTRIES[index])
    return node_hash(node(level - 1, 2 * index), node(level - 1, 2 * index + 1))


@cache
def frontier(size: int) -> Frontier:
    return Frontier().extend(map(leaf_hash, ENTRIES[:size]))[0]


def root(size: int) -> bytes:
    return frontier(size).root()


# --- The definition and others' values ----------------------------------------------------------


def test_the_frontier_has_the_root_that_rfc_6962_defines() -> None:
    for size in [*range(70), 127, 128, 129, 255, 256, 257, 511, 512, 513, MOST]:
        assert root(size) == mth(ENTRIES[:size])
        assert subtree_root(0, size, node) == mth(ENTRIES[:size])


def test_proofs_are_the_ones_that_rfc_6962_defines() -> None:
    for size in range(1, 34):
        for index in range(size):
            assert inclusion_proof(index, size, node) == path(index, ENTRIES[:size])
        for old in range(1, size + 1):
            assert consistency_proof(old, size, node) == subproof(old, ENTRIES[:size])


def test_the_empty_tree_and_the_prefixes_are_those_of_rfc_6962() -> None:
    assert root(0) == EMPTY_ROOT == sha256(b"").digest()
    assert leaf_hash(b"x") == sha256(b"\x00x").digest()
    assert node_hash(b"l", b"r") == sha256(b"\x01lr").digest()


def test_the_reference_tree_of_certificate_transparency() -> None:
    tree = RFC6962["reference_tree"]
    hashes = [leaf_hash(bytes.fromhex(leaf)) for leaf in tree["leaves"]]
    roots = [bytes.fromhex(value) for value in tree["roots"]]
    for size, value in enumerate(roots):
        assert Frontier().extend(hashes[:size])[0].root() == value
    for one in tree["inclusion"]:
        index, size = one["index"], one["size"]
        check_inclusion(index, hashes[index], size, roots[size], unhex(one["proof"]))
    for one in tree["consistency"]:
        old, new = one["old"], one["new"]
        check_consistency(old, roots[old], new, roots[new], unhex(one["proof"]))


def test_the_worked_example_of_rfc_9162() -> None:
    example = RFC6962["worked_example"]
    named = {name: mth(ENTRIES[start:end]) for name, (start, end) in example["nodes"].items()}
    size = example["size"]
    for one in example["inclusion"]:
        assert inclusion_proof(one["index"], size, node) == [named[at] for at in one["proof"]]
    for one in example["consistency"]:
        assert root(one["old"]) == named[one["tree"]]
        assert consistency_proof(one["old"], size, node) == [named[at] for at in one["proof"]]


def test_roots_are_those_of_go() -> None:
    assert {int(size) for size in GO["roots"] if int(size) <= MOST} > set(range(40))
    for size, value in GO["roots"].items():
        if int(size) <= MOST:
            assert root(int(size)).hex() == value


def test_proofs_are_those_of_go() -> None:
    for one in GO["inclusion"]:
        index, size, proof = one["index"], one["size"], unhex(one["proof"])
        leaf = bytes.fromhex(one["leaf_hash"])
        check_inclusion(index, leaf, size, bytes.fromhex(GO["roots"][str(size)]), proof)
        if size <= MOST:
            assert inclusion_proof(index, size, node) == proof
    for one in GO["consistency"]:
        old, new, proof = one["old"], one["new"], unhex(one["proof"])
        roots = [bytes.fromhex(GO["roots"][str(size)]) for size in (old, new)]
        check_consistency(old, roots[0], new, roots[1], proof)
        if new <= MOST:
            assert consistency_proof(old, new, node) == proof


def unhex(values: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(value) for value in values]


# --- The frontier ---------------------------------------------------------------------------------


@given(st.lists(st.binary(max_size=20), max_size=300), st.data())
def test_a_frontier_grown_in_two_steps_is_the_frontier_grown_in_one(
    entries: list[bytes], data: st.DataObject
) -> None:
    hashes = [leaf_hash(entry) for entry in entries]
    cut = data.draw(st.integers(0, len(hashes)))
    first, complete = Frontier().extend(hashes[:cut])
    both, more = first.extend(hashes[cut:])
    assert (both, complete + more) == Frontier().extend(hashes)
    assert both.root() == mth(entries)
    assert Frontier.unpack(both.size, both.pack()) == both


def test_the_hashes_of_tiles_are_given_as_they_become_complete() -> None:
    entries = leaves(257)
    grown, complete = Frontier().extend(map(leaf_hash, entries))
    assert complete == [Subtree(1, 0, mth(entries[:256]))]
    assert grown.hashes == (mth(entries[:256]), leaf_hash(entries[256]))


def test_the_hash_of_65536_leaves_is_given_once() -> None:
    _, complete = Frontier().extend(leaf_hash(entry) for entry in leaves(65536))
    assert [subtree.level for subtree in complete].count(1) == 256
    assert [subtree for subtree in complete if subtree.level == 2] == [
        Subtree(2, 0, bytes.fromhex(GO["roots"]["65536"]))
    ]


@pytest.mark.parametrize(("size", "count"), [(-1, 0), (0, 1), (1, 0), (3, 1), (4, 2), (7, 4)])
def test_a_frontier_with_another_number_of_hashes_is_refused(size: int, count: int) -> None:
    with pytest.raises(Malformed):
        Frontier(size, (EMPTY_ROOT,) * count)


def test_packed_hashes_cut_short_are_refused() -> None:
    for length in (1, 31, 33, 65):
        with pytest.raises(Malformed):
            split_hashes(bytes(length))
    with pytest.raises(Malformed):
        Frontier.unpack(3, bytes(32))


# --- Proofs ---------------------------------------------------------------------------------------


def test_every_proof_that_is_made_verifies() -> None:
    for size in range(1, 40):
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            check_inclusion(index, node(0, index), size, root(size), proof)
        for old in range(size + 1):
            proof = consistency_proof(old, size, node)
            check_consistency(old, root(old), size, root(size), proof)


@given(st.integers(1, MOST), st.data())
def test_proofs_in_longer_logs_verify(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    check_inclusion(index, node(0, index), size, root(size), proof)
    old = data.draw(st.integers(0, size))
    check_consistency(old, root(old), size, root(size), consistency_proof(old, size, node))


Changed = Callable[[list[bytes]], list[list[bytes]]]


def cut_extended_and_reordered(proof: list[bytes]) -> list[list[bytes]]:
    others = [proof[:-1], proof[1:], [*proof, seed("x")], [seed("x"), *proof]]
    others += [proof + proof, proof[::-1], [*proof, proof[-1]] if proof else [b""]]
    return [other for other in others if other != proof]


def flipped(proof: list[bytes]) -> list[list[bytes]]:
    return [
        [*proof[:at], flip(proof[at], bit), *proof[at + 1 :]]
        for at in range(len(proof))
        for bit in (0, 131, 255)
    ]


def resized(proof: list[bytes]) -> list[list[bytes]]:
    """Hashes of other lengths, and the boundary between two of them moved."""
    others = [[*proof[:at], proof[at] + b"\0", *proof[at + 1 :]] for at in range(len(proof))]
    others += [[*proof[:at], proof[at][:31], *proof[at + 1 :]] for at in range(len(proof))]
    others += [[*proof[:at], b"", *proof[at:]] for at in range(len(proof) + 1)]
    return others


FORGERIES = pytest.mark.parametrize("forged", [cut_extended_and_reordered, flipped, resized])


@FORGERIES
def test_a_changed_inclusion_proof_is_refused(forged: Changed) -> None:
    for size in range(1, 20):
        for index in range(size):
            for proof in forged(inclusion_proof(index, size, node)):
                with pytest.raises(NotIncluded):
                    check_inclusion(index, node(0, index), size, root(size), proof)


@FORGERIES
def test_a_changed_consistency_proof_is_refused(forged: Changed) -> None:
    for size in range(1, 20):
        for old in range(size + 1):
            for proof in forged(consistency_proof(old, size, node)):
                with pytest.raises(Inconsistent):
                    check_consistency(old, root(old), size, root(size), proof)


@given(st.integers(1, MOST), st.data())
def test_a_bit_flipped_anywhere_in_a_long_proof_is_refused(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    inclusion, consistency = (
        inclusion_proof(index, size, node),
        consistency_proof(old, size, node),
    )
    if inclusion:
        with pytest.raises(NotIncluded):
            check_inclusion(index, node(0, index), size, root(size), one_bit(inclusion, data))
    if consistency:
        with pytest.raises(Inconsistent):
            check_consistency(old, root(old), size, root(size), one_bit(consistency, data))


def one_bit(proof: list[bytes], data: st.DataObject) -> list[bytes]:
    at = data.draw(st.integers(0, len(proof) - 1))
    return [*proof[:at], flip(proof[at], data.draw(st.integers(0, 255))), *proof[at + 1 :]]


def test_a_proof_holds_for_no_other_index_leaf_or_root() -> None:
    size = 13
    for index in range(size):
        proof, leaf = inclusion_proof(index, size, node), node(0, index)
        wrong = [(other, leaf, root(size)) for other in range(size) if other != index]
        wrong += [(index, node(0, other), root(size)) for other in range(size) if other != index]
        wrong += [(index, leaf, root(other)) for other in range(20) if other != size]
        for place, claimed, top in wrong:
            with pytest.raises(NotIncluded):
                check_inclusion(place, claimed, size, top, proof)


def test_an_inner_node_does_not_pass_for_an_entry() -> None:
    """Second preimage: the prefixes of RFC 6962 keep leaves and nodes apart."""
    inner = node(0, 0) + node(0, 1)
    proof = inclusion_proof(0, 4, node)
    with pytest.raises(NotIncluded):
        check_inclusion(0, leaf_hash(inner), 2, root(4), proof[1:])


def test_a_proof_through_a_taller_tree_than_the_size_has_is_refused() -> None:
    """A log that signs the root of four entries as if it had two."""
    with pytest.raises(NotIncluded, match="too long"):
        check_inclusion(0, node(0, 0), 2, root(4), [node(0, 1), node(1, 1)])
    with pytest.raises(Inconsistent, match="too long"):
        check_consistency(1, root(1), 2, root(4), [node(0, 1), node(1, 1)])


@pytest.mark.parametrize(("index", "size"), [(-1, 5), (5, 5), (6, 5), (0, 0), (0, -1)])
def test_no_proof_leads_to_an_entry_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(Malformed):
        inclusion_proof(index, size, node)
    with pytest.raises(NotIncluded):
        check_inclusion(index, node(0, 0), size, root(5), [])


@pytest.mark.parametrize(("old", "new"), [(-1, 5), (6, 5), (1, 0)])
def test_no_proof_leads_back(old: int, new: int) -> None:
    with pytest.raises(Malformed):
        consistency_proof(old, new, node)
    with pytest.raises(Inconsistent):
        check_consistency(old, root(5), new, root(5), [])


def test_two_logs_of_the_same_size_are_not_consistent() -> None:
    for size in (0, 1, 7, 8):
        with pytest.raises(Inconsistent):
            check_consistency(size, root(size), size, seed("other"), [])
        with pytest.raises(Inconsistent):
            check_consistency(size, seed("other"), size, root(size), [])


def test_a_log_that_was_rewritten_is_not_consistent() -> None:
    rewritten = [b"another", *ENTRIES[1:20]]

    def theirs(level: int, index: int) -> bytes:
        return mth(rewritten[index << level : (index + 1) << level])

    for old in range(1, 20):
        proof = consistency_proof(old, 20, theirs)
        with pytest.raises(Inconsistent):
            check_consistency(old, root(old), 20, mth(rewritten), proof)


def test_no_proof_claims_that_a_log_began_empty_with_another_root() -> None:
    with pytest.raises(Inconsistent):
        check_consistency(0, seed("other"), 5, root(5), [])
    with pytest.raises(Inconsistent):
        check_consistency(0, EMPTY_ROOT, 5, root(5), [root(5)])


def test_numbers_of_any_size_are_judged_without_delay() -> None:
    huge = [2**63 - 1, 2**64, 2**4000]
    for size in huge:
        with pytest.raises(NotIncluded):
            check_inclusion(size - 1, node(0, 0), size, root(5), [seed("x")] * 64)
        with pytest.raises(Inconsistent):
            check_consistency(size - 1, root(4), size, root(5), [seed("x")] * 64)
