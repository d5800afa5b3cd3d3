"""What is kept how long: what is due goes, what is not stays, and a legal hold stops everything."""

import importlib
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import MetaData, insert, select

import directory
from directory.api.once import KEPT_FOR as ANSWER_KEPT
from directory.database import node_metadata, replica_metadata
from directory.hosting.homes.residents import KEPT_AFTER as RESIDENT_KEPT
from directory.notices.erasing import erase_notice
from directory.notices.errors import DiesAhead
from directory.notices.following.saying import Saying
from directory.notices.models import sent_notice
from directory.notices.received import read_received
from directory.notices.sent import read_sent, send_notice
from directory.placing.importing.service import KEPT_FOR as IMPORT_KEPT
from directory.placing.register.died import note_death
from directory.placing.register.models import child
from directory.placing.register.rows import kept_placements, open_children
from directory.placing.register.service import add_child, add_placement, link_notice
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.placing.telling.models import telling
from directory.placing.telling.rows import seal
from directory.placing.telling.values import TellingFacts
from directory.privacy.retention.destroying import KeepSchedule, destroy_due
from directory.privacy.retention.due import due
from directory.privacy.retention.errors import ClockInDoubt, NoSuchHold, NotARecord, UnderHold
from directory.privacy.retention.holds import lift_hold, list_holds, set_hold
from directory.privacy.retention.schedule import due_on, periods
from directory.providers.guides.links import LASTS as GUIDE_LINK
from directory.providers.handins.admitting import _KEPT as HAND_IN_KEPT
from directory.security.audit.reading import read_audit
from directory.security.audit.verifying import verify_audit
from directory.security.mail.watching import REMEMBERED
from directory.security.people.links import INVITATION
from directory.security.people.outside import LASTS as SIGN_IN_ELSEWHERE
from directory.security.people.pauses import FORGOTTEN_AFTER
from directory.security.people.sessions import LONGEST
from directory.security.rights.errors import NotAllowed, ReasonWanted
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from directory.security.systems.service import TOKEN_LIFE
from directory.security.unsent.keeping import KEPT_FOR as UNSENT_KEPT
from directory.security.vault.errors import EpochKeyMissing, Erased
from directory.security.vault.models import data_key
from federation import Node, open_database, reading, writing
from federation import node_metadata as federation_node
from federation import replica_metadata as federation_replica
from protocols.documents import KEPT_FOR as DOCUMENT_KEPT
from protocols.notices import Child
from tests.directory.correspondence import AREA, PLACING, Correspondence, correspondence
from tests.directory.worlds import NOW
from tests.federation.worlds import a_notice

WHO = operator("tests")
WHY = "An inquiry has asked for it"
OFFICER = Principal("person:1", "Gil", frozenset({Grant(Role.GOVERNANCE_OFFICER, AREA)}))
LONG_AGO, LATELY = date(1951, 11, 20), date(2012, 5, 17)


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Correspondence]:
    with correspondence(tmp_path) as made:
        yield made


def placed(post: Correspondence, born: date) -> str:
    """A notice of a child born on a day, sent and received; its id."""
    notice = a_notice(child=Child("KID-1", "Zebedee", "Quillfeather", born))
    with writing(post.placing.node_db) as connection:
        number = send_notice(connection, post.placing, WHO, notice, placing=PLACING, area=AREA)
    post.deliver()
    return number


def read(node: Node, notice: str) -> object:
    with writing(node.node_db) as connection:
        if node.name == "kent-node":
            return read_sent(connection, node, WHO, placing=PLACING, notice=notice, reason=WHY)
        return read_received(connection, node, WHO, area=AREA, notice=notice, reason=WHY)


def destroy(node: Node, authority: str) -> list[str]:
    with writing(node.node_db) as connection:
        return [one.id for one in destroy_due(connection, node, WHO, authority).records]


