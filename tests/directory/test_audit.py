"""The audit: every look leaves a row, and none is rewritten, taken away or made anew unseen."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Connection, delete, func, select, update

from directory.homes.models import quarantine
from directory.security.audit.anchoring import anchor
from directory.security.audit.chain import START, Row, row_hash
from directory.security.audit.errors import NotWritable
from directory.security.audit.models import audit_anchor, audit_head, audit_row
from directory.security.audit.reading import read_audit
from directory.security.audit.service import note
from directory.security.audit.verifying import Verdict, verify_audit
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from directory.security.vault.models import data_key
from directory.security.vault.service import Vault
from federation import Node, OwnLog, follow, own_records, reading, sequence, tables, writing
from tests.databases import Databases
from tests.directory.worlds import KENT, LEEDS, NOW, Consortium, consortium

pytestmark = pytest.mark.both_databases(second_is_soak=True)
WHO = operator("root")
SAM = Principal("person:17", "Sam Smith", frozenset({Grant(Role.DUTY_OFFICER, KENT)}))
REASON = "The child has gone missing"


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[Consortium]:
    with consortium(tmp_path, {}, database) as made:
        yield made


@pytest.fixture
def node(world: Consortium) -> Node:
    return world.reader


def noted(node: Node, *, count: int = 1) -> None:
    with writing(node.node_db) as connection:
        for number in range(count):
            note(
                connection,
                node,
                SAM,
                "read a notice",
                authority=KENT,
                record=f"notice/{number}",
                reason=REASON,
            )


def anchored(node: Node) -> None:
    assert anchor(node)
    assert sequence(node) == 1


def verdict(node: Node) -> Verdict:
    with reading(node.node_db) as connection:
        return verify_audit(connection, node, WHO)


def test_rows_in_order_with_their_anchors_are_sound(node: Node) -> None:
    assert verdict(node) == Verdict(0, 0, 0)
    noted(node, count=5)
    assert verdict(node) == Verdict(5, 0, 0)
    anchored(node)
    noted(node, count=2)
    assert verdict(node) == Verdict(7, 1, 5)


def test_a_row_says_who_when_what_and_why_and_the_why_is_sealed(node: Node) -> None:
    noted(node)
    with writing(node.node_db) as connection:
        raw = connection.execute(select(audit_row)).one()
        (row,) = read_audit(connection, node, WHO, authority=KENT)
    assert (row.seq, row.at, row.who, row.who_name) == (1, NOW, "person:17", "Sam Smith")
    assert (row.action, row.authority, row.record) == ("read a notice", KENT, "notice/0")
    assert row.reason == REASON
    assert REASON.encode() not in raw.reason


def test_what_fails_leaves_no_row_and_what_cannot_be_noted_is_not_done(node: Node) -> None:
    with pytest.raises(OSError, match="no"), writing(node.node_db) as connection:  # noqa: PT012
        note(connection, node, SAM, "read a notice", authority=KENT)
        raise OSError("no")
    assert verdict(node) == Verdict(0, 0, 0)
    with writing(node.node_db) as connection:
        connection.execute(delete(audit_head))
    with pytest.raises(NotWritable, match="nothing was done"):
        noted(node)


def test_reading_the_audit_is_in_the_audit_and_shows_one_authority_s_rows(node: Node) -> None:
    noted(node)
    with writing(node.node_db) as connection:
        assert read_audit(connection, node, WHO, authority=LEEDS) == []
        assert len(read_audit(connection, node, WHO, authority=KENT)) == 1
        rows = read_audit(connection, node, WHO, authority=KENT)
    assert [(row.action, row.detail) for row in rows] == [
        ("read the audit of an authority's records", "1 rows"),
        ("read a notice", ""),
    ]


def test_it_is_narrowed_by_day_by_person_and_by_page(node: Node) -> None:
    noted(node, count=3)
    with writing(node.node_db) as connection:

        def seqs(**narrowed: object) -> list[int]:
            rows = read_audit(connection, node, WHO, authority=KENT, **narrowed)  # type: ignore[arg-type]
            return [row.seq for row in rows if row.who == SAM.id]

        assert seqs(since=NOW) == [3, 2, 1]
        assert seqs(since=NOW + timedelta(seconds=1)) == []
        assert seqs(by="smith") == seqs(by="person:17") == [3, 2, 1]
        assert seqs(by="%") == seqs(by="Nobody") == []
        assert seqs(before=3, limit=1) == [2]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.GOVERNANCE_OFFICER, Role.OPERATOR}))
def test_nobody_else_reads_it(node: Node, role: Role) -> None:
    alone = (Role.NODE_ADMINISTRATOR, Role.NOBODY)
    grant = Grant(role, None if role in alone else KENT)
    who = Principal("person:1", "Sam", frozenset({grant}))
    with writing(node.node_db) as connection, pytest.raises(NotAllowed):
        read_audit(connection, node, who, authority=KENT)


def test_an_erased_reason_leaves_the_chain_whole(node: Node) -> None:
    noted(node, count=2)
    with writing(node.node_db) as connection:
        assert Vault(connection, node).destroy("audit_row", ["1"]) == 1
    with writing(node.node_db) as connection:
        rows = read_audit(connection, node, WHO, authority=KENT)
    assert [row.reason for row in rows] == [REASON, None]
    assert verdict(node).sound


# --- Attacks --------------------------------------------------------------------------------------


def recompute(connection: Connection, **changes: object) -> None:
    """What who owns the database can do: a chain that is sound in itself, head and all."""
    previous, last = START, 0
    for row in connection.execute(select(audit_row).order_by(audit_row.c.seq)).mappings().all():
        said = {name: row[name] for name in Row.__struct_fields__} | changes
        hashed = row_hash(Row(**said), previous)
        connection.execute(
            update(audit_row)
            .where(audit_row.c.seq == row["seq"])
            .values(**changes, previous=previous, hash=hashed)
        )
        previous, last = hashed, row["seq"]
    connection.execute(update(audit_head).values(seq=last, hash=previous))


def a_row_rewritten(connection: Connection) -> None:
    connection.execute(update(audit_row).where(audit_row.c.seq == 3).values(who_name="Nobody"))


def a_time_moved(connection: Connection) -> None:
    connection.execute(
        update(audit_row).where(audit_row.c.seq == 3).values(at=NOW + timedelta(days=1))
    )


def a_reason_replaced(connection: Connection) -> None:
    other = select(audit_row.c.reason).where(audit_row.c.seq == 2).scalar_subquery()
    connection.execute(update(audit_row).where(audit_row.c.seq == 3).values(reason=other))


def a_reason_taken_away(connection: Connection) -> None:
    connection.execute(update(audit_row).where(audit_row.c.seq == 3).values(reason=None))


def a_row_deleted(connection: Connection) -> None:
    connection.execute(delete(audit_row).where(audit_row.c.seq == 3))


def the_first_row_deleted(connection: Connection) -> None:
    connection.execute(delete(audit_row).where(audit_row.c.seq == 1))


def the_end_cut_off(connection: Connection) -> None:
    connection.execute(delete(audit_row).where(audit_row.c.seq > 5))


def the_end_cut_off_with_its_head(connection: Connection) -> None:
    the_end_cut_off(connection)
    recompute(connection)


def everything_deleted(connection: Connection) -> None:
    connection.execute(delete(audit_row))
    connection.execute(delete(audit_anchor))
    connection.execute(update(audit_head).values(seq=0, hash=START))


def rows_swapped(connection: Connection) -> None:
    for old, new in ((3, 99), (4, 3), (99, 4)):
        connection.execute(update(audit_row).where(audit_row.c.seq == old).values(seq=new))


def a_row_made_twice(connection: Connection) -> None:
    row = dict(connection.execute(select(audit_row).where(audit_row.c.seq == 6)).mappings().one())
    connection.execute(audit_row.insert().values(row | {"seq": 7}))


def a_row_relinked(connection: Connection) -> None:
    """Row 3 rewritten, with a hash that fits it."""
    row = connection.execute(select(audit_row).where(audit_row.c.seq == 3)).mappings().one()
    said = {name: row[name] for name in Row.__struct_fields__} | {"who_name": "Nobody"}
    connection.execute(
        update(audit_row)
        .where(audit_row.c.seq == 3)
        .values(who_name="Nobody", hash=row_hash(Row(**said), row["previous"]))
    )


def the_head_forged(connection: Connection) -> None:
    connection.execute(update(audit_head).values(hash=sha256(b"x").digest()))


def all_computed_anew(connection: Connection) -> None:
    recompute(connection, who_name="Nobody")


def all_computed_anew_with_its_anchors(connection: Connection) -> None:
    recompute(connection, who_name="Nobody")
    for one in connection.execute(select(audit_anchor)).all():
        head = connection.scalar(select(audit_row.c.hash).where(audit_row.c.seq == one.seq))
        connection.execute(
            update(audit_anchor).where(audit_anchor.c.seq == one.seq).values(head=head)
        )


def all_computed_anew_without_anchors(connection: Connection) -> None:
    recompute(connection, who_name="Nobody")
    connection.execute(delete(audit_anchor))


def another_salt(connection: Connection) -> None:
    connection.execute(update(audit_anchor).values(salt=bytes(32)))


ATTACKS: dict[Callable[[Connection], None], str] = {
    a_row_rewritten: "row 3 was rewritten",
    a_time_moved: "row 3 was rewritten",
    a_reason_replaced: "the reason of row 3 was replaced",
    a_reason_taken_away: "the reason of row 3 was replaced or taken away",
    a_row_deleted: "row 3 is missing",
    the_first_row_deleted: "row 1 is missing",
    the_end_cut_off: "the end is cut off: row 6",
    the_end_cut_off_with_its_head: "the end is cut off: row 6",
    everything_deleted: "entry 0 of the log anchors an audit that is not this one",
    rows_swapped: "row 3 was rewritten",
    a_row_made_twice: "row 7 was rewritten",
    a_row_relinked: "row 4 does not follow the one before",
    the_head_forged: "the head that was noted is not that of row 6",
    all_computed_anew: "row 6 is not the one that was anchored",
    all_computed_anew_with_its_anchors: "the anchor of row 6 is not in the log",
    all_computed_anew_without_anchors: "entry 0 of the log anchors an audit that is not this one",
    another_salt: "the anchor of row 6 is not in the log",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda one: one.__name__)
def test_an_attack_is_found_and_named(node: Node, attack: Callable[[Connection], None]) -> None:
    noted(node, count=6)
    anchored(node)
    assert verdict(node).sound
    with writing(node.node_db) as connection:
        attack(connection)
    found = verdict(node)
    assert found.problem
    assert found.problem.startswith(ATTACKS[attack])


def test_who_computes_all_anew_and_anchors_it_again_is_found_by_the_first_anchor(
    node: Node,
) -> None:
    noted(node, count=6)
    anchored(node)
    with writing(node.node_db) as connection:
        all_computed_anew_without_anchors(connection)
    anchored(node)
    found = verdict(node)
    assert found.problem
    assert found.problem.startswith("entry 0 of the log anchors an audit that is not this one")


def test_who_takes_the_anchor_out_of_the_log_too_is_found_by_the_signature(node: Node) -> None:
    noted(node, count=6)
    anchored(node)
    with writing(node.node_db) as connection:
        all_computed_anew_without_anchors(connection)
        connection.execute(update(tables.own_entry).values(raw=b"\0", blob=None, payload=2))
    found = verdict(node)
    assert found.problem
    assert found.problem.startswith("the log that holds the anchors is not sound")


def test_two_who_note_at_once_make_one_chain(node: Node) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: noted(node, count=5), range(8)))
    assert verdict(node) == Verdict(40, 0, 0)
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(data_key)) == 40


# --- Anchors --------------------------------------------------------------------------------------


def test_an_anchor_comes_once_an_hour_and_only_when_there_is_something_new(
    tmp_path: Path, node: Node
) -> None:
    assert not anchor(node), "there is nothing yet"
    noted(node)
    assert anchor(node)
    noted(node)
    assert not anchor(node), "the hour is not over"
    with writing(node.node_db) as connection:
        connection.execute(update(audit_anchor).values(anchored_at=NOW - timedelta(hours=1)))
    assert anchor(node)
    with writing(node.node_db) as connection:
        connection.execute(update(audit_anchor).values(anchored_at=NOW - timedelta(hours=1)))
    assert not anchor(node), "there is nothing new"


def test_a_clock_that_was_wrong_holds_up_no_anchor(node: Node) -> None:
    noted(node)
    assert anchor(node)
    noted(node)
    with writing(node.node_db) as connection:
        connection.execute(update(audit_anchor).values(anchored_at=NOW + timedelta(days=400)))
    assert anchor(node)


def test_an_anchor_tells_others_nothing_and_they_show_nothing_of_it(world: Consortium) -> None:
    kent, leeds = world.nodes["kent-node"], world.nodes["leeds-node"]
    noted(leeds, count=17)
    anchored(leeds)
    with reading(leeds.node_db) as connection:
        (record,) = own_records(connection, "anchor/1").values()
    assert len(record) == len(b'{"schema":"anchor/1","digest":""}') + 43
    assert follow(kent, leeds.member, OwnLog(leeds.node_db)) == 1
    with reading(kent.replica) as connection:
        assert connection.scalar(select(func.count()).select_from(quarantine)) == 0


def test_an_anchor_that_waits_for_the_log_is_no_trouble_but_one_that_is_gone_is(
    node: Node,
) -> None:
    noted(node)
    assert anchor(node)
    assert verdict(node) == Verdict(1, 1, 0)
    with writing(node.node_db) as connection:
        connection.exec_driver_sql("DELETE FROM staged")
    found = verdict(node)
    assert (found.problem, found.row) == ("the anchor of row 1 is not in the log", 1)
