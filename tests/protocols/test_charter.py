"""The charter: who is in, signed by more than half, and never contradicting itself."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.charter import (
    MAX_WITNESSES,
    Charter,
    Group,
    Key,
    Member,
    Rules,
    charter_digest,
    open_founding_charter,
    sign_charter,
)
from protocols.cosignature import Cosigner
from protocols.encoding import b64url
from protocols.errors import (
    BadSignature,
    CharterRefused,
    Expired,
    Malformed,
    ProtocolError,
    UnknownKey,
)
from protocols.keys import NODE_PURPOSES, PublicKey, Purpose
from protocols.note import MAX_NOTE, NoteSigner, sign_note
from tests.protocols.factories import (
    ALDERTON,
    BIRCHWICK,
    HOLDERS,
    NOW,
    charter,
    charter_note,
    charter_signer,
    flip,
    key,
    log_signer,
    member,
    served_authority,
    signed_as_it_is,
)

NOTE = charter_note()
TEXT = NOTE.rpartition(b"\n\n")[0]


def refused(made: bytes | Charter, why: str, reason: type[ProtocolError] = CharterRefused) -> None:
    with pytest.raises(reason, match=why):
        open_founding_charter(signed_as_it_is(made), NOW)
    if isinstance(made, Charter):
        with pytest.raises(ProtocolError):
            sign_charter(made, [charter_signer(HOLDERS[0])])


def with_members(*members: Member, **changes: Any) -> Charter:
    return charter(members=members, groups=(), **changes)


def test_a_charter_comes_back() -> None:
    assert open_founding_charter(NOTE, NOW) == charter()


def test_a_charter_says_who_serves_whom_with_which_keys() -> None:
    found = open_founding_charter(NOTE, NOW)
    alder, birch = found.members
    assert found.member("alder") == alder
    assert found.member("elder") is None
    assert found.serving(BIRCHWICK) == (birch, birch.authorities[0])
    assert found.serving("E99000003") is None
    assert alder.area == {ALDERTON}
    assert alder.keys_for(Purpose.ACCESS) == (key("alder", Purpose.ACCESS).public,)
    assert alder.log_verifiers == (log_signer("alder").verifier,)
    signing = key(ALDERTON, Purpose.SIGNING).public
    assert found.authority_keys(ALDERTON, Purpose.SIGNING) == {signing.kid: signing}
    assert found.authority_keys(ALDERTON, Purpose.LOG) == {}
    assert found.authority_keys("E99000003", Purpose.SIGNING) == {}


# --- Who has signed -----------------------------------------------------------------------------


@pytest.mark.parametrize("holders", [HOLDERS[:2], HOLDERS[1:], HOLDERS, HOLDERS[::-1]])
def test_more_than_half_of_the_keys_found_a_charter(holders: Sequence[str]) -> None:
    assert open_founding_charter(charter_note(holders=holders), NOW)


def test_too_few_signatures_are_refused() -> None:
    for holder in HOLDERS:
        with pytest.raises(CharterRefused, match="1 of 3 keys signed"):
            open_founding_charter(charter_note(holders=[holder]), NOW)


def test_half_of_the_keys_are_too_few() -> None:
    two = charter(charter_keys=charter().charter_keys[:2])
    with pytest.raises(CharterRefused, match="1 of 2 keys signed"):
        open_founding_charter(charter_note(two, HOLDERS[:1]), NOW)
    assert open_founding_charter(charter_note(two, HOLDERS[:2]), NOW) == two


def test_one_key_that_signs_twice_counts_once() -> None:
    with pytest.raises(CharterRefused, match="1 of 3 keys signed"):
        open_founding_charter(charter_note(holders=[HOLDERS[0]] * 3), NOW)


def test_one_key_under_two_names_counts_once() -> None:
    """Its holder would be two of three."""
    first = charter_signer(HOLDERS[0])
    again = NoteSigner("another/name", first.key)
    made = charter(
        charter_keys=(first.verifier.vkey, again.verifier.vkey, charter().charter_keys[1])
    )
    note = sign_note(msgspec.json.encode(made).decode() + "\n", [first, again])
    with pytest.raises(CharterRefused, match="1 of 3 keys signed"):
        open_founding_charter(note, NOW)
    refused(made, "the same key stands there twice")


def test_a_charter_signed_by_strangers_is_refused() -> None:
    stranger = NoteSigner(HOLDERS[0], key("stranger", Purpose.CHARTER))
    with pytest.raises(UnknownKey):
        open_founding_charter(sign_charter(charter(), [stranger]), NOW)
    with pytest.raises(CharterRefused, match="1 of 3"):
        open_founding_charter(sign_charter(charter(), [stranger, charter_signer(HOLDERS[1])]), NOW)


def test_a_charter_with_a_signature_that_fails_is_refused() -> None:
    other = charter_note(charter(name="Another name")).rpartition(b"\n\n")[2]
    with pytest.raises(BadSignature):
        open_founding_charter(TEXT + b"\n\n" + other, NOW)


@pytest.mark.parametrize("purpose", NODE_PURPOSES)
def test_a_nodes_key_does_not_sign_a_charter(purpose: Purpose) -> None:
    with pytest.raises(TypeError):
        sign_charter(charter(), [NoteSigner("alder/charter", key("alder", purpose))])


@given(st.integers(0, len(NOTE) * 8 - 1))
def test_a_charter_with_any_bit_flipped_is_refused(bit: int) -> None:
    with pytest.raises(ProtocolError):
        open_founding_charter(flip(NOTE, bit), NOW)


# --- What contradicts itself ----------------------------------------------------------------------


def test_a_key_that_serves_two_purposes_is_refused() -> None:
    alder = member("alder")
    log = key("alder", Purpose.LOG).public.raw
    keys = tuple(Key(purpose, b64url(log)) for purpose in NODE_PURPOSES)
    refused(with_members(msgspec.structs.replace(alder, keys=keys)), "the same key")


def test_a_key_of_two_members_is_refused() -> None:
    """Else one could sign for the other, and both could disown it."""
    refused(with_members(member("alder"), member("birch", keys=member("alder").keys)), "same key")


def test_a_key_of_two_authorities_is_refused() -> None:
    one = served_authority(ALDERTON)
    other = msgspec.structs.replace(one, gss=BIRCHWICK)
    refused(with_members(member("alder", authorities=(one, other))), "the same key")


def test_a_charter_key_that_also_serves_a_node_is_refused() -> None:
    log = key("alder", Purpose.LOG)
    vkey = NoteSigner("alder/charter", log).verifier.vkey
    refused(charter(charter_keys=(*charter().charter_keys[:2], vkey)), "the same key")


def test_two_members_with_one_authority_are_refused() -> None:
    theirs = msgspec.structs.replace(served_authority(BIRCHWICK), gss=ALDERTON)
    refused(
        with_members(member("alder"), member("birch", authorities=(theirs,))),
        f"the same authority stands there twice: {ALDERTON}",
    )


@pytest.mark.parametrize(
    ("what", "changes"),
    [
        ("node", {"node": "alder"}),
        ("URL", {"url": "https://alder.example"}),
        ("log origin", {"origin": "alder.example/log"}),
    ],
)
def test_two_members_with_one_name_are_refused(what: str, changes: dict[str, str]) -> None:
    birch = msgspec.structs.replace(member("birch"), **changes)
    refused(with_members(member("alder"), birch), f"the same {what}")


def test_two_groups_of_one_name_are_refused() -> None:
    refused(charter(groups=(Group("Bank", (ALDERTON,)), Group("Bank", (BIRCHWICK,)))), "same group")


def test_a_group_of_an_authority_that_nobody_serves_is_refused() -> None:
    refused(charter(groups=(Group("Bank", ("E99000003",)),)), "an authority nobody serves")


@pytest.mark.parametrize("missing", range(3))
def test_a_member_without_a_key_for_a_purpose_is_refused(missing: int) -> None:
    keys = member("alder").keys
    fewer = keys[:missing] + keys[missing + 1 :]
    refused(with_members(member("alder", keys=fewer)), "needs keys for log, witness, access")


def test_a_member_with_a_key_for_anothers_purpose_is_refused() -> None:
    keys = (*member("alder").keys, Key.of(key("alder", Purpose.CHARTER).public))
    refused(with_members(member("alder", keys=keys)), "and no others")
    authority = served_authority(ALDERTON)
    for keys in (authority.keys[:1], (*authority.keys, Key.of(key("x", Purpose.ACCESS).public))):
        changed = msgspec.structs.replace(authority, keys=keys)
        refused(with_members(member("alder", authorities=(changed,))), "needs keys for message")


@pytest.mark.parametrize(
    "public",
    [
        "",
        "A" * 42,
        "A" * 44,
        b64url(bytes(31)),
        b64url(bytes(32)),
        b64url(b"\x01" + bytes(31)),
        b64url(bytes(range(32))) + "=",
        b64url(bytes(range(32)))[:-1] + "9",
        "not base64",
    ],
)
def test_a_key_of_another_form_or_of_small_order_is_refused(public: str) -> None:
    log, *others = member("alder").keys
    keys = (Key(log.purpose, public), *others)
    refused(with_members(member("alder", keys=keys)), "alder: ")


def test_a_member_may_hold_two_keys_for_a_purpose() -> None:
    keys = (*member("alder").keys, Key.of(key("alder, later", Purpose.LOG).public))
    made = with_members(member("alder", keys=keys))
    found = open_founding_charter(charter_note(made), NOW)
    assert len(found.members[0].log_verifiers) == 2


def test_a_successor_does_not_pass_for_a_founding_charter() -> None:
    for changes in (
        {"version": 2},
        {"version": 2, "previous": charter_digest(NOTE)},
        {"previous": charter_digest(NOTE)},
    ):
        with pytest.raises(CharterRefused, match="founding"):
            open_founding_charter(signed_as_it_is(charter(**changes)), NOW)


def committee(*witnesses: tuple[str, Cosigner, str], rule: str = "any") -> str:
    lines = [f"witness {name} {one.vkey} {url}\n" for name, one, url in witnesses]
    names = " ".join(name for name, _, _ in witnesses)
    return "".join(lines) + f"group all {rule} {names}\nquorum all\n"


def witness(holder: str) -> tuple[str, Cosigner, str]:
    cosigner = Cosigner(f"{holder}.example/witness", key(holder, Purpose.WITNESS).public)
    return holder, cosigner, f"https://{holder}.example"


def test_a_committee_of_members_and_others_is_named() -> None:
    policy = committee(witness("alder"), witness("elsewhere"), rule="2")
    opened = open_founding_charter(charter_note(charter(witness_policy=policy)), NOW)
    assert opened.committee is not None
    assert [one.name for one in opened.committee.witnesses] == ["alder", "elsewhere"]
    assert charter().committee is None


def test_a_committee_has_fifteen_witnesses_at_most() -> None:
    most = [witness(f"w{n}") for n in range(MAX_WITNESSES)]
    assert open_founding_charter(charter_note(charter(witness_policy=committee(*most))), NOW)
    refused(charter(witness_policy=committee(*most, witness("one-more"))), "more than 15")


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("quorum none\n", "no quorum"),
        ("quorum nobody\n", "not to be read"),
        (f"log {log_signer().verifier.vkey}\n{committee(witness('alder'))}", "names logs"),
        (committee(witness("alder")).replace(" https://alder.example", ""), "no address"),
        (committee(witness("alder")).replace("https:", "file:"), "no address"),
    ],
)
def test_a_committee_that_nobody_can_keep_to_is_refused(policy: str, reason: str) -> None:
    refused(charter(witness_policy=policy), reason)


def test_a_witness_has_a_key_that_does_nothing_else() -> None:
    for purpose in (Purpose.LOG, Purpose.ACCESS):
        twin = PublicKey(Purpose.WITNESS, key("alder", purpose).public.raw)
        policy = committee(("w", Cosigner("w", twin), "https://w.example"))
        refused(charter(witness_policy=policy), "the same key")


# --- When -----------------------------------------------------------------------------------------


def test_an_expired_charter_is_refused() -> None:
    expires = charter().expires
    assert open_founding_charter(NOTE, expires - timedelta(seconds=1))
    for now in (expires, expires + timedelta(days=1)):
        with pytest.raises(Expired):
            open_founding_charter(NOTE, now)


def test_for_how_long_a_vacancy_counts_stands_there_when_it_was_agreed() -> None:
    assert b"vacancy_days" not in NOTE, "as charters were before there was such a rule"
    assert charter().rules.days_of_vacancies == 7
    agreed = charter(rules=msgspec.structs.replace(charter().rules, vacancy_days=3))
    opened = open_founding_charter(signed_as_it_is(agreed), NOW)
    assert opened.rules.days_of_vacancies == 3


def test_deadlines_that_were_agreed_stand_there_and_no_others_do() -> None:
    assert b"_days" not in NOTE, "as charters were before there were such rules"
    rules = msgspec.structs.replace(charter().rules, notice_days=3, acknowledgement_days=2)
    opened = open_founding_charter(signed_as_it_is(charter(rules=rules)), NOW)
    assert opened.rules == rules
    assert opened.rules.ending_days is msgspec.UNSET


def test_a_charter_that_expires_at_no_certain_time_is_refused() -> None:
    for time in (datetime(2027, 1, 1), datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=1)))):  # noqa: DTZ001
        with pytest.raises(ValueError, match="UTC"):
            charter(expires=time)
    for spelling in (b"2027-03-02T09:30:00", b"2027-03-02T09:30:00+00:00", b"2027-03-02"):
        refused(TEXT.replace(b"2027-03-02T09:30:00Z", spelling), "charter: ", Malformed)


# --- Form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace(b'{"v":1', b'{ "v":1'),
        TEXT + b" ",
        TEXT.replace(b'"v":1', b'"v":1,"v":1'),
        TEXT.replace(b'"version":1', b'"version":2,"version":1'),
        TEXT.replace(b'"members":', b'"members":[],"members":'),
        TEXT.replace(b'"status":"active"', b'"status":"suspended","status":"active"', 1),
        TEXT.replace(b"Two Towns", b"\\u0054wo Towns"),
        TEXT.replace(b'"previous":null,', b""),
        TEXT.replace(b'"version":1', b'"version":1.0'),
    ],
)
def test_another_spelling_of_a_charter_is_refused(text: bytes) -> None:
    """Truly signed by all: what two readers would read in two ways is nobody's charter."""
    assert text != TEXT
    refused(text, "charter: ", Malformed)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"v":1', b'"v":2'),
        (b'},"witness', b',"vacancy_days":0},"witness'),
        (b'},"witness', b',"vacancy_days":29},"witness'),
        (b'},"witness', b',"notice_days":0},"witness'),
        (b'},"witness', b',"ending_days":61},"witness'),
        (b'"version":1', b'"version":0'),
        (b'"version":1', b'"version":-1'),
        (b'"version":1', b'"version":' + b"9" * 5000),
        (b'"name":"The Two Towns"', b'"name":""'),
        (b'"name":"The Two Towns"', b'"name":"The\\nTowns"'),
        (b'"name":"The Two Towns"', b'"name":"The Two Towns","motto":"x"'),
        (b'"node":"alder"', b'"node":"Alder"'),
        (b'"node":"alder"', b'"node":"al.der"'),
        (b'"node":"alder"', b'"node":"-alder"'),
        (b'"node":"alder"', b'"node":"alder\\n"'),
        (b'"status":"active"', b'"status":"expelled"'),
        (b'"origin":"alder.example/log"', b'"origin":""'),
        (b'"origin":"alder.example/log"', b'"origin":"alder example"'),
        (b'"origin":"alder.example/log"', b'"origin":"alder+example"'),
        (b'"purpose":"log"', b'"purpose":"logs"'),
        (b'"purpose":"log"', b'"since":0,"purpose":"log"'),
        (b'"gss":"E99000001"', b'"gss":"X99000001"'),
        (b'"max_entries_per_log":100000', b'"max_entries_per_log":0'),
        (b'"max_entries_per_log":100000', b'"max_entries_per_log":1e5'),
        (b'"max_entries_per_log":100000', b'"max_entries_per_log":9007199254740992'),
        (b'"groups":[', b'"groups":[[],'),
    ],
)
def test_a_charter_with_a_member_of_another_form_is_refused(before: bytes, after: bytes) -> None:
    assert before in TEXT
    refused(TEXT.replace(before, after, 1), "charter: ", Malformed)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "alder.example",
        "ftp://alder.example",
        "https://",
        "https://alder.example/",
        "https://alder.example//x",
        "https://alder.example/../x",
        "https://alder.example/x/.",
        "https://alder.example/x?y",
        "https://alder.example/x#y",
        "https://alder@evil.example",
        "https://alder.example\\@evil.example",
        "https://alder.example:443@evil.example",
        "https://ALDER.example",
        "HTTPS://alder.example",
        "https://aldér.example",
        "https://alder.example/%2e%2e",
        "https://alder.example ",
        "https://alder.example\n",
        "https://" + "a" * 200,
    ],
)
def test_a_url_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    refused(with_members(member("alder", url=url)), "charter: ", Malformed)


