"""Evidence of a notice: who has a charter checks it alone; nothing changed in it, and no child."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from directory.cli import main
from directory.notices.errors import NotDatedYet
from directory.notices.evidence.checking import check_bundle
from directory.notices.evidence.making import make_evidence
from directory.notices.sent import send_notice
from directory.security.audit.anchoring import anchor
from directory.security.rights.principal import operator
from federation import Node, reading, sequence, trust_of, writing
from protocols.encoding import b64url
from protocols.errors import ProtocolError
from protocols.evidence import Evidence, decode_evidence
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.federation.worlds import a_notice

WHO = operator("test")


def bundle(node: Node, authority: str, notice: str) -> bytes:
    with reading(node.replica) as replica, writing(node.node_db) as connection:
        return make_evidence(connection, replica, node, WHO, authority=authority, notice=notice)


def send(post: Correspondence) -> str:
    with writing(post.placing.node_db) as connection:
        return send_notice(connection, post.placing, WHO, a_notice(), placing=PLACING, area=AREA)


@pytest.fixture(scope="module")
def notice(post: Correspondence) -> str:
    """One of three that were delivered and dated on both sides."""
    every = [send(post) for _ in range(3)]
    with pytest.raises(NotDatedYet):
        bundle(post.placing, PLACING, every[1])
    post.deliver()
    for name in ("kent-node", "leeds-node"):
        node = post.world.nodes[name]
        assert anchor(node)
        sequence(node)
        post.world.follow_all(node, [name])
    return every[1]


def sound(post: Correspondence, data: bytes) -> Evidence:
    charters = post.placing.charters.chain
    return check_bundle(data, charters, trust_of([], charters[-1].charter, None)).evidence


@pytest.mark.parametrize("side", ["placing", "area"])
def test_each_side_shows_what_an_outsider_checks_with_a_charter_alone(
    post: Correspondence, notice: str, side: str, tmp_path: Path
) -> None:
    node, authority = (post.placing, PLACING) if side == "placing" else (post.area, AREA)
    data = bundle(node, authority, notice)
    one = sound(post, data)
    assert (one.message, one.sender, one.recipient) == (notice, PLACING, AREA)
    assert not any(word in data for word in (b"Robin", b"TEST-1", b"Sample Lane", b"2012"))
    (tmp_path / "e").write_bytes(data)
    (tmp_path / "c").write_bytes(node.charters.latest.note)
    given = ["evidence", "--check", str(tmp_path / "e"), "--charter", str(tmp_path / "c")]
    said = CliRunner().invoke(main, given)
    assert said.exit_code == 0, said.output
    assert f"had stored the message {notice} of Kent" in " ".join(said.output.split())


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


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_in_it_can_be_changed(post: Correspondence, notice: str, attack: str) -> None:
    one = decode_evidence(bundle(post.placing, PLACING, notice))
    forged = ATTACKS[attack](one)
    assert forged != one
    with pytest.raises(ProtocolError):
        sound(post, msgspec.json.encode(forged))
