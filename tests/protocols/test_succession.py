"""A charter's successors: signed by those before, taking nothing back, and one to a version."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.charter import (
    Charter,
    Group,
    Key,
    Member,
    ServedAuthority,
    charter_digest,
    decode_charter,
    open_founding_charter,
    sign_charter,
    verify_founding_charter,
)
from protocols.encoding import b64url
from protocols.errors import (
    BadSignature,
    CharterRefused,
    Expired,
    Malformed,
    ProtocolError,
    UnknownKey,
)
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, Purpose
from protocols.note import NoteSigner, sign_note
from protocols.succession import Successor, open_chain, open_successor
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    HOLDERS,
    NOW,
    Log,
    charter,
    charter_note,
    charter_signer,
    flip,
    key,
    leaves,
    member,
    rotated,
    served_authority,
    signed_as_it_is,
    successor,
)

FOUNDING = charter_note()
ALL = HOLDERS
TWO = HOLDERS[:2]
ROOT = b64url(bytes(range(32)))
CEDAR, CEDARHAM = "cedar", "E99000003"


def signed(made: Charter, holders: Sequence[str] = TWO) -> bytes:
    """Whatever it says, by as many holders as are enough."""
    return signed_as_it_is(made, holders)


def opened(note: bytes, before: bytes = FOUNDING) -> Successor:
    return open_successor(note, decode_charter(before), charter_digest(before))


def refused(
    note: bytes,
    why: str,
    before: bytes = FOUNDING,
    reason: type[ProtocolError] = CharterRefused,
) -> None:
    with pytest.raises(reason, match=why):
        opened(note, before)


def with_alder(before: bytes = FOUNDING, **changes: Any) -> Charter:
    """The next version, in which alder is described otherwise."""
    held = decode_charter(before)
    members = tuple(
        msgspec.structs.replace(one, **changes) if one.node == "alder" else one
        for one in held.members
    )
    return successor(before, members=members)


def cedar(**changes: Any) -> Member:
    """A third node, which no founding charter names."""
    keys = tuple(Key.of(key(CEDARHAM, purpose).public) for purpose in AUTHORITY_PURPOSES)
    made = Member(
        node=CEDAR,
        url="https://cedar.example",
        origin="cedar.example/log",
        status="active",
        keys=tuple(Key.of(key(CEDAR, purpose).public) for purpose in NODE_PURPOSES),
        authorities=(ServedAuthority(CEDARHAM, "Cedarham", keys),),
    )
    return msgspec.structs.replace(made, **changes)


def vkeys(*holders: str) -> tuple[str, ...]:
    return tuple(charter_signer(holder).verifier.vkey for holder in holders)


# --- What passes ----------------------------------------------------------------------------------


def test_the_wire_form_of_a_founding_charter_has_not_changed() -> None:
    """A key without an end, and a member without a reason, are written as they always were."""
    written = msgspec.json.encode(member("alder"))
    assert b'"since":0,"until":null}' in written
    assert b"root" not in written
    assert b"reason" not in written


def test_a_successor_signed_by_more_than_half_is_the_next_version() -> None:
    made = successor(FOUNDING, members=(*charter().members, cedar()))
    assert opened(signed(made)) == Successor(made, waits=False)


def test_a_chain_is_checked_from_the_founding_charter_alone() -> None:
    second = signed(successor(FOUNDING, name="The Two Towns and a Village"))
    third = signed(successor(second, members=(*charter().members, cedar())), HOLDERS[1:])
    assert open_chain([FOUNDING, second, third]).members[2] == cedar()


def test_a_member_is_suspended_with_the_reason_and_taken_back() -> None:
    second = signed(with_alder(status="suspended", reason="Its officers asked for it."))
    assert opened(second).charter.members[0].reason == "Its officers asked for it."
    third = signed(with_alder(second, status="active", reason=msgspec.UNSET))
    assert opened(third, second).charter.members == charter().members


def test_a_log_key_is_replaced_with_an_overlap_and_then_ends() -> None:
    log = Log(leaves(7))
    first, *others = member("alder").keys
    later = Key.of(key("alder 2", Purpose.LOG).public, 5)
    second = signed(with_alder(keys=(first, later, *others)))
    both = opened(second).charter.members[0]
    assert len(both.log_verifiers) == 2
    ended = msgspec.structs.replace(first, until=7, root=b64url(log.frontier.root()))
    alder = opened(signed(with_alder(second, keys=(ended, later, *others))), second)
    held = alder.charter.members[0]
    assert held.log_verifiers == both.log_verifiers[1:]
    assert [len(held.log_verifiers_at(size)) for size in (0, 4, 5, 7, 8)] == [1, 1, 2, 2, 1]
    assert held.pins == ((7, log.frontier.root()),)


def test_other_keys_are_replaced_by_naming_others() -> None:
    keys = tuple(
        Key.of(key(f"{ALDERTON} 2", key_.purpose).public)
        for key_ in served_authority(ALDERTON).keys
    )
    alderton = msgspec.structs.replace(served_authority(ALDERTON), keys=keys)
    log, witness, _ = member("alder").keys
    access = Key.of(key("alder 2", Purpose.ACCESS).public)
    made = with_alder(keys=(log, witness, access), authorities=(alderton,))
    assert opened(signed(made)).charter == made


def test_an_authority_moves_to_another_member_with_its_keys() -> None:
    alder, birch = charter().members
    moved = msgspec.structs.replace(birch, authorities=(*birch.authorities, *alder.authorities))
    made = successor(FOUNDING, members=(msgspec.structs.replace(alder, authorities=()), moved))
    found = opened(signed(made)).charter.serving(ALDERTON)
    assert found
    assert found[0].node == "birch"


def test_an_expired_charter_still_has_a_successor() -> None:
    """Otherwise a lapsed date would end the consortium."""
    short = charter_note(charter(expires=NOW - timedelta(days=300)))
    with pytest.raises(Expired):
        open_founding_charter(short, NOW)
    made = successor(short, expires=NOW + timedelta(days=300))
    assert opened(signed(made), short).charter == made


# --- Attacks --------------------------------------------------------------------------------------


def test_a_skipped_version_is_refused() -> None:
    for version in (1, 3, 4):
        refused(signed(successor(FOUNDING, version=version)), "does not follow")


def test_a_successor_of_another_charter_is_refused() -> None:
    other = charter_note(charter(name="Another"))
    refused(signed(successor(other)), "does not follow")
    refused(signed(successor(FOUNDING, previous=None)), "does not follow")
    refused(signed(successor(FOUNDING, previous="")), "does not follow")


def test_a_rollback_to_an_older_charter_is_refused() -> None:
    second = signed(successor(FOUNDING, members=(*charter().members, cedar())))
    third = signed(successor(second, name="Three"))
    for older in (FOUNDING, second, third):
        refused(older, "does not follow", third)
    with pytest.raises(CharterRefused, match="does not follow"):
        open_chain([FOUNDING, second, second])


def test_a_chain_without_its_founding_charter_is_refused() -> None:
    second = signed(successor(FOUNDING))
    with pytest.raises(CharterRefused, match="founding"):
        open_chain([second])


def test_too_few_signatures_of_the_version_before_are_refused() -> None:
    for holder in HOLDERS:
        refused(signed(successor(FOUNDING), [holder]), "1 of the 3 keys")
        refused(signed(successor(FOUNDING), [holder] * 3), "1 of the 3 keys")


def test_a_signature_by_a_key_that_the_version_before_does_not_name_is_refused() -> None:
    stranger = NoteSigner(HOLDERS[0], key("stranger", Purpose.CHARTER))
    text = msgspec.json.encode(successor(FOUNDING)).decode() + "\n"
    with pytest.raises(UnknownKey):
        opened(sign_note(text, [stranger]))
    refused(sign_note(text, [stranger, charter_signer(HOLDERS[1])]), "1 of the 3 keys")


def test_a_successor_that_vouches_for_itself_is_refused() -> None:
    """Its own keys have all signed it; nobody before has named them."""
    thieves = ("one/charter", "two/charter", "three/charter")
    made = successor(FOUNDING, charter_keys=vkeys(*thieves))
    with pytest.raises(UnknownKey):
        opened(signed(made, thieves))


def test_a_key_that_has_signed_another_text_is_refused() -> None:
    other = signed(successor(FOUNDING, name="Other")).rpartition(b"\n\n")[2]
    text = signed(successor(FOUNDING)).rpartition(b"\n\n")[0]
    with pytest.raises(BadSignature):
        opened(text + b"\n\n" + other)


def test_a_founding_charter_does_not_pass_for_a_successor() -> None:
    refused(charter_note(holders=ALL), "does not follow")


def test_a_charter_that_leaves_a_member_out_is_refused() -> None:
    for left in range(2):
        refused(
            signed(successor(FOUNDING, members=(charter().members[left],), groups=())),
            "is missing; who leaves stays named",
        )


def test_a_member_s_name_taken_over_is_refused() -> None:
    """Another node under alder's name: another log, and keys of its own."""
    theirs = tuple(Key.of(key("thief", purpose).public) for purpose in NODE_PURPOSES)
    refused(signed(with_alder(origin="thief.example/log", keys=theirs)), "another log than before")
    refused(signed(with_alder(keys=theirs)), "a log key of alder is missing")


