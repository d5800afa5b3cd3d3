"""Trust policies: each rule of C2SP tlog-policy, what it refuses, and what makes a quorum."""

import re
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.cosignature import Cosigner, cosign
from protocols.errors import BadSignature, Malformed, QuorumMissing, UnknownKey
from protocols.keys import PrivateKey, Purpose
from protocols.note import NoteVerifier
from protocols.policy import MAX_POLICY, Policy, open_under_policy, parse_policy, require_quorum
from tests.protocols.factories import Log, leaves, log_signer, seed, vectors

LOG = log_signer().verifier.vkey
KEYS = {
    name: PrivateKey(Purpose.WITNESS, seed(name)) for name in ("X1", "X2", "X3", "Y1", "Y2", "Y3")
}
COSIGNERS = {name: Cosigner(f"{name}.example", key.public) for name, key in KEYS.items()}
X1, X2, Y1 = (COSIGNERS[name].vkey for name in ("X1", "X2", "Y1"))
LINES = "".join(f"witness {name} {one.vkey}\n" for name, one in COSIGNERS.items())
DOCUMENT = f"""log {LOG}

{LINES}group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""
ALL_SETS = [set(chosen) for size in range(7) for chosen in combinations(COSIGNERS, size)]
NOTE = Log(leaves(3)).note()


def read(text: str) -> Policy:
    return parse_policy(text.encode(errors="surrogateescape"))


def cosigned(*names: str) -> bytes:
    text = Log(leaves(3)).checkpoint().text
    lines = [cosign(text, COSIGNERS[name].name, KEYS[name], 7) for name in names]
    return NOTE + "".join(f"{line}\n" for line in lines).encode()


def test_the_example_of_the_document_means_what_it_says() -> None:
    policy = read(DOCUMENT)
    for names in ALL_SETS:
        x = len(names & {"X1", "X2", "X3"})
        enough = x >= 2 and bool(names & {"Y1", "Y2", "Y3"})
        assert policy.is_satisfied({COSIGNERS[name] for name in names}) == enough


def test_no_quorum_needs_nobody_and_one_witness_needs_that_one() -> None:
    assert read("quorum none\n").is_satisfied(set())
    policy = read(LINES + "quorum X2\n")
    assert policy.is_satisfied({COSIGNERS["X2"]})
    assert not policy.is_satisfied({one for name, one in COSIGNERS.items() if name != "X2"})


def test_what_the_document_allows_is_read() -> None:
    spaced = (
        f"\n# comment\n\t # another\n\twitness \t w1  {X1}   https://w1.example/  \n\n  quorum\tw1"
    )
    assert read(spaced).witnesses[0].url == "https://w1.example/"
    named = f"witness all {X1}\nwitness any {X2}\ngroup group 2 all any\nquorum group\n"
    assert read(named).groups[0].members == ("all", "any")
    late = f"quorum none\nwitness w {X1}\nlog {LOG} https://log.example/\n"
    assert read(late).logs[0].verifier.name == "alder.example/log"
    assert read(f"witness w {X1}\ngroup g 01 w\nquorum g\n").groups[0].threshold == 1


def test_names_are_octets() -> None:
    kelvin = f"witness K {X1}\nwitness \u212a {X2}\nwitness \udc80 {Y1}\nquorum \u212a\n"
    policy = read(kelvin)
    assert policy.is_satisfied({COSIGNERS["X2"]})
    assert not policy.is_satisfied({COSIGNERS["X1"]})
    assert b"\nwitness \x80 " in policy.encode()
    spaced = f"witness w\u00a0w {X1}\nquorum w\u00a0w\n"
    assert read(spaced).quorum == "w\u00a0w"


REFUSED = {
    "a control octet": "quorum none\n\x01",
    "a carriage return": "quorum none\r\n",
    "a delete": "quorum none\n#\x7f\n",
    "an unknown keyword": "quibble w1\nquorum none\n",
    "a keyword in capitals": "Quorum none\n",
    "a comment after something": f"witness w1 {X1} https://w1.example/ # comment\nquorum w1\n",
    "a log without a key": "log\nquorum none\n",
    "a log with no key": "log garbage\nquorum none\n",
    "a log with a witness's key": f"log {X1}\nquorum none\n",
    "a log twice": f"log {LOG}\nlog {LOG} https://log.example/\nquorum none\n",
    "a log's key under another name": (
        f"log {LOG}\nlog {NoteVerifier('other', log_signer().verifier.key).vkey}\nquorum none\n"
    ),
    "a witness without a key": "witness w1\nquorum none\n",
    "a witness with a log's key": f"witness w1 {LOG}\nquorum w1\n",
    "a witness with a wrong key id": f"witness w1 {re.sub('[+].{8}[+]', '+00000000+', X1)}\n",
    "a witness named none": f"witness none {X1}\nquorum none\n",
    "a name twice": f"witness w1 {X1}\nwitness w1 {X2}\nquorum w1\n",
    "a witness's key under another name": (
        f"witness w1 {X1}\nwitness w2 {Cosigner('other', COSIGNERS['X1'].key).vkey}\nquorum w1\n"
    ),
    "a group with a witness's name": f"witness w1 {X1}\ngroup w1 any w1\nquorum w1\n",
    "a group without members": f"witness w1 {X1}\ngroup g 1\nquorum w1\n",
    "a group named none": f"witness w1 {X1}\ngroup none any w1\nquorum none\n",
    "a group of none": f"witness w1 {X1}\ngroup g any none w1\nquorum g\n",
    "a group with itself": f"witness w1 {X1}\ngroup g any w1 g\nquorum g\n",
    "a threshold of nobody": f"witness w1 {X1}\ngroup g 0 w1\nquorum g\n",
    "a threshold below": f"witness w1 {X1}\ngroup g -1 w1\nquorum g\n",
    "a threshold with a sign": f"witness w1 {X1}\ngroup g +1 w1\nquorum g\n",
    "a threshold in other digits": f"witness w1 {X1}\ngroup g \u0661 w1\nquorum g\n",
    "a threshold that nobody reaches": f"witness w1 {X1}\ngroup g 2 w1\nquorum g\n",
    "a threshold without end": f"witness w1 {X1}\ngroup g {'9' * 5000} w1\nquorum g\n",
    "a member that nobody is": f"witness w1 {X1}\ngroup g any w2\nquorum g\n",
    "a member defined later": f"group g any w1\nwitness w1 {X1}\nquorum g\n",
    "a member twice in a group": f"witness w1 {X1}\ngroup g all w1 w1\nquorum g\n",
    "a member in two groups": (
        f"witness w1 {X1}\nwitness w2 {X2}\ngroup g any w1 w2\ngroup h any w1\nquorum g\n"
    ),
    "no quorum": f"witness w1 {X1}\n",
    "nothing": "",
    "two quorums": f"witness w1 {X1}\nquorum w1\nquorum w1\n",
    "a quorum that nobody is": "quorum unknown\n",
    "a quorum defined later": f"quorum w1\nwitness w1 {X1}\n",
    "a quorum without a name": "quorum\n",
    "a quorum of two names": f"witness w1 {X1}\nquorum w1 w1\n",
    "too long": "#" * MAX_POLICY + "\nquorum none\n",
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_the_document_does_not_allow_is_refused(what: str) -> None:
    with pytest.raises(Malformed, match=r"^policy: "):
        read(REFUSED[what])


def test_a_policy_is_written_as_it_is_read() -> None:
    policy = read(DOCUMENT)
    again = policy.encode()
    assert parse_policy(again) == policy
    assert again.decode().endswith("group X-and-Y 2 X-witnesses Y-witnesses\nquorum X-and-Y\n")


@given(st.data())
def test_nested_groups_count_as_their_definition_says(data: st.DataObject) -> None:
    """Against a second reading of the rule, from the top down."""
    free, lines, meaning = list(COSIGNERS), LINES, {}
    while len(free) > 1 and data.draw(st.booleans()):
        taken = data.draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        count, name = data.draw(st.integers(1, len(taken))), f"g{len(meaning)}"
        free = [one for one in free if one not in taken] + [name]
        lines += f"group {name} {count} {' '.join(taken)}\n"
        meaning[name] = (count, taken)
    quorum = free[-1]
    policy = read(f"{lines}quorum {quorum}\n")
    for names in data.draw(st.lists(st.sampled_from(ALL_SETS), min_size=1, max_size=9)):

        def holds(name: str, names: set[str] = names) -> bool:
            if name not in meaning:
                return name in names
            count, members = meaning[name]
            return sum(holds(one) for one in members) >= count

        assert policy.is_satisfied({COSIGNERS[one] for one in names}) == holds(quorum)


def test_a_long_chain_of_groups_is_read_and_counted() -> None:
    chain = "".join(f"group g{n} any g{n - 1}\n" for n in range(1, 3000))
    policy = read(f"witness g0 {X1}\n{chain}quorum g2999\n")
    assert policy.is_satisfied({COSIGNERS["X1"]})


# --- A checkpoint under a policy ------------------------------------------------------------------


def test_a_checkpoint_with_its_quorum_is_opened() -> None:
    checkpoint, found = open_under_policy(cosigned("X3", "Y1", "X1"), read(DOCUMENT))
    assert checkpoint == Log(leaves(3)).checkpoint()
    assert [one.cosigner for one in found] == [COSIGNERS[name] for name in ("X3", "Y1", "X1")]


def test_a_checkpoint_without_its_quorum_is_refused_and_says_who_is_missing() -> None:
    with pytest.raises(QuorumMissing, match=r"2 of 6 .* without: 'X2', 'X3', 'Y2', 'Y3'"):
        open_under_policy(cosigned("X1", "Y1"), read(DOCUMENT))
    with pytest.raises(QuorumMissing):
        require_quorum(cosigned("X1", "X1", "Y1", "Y1"), read(DOCUMENT))


def test_a_checkpoint_of_a_log_that_the_policy_does_not_name_is_refused() -> None:
    with pytest.raises(UnknownKey):
        open_under_policy(Log(leaves(3)).note("birch"), read(f"log {LOG}\nquorum none\n"))
    with pytest.raises(UnknownKey):
        open_under_policy(NOTE, read("quorum none\n"))
    strangers = NoteVerifier("alder.example/log", log_signer("birch").verifier.key).vkey
    with pytest.raises(UnknownKey):
        open_under_policy(NOTE, read(f"log {strangers}\nquorum none\n"))


def test_a_quorum_does_not_make_up_for_the_logs_signature() -> None:
    forged = cosigned("X1", "X2", "Y1").replace(b"alder.example/log Ke", b"alder.example/log Kf")
    with pytest.raises(UnknownKey):
        open_under_policy(forged, read(DOCUMENT))


def test_one_false_cosignature_spoils_a_quorum() -> None:
    """C2SP signed-note: clients SHOULD reject the whole note."""
    good = cosigned("X1", "X2", "Y1").decode()
    line = cosigned("X3").decode().splitlines()[-1]
    name, encoded = line.rsplit(" ", 1)
    with pytest.raises(BadSignature):
        open_under_policy(
            f"{good}{name} {encoded[:40]}AAAA{encoded[44:]}\n".encode(), read(DOCUMENT)
        )


def test_a_checkpoint_of_a_public_log_is_opened_under_a_policy_of_public_witnesses() -> None:
    public = vectors("witnesses")
    lines = "".join(f"witness w{n} {vkey}\n" for n, vkey in enumerate(public["witnesses"]))
    policy = read(f"log {public['log']}\n{lines}group g all w0 w1\nquorum g\n")
    checkpoint, found = open_under_policy(public["checkpoint"].encode(), policy)
    assert checkpoint.size == 1432088532
    assert len(found) == 2
