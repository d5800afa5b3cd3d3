"""How notices are kept to: counted from both sides, told without small numbers, beside DfE's."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import product
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import delete, func, select, update

from directory.app import create_app
from directory.compliance.dfe import NAME, of_authority
from directory.compliance.models import notice_count
from directory.compliance.quarters import complete, in_words, last_day, quarter_of
from directory.compliance.rounds import TellOfQuarters
from directory.compliance.service import (
    Compared,
    compared,
    publish_figures,
    published,
    quarters,
    tell_others,
)
from directory.notices.models import received_notice, sent_notice
from directory.notices.sent import send_notice
from directory.security.audit.models import audit_row
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from federation import Node, dispatches, queue, reading, writing
from protocols.compliance import Counts, NoticeCounts, QuarterFigures, encode_counts, told_of
from protocols.notices import Placement
from tests.databases import Databases
from tests.directory.correspondence import AREA, PLACING, Correspondence, correspondence
from tests.directory.people import form_token, signed_in
from tests.federation.worlds import a_notice

pytestmark = pytest.mark.both_databases(second_is_soak=True)
COLA = Principal("person:cola", "Cola", frozenset({Grant(Role.COMMISSIONER, PLACING)}))
DORA = Principal("person:dora", "Dora", frozenset({Grant(Role.DUTY_OFFICER, AREA)}))
Q3 = "2026-Q3"
PLACED = Placement("children's home", "17 Wren Street", date(2026, 8, 3))


def test_a_number_below_five_can_be_computed_from_nothing_that_is_told() -> None:
    could_be: dict[QuarterFigures, list[Counts]] = defaultdict(list)
    for parts in product(range(13), repeat=3):
        for acknowledged in range(sum(parts) + 1):
            counts = Counts(*parts, acknowledged)
            could_be[told_of(counts, PLACING, Q3, "sent")].append(counts)
    for told, behind in could_be.items():
        for part in ("on_time", "late", "later"):
            if getattr(told, part) == 0:
                assert {getattr(one, part) for one in behind} >= set(range(5)), told


def test_quarters_are_those_of_the_calendar_year() -> None:
    assert [quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == [
        *("2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4")
    ]
    assert complete(date(2026, 2, 28), 2) == ["2025-Q4", "2025-Q3"]
    assert in_words(Q3) == "July to September 2026"


@pytest.fixture
def post(tmp_path: Path, database: Databases) -> Iterator[Correspondence]:
    """Kent has told Leeds of three placements: in time, three days late, and weeks late; Leeds has
    answered one.
    """
    with correspondence(tmp_path, database) as post:
        for month, day in ((7, 30), (8, 6), (9, 9)):
            told = datetime(2026, month, day, 12, tzinfo=UTC)
            with writing(post.placing.node_db) as connection:
                message = send_notice(
                    *(connection, post.placing, COLA, a_notice(placement=PLACED)),
                    **{"placing": PLACING, "area": AREA},
                )
            post.deliver()
            for node, table, when in (
                (post.placing, sent_notice, "sent_at"),
                (post.area, received_notice, "received_at"),
            ):
                values = {when: told}
                if day == 30:
                    values["acknowledged_at"] = told
                with writing(node.node_db) as connection:
                    connection.execute(update(table).where(table.c.id == message).values(values))
        yield post


def between(node: Node, who: Principal, authority: str) -> list[Compared]:
    with reading(node.node_db) as connection:
        return compared(connection, node, who, authority)


def tell(node: Node, who: Principal, authority: str) -> int:
    with writing(node.node_db) as connection:
        return tell_others(connection, node, who, authority)


def test_both_sides_count_and_where_they_differ_is_shown(post: Correspondence) -> None:
    (kents,) = between(post.placing, COLA, PLACING)
    assert (kents.quarter, kents.side, kents.other) == (Q3, "sent", AREA)
    assert kents.ours == Counts(on_time=1, late=1, later=1, acknowledged=1)
    assert (kents.theirs, kents.differs) == (None, False)
    with pytest.raises(NotAllowed):
        between(post.placing, DORA, PLACING)

    assert tell(post.placing, COLA, PLACING) == tell(post.area, DORA, AREA) == 1
    post.deliver()
    (kents,), (leeds,) = between(post.placing, COLA, PLACING), between(post.area, DORA, AREA)
    assert kents.theirs == leeds.theirs == kents.ours
    assert not kents.differs
    assert not leeds.differs

    with writing(post.area.node_db) as connection:
        lost = connection.scalar(
            select(received_notice.c.id).where(received_notice.c.acknowledged_at.is_(None))
        )
        connection.execute(delete(received_notice).where(received_notice.c.id == lost))
    tell(post.area, DORA, AREA)
    with writing(post.placing.node_db) as connection:  # as if it had been counted before
        connection.execute(
            update(notice_count).values(counted_at=datetime(2026, 11, 1, tzinfo=UTC))
        )
    post.deliver()
    (kents,) = between(post.placing, COLA, PLACING)
    assert kents.differs
    assert kents.theirs is not None
    assert kents.theirs.notices == 2

    browser = signed_in(create_app(post.placing), Role.COMMISSIONER, PLACING)
    address = f"/authorities/{PLACING}/compliance"
    page = browser.get(address).text
    assert "Counted otherwise by the other side" in page
    assert "at Leeds" in page
    sent = browser.post(f"{address}/tell", data={"csrf_token": form_token(browser, address)})
    assert sent.status_code == 303


def test_counts_of_others_than_sender_and_recipient_are_refused(post: Correspondence) -> None:
    body = NoticeCounts(
        *(Q3, AREA, PLACING, "sent", Counts(9, 0, 0, 0), post.placing.now()),
        purpose="To find notices that were lost",
        lawful_basis="Public task",
    )
    with writing(post.placing.node_db) as connection:
        message = queue(
            *(connection, post.placing),
            **{"sender": PLACING, "recipient": AREA, "body": encode_counts(body)},
        )
    post.deliver()
    with reading(post.placing.node_db) as connection:
        assert dispatches(connection, [message])[message].state == "refused"
    with reading(post.area.node_db) as connection:
        assert connection.execute(select(notice_count)).all() == []


def test_what_is_published_tells_no_small_number_and_stays_as_it_was(post: Correspondence) -> None:
    def publish(again: str | None = None) -> dict[str, QuarterFigures]:
        with writing(post.placing.node_db) as connection:
            publish_figures(connection, post.placing, operator("ops"), again)
        return {one.quarter: one for one in published(post.placing) if one.side == "sent"}

    first = publish()
    assert list(first) == complete(date(2026, 11, 20), 8)
    # A quarter without any notice looks like one with three: that there is a row says nothing.
    assert msgspec.structs.replace(first["2026-Q2"], quarter=Q3) == first[Q3]
    ours = quarters(between(post.placing, COLA, PLACING))
    assert [one.counts.notices for one in ours] == [3]
    with writing(post.placing.node_db) as connection:
        told = datetime(2026, 7, 30, 12, tzinfo=UTC)
        for _ in range(5):
            copy = send_notice(
                *(connection, post.placing, COLA, a_notice(placement=PLACED)),
                **{"placing": PLACING, "area": AREA},
            )
            mine = sent_notice.c.id == copy
            connection.execute(update(sent_notice).where(mine).values(sent_at=told))
    assert publish()[Q3].on_time == 0  # nobody sees the moment at which five is reached
    assert publish(again=Q3)[Q3].on_time == 5


def test_the_worker_tells_and_publishes_by_itself_once_a_quarter_is_settled(
    post: Correspondence, monkeypatch: pytest.MonkeyPatch
) -> None:
    def round_on(day: date) -> tuple[int, int]:
        """How many were told by a round on that day, and how many figures stand there then."""
        node = replace(post.placing, now=lambda: datetime.combine(day, time(12), UTC))
        with reading(node.node_db) as connection:
            before = connection.scalar(select(func.count()).select_from(audit_row)) or 0
        TellOfQuarters()(node)
        with reading(node.node_db) as connection:
            rows = connection.scalars(
                select(audit_row.c.detail).where(audit_row.c.seq > before)
            ).all()
        told = [int(row.split()[1]) for row in rows if row and row.startswith(Q3)]
        return sum(told), len(published(node))

    assert last_day("2026-Q4") == date(2026, 12, 31)
    assert round_on(date(2026, 10, 7))[1] == 0  # a notice of 30 September may still come in time
    monkeypatch.setenv("HEARTH_COMPLIANCE", "by-hand")
    assert round_on(date(2026, 10, 20)) == (0, 0)
    monkeypatch.delenv("HEARTH_COMPLIANCE")
    assert round_on(date(2026, 10, 20)) == (1, 16)
    assert round_on(date(2026, 10, 21)) == (0, 16)
    with writing(post.placing.node_db) as connection:
        connection.execute(update(sent_notice).values(acknowledged_at=None))
    assert round_on(date(2026, 10, 21)) == (1, 16)  # what is counted otherwise is told again


def test_the_department_s_table_is_read_with_its_codes(tmp_path: Path) -> None:
    heading = "time_period,geographic_level,new_la_code,characteristic,number"
    rows = [
        f'"Children looked after, by authority",,,\n,,,\n{heading}',
        "2024,National,,1. Children in,36440",
        f"2024,Local authority,{PLACING},1. Children of others,1330",
        f"2024,Local authority,{PLACING},2. Children of this LA,c",
        f"2023,Local authority,{PLACING},2. Children of this LA,k",
        f"2022,Local authority,{PLACING},1. Children of others,z",
        f"2022,Local authority,{PLACING},Net gain,5",
    ]
    assert of_authority(tmp_path, PLACING) == []
    (tmp_path / NAME).write_text("\n".join(rows), "utf-8-sig")
    assert [
        (one.year, one.kind, one.number, one.why) for one in of_authority(tmp_path, PLACING)
    ] == [
        (2024, "received", 1330, ""),
        (2024, "sent", None, "suppressed"),
        (2023, "sent", None, "rounds to 0"),
        (2022, "received", None, "not applicable"),
    ]