def test_the_log_origin_of_another_member_is_refused() -> None:
    refused(
        signed(successor(FOUNDING, members=(*charter().members, cedar(origin=member().origin)))),
        "the same log origin",
    )
    alder, birch = charter().members
    swapped = (
        msgspec.structs.replace(alder, origin=birch.origin),
        msgspec.structs.replace(birch, origin=alder.origin),
    )
    refused(signed(successor(FOUNDING, members=swapped)), "another log than before")


def test_the_same_key_twice_is_refused() -> None:
    keys = (*cedar().keys[:2], member("alder").keys[2])
    refused(
        signed(successor(FOUNDING, members=(*charter().members, cedar(keys=keys)))),
        "the same key stands there twice",
    )


def test_a_key_that_passes_to_another_member_or_purpose_is_refused() -> None:
    """Its former holder could still sign, and both could disown it."""
    alder, birch = charter().members
    swapped = (
        msgspec.structs.replace(alder, keys=(*alder.keys[:2], birch.keys[2])),
        msgspec.structs.replace(birch, keys=(*birch.keys[:2], alder.keys[2])),
    )
    refused(signed(successor(FOUNDING, members=swapped)), "was another's")
    log, witness, access = alder.keys
    turned = (
        log,
        Key(Purpose.WITNESS, access.public),
        Key(Purpose.ACCESS, witness.public),
    )
    refused(signed(with_alder(keys=turned)), "was another's, or for something else")