def hold(node: Node, record: str | None, who: Principal = WHO) -> str:
    with writing(node.node_db) as connection:
        return set_hold(connection, node, who, authority=AREA, record=record, reason=WHY)


def lift(node: Node, number: str) -> None:
    with writing(node.node_db) as connection:
        lift_hold(connection, node, WHO, authority=AREA, hold=number, reason="It is over")


def later(node: Node, **time: float) -> Node:
    """The same node, so much later."""
    return replace(node, now=lambda: NOW + timedelta(**time))


# --- The schedule ---------------------------------------------------------------------------------


def test_every_table_stands_in_the_schedule_once() -> None:
    for path in Path(directory.__file__).parent.glob("*/**/models.py"):
        parts = path.relative_to(Path(directory.__file__).parents[1]).with_suffix("").parts
        importlib.import_module(".".join(parts))
    known: tuple[MetaData, ...] = (
        *(node_metadata, replica_metadata, federation_node, federation_replica),
    )
    tables = {name for one in known for name in one.tables}
    scheduled = [name for period in periods().values() for name in period.tables]
    assert sorted(scheduled) == sorted(tables), "say in periods.toml how long a new table is kept"


def test_what_ends_by_itself_ends_when_the_schedule_says() -> None:
    code = {
        "session": LONGEST,
        "late-form": UNSENT_KEPT,
        "link": INVITATION,
        "sign-in-elsewhere": SIGN_IN_ELSEWHERE,
        "attempt": FORGOTTEN_AFTER,
        "token": TOKEN_LIFE,
        "answer": ANSWER_KEPT,
        "document-given": DOCUMENT_KEPT,
        "import": IMPORT_KEPT,
        "guide-link": GUIDE_LINK,
        "hand-in-taken": HAND_IN_KEPT,
        "resident": RESIDENT_KEPT,
        "mail-out": REMEMBERED,
    }
    assert {name: one.lasts for name, one in periods().items() if one.lasts} == code


def test_a_case_record_is_due_on_the_75th_birthday_and_an_area_s_on_the_25th() -> None:
    born = date(2012, 2, 29)
    assert due_on("case-record", born, "England") == date(2087, 3, 1)
    assert due_on("area-record", born, "England") == date(2037, 3, 1)


def test_a_case_record_of_a_child_who_died_before_18_is_due_15_years_after() -> None:
    born, last = date(2012, 2, 29), date(2030, 2, 28)
    assert due_on("case-record", born, "England", last) == date(2045, 2, 28)
    assert due_on("case-record", born, "England", date(2028, 2, 29)) == date(2043, 3, 1)
    assert due_on("case-record", born, "England", date(2030, 3, 1)) == date(2087, 3, 1)
    assert due_on("area-record", born, "England", last) == date(2037, 3, 1)


# --- What is due ----------------------------------------------------------------------------------


def test_what_is_due_opens_no_more_and_what_is_not_stays(post: Correspondence) -> None:
    old, young = placed(post, LONG_AGO), placed(post, LATELY)
    for node, authority in ((post.placing, PLACING), (post.area, AREA)):
        with reading(node.node_db) as connection:
            found = due(connection, node, WHO, authority)
        assert [one.id for one in found.records] == [old]
        assert (found.kept, found.next_year) == (1, 2087 if authority == PLACING else 2037)
        assert destroy(node, authority) == [old]
        assert read(node, young)
        with pytest.raises(Erased):
            read(node, old)
        assert destroy(node, authority) == []


def test_one_side_destroys_its_own_and_never_the_other_s(post: Correspondence) -> None:
    old = placed(post, LONG_AGO)
    destroy(post.placing, PLACING)
    assert read(post.area, old)


def test_a_clock_that_is_wrong_by_years_destroys_nothing(post: Correspondence) -> None:
    young = placed(post, LATELY)
    with pytest.raises(ClockInDoubt, match="Set the clock"):
        destroy(later(post.area, days=365 * 62), AREA)
    assert read(post.area, young)


