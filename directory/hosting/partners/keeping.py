"""An authority's partners, kept current by its administrator or duty lead; each change is noted.

A partner may see nothing until somebody has said what, for what purpose and on which lawful basis
(UK GDPR articles 5(1)(b), 6 and 9). The code that opens its pages is made here, shown once, and
told by another way than the links; whoever holds both is believed.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, Row, insert, select, update

from directory.hosting.partners.errors import NoSuchPartner, Unreachable
from directory.hosting.partners.models import partner, partner_told
from directory.security.audit.service import note
from directory.security.people.told_codes import new_code
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

CODE_LASTS = timedelta(days=90)
_FIELDS: msgspec.json.Decoder[list[str]] = msgspec.json.Decoder(list[str])
KINDS = {
    "virtual-school": "Virtual school",
    "icb": "Integrated care board",
    "camhs": "Child and adolescent mental health services",
    "police": "Police",
    "youth-justice": "Youth justice service",
    "other": "Another partner",
}


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is said of a partner: exactly one of `email` and `member` (a GSS code) is there."""

    kind: str
    name: str
    telephone: str
    email: str | None
    member: str | None
    purpose: str
    lawful_basis: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner as it is kept. `code_ends_at` is None while its pages have no code."""

    id: str
    authority: str
    said: Particulars
    code_ends_at: datetime | None
    changed_at: datetime
    changed_by: str


def partners(connection: Connection, who: Principal, authority: str) -> list[Partner]:
    """Who is told, by name. Raises NotAllowed."""
    require(who, Action.KEEP_PARTNERS, authority)
    rows = connection.execute(
        select(partner)
        .where(partner.c.authority == authority, partner.c.ended_at.is_(None))
        .order_by(partner.c.name, partner.c.id)
    )
    return [as_partner(row) for row in rows]


def one_partner(connection: Connection, who: Principal, authority: str, number: str) -> Partner:
    """A partner. Raises NotAllowed, NoSuchPartner."""
    require(who, Action.KEEP_PARTNERS, authority)
    return as_partner(_row(connection, authority, number))


def add_partner(
    connection: Connection, node: Node, who: Principal, authority: str, said: Particulars
) -> str:
    """Keep a partner, who is told of what comes from now on; gives its id. Raises NotAllowed,
    Unreachable.
    """
    require(who, Action.KEEP_PARTNERS, authority)
    number = secrets.token_hex(16)
    connection.execute(
        insert(partner).values(
            id=number, authority=authority, **_columns(node, who, authority, said)
        )
    )
    _note(connection, node, who, authority, number, f"added, may see: {', '.join(said.fields)}")
    return number


def change_partner(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    said: Particulars,
) -> None:
    """Say anew what is said of a partner; it holds at once, for pages that are open, too. Raises
    NotAllowed, NoSuchPartner, Unreachable.
    """
    require(who, Action.KEEP_PARTNERS, authority)
    _row(connection, authority, number)
    changed = _columns(node, who, authority, said)
    connection.execute(update(partner).where(partner.c.id == number).values(changed))
    _note(connection, node, who, authority, number, f"changed, may see: {', '.join(said.fields)}")


def make_code(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> str:
    """A new code for a partner's pages, in the place of any other: to be shown once, and told by
    telephone. Raises NotAllowed, NoSuchPartner.
    """
    require(who, Action.KEEP_PARTNERS, authority)
    _row(connection, authority, number)
    code, kept = new_code()
    connection.execute(
        update(partner)
        .where(partner.c.id == number)
        .values(code_hash=kept, code_ends_at=node.now() + CODE_LASTS)
    )
    _note(connection, node, who, authority, number, "new code made")
    return code


def end_partner(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> None:
    """Tell a partner nothing more, and end its pages. Raises NotAllowed, NoSuchPartner."""
    require(who, Action.KEEP_PARTNERS, authority)
    _row(connection, authority, number)
    now = node.now()
    connection.execute(
        update(partner).where(partner.c.id == number).values(ended_at=now, code_hash=None)
    )
    theirs = partner_told.c.partner == number
    connection.execute(
        update(partner_told).where(theirs, partner_told.c.state == "waiting").values(state="over")
    )
    connection.execute(update(partner_told).where(theirs).values(page_ends_at=now, token=None))
    _note(connection, node, who, authority, number, "ended")


def as_partner(row: Row[*tuple[object, ...]]) -> Partner:
    """A partner from its row."""
    return Partner(
        row.id,
        row.authority,
        Particulars(
            row.kind,
            row.name,
            row.telephone,
            row.email,
            row.member,
            row.purpose,
            row.lawful_basis,
            tuple(_FIELDS.decode(row.fields)),
        ),
        row.code_ends_at,
        row.changed_at,
        row.changed_by,
    )


def _row(connection: Connection, authority: str, number: str) -> Row[*tuple[object, ...]]:
    row = connection.execute(
        select(partner)
        .where(
            partner.c.id == number,
            partner.c.authority == authority,
            partner.c.ended_at.is_(None),
        )
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchPartner("There is no such partner, or it is told nothing more.")
    return row


def _columns(node: Node, who: Principal, authority: str, said: Particulars) -> dict[str, object]:
    if (said.email is None) is (said.member is None):
        raise Unreachable("Enter an email address, or choose the authority where they have a node")
    if said.member and said.member not in members_to_tell(node, authority):
        raise Unreachable("Choose an authority from the list")
    return {
        "kind": said.kind,
        "name": said.name,
        "telephone": said.telephone,
        "email": said.email,
        "member": said.member,
        "purpose": said.purpose,
        "lawful_basis": said.lawful_basis,
        "fields": msgspec.json.encode(said.fields).decode(),
        "changed_at": node.now(),
        "changed_by": who.name[:200],
    }


def members_to_tell(node: Node, authority: str) -> frozenset[str]:
    """GSS codes of the other authorities at whose nodes a partner can be."""
    return frozenset(
        one.gss
        for member in node.charter.members
        if member.status == "active"
        for one in member.authorities
        if one.gss != authority
    )


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, detail: str
) -> None:
    record = f"partner/{number}"
    note(
        connection,
        node,
        who,
        Action.KEEP_PARTNERS,
        authority=authority,
        record=record,
        detail=detail,
    )