def test_a_log_key_that_vanishes_is_refused() -> None:
    """What it signed could not be verified any more."""
    _, *others = member("alder").keys
    later = Key.of(key("alder 2", Purpose.LOG).public)
    refused(signed(with_alder(keys=(later, *others))), "keeps its place, with its end")


def test_a_log_key_that_begins_elsewhere_is_refused() -> None:
    first, *others = member("alder").keys
    later = msgspec.structs.replace(first, since=9)
    refused(signed(with_alder(keys=(later, *others))), "begins elsewhere")


@pytest.mark.parametrize(
    "again",
    [
        {"until": None, "root": msgspec.UNSET},
        {"until": 5},
        {"until": 3},
        {"root": ROOT},
    ],
    ids=["holds again", "later", "earlier", "another history"],
)
def test_a_revocation_that_is_taken_back_is_refused(again: dict[str, object]) -> None:
    second = signed(rotated(Log(leaves(4))))
    ended, *others = decode_charter(second).members[0].keys
    changed = msgspec.structs.replace(ended, **again)
    refused(signed(with_alder(second, keys=(changed, *others)), TWO), "ends elsewhere now", second)


def test_a_new_log_key_that_has_ended_is_refused() -> None:
    first, *others = member("alder").keys
    new = Key(Purpose.LOG, b64url(key("alder 2", Purpose.LOG).public.raw), 0, 4, ROOT)
    refused(signed(with_alder(keys=(first, new, *others))), "ended before it began")
    keys = (new, *cedar().keys)
    refused(
        signed(successor(FOUNDING, members=(*charter().members, cedar(keys=keys)))),
        "new, with log keys that have ended",
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"until": 4}, "ends at a size and the root"),
        ({"root": ROOT}, "ends at a size and the root"),
        ({"since": 5, "until": 4, "root": ROOT}, "ends before it begins"),
        ({"until": 4, "root": ROOT}, "all its log keys have ended"),
    ],
)
def test_a_range_that_makes_no_sense_is_refused(change: dict[str, object], why: str) -> None:
    first, *others = member("alder").keys
    changed = msgspec.structs.replace(first, **change)
    refused(signed(with_alder(keys=(changed, *others))), why)