def test_why_somebody_looked_goes_with_the_record_and_the_chain_stays_whole(
    post: Correspondence,
) -> None:
    old, young = placed(post, LONG_AGO), placed(post, LATELY)
    read(post.area, old), read(post.area, young)
    destroy(post.area, AREA)
    with writing(post.area.node_db) as connection:
        rows = read_audit(connection, post.area, WHO, authority=AREA, done="read a notice")
        assert {one.record: one.reason for one in rows} == {
            f"notice/{old}": None,
            f"notice/{young}": WHY,
        }
        assert verify_audit(connection, post.area, WHO).sound


def test_a_child_of_the_register_goes_with_every_placement_and_stays_with_a_held_notice(
    post: Correspondence,
) -> None:
    node, old = post.placing, placed(post, LONG_AGO)
    with writing(node.node_db) as connection:
        number = add_child(connection, node, WHO, PLACING, ChildFacts("K-1", born_on=LONG_AGO))
        one = add_placement(
            connection,
            node,
            WHO,
            PLACING,
            number,
            Course(date(1960, 1, 1), "live"),
            PlacementFacts(),
        )
        link_notice(connection, node, WHO, PLACING, one, old)
        connection.execute(
            insert(telling).values(
                id="t" * 32,
                authority=PLACING,
                placement=one,
                event="placement",
                kind="gp",
                number=0,
                state="open",
                body=seal(connection, node, "t" * 32, TellingFacts(name="Dr Quillfeather")),
                changed_at=node.now(),
            )
        )
        kept = set_hold(
            connection, node, WHO, authority=PLACING, record=f"notice/{old}", reason=WHY
        )
    assert destroy(node, PLACING) == []
    with writing(node.node_db) as connection:
        lift_hold(connection, node, WHO, authority=PLACING, hold=kept, reason="It is over")
    assert destroy(node, PLACING) == [number, old]
    with reading(node.node_db) as connection:
        assert open_children(connection, node, PLACING) == {}
        assert kept_placements(connection) == []
        left = select(data_key.c.record).where(data_key.c.record.like("%tell%"))
        assert connection.scalars(left).all() == []


def test_a_death_noted_on_either_record_makes_both_due_and_a_mistake_undoes_it(
    post: Correspondence,
) -> None:
    node, notice, other = post.placing, placed(post, LATELY), placed(post, LATELY)
    died, course = date(2026, 11, 1), Course(date(2026, 10, 1), "live")
    with writing(node.node_db) as connection:
        number = add_child(connection, node, WHO, PLACING, ChildFacts("K-1", born_on=LATELY))
        one, second = (
            add_placement(connection, node, WHO, PLACING, number, course, PlacementFacts())
            for _ in range(2)
        )
        link_notice(connection, node, WHO, PLACING, one, notice)

    def found(days: float) -> set[str]:
        there = later(node, days=days)
        with reading(node.node_db) as connection:
            return {one.id for one in due(connection, there, WHO, PLACING).records}

    def note(on: date | None) -> None:
        with writing(node.node_db) as connection:
            note_death(connection, node, WHO, PLACING, second, on)

    years = 365.25 * 15
    with pytest.raises(DiesAhead):
        note(date(2026, 12, 24))
    note(died)
    assert found(years - 40) == set()
    assert found(years) == {number, notice}, "and not the other child"
    with reading(node.node_db) as connection:
        assert {one.course.state for one in kept_placements(connection)} == {"ended"}
        days = [
            *connection.scalars(select(child.c.died_on)),
            *connection.scalars(select(sent_notice.c.died_on)),
        ]
    assert not [one for one in days if one and b"2026" in one], "sealed"
    note(None)
    assert found(years) == set()
    with writing(node.node_db) as connection:
        saying = Saying(connection, node, WHO, placing=PLACING, notice=notice)
        said = {"planned": True, "given_by": "court", "why": "died"}
        saying.end(ended_on=died, **said)
    assert found(years) == {number, notice}, "noted on the notice alone"
    assert other not in found(years)


