"""Snapshots: the latest of one member, signed by it, for a while, and nothing else."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.encoding import from_b64url
from protocols.errors import (
    BadSignature,
    Expired,
    Inconsistent,
    Malformed,
    NotForUs,
    ProtocolError,
    Rollback,
    UnknownKey,
)
from protocols.keys import Purpose
from protocols.messages import CLOCK_LEEWAY
from protocols.snapshots import (
    MAX_SNAPSHOT,
    DutyContact,
    DutyContacts,
    HeldSnapshot,
    Snapshot,
    duty_contacts,
    encode_section,
    open_snapshot,
    sign_snapshot,
    snapshot_digest,
)
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    NOW,
    compact_jws,
    duty_snapshot,
    flip,
    key,
)

ALDERS = key("alder", Purpose.ACCESS)
SNAPSHOT = duty_snapshot()
GIVEN = sign_snapshot(SNAPSHOT, ALDERS)
HEADER = {"alg": "Ed25519", "typ": "commonhearth-snapshot+jws", "kid": ALDERS.public.kid}


def opened(text: str, **changes: Any) -> Snapshot:
    """Open a snapshot as whoever follows alder would."""
    usual: dict[str, Any] = {
        "node": "alder",
        "keys": {ALDERS.public.kid: ALDERS.public}.get,
        "now": NOW,
    }
    return open_snapshot(text, **usual | changes)


def changed(**members: Any) -> str:
    """A snapshot, truly signed, of which members are replaced, or left out when they are `...`."""
    payload = msgspec.json.decode(from_b64url(GIVEN.split(".")[1], "payload")) | members
    kept = {member: value for member, value in payload.items() if value is not ...}
    return compact_jws(HEADER, msgspec.json.encode(kept), ALDERS)


def numbered(number: int, **changes: Any) -> str:
    return sign_snapshot(msgspec.structs.replace(SNAPSHOT, number=number, **changes), ALDERS)


def test_a_snapshot_comes_back() -> None:
    assert opened(GIVEN) == opened(changed()) == SNAPSHOT
    (contact,) = duty_contacts(opened(GIVEN))
    assert (contact.authority, contact.telephone) == (ALDERTON, "01632 960101")


def test_a_snapshot_with_any_bit_flipped_is_refused() -> None:
    for bit in range(0, 8 * len(GIVEN), 7):
        with pytest.raises(ProtocolError):
            opened(flip(GIVEN.encode(), bit).decode("latin-1"))


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda data: data.decode("latin-1")))
def test_whatever_comes_is_refused_as_what_it_is(text: str) -> None:
    with pytest.raises(ProtocolError):
        opened(text)


def test_a_rollback_to_a_lower_number_is_refused() -> None:
    held = HeldSnapshot(SNAPSHOT.number + 1, "x")
    with pytest.raises(Rollback, match="after"):
        opened(GIVEN, held=held)


def test_another_snapshot_of_the_same_number_is_refused() -> None:
    other = numbered(SNAPSHOT.number, sections=())
    held = HeldSnapshot(SNAPSHOT.number, snapshot_digest(GIVEN))
    with pytest.raises(Inconsistent, match="two different snapshots"):
        opened(other, held=held)
    assert opened(GIVEN, held=held) == SNAPSHOT


def test_a_snapshot_past_its_time_is_refused() -> None:
    last = SNAPSHOT.expires + CLOCK_LEEWAY
    assert opened(GIVEN, now=last)
    with pytest.raises(Expired):
        opened(GIVEN, now=last + timedelta(seconds=1))


@pytest.mark.parametrize("expires", [..., None, "2026-03-02T09:30:00Z", "2026-03-09T09:30:01Z"])
def test_a_snapshot_without_expiry_or_with_one_too_far_is_refused(expires: object) -> None:
    with pytest.raises(Malformed):
        opened(changed(expires=expires))


def test_a_snapshot_of_another_member_is_refused() -> None:
    with pytest.raises(NotForUs, match="of alder, not of birch"):
        opened(GIVEN, node="birch")


def test_a_snapshot_by_a_key_that_the_charter_does_not_name_for_it_is_refused() -> None:
    with pytest.raises(UnknownKey):
        opened(GIVEN, keys=lambda _: None)
    birchs = key("birch", Purpose.ACCESS).public
    with pytest.raises(BadSignature):
        opened(GIVEN, keys=lambda _: birchs)


@pytest.mark.parametrize("purpose", [Purpose.LOG, Purpose.SIGNING, Purpose.WITNESS])
def test_no_key_for_another_purpose_signs_a_snapshot(purpose: Purpose) -> None:
    with pytest.raises(TypeError, match="access"):
        sign_snapshot(SNAPSHOT, key("alder", purpose))


def test_nothing_else_that_an_access_key_signed_is_a_snapshot() -> None:
    payload = from_b64url(GIVEN.split(".")[1], "payload")
    for typ in ("JWT", "commonhearth-erasure+jws", "commonhearth-message+jws"):
        with pytest.raises(Malformed):
            opened(compact_jws(HEADER | {"typ": typ}, payload, ALDERS))


def test_a_section_that_is_not_known_is_left_out_and_the_others_are_read() -> None:
    later = msgspec.Raw(b'{"schema":"vacancies/1","homes":[]}')
    text = numbered(9, sections=(later, *SNAPSHOT.sections))
    assert duty_contacts(opened(text)) == duty_contacts(SNAPSHOT)


@pytest.mark.parametrize(
    "sections",
    [
        [{"no": "schema"}],
        ["text"],
        [{"schema": "duty-contacts/1", "contacts": []}] * 2,
        [{"schema": "duty-contacts/1", "contacts": [], "more": 1}],
        [{"schema": "duty-contacts/1", "contacts": [{"authority": ALDERTON}]}],
        [{"schema": f"s/{n}"} for n in range(1, 23)],
    ],
)
def test_a_section_that_breaks_its_rules_is_refused(sections: object) -> None:
    with pytest.raises(Malformed):
        opened(changed(sections=sections))


def test_an_authority_has_one_contact() -> None:
    one = DutyContact(BIRCHWICK, "1", "always")
    with pytest.raises(Malformed, match="two contacts"):
        encode_section(DutyContacts((one, one)))


def test_a_snapshot_that_is_too_long_is_neither_signed_nor_read() -> None:
    long = msgspec.Raw(b'{"schema":"long/1","x":"' + b"x" * MAX_SNAPSHOT + b'"}')
    with pytest.raises(Malformed, match="more than"):
        numbered(9, sections=(long,))
    with pytest.raises(Malformed, match="more than"):
        opened(GIVEN + "A" * MAX_SNAPSHOT)