@pytest.mark.parametrize(
    "url",
    [
        "https://alder.example",
        "https://alder.example:8443/hearth",
        "http://127.0.0.1:8001",
        "http://[::1]:8001",
        "https://alder.example/a/b-c_d.e",
    ],
)
def test_a_plain_url_is_accepted(url: str) -> None:
    made = with_members(member("alder", url=url))
    assert open_founding_charter(charter_note(made), NOW).members[0].url == url


@pytest.mark.parametrize("keys", [(), ("",), ("not a key",), (charter().charter_keys[0] + "A",)])
def test_a_charter_without_keys_that_can_be_read_is_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        open_founding_charter(signed_as_it_is(charter(charter_keys=keys)), NOW)


@pytest.mark.parametrize("note", [b"", b"\n", b"\n\n", TEXT, TEXT + b"\n", TEXT + b"\n\n", b"\xff"])
def test_what_is_no_note_is_no_charter(note: bytes) -> None:
    with pytest.raises(Malformed):
        open_founding_charter(note, NOW)


def test_a_charter_that_is_too_long_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(Malformed, match="more than 1000000 bytes"):
        open_founding_charter(b"[" * MAX_NOTE + NOTE, NOW)


def test_a_charter_of_every_authority_in_the_kingdom_fits() -> None:
    members = []
    for number in range(220):
        gss, node = f"E98{number:06}", f"node-{number}"
        keys = tuple(Key.of(key(gss, p).public) for p in (Purpose.SIGNING, Purpose.SEALING))
        authority = msgspec.structs.replace(
            served_authority(ALDERTON), gss=gss, name="A name of some length", keys=keys
        )
        nodes = tuple(Key.of(key(node, purpose).public) for purpose in NODE_PURPOSES)
        url, origin = f"https://{node}.example", f"{node}.example/log"
        members.append(Member(node, url, origin, "active", nodes, (authority,)))
    made = with_members(*members, rules=Rules(max_entries_per_log=10_000_000))
    note = charter_note(made)
    assert len(note) < MAX_NOTE / 2
    assert open_founding_charter(note, NOW) == made


def test_what_people_compare_is_the_text_alone() -> None:
    """Another signature makes no other charter; another letter does."""
    assert charter_digest(charter_note(holders=HOLDERS)) == charter_digest(NOTE)
    assert charter_digest(charter_note(charter(name="The Two Town"))) != charter_digest(NOTE)
