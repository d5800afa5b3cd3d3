"""The rows of who was told: one for each recipient, set out when somebody opens a placement, sealed
going in and opened coming out. Nobody's rights are asked here, and nothing is noted.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, Row, func, insert, select, update

from directory.choosing.commissioning.service import wanted_of
from directory.country.reference.working_days import london_day
from directory.country.rules.table import Recipient
from directory.notices.models import notice_event, sent_notice
from directory.placing.register.values import Kept, Whole
from directory.placing.telling.errors import NoSuchTelling
from directory.placing.telling.models import telling
from directory.placing.telling.planning import AREA, due_for, events, reaches, who_is_told
from directory.placing.telling.values import DONE, Event, Link, Reach, Telling, TellingFacts
from directory.security.vault.service import Vault
from federation import Node, in_parts, reading
from protocols.commissioning import Office

TABLE, BODY = "telling", "body"
_FACTS = Decoder(TellingFacts)
_NOTHING = msgspec.json.encode(TellingFacts())


def set_out(connection: Connection, node: Node, whole: Whole) -> list[Telling]:
    """Everybody who has to be told of a placement and its end, a row for each."""
    kept = whole.kept
    office = published_office(node, kept.course.area)
    expected = [
        (event, rule, number, reach)
        for event in events(kept.course)
        for rule in who_is_told(kept.authority, event, kept.course)
        for number, reach in reaches(rule, whole, office)
    ]
    insert_missing(connection, node, [(kept, *one[:3]) for one in expected])
    rows = {(row.event, row.kind, row.number): row for row in _rows(connection, kept.id)}
    opened = _opened(connection, node, rows.values())
    noticed = told_by_notice(connection, [kept.notice] if kept.notice else [])
    return [
        _telling(node, kept, event, rule, reach, rows[event, rule.code, number], opened, noticed)
        for event, rule, number, reach in expected
    ]


def insert_missing(
    connection: Connection, node: Node, wanted: Sequence[tuple[Kept, Event, Recipient, int]]
) -> None:
    """Set out those recipients of placements who have no row yet."""
    held: set[tuple[str, str, str, int]] = set()
    for part in in_parts({kept.id for kept, *_ in wanted}):
        columns = (telling.c.placement, telling.c.event, telling.c.kind, telling.c.number)
        held |= {
            tuple(row)
            for row in connection.execute(select(*columns).where(telling.c.placement.in_(part)))
        }
    missing = [one for one in wanted if (one[0].id, one[1], one[2].code, one[3]) not in held]
    ids = [token_hex(16) for _ in missing]
    sealed = Vault(connection, node).seal_all(TABLE, BODY, dict.fromkeys(ids, _NOTHING))
    rows = [
        {
            "id": one,
            "authority": kept.authority,
            "placement": kept.id,
            "event": event,
            "kind": rule.code,
            "number": number,
            "state": "open",
            "body": sealed[one],
            "changed_at": node.now(),
        }
        for one, (kept, event, rule, number) in zip(ids, missing, strict=True)
    ]
    if rows:
        connection.execute(insert(telling), rows)


def told_otherwise(connection: Connection, authority: str) -> set[str]:
    """The placements of which the area authority was told without a sealed notice, or need not
    be.
    """
    return set(
        connection.scalars(
            select(telling.c.placement).where(
                telling.c.authority == authority,
                telling.c.kind == AREA,
                telling.c.event == "placement",
                telling.c.state.in_(DONE),
            )
        )
    )


def change(connection: Connection, node: Node, number: str, **columns: object) -> None:
    """Change a row."""
    columns["changed_at"] = node.now()
    connection.execute(update(telling).where(telling.c.id == number).values(**columns))


def seal(connection: Connection, node: Node, number: str, facts: TellingFacts) -> bytes:
    """What to store of what is sealed."""
    return Vault(connection, node).seal(TABLE, BODY, number, msgspec.json.encode(facts))


def facts_of(connection: Connection, node: Node, row: Row[*tuple[object, ...]]) -> TellingFacts:
    """What is sealed in a row. Raises a VaultError."""
    return _FACTS.decode(Vault(connection, node).open(TABLE, BODY, row.id, row.body))


def held_row(
    connection: Connection, authority: str, placement: str, number: str
) -> Row[*tuple[object, ...]]:
    """A row, which nobody else changes until the transaction ends. Raises NoSuchTelling."""
    row = connection.execute(
        select(telling)
        .where(
            telling.c.id == number,
            telling.c.authority == authority,
            telling.c.placement == placement,
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchTelling("There is nobody to tell under this number.")
    return row


def published_office(node: Node, area: str | None) -> Office | None:
    """The desk that an authority has published for notices, if it has."""
    if area is None:
        return None
    with reading(node.replica) as connection:
        wanted = wanted_of(connection, node, area)
    return wanted.record.notices if wanted else None


def told_by_notice(
    connection: Connection, notices: Collection[str]
) -> dict[tuple[str, Event], datetime]:
    """When the area authority was told by sealed notices of these ids that a child is placed, and
    that the placement ends. One that was withdrawn has told nobody.
    """
    stands = sent_notice.c.id.in_(notices) & sent_notice.c.withdrawn_at.is_(None)
    rows = connection.execute(select(sent_notice.c.id, sent_notice.c.sent_at).where(stands))
    found: dict[tuple[str, Event], datetime] = {(row.id, "placement"): row.sent_at for row in rows}
    ends = connection.execute(
        select(sent_notice.c.id, func.min(notice_event.c.at).label("at"))
        .join(
            notice_event,
            (notice_event.c.notice == sent_notice.c.id)
            & (notice_event.c.placing_authority == sent_notice.c.placing_authority),
        )
        .where(
            stands,
            sent_notice.c.ended_on.is_not(None),
            notice_event.c.side == "sent",
            notice_event.c.kind == "placement-ending/1",
        )
        .group_by(sent_notice.c.id)
    )
    return found | {(row.id, "ending"): row.at for row in ends}


def _rows(connection: Connection, placement: str) -> Sequence[Row[*tuple[object, ...]]]:
    return connection.execute(select(telling).where(telling.c.placement == placement)).all()


def _opened(
    connection: Connection, node: Node, rows: Collection[Row[*tuple[object, ...]]]
) -> dict[str, TellingFacts]:
    opened = Vault(connection, node).open_all(TABLE, BODY, {row.id: row.body for row in rows})
    return {number: _FACTS.decode(data) for number, data in opened.items()}


def _telling(
    node: Node,
    kept: Kept,
    event: Event,
    rule: Recipient,
    reach: Reach,
    row: Row[*tuple[object, ...]],
    opened: Mapping[str, TellingFacts],
    noticed: Mapping[tuple[str, Event], datetime],
) -> Telling:
    facts = opened.get(row.id, TellingFacts())
    today = london_day(node.now())
    state, how, told_on = row.state, row.how, row.told_on
    sent_at = noticed.get((kept.notice or "", event))
    if rule.code == AREA and state == "open" and sent_at:
        state, how, told_on = "told", "node", london_day(sent_at)
    return Telling(
        id=row.id,
        event=event,
        rule=rule,
        number=row.number,
        due=due_for(kept.authority, event, kept.course, node.charter.rules, today),
        reach=Reach(
            facts.name or reach.name,
            facts.address or reach.address,
            facts.email or reach.email,
            facts.telephone or reach.telephone,
        ),
        state=state,
        how=how,
        told_on=told_on,
        noted_by=row.noted_by,
        decided_by=row.decided_by,
        reason=facts.reason,
        link=(
            Link(row.mail, row.mail_sent_at, row.page_ends_at, row.mail_problem)
            if row.mail
            else None
        ),
    )
