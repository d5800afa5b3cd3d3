"""By what a child is known again: what else is about the child of a restricted record is closed.

Most of what an authority holds about one child is not tied together by any id, and what says that
it is of the same child is sealed. So whoever opens something about a child holds it against the
children of the records that are closed to who asks: by the placing authority's own identifier, or
by name and day of birth.
"""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import combinations
from typing import Protocol, TypeAlias

from sqlalchemy import Connection, Table, select

from directory.country.authorities.former import standing_today
from directory.hosting.homes.likeness import plain
from directory.hosting.homes.models import home_notice
from directory.hosting.partners.fields import day_said
from directory.hosting.partners.models import told_to_us
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import Side, now_of_all
from directory.placing.approvals.models import received_consultation
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_child
from directory.security.vault.service import Vault
from federation import Node
from protocols.consultations import Consultation, decode_consultation_body
from protocols.partners import PartnerNotice, decode_partner_body
from protocols.residents import HomeNotice, decode_resident_body

Marks: TypeAlias = frozenset[tuple[str, ...]]
NONE: Marks = frozenset()


class _Child(Protocol):
    @property
    def given_name(self) -> str | None: ...
    @property
    def family_name(self) -> str | None: ...
    @property
    def born_on(self) -> date | None: ...


def marks_of(placing: str, child: _Child) -> Marks:
    """By what a child whom `placing` (GSS code) has placed is known again."""
    identifier = getattr(child, "identifier", None)
    named = marks_by_name(child.given_name, child.family_name, child.born_on)
    return named | marks_by_identifier(placing, identifier) if identifier else named


def marks_by_identifier(placing: str, identifier: str) -> Marks:
    """By the placing authority's own identifier, which means nothing elsewhere."""
    return frozenset({("identifier", standing_today(placing), identifier.strip().casefold())})


def marks_by_name(given: str | None, family: str | None, born_on: date | None) -> Marks:
    """By name and day of birth; nothing where one of them is not known."""
    if not (given and family and born_on):
        return NONE
    words = sorted(plain(f"{given} {family}").split())
    return frozenset({("name", *words, born_on.isoformat())})


def marks_as_told(body: PartnerNotice) -> Marks:
    """By what a partner was told of a child, as far as it was."""
    said = {one.field: one.text for one in body.said}
    return marks_by_name(
        said.get("given-name"), said.get("family-name"), day_said(said.get("born-on"))
    )


def marks_by_initials(initials: str, born_on: date) -> Marks:
    """By what is asked of a child who may not be named: `initials` like "Z. Q."."""
    return frozenset({("initials", *sorted(plain(initials).split()), born_on.isoformat())})


def children_of(
    connection: Connection, node: Node, authority: str, records: Collection[str]
) -> dict[str, Marks]:
    """The marks of the children whom these records of an authority are about, initials among them,
    without those of what was destroyed. Raises a VaultError.
    """
    ids: dict[str, list[str]] = {}
    for record in records:
        kind, _, number = record.partition("/")
        ids.setdefault(kind, []).append(number)
    found = dict.fromkeys(records, NONE)
    for read in (_notices, _placements, _consultations, _told, _of_homes):
        for record, marks in read(connection, node, authority, ids):
            found[record] |= marks | _initials(marks)
    return found


def _notices(
    connection: Connection, node: Node, authority: str, ids: dict[str, list[str]]
) -> Iterator[tuple[str, Marks]]:
    sides: tuple[tuple[Side, Table, str], ...] = (
        ("received", received_notice, "area_authority"),
        ("sent", sent_notice, "placing_authority"),
    )
    for side, table, ours in sides:
        mine = (table.c[ours] == authority) & table.c.id.in_(ids.get("notice", ()))
        rows = connection.execute(select(table).where(mine)).all()
        for (placing, number), now in now_of_all(connection, node, side, rows).items():
            yield f"notice/{number}", marks_of(placing, now.says.child)


def _placements(
    connection: Connection, node: Node, authority: str, ids: dict[str, list[str]]
) -> Iterator[tuple[str, Marks]]:
    mine = (placement.c.authority == authority) & placement.c.id.in_(ids.get("placement", ()))
    for one in kept_placements(connection, mine):
        if child := open_child(connection, node, one.child):
            yield f"placement/{one.id}", marks_of(authority, child)


def _consultations(
    connection: Connection, node: Node, authority: str, ids: dict[str, list[str]]
) -> Iterator[tuple[str, Marks]]:
    table = received_consultation.c
    rows = connection.execute(
        select(table.id, table.placing_authority, table.body).where(
            table.area_authority == authority, table.id.in_(ids.get("consultation", ()))
        )
    ).all()
    sealed = {f"{row.placing_authority}/{row.id}": row.body for row in rows}
    opened = Vault(connection, node).open_all("received_consultation", "body", sealed)
    for row in rows:
        if data := opened.get(f"{row.placing_authority}/{row.id}"):
            body = decode_consultation_body(data)
            if isinstance(body, Consultation):
                yield f"consultation/{row.id}", marks_of(row.placing_authority, body.child)


def _told(
    connection: Connection, node: Node, authority: str, ids: dict[str, list[str]]
) -> Iterator[tuple[str, Marks]]:
    rows = connection.execute(
        select(told_to_us.c.id, told_to_us.c.sender, told_to_us.c.body).where(
            told_to_us.c.authority == authority, told_to_us.c.id.in_(ids.get("told", ()))
        )
    ).all()
    sealed = {f"{row.sender}/{row.id}": row.body for row in rows}
    opened = Vault(connection, node).open_all("told_to_us", "body", sealed)
    for row in rows:
        if data := opened.get(f"{row.sender}/{row.id}"):
            body = decode_partner_body(data)
            if isinstance(body, PartnerNotice):
                yield f"told/{row.id}", marks_as_told(body)


def _of_homes(
    connection: Connection, node: Node, authority: str, ids: dict[str, list[str]]
) -> Iterator[tuple[str, Marks]]:
    rows = connection.execute(
        select(home_notice.c.number, home_notice.c.body).where(
            home_notice.c.area == authority,
            home_notice.c.number.in_(ids.get("home-notice", ())),
        )
    )
    opened = Vault(connection, node).open_all(
        "home_notice", "body", {row.number: row.body for row in rows}
    )
    for number, data in opened.items():
        body = decode_resident_body(data)
        if isinstance(body, HomeNotice):
            yield f"home-notice/{number}", marks_of(body.placing_authority, body.resident)


def _initials(marks: Marks) -> Marks:
    """Those that go with marks by name: who asks by initials says one of each name, of several."""
    return frozenset(
        ("initials", *pair, born_on)
        for kind, *words, born_on in marks
        if kind == "name"
        for pair in combinations(sorted(one[0] for one in words), 2)
    )