# --- Legal holds ----------------------------------------------------------------------------------


@pytest.mark.parametrize("everything", [False, True])
def test_a_hold_stops_every_destruction_until_it_is_lifted(
    post: Correspondence, everything: bool
) -> None:
    old = placed(post, LONG_AGO)
    number = hold(post.area, None if everything else f"notice/{old}", OFFICER)
    assert destroy(post.area, AREA) == []
    erasing = {"authority": AREA, "notice": old, "reason": "It was sent by mistake"}
    with (
        pytest.raises(UnderHold, match="legal hold"),
        writing(post.area.node_db) as connection,
    ):
        erase_notice(connection, post.area, WHO, **erasing)
    with reading(post.area.node_db) as connection:
        found = due(connection, post.area, WHO, AREA)
        (listed,) = list_holds(connection, post.area, OFFICER, AREA)
    assert ([one.id for one in found.held], found.records) == ([old], ())
    assert (listed.reason, listed.set_by, listed.lifted_at) == (WHY, "Gil", None)
    lift(post.area, number)
    assert destroy(post.area, AREA) == [old]
    with pytest.raises(NoSuchHold):
        lift(post.area, number)


def test_who_may_not_hold_or_says_no_reason_holds_nothing(post: Correspondence) -> None:
    duty = Principal("person:2", "Dee", frozenset({Grant(Role.DUTY_OFFICER, AREA)}))
    how = {"authority": AREA, "record": None}
    for who, reason, error in ((duty, WHY, NotAllowed), (OFFICER, "", ReasonWanted)):
        with pytest.raises(error), writing(post.area.node_db) as connection:
            set_hold(connection, post.area, who, **how, reason=reason)
    with pytest.raises(NotARecord), writing(post.area.node_db) as connection:
        set_hold(connection, post.area, WHO, authority=AREA, record="Zebedee", reason=WHY)
    with reading(post.area.node_db) as connection:
        assert list_holds(connection, post.area, OFFICER, AREA) == []


# --- Epochs ---------------------------------------------------------------------------------------


def test_a_backup_made_earlier_does_not_open_what_was_destroyed(
    post: Correspondence, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not even to somebody who has the keys of today and leaves out what says it is erased."""
    monkeypatch.setenv("HEARTH_RETENTION", "destroy")
    old, young = placed(post, LONG_AGO), placed(post, LATELY)
    folder = tmp_path / "earlier"
    shutil.copytree(post.area.folder, folder)
    for days in (0, 40, 80):
        KeepSchedule()(later(post.area, days=days))
    assert not (post.area.folder / "keys" / "epoch-1").exists()
    shutil.rmtree(folder / "keys")
    shutil.copytree(post.area.folder / "keys", folder / "keys")
    (folder / "keys" / "erased").unlink()
    engine = open_database(folder, "node")
    try:
        with pytest.raises(EpochKeyMissing):
            read(replace(post.area, node_db=engine, folder=folder), old)
    finally:
        engine.dispose()
    assert read(post.area, young)
    with pytest.raises(Erased):
        read(post.area, old)


def test_no_epoch_key_is_destroyed_while_anything_is_held_or_unless_it_is_set(
    post: Correspondence, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, key = placed(post, LONG_AGO), post.area.folder / "keys" / "epoch-1"
    for days in (0, 40, 80):
        KeepSchedule()(later(post.area, days=days))
    assert read(post.area, old), "without the setting nothing is destroyed"
    assert len(list(key.parent.glob("epoch-*"))) == 1
    monkeypatch.setenv("HEARTH_RETENTION", "destroy")
    number = hold(post.area, f"notice/{'0' * 32}")
    for days in (40, 80):
        KeepSchedule()(later(post.area, days=days))
    assert key.exists()
    lift(post.area, number)
    KeepSchedule()(later(post.area, days=80))
    assert not key.exists()