def test_two_roots_for_one_size_of_a_log_are_refused() -> None:
    """A charter that names both sides of a fork settles nothing."""
    first, *others = member("alder").keys
    second, third = (Key.of(key(f"alder {n}", Purpose.LOG).public) for n in (2, 3))
    before = signed(with_alder(keys=(first, second, third, *others)))
    forked = tuple(
        msgspec.structs.replace(one, until=4, root=root)
        for one, root in ((first, ROOT), (second, b64url(bytes(32))))
    )
    refused(signed(with_alder(before, keys=(*forked, third, *others))), "two roots", before)


@pytest.mark.parametrize("purpose", [Purpose.WITNESS, Purpose.ACCESS])
def test_a_range_of_another_key_than_a_log_key_is_refused(purpose: Purpose) -> None:
    keys = tuple(
        msgspec.structs.replace(one, since=1) if one.purpose is purpose else one
        for one in member("alder").keys
    )
    refused(signed(with_alder(keys=keys)), "only a log key")


def test_a_founding_charter_whose_keys_have_a_range_is_refused() -> None:
    first, *others = member("alder").keys
    later = msgspec.structs.replace(first, since=4)
    note = charter_note(charter(members=(member("alder", keys=(later, *others)),), groups=()))
    with pytest.raises(CharterRefused, match="have no range"):
        verify_founding_charter(note)


def test_a_reason_without_a_suspension_is_refused() -> None:
    refused(signed(with_alder(reason="For fun.")), "a reason is for a suspension")


@given(st.integers(0, len(FOUNDING) * 8 + 800))
def test_a_successor_with_any_bit_flipped_is_refused(bit: int) -> None:
    note = signed(successor(FOUNDING, name="Three"))
    with pytest.raises(ProtocolError):
        opened(flip(note, bit % (len(note) * 8)))


@pytest.mark.parametrize("note", [b"", b"\n\n", signed(successor(FOUNDING))[:-1], b"{" * 1_000_001])
def test_what_is_no_note_is_no_successor(note: bytes) -> None:
    with pytest.raises(Malformed):
        opened(note)


# --- Who the majority is --------------------------------------------------------------------------

FIVE = tuple(f"{name}/charter" for name in ("alder", "birch", "cedar", "dean", "elm"))
OF_FIVE = charter_note(charter(charter_keys=vkeys(*FIVE)), FIVE)


def changed_keys(*holders: str, **more: Any) -> Charter:
    return successor(OF_FIVE, charter_keys=vkeys(*holders), **more)


def test_a_holder_replaces_its_own_key_by_an_ordinary_majority() -> None:
    made = changed_keys("alder/charter-2", *FIVE[1:])
    assert not opened(signed(made, FIVE[:3]), OF_FIVE).waits


def test_a_lost_key_is_replaced_by_two_thirds_after_a_wait() -> None:
    made = changed_keys("alder/charter-2", *FIVE[1:], expires=NOW + timedelta(days=600))
    refused(signed(made, FIVE[1:4]), "3 of 5 keys signed other charter keys", OF_FIVE)
    assert opened(signed(made, FIVE[1:]), OF_FIVE).waits


def test_a_charter_that_puts_a_holder_out_changes_nothing_else() -> None:
    """Else its wait would be reason enough to hurry."""
    made = changed_keys(*FIVE[1:], name="The Two Towns without Alderton")
    refused(signed(made, FIVE[1:]), "a version of its own", OF_FIVE)


def test_a_bare_majority_cannot_make_itself_larger() -> None:
    friends = ("friend/charter", "other friend/charter")
    made = changed_keys(*FIVE, "friend/charter")
    refused(signed(made, FIVE[:3]), "needs two thirds", OF_FIVE)
    made = changed_keys("alder/charter-2", *FIVE[1:], friends[0])
    refused(signed(made, FIVE[:3]), "needs two thirds", OF_FIVE)
    assert opened(signed(changed_keys(*FIVE, "friend/charter"), FIVE[:4]), OF_FIVE).waits


def test_all_together_change_charter_keys_at_once() -> None:
    made = changed_keys("only/charter", name="Ours alone")
    assert not opened(signed(made, FIVE), OF_FIVE).waits


