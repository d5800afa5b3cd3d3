"""Telling partners what waits for them: a link by email, or what they may see, sealed, to a node.

An email says that something waits and where, and nothing of what. The link's token is drawn anew at
each attempt and committed before it leaves, so one that may have left twice opens once.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, exists, select, update

from directory.country.authorities.service import authority_name
from directory.hosting.partners.errors import PageOver
from directory.hosting.partners.fields import said_by
from directory.hosting.partners.keeping import Partner, as_partner
from directory.hosting.partners.models import partner, partner_told
from directory.hosting.partners.notice_now import notice_now
from directory.notices.labels import BY_TELEPHONE, REFUSALS, reference
from directory.notices.models import received_notice
from directory.security.audit.arriving import as_node
from directory.security.audit.service import note
from directory.security.mail.emails import (
    GIVEN_UP,
    NO_MAILER,
    Email,
    Mailer,
    NotTaken,
    Taken,
    retry_after,
)
from directory.security.mail.watching import remember
from federation import DEAD, Node, NoSuchMember, dispatches, queue, reading, writing
from protocols.partners import PartnerNotice, encode_partner_body

PAGE_LASTS = timedelta(days=14)
UNOPENED = timedelta(days=3)
"""After so long without an opening it counts as not delivered."""
_AT_ONCE = 200
_SUBJECTS = {
    "placed": "A notice for you",
    "changed": "A change to a notice for you",
    "ended": "The end of a placement that you were told of",
    "withdrawn": "A notice to you is withdrawn",
}


@dataclass(frozen=True, slots=True)
class TellPartners:
    """A chore of the worker's. Without a `mailer` emails wait; `pages_at` is where pages are, such
    as https://hearth.leeds.example.
    """

    mailer: Mailer | None
    pages_at: str

    def __call__(self, node: Node) -> None:
        """Tell whoever is due, and look what came of what was told."""
        _stop_for_the_dead(node)
        for told in _due(node):
            self._tell(node, told)
        watch(node)

    def _tell(self, node: Node, told: str) -> None:
        with writing(node.node_db) as connection:
            row = _claimed(connection, node, told)
            if row is None:
                return
            to = as_partner(
                connection.execute(select(partner).where(partner.c.id == row.partner)).one()
            )
            if to.said.member:
                _change(connection, told, **_sealed(connection, node, row, to, to.said.member))
                return
            mailer = self.mailer
            if mailer is None:
                _change(connection, told, problem=NO_MAILER)
                return
            token = secrets.token_urlsafe(32)
            _change(connection, told, token=digest_of(token))
        email = _email(row, to, f"{self.pages_at}/told/{token}")
        now, went = node.now(), mailer.hand_over(email)
        with writing(node.node_db) as connection:
            _change(connection, told, **_outcome(went, row, now))
            if isinstance(went, Taken):
                remember(connection, went, "partner", told, now)


def note_returned(
    connection: Connection, _node: Node, told: str, sent_at: datetime, why: str
) -> None:
    """Note that the email which left at a moment did not arrive, unless it was opened, or another
    has left since.
    """
    that = (
        (partner_told.c.id == told)
        & (partner_told.c.state.in_(("sent", "failed")))
        & partner_told.c.opened_at.is_(None)
        & (partner_told.c.sent_at == sent_at)
    )
    failed = {"state": "failed", "problem": f"The email did not arrive. {why}"}
    connection.execute(update(partner_told).where(that).values(failed))


def _outcome(
    went: Taken | NotTaken, row: Row[*tuple[object, ...]], now: datetime
) -> dict[str, object]:
    """What comes of an email, as columns of the row. It is tried again, unless that is no use."""
    if isinstance(went, NotTaken):
        given_up = went.for_good or now - row.queued_at > GIVEN_UP
        state = "failed" if given_up else "waiting"
        return {"problem": went.why, "token": None, "state": state}
    return {"state": "sent", "sent_at": now, "page_ends_at": now + PAGE_LASTS, "problem": None}


def watch(node: Node) -> None:
    """Note as not delivered what was sealed and is dead, and what nobody has opened for so long."""
    now = node.now()
    silent = (partner_told.c.state == "sent") & partner_told.c.opened_at.is_(None)
    with reading(node.node_db) as connection:
        rows = connection.execute(
            select(partner_told.c.id, partner_told.c.dispatch, partner_told.c.sent_at).where(silent)
        ).all()
        out = dispatches(connection, [row.dispatch for row in rows if row.dispatch])
    failed = {}
    for row in rows:
        went = out.get(row.dispatch) if row.dispatch else None
        if went and went.state in DEAD:
            why = REFUSALS.get(went.problem, "their node could not be reached for 28 days")  # type: ignore[call-overload]
            failed[row.id] = f"Not delivered: {why}"
        elif row.sent_at <= now - UNOPENED:
            failed[row.id] = f"Nobody has opened it for {UNOPENED.days} days"
    if not failed:
        return
    with writing(node.node_db) as connection:
        for told, problem in failed.items():
            connection.execute(
                update(partner_told)
                .where(partner_told.c.id == told, silent)
                .values(state="failed", problem=problem)
            )


def digest_of(token: str) -> bytes:
    """What is kept of a page's token."""
    return hashlib.sha256(token.encode()).digest()


