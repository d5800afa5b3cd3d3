"""Evidence of a notice: who has a charter checks it alone; nothing changed in it, and no child."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace
from sqlalchemy import select

from directory.cli import main
from directory.notices.errors import NotDatedYet
from directory.notices.evidence.checking import Checked, check_bundle
from directory.notices.evidence.making import Made, make_evidence
from directory.notices.following.asking import answer_withdrawal, ask
from directory.notices.following.saying import Changes, Saying
from directory.notices.received import acknowledge
from directory.notices.sent import send_notice
from directory.security.audit.anchoring import anchor
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.table import Action
from federation import Node, reading, sequence, trust_of, writing
from protocols.encoding import b64url
from protocols.errors import Malformed, ProtocolError
from protocols.evidence import Evidence, Part, decode_evidence
from protocols.notices import Contact
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.federation.worlds import a_notice

WHO = operator("test")
CALL = Contact("Dana Duty", "Duty officer", "0113 496 0000")


def made(node: Node, authority: str, notice: str) -> Made:
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        return make_evidence(connection, replica, node, WHO, authority=authority, notice=notice)


def send(post: Correspondence) -> str:
    with writing(post.placing.node_db) as connection:
        return send_notice(connection, post.placing, WHO, a_notice(), placing=PLACING, area=AREA)


@pytest.fixture(scope="module")
def notice(post: Correspondence) -> str:
    """One of three that were delivered and dated on both sides, with all that can follow it."""
    every = [send(post) for _ in range(3)]
    with pytest.raises(NotDatedYet):
        made(post.placing, PLACING, every[1])
    post.deliver()
    told = every[1]
    with writing(post.area.node_db) as connection:
        area, about = (connection, post.area, WHO), {"area": AREA, "notice": told}
        acknowledge(*area, **about, contact=CALL)
        asked = ask(*area, **about, text="Which school?", asked_by=CALL)
    post.deliver()
    with writing(post.placing.node_db) as connection:
        saying = partial(Saying, *(connection, post.placing, WHO), placing=PLACING, notice=told)
        on = date(2027, 1, 5)
        saying().change(Changes("extension", on, {}, {}, {"expected_end": date(2027, 7, 31)}))
        saying().end(ended_on=on, planned=True, given_by="court", why="returned home")
        saying().answer(asked, "The one by the park.", CALL)
        saying().withdraw(why="sent twice", contact=CALL)
    post.deliver()
    with writing(post.area.node_db) as connection:
        became = {"opened_by": 0, "passed_on": False, "contained": True, "contact": CALL}
        answer_withdrawal(connection, post.area, WHO, area=AREA, notice=told, **became)
    post.deliver()
    for name in ("kent-node", "leeds-node"):
        node = post.world.nodes[name]
        assert anchor(node)
        sequence(node)
        post.world.follow_all(node, [name])
    return told


FOLLOWS = (
    *("acknowledgement/1", "question/1", "placement-change/1", "placement-ending/1"),
    *("answer/1", "withdrawal/1", "withdrawal-answer/1"),
)


def sound(post: Correspondence, data: bytes) -> list[Checked]:
    charters = post.placing.charters.chain
    return check_bundle(data, charters, trust_of([], charters[-1].charter, None))


@pytest.mark.parametrize("side", ["placing", "area"])
def test_each_side_shows_what_an_outsider_checks_with_a_charter_alone(
    post: Correspondence, notice: str, side: str, tmp_path: Path
) -> None:
    node, authority = (post.placing, PLACING) if side == "placing" else (post.area, AREA)
    bundle = made(node, authority, notice)
    with reading(node.node_db) as connection:
        noted = connection.execute(select(audit_row).order_by(audit_row.c.seq.desc())).first()
    assert noted
    assert (noted.who, noted.action, noted.authority, noted.record) == (
        *(WHO.id, Action.SHOW_EVIDENCE, authority),
        f"notice/{notice}",
    )
    first, *others = sound(post, bundle.data)
    one = first.evidence
    assert (one.message, one.sender, one.recipient) == (notice, PLACING, AREA)
    assert sorted(each.kind for each in others) == sorted(FOLLOWS)
    assert (bundle.parts, bundle.undated) == (8, ())
    secret = (b"Robin", b"TEST-1", b"Sample Lane", b"2012", b"school", b"Dana")
    assert not any(word in bundle.data for word in secret)
    (tmp_path / "e").write_bytes(bundle.data)
    (tmp_path / "c").write_bytes(node.charters.latest.note)
    given = ["evidence", "--check", str(tmp_path / "e"), "--charter", str(tmp_path / "c")]
    said = CliRunner().invoke(main, given)
    assert said.exit_code == 0, said.output
    words = " ".join(said.output.split())
    assert f"notice: Leeds signed that it had stored the message {notice} of Kent" in words
    assert "withdrawal-answer/1: Kent signed that it had stored the message" in words


def test_what_no_anchor_dates_yet_is_left_out_and_said_to_be(
    post: Correspondence, notice: str
) -> None:
    with writing(post.area.node_db) as connection:
        ask(
            *(connection, post.area, WHO),
            area=AREA,
            notice=notice,
            text="And whose is it?",
            asked_by=CALL,
        )
    bundle = made(post.area, AREA, notice)
    assert (bundle.parts, bundle.undated) == (8, ("question/1",))
    assert len(sound(post, bundle.data)) == 8


ATTACKS: dict[str, Callable[[Evidence], Evidence]] = {
    "another message": lambda one: replace(one, message="0" * 32),
    "another digest": lambda one: replace(one, signed=b64url(bytes(32))),
    "another sender": lambda one: replace(one, sender="E09000023"),
    "another recipient": lambda one: replace(one, recipient=PLACING),
    "another place": lambda one: replace(one, position=(one.position + 1) % one.size),
    "a shorter path": lambda one: replace(one, path=one.path[1:]),
    "another salt": lambda one: replace(one, salt=b64url(bytes(32))),
    "another row": lambda one: replace(one, row=one.row.replace("date receipts", "date receiptz")),
    "another time in the row": lambda one: replace(one, row=one.row.replace("2026", "2025")),
    "another history": lambda one: replace(one, previous=b64url(bytes(32))),
    "another anchor": lambda one: replace(one, anchor_salt=b64url(bytes(32))),
    "another payload": lambda one: replace(one, payload=one.payload[:-4] + "AAAA"),
    "another log": lambda one: replace(one, proof=one.proof.replace("index ", "index 1")),
}


def written(*parts: Part) -> bytes:
    """A bundle as somebody writes it who does not ask whether it may be."""
    return msgspec.json.encode({"schema": "evidence-of-notice/1", "parts": parts})


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("number", [0, 3], ids=["notice", "change"])
def test_nothing_in_any_part_can_be_changed(
    post: Correspondence, notice: str, attack: str, number: int
) -> None:
    parts = list(decode_evidence(made(post.placing, PLACING, notice).data).parts)
    forged = ATTACKS[attack](parts[number].evidence)
    assert forged != parts[number].evidence
    parts[number] = replace(parts[number], evidence=forged)
    with pytest.raises(ProtocolError):
        sound(post, written(*parts))


TOGETHER: dict[str, Callable[[tuple[Part, ...]], tuple[Part, ...]]] = {
    "nothing": lambda _: (),
    "no notice": lambda parts: parts[1:],
    "two notices": lambda parts: (parts[0], replace(parts[3], kind="notice")),
    "a message twice": lambda parts: (*parts, parts[3]),
    "an acknowledgement by who sent the notice": lambda parts: (
        parts[0],
        replace(parts[3], kind="acknowledgement/1"),
    ),
    "a change by who received the notice": lambda parts: (
        parts[0],
        replace(parts[1], kind="placement-change/1"),
    ),
    "the other way round": lambda parts: (replace(parts[1], kind="notice"), parts[0]),
    "a kind that there is not": lambda parts: (parts[0], replace(parts[1], kind="receipt/1")),
}


@pytest.mark.parametrize("attack", TOGETHER)
def test_what_does_not_belong_together_is_no_bundle(
    post: Correspondence, notice: str, attack: str
) -> None:
    parts = decode_evidence(made(post.placing, PLACING, notice).data).parts
    assert sound(post, written(*parts))
    with pytest.raises(Malformed):
        sound(post, written(*TOGETHER[attack](parts)))