def test_the_one_founding_key_makes_room_for_three() -> None:
    alone = charter_note(charter(charter_keys=vkeys("founding-key")), ["founding-key"])
    made = successor(alone, charter_keys=vkeys(*HOLDERS))
    second = signed(made, ["founding-key"])
    assert not opened(second, alone).waits
    with pytest.raises(UnknownKey):
        opened(signed(successor(second), ["founding-key"]), second)


# --- Any chain ------------------------------------------------------------------------------------


def _suspend(before: bytes, _: int) -> Charter:
    return with_alder(before, status="suspended", reason="By a vote.")


def _reinstate(before: bytes, _: int) -> Charter:
    return with_alder(before, status="active", reason=msgspec.UNSET)


def _add_log_key(before: bytes, number: int) -> Charter:
    keys = decode_charter(before).members[0].keys
    new = Key.of(key(f"alder {number}", Purpose.LOG).public, number)
    return with_alder(before, keys=(*keys, new))


def _end_log_key(before: bytes, number: int) -> Charter:
    """End the oldest that holds, unless it is the only one."""
    alder = decode_charter(before).members[0]
    holding = [one for one in alder.log_keys if one.until is None]
    if len(holding) == 1:
        return successor(before)
    size = 100 + number
    ended = msgspec.structs.replace(
        holding[0], until=size, root=b64url(Log(leaves(size)).frontier.root())
    )
    return with_alder(before, keys=tuple(ended if one == holding[0] else one for one in alder.keys))


def _new_access_key(before: bytes, number: int) -> Charter:
    keys = [one for one in decode_charter(before).members[0].keys if one.purpose != Purpose.ACCESS]
    new = Key.of(key(f"alder {number}", Purpose.ACCESS).public)
    return with_alder(before, keys=(*keys, new))


def _regroup(before: bytes, number: int) -> Charter:
    return successor(before, groups=(Group(f"Group {number}", (BIRCHWICK,)),))


CHANGES: list[Callable[[bytes, int], Charter]] = [
    _suspend,
    _reinstate,
    _add_log_key,
    _end_log_key,
    _new_access_key,
    _regroup,
]
HISTORIES = st.lists(st.sampled_from(CHANGES), min_size=1, max_size=8)
QUORUMS = st.sampled_from([HOLDERS, HOLDERS[:2], HOLDERS[1:], HOLDERS[::2]])


def history(
    changes: Sequence[Callable[[bytes, int], Charter]], holders: Sequence[str]
) -> list[bytes]:
    chain = [FOUNDING]
    for number, change in enumerate(changes, start=2):
        made = change(chain[-1], number)
        chain.append(sign_charter(made, [charter_signer(holder) for holder in holders]))
    return chain


@given(HISTORIES, QUORUMS)
def test_what_was_valid_stays_valid_through_any_history(
    changes: Sequence[Callable[[bytes, int], Charter]], holders: Sequence[str]
) -> None:
    """The last version alone tells of every key which sizes it signed for, as each version did."""
    chain = history(changes, holders)
    last = open_chain(chain).members[0]
    for note in chain:
        for one in decode_charter(note).members[0].log_keys:
            (now,) = [other for other in last.log_keys if other.public == one.public]
            assert now.since == one.since
            assert one.until is None or now == one


@given(HISTORIES, QUORUMS, st.data())
def test_a_chain_that_is_cut_turned_or_mixed_does_not_open(
    changes: Sequence[Callable[[bytes, int], Charter]], holders: Sequence[str], data: st.DataObject
) -> None:
    chain = history(changes, holders)
    cut = data.draw(st.integers(0, len(chain) - 1))
    without = chain[:cut] + chain[cut + 1 :]
    if cut < len(chain) - 1:
        with pytest.raises(ProtocolError):
            open_chain(without)
    turned = data.draw(st.permutations(chain))
    if turned != chain:
        with pytest.raises(ProtocolError):
            open_chain(turned)
    at = data.draw(st.integers(1, len(chain) - 1))
    rival = signed(successor(chain[at - 1], name="A rival"), holders)
    assert open_successor(rival, decode_charter(chain[at - 1]), charter_digest(chain[at - 1]))
    if at < len(chain) - 1:
        with pytest.raises(CharterRefused):
            open_chain([*chain[:at], rival, *chain[at + 1 :]])