def _stop_for_the_dead(node: Node) -> None:
    """Nothing is told by itself of a child who died: somebody calls."""
    died = exists().where(
        received_notice.c.id == partner_told.c.notice,
        received_notice.c.placing_authority == partner_told.c.placing_authority,
        received_notice.c.died_on.is_not(None),
    )
    with writing(node.node_db) as connection:
        connection.execute(
            update(partner_told)
            .where(partner_told.c.state == "waiting", died)
            .values(state="failed", problem=BY_TELEPHONE)
        )


def _due(node: Node) -> list[str]:
    with reading(node.node_db) as connection:
        return list(
            connection.scalars(
                select(partner_told.c.id)
                .where(partner_told.c.state == "waiting", partner_told.c.next_attempt <= node.now())
                .order_by(partner_told.c.next_attempt, partner_told.c.id)
                .limit(_AT_ONCE)
            )
        )


def _claimed(connection: Connection, node: Node, told: str) -> Row[*tuple[object, ...]] | None:
    """What waits, with its next attempt put off, so that no other worker takes it meanwhile."""
    now = node.now()
    row = connection.execute(
        select(partner_told)
        .where(
            partner_told.c.id == told,
            partner_told.c.state == "waiting",
            partner_told.c.next_attempt <= now,
        )
        .with_for_update()
    ).one_or_none()
    if row is not None:
        later = now + retry_after(row.attempts)
        _change(connection, told, attempts=row.attempts + 1, next_attempt=later)
    return row


def _change(connection: Connection, told: str, **columns: object) -> None:
    """Only of what still waits: it may have been stopped meanwhile."""
    mine = (partner_told.c.id == told) & (partner_told.c.state == "waiting")
    connection.execute(update(partner_told).where(mine).values(columns))


def _email(row: Row[*tuple[object, ...]], to: Partner, address: str) -> Email:
    area = authority_name(row.area_authority)
    return Email(
        to.said.email or "",
        f"{_SUBJECTS[row.event]} from {area}",
        f"{_SUBJECTS[row.event]} from {area}. Its reference is {reference(row.notice)}.\n\n"
        f"Open it here, with your name and the code that {area} has told you by telephone:\n\n"
        f"{address}\n\n"
        f"The page ends after {PAGE_LASTS.days} days, or when the placement does. It is noted who "
        f"opens it, and when. If you have no code, call {area}; do not answer this email.\n",
    )


def _sealed(
    connection: Connection,
    node: Node,
    row: Row[*tuple[object, ...]],
    to: Partner,
    member: str,
) -> dict[str, object]:
    """Queue what a partner may see for its node, as columns of the row."""
    try:
        notice = notice_now(connection, node, row.area_authority, row.placing_authority, row.notice)
        said = said_by(notice, row.placing_authority, to.said.fields, row.event)
        body = PartnerNotice(
            purpose=to.said.purpose,
            lawful_basis=to.said.lawful_basis,
            notice=row.notice,
            event=row.event,
            said=said,
        )
        message = queue(
            connection,
            node,
            sender=row.area_authority,
            recipient=member,
            body=encode_partner_body(body),
        )
    except NoSuchMember:
        why = "No member of the charter serves that authority any more. Change how they are told"
        return {"state": "failed", "problem": why}
    except PageOver as error:
        return {"state": "over", "problem": str(error)}
    note(
        connection,
        node,
        as_node(node.name),
        "tell a partner of a notice",
        authority=row.area_authority,
        record=f"notice/{row.notice}",
        reason=f"{to.said.purpose}: {to.said.lawful_basis}"[:400],
        detail=f"partner/{to.id}, fields: {', '.join(one.field for one in body.said)}",
    )
    return {"state": "sent", "sent_at": node.now(), "dispatch": message, "problem": None}
