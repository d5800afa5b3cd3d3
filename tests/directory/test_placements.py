"""An authority's placements are kept sealed, and looked at for a reason that the audit keeps."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from directory.placing.register.errors import NoSuchChild, NoSuchPlacement
from directory.placing.register.models import child, placement
from directory.placing.register.service import (
    add_child,
    add_placement,
    change_placement,
    link_notice,
    one_placement,
    placements,
    read_placement,
    read_register,
)
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.security.audit.models import audit_row
from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.rights.principal import NOBODY, Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.worlds import KENT, MEDWAY, two_served

COLA = Principal("person:cola", "Cola Commissioner", frozenset({Grant(Role.COMMISSIONER, KENT)}))
MEG = Principal("person:meg", "Meg Medway", frozenset({Grant(Role.COMMISSIONER, MEDWAY)}))
DUTY = Principal("person:duty", "Dee Duty", frozenset({Grant(Role.DUTY_OFFICER, KENT)}))
NOMI = Principal("person:nomi", "Nomi", frozenset({Grant(Role.NOMINATED_OFFICER, KENT)}))
CHILD = ChildFacts("K-1", "Xanthippe", "Quill", date(2012, 5, 1), "female", "section 31")
COURSE = Course(date(2026, 6, 1), "live", area=MEDWAY, relation="out of area")
FACTS = PlacementFacts("children's home", "7 Nowhere Lane, Zedtown", "SC100001")
WHY = "To plan the review of this placement"


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    """A node that serves Kent and Medway."""
    with two_served(tmp_path, database=database) as node:
        yield node


@pytest.fixture
def number(node: Node) -> str:
    with writing(node.node_db) as connection:
        of = add_child(connection, node, COLA, KENT, CHILD)
        return add_placement(connection, node, COLA, KENT, of, COURSE, FACTS)


@pytest.mark.both_databases
def test_what_is_kept_is_read_again_for_a_reason_that_the_audit_keeps(
    node: Node, number: str
) -> None:
    with writing(node.node_db) as connection:
        whole = read_placement(connection, node, COLA, KENT, number, WHY)
        assert (whole.child, whole.facts, whole.kept.course) == (CHILD, FACTS, COURSE)
        with pytest.raises(ReasonWanted):
            read_placement(connection, node, COLA, KENT, number, "")
        looks = connection.execute(select(audit_row.c.record, audit_row.c.reason)).all()
    assert looks[-1].record == f"placement/{number}"
    assert looks[-1].reason


@pytest.mark.both_databases
def test_nothing_of_a_child_stands_beside_the_seal(node: Node, number: str) -> None:
    with reading(node.node_db) as connection:
        rows = [*connection.execute(select(child)), *connection.execute(select(placement))]
        assert "Xanthippe" not in str([tuple(row) for row in rows])
        assert "Nowhere" not in str([tuple(row) for row in rows])
        assert "Xanthippe" not in str(connection.execute(select(audit_row)).all())


def test_the_list_needs_no_reason_and_says_nothing_of_a_child(node: Node, number: str) -> None:
    with reading(node.node_db) as connection:
        (kept,) = placements(connection, NOMI, KENT)
        assert placements(connection, COLA, KENT, {"planned"}) == []
    assert (kept.id, kept.course, kept.notice) == (number, COURSE, None)


@pytest.mark.both_databases
def test_a_change_is_kept_and_noted(node: Node, number: str) -> None:
    ended = Course(date(2026, 6, 1), "ended", MEDWAY, "out of area", ends_on=date(2026, 7, 1))
    with writing(node.node_db) as connection:
        change_placement(connection, node, COLA, KENT, number, ended, FACTS)
        link_notice(connection, node, COLA, KENT, number, "f" * 32)
        kept = one_placement(connection, COLA, KENT, number)
        told = connection.scalars(
            select(audit_row.c.detail).where(audit_row.c.record == f"placement/{number}")
        ).all()
    assert (kept.course, kept.notice) == (ended, "f" * 32)
    assert told == ["added", "changed", f"notice/{'f' * 32}"]


def test_an_authority_on_the_same_node_sees_and_changes_nothing(node: Node, number: str) -> None:
    with writing(node.node_db) as connection:
        assert placements(connection, MEG, MEDWAY) == []
        with pytest.raises(NotAllowed):
            read_placement(connection, node, MEG, KENT, number, WHY)
        with pytest.raises(NoSuchPlacement):
            read_placement(connection, node, MEG, MEDWAY, number, WHY)
        with pytest.raises(NoSuchPlacement):
            change_placement(connection, node, MEG, MEDWAY, number, COURSE, FACTS)
        of = one_placement(connection, COLA, KENT, number).child
        with pytest.raises(NoSuchChild):
            add_placement(connection, node, MEG, MEDWAY, of, COURSE, FACTS)
        assert read_register(connection, node, MEG, MEDWAY, WHY, "all") == ([], {})


@pytest.mark.parametrize("who", [NOBODY, DUTY])
def test_who_does_not_place_reads_no_placement(node: Node, number: str, who: Principal) -> None:
    with writing(node.node_db) as connection:
        with pytest.raises(NotAllowed):
            placements(connection, who, KENT)
        with pytest.raises(NotAllowed):
            read_placement(connection, node, who, KENT, number, WHY)
        with pytest.raises(NotAllowed):
            add_child(connection, node, who, KENT, CHILD)


def test_who_only_approves_changes_nothing(node: Node, number: str) -> None:
    with writing(node.node_db) as connection:
        read_placement(connection, node, NOMI, KENT, number, WHY)
        with pytest.raises(NotAllowed):
            change_placement(connection, node, NOMI, KENT, number, COURSE, FACTS)
