"""Alerts by email: how many wait, and where to sign in; never of what, or of whom.

An email goes to whoever asked for it, of the topics that they ticked, once a day at most and only
when something is new. It says a number and an address. No home stands in it, however public its
name: that one stands on a shortlist, or that a child lives there, is what an email would tell.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, Row, delete, insert, select, update

from directory.alerts.models import alert_mail
from directory.alerts.topics import Asked, Topic, alerts, topics_for
from directory.country.reference.working_days import LONDON
from directory.security.audit.service import note
from directory.security.mail.emails import (
    GIVEN_UP,
    NO_MAILER,
    Email,
    Mailer,
    Taken,
    retry_after,
)
from directory.security.mail.watching import remember
from directory.security.people.grants import only_authority, principal_of
from directory.security.people.models import person
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from directory.web.wording import counted
from federation import Node, forget_deleted, reading, writing

SENT_AT = time(7)
"""By the clocks of the United Kingdom: before people come to work."""
_AT_ONCE = 20
_TABLE = "alert_mail"
_TOLD = Decoder(frozenset[str])
_mail = alert_mail.c


@dataclass(frozen=True, slots=True)
class Mailed:
    """What somebody has chosen, when the last email left, and why the next has not."""

    topics: frozenset[Topic]
    sent_at: datetime | None = None
    problem: str | None = None
    is_refused: bool = False


def mailed(connection: Connection, who: Principal, account: str) -> Mailed:
    """What somebody has chosen. Raises NotAllowed."""
    require(who, Action.MANAGE_OWN_ACCOUNT)
    row = connection.execute(select(alert_mail).where(_mail.person == account)).one_or_none()
    if row is None:
        return Mailed(frozenset())
    return Mailed(_topics(row), row.sent_at, row.problem, row.next_look is None)


def choose(node: Node, who: Principal, account: str, topics: Collection[Topic]) -> None:
    """Tell somebody of these topics by email from now on; of none: no more. What stands there
    already is told with the first. Raises NotAllowed.
    """
    require(who, Action.MANAGE_OWN_ACCOUNT)
    chosen = [one for one in topics_for(who) if one in topics]
    fresh = {"topics": " ".join(chosen), "attempts": 0, "queued_at": None, "problem": None}
    fresh["next_look"] = node.now()
    mine = _mail.person == account
    with writing(node.node_db) as connection:
        if not chosen:
            Vault(connection, node).destroy(_TABLE, [account])
            connection.execute(delete(alert_mail).where(mine))
        elif not connection.execute(update(alert_mail).where(mine).values(fresh)).rowcount:
            connection.execute(insert(alert_mail).values(person=account, **fresh))
        note(
            connection,
            node,
            who,
            "choose which alerts come by email",
            authority=only_authority(connection, account),
            record=f"person/{account}",
            detail=", ".join(chosen) or "none",
        )
    if not chosen:
        forget_deleted(node.node_db)


@dataclass(frozen=True, slots=True)
class MailAlerts:
    """A chore of the worker's. Without a `mailer` emails wait; `pages_at` is where pages are, such
    as https://hearth.leeds.example.
    """

    mailer: Mailer | None
    pages_at: str

    def __call__(self, node: Node) -> None:
        """Look for whoever it is time, and tell them what is new."""
        due = (_mail.next_look <= node.now()) & person.c.disabled_at.is_(None)
        with reading(node.node_db) as connection:
            rows = connection.execute(
                select(alert_mail, person.c.email, person.c.name)
                .join(person, person.c.id == _mail.person)
                .where(due)
                .order_by(_mail.next_look, _mail.person)
                .limit(_AT_ONCE)
            ).all()
        for row in rows:
            self._tell(node, row)

    def _tell(self, node: Node, row: Row[*tuple[object, ...]]) -> None:
        if not _claimed(node, row):
            return
        with reading(node.replica) as replica, reading(node.node_db) as connection:
            who = principal_of(connection, row.person, row.name, node.member.area)
            now = alerts(Asked(connection, replica, node, who), _topics(row))
            told = _told(connection, node, row)
        done: dict[str, Any] = {
            "next_look": _next_morning(node.now()),
            "queued_at": None,
            "attempts": 0,
        }
        if now <= told:
            _settle(node, row.person, now if now < told else None, **done, problem=None)
            return
        since = row.queued_at or node.now()
        if self.mailer is None:
            _settle(node, row.person, None, queued_at=since, problem=NO_MAILER)
            return
        email = _email(row.email, len(now - told), len(now), self.pages_at)
        trouble = self.mailer.hand_over(email)
        if isinstance(trouble, Taken):
            _settle(node, row.person, now, trouble, **done, problem=None)
        elif trouble.for_good:
            _settle(node, row.person, None, **{**done, "next_look": None}, problem=trouble.why)
        elif node.now() - since > GIVEN_UP:
            _settle(node, row.person, None, **done, problem=trouble.why)
        else:
            _settle(node, row.person, None, queued_at=since, problem=trouble.why)


def _claimed(node: Node, row: Row[*tuple[object, ...]]) -> bool:
    """Put the next look off, so that no other worker takes it meanwhile, and one that fails keeps
    nobody else waiting.
    """
    later = node.now() + retry_after(row.attempts)
    with writing(node.node_db) as connection:
        taken = connection.execute(
            update(alert_mail)
            .where(_mail.person == row.person, _mail.next_look == row.next_look)
            .values(attempts=row.attempts + 1, next_look=later)
        )
    return taken.rowcount == 1


def note_returned(
    connection: Connection, _node: Node, account: str, sent_at: datetime, why: str
) -> None:
    """The latest email did not arrive: none is sent until somebody saves their choice again."""
    latest = (_mail.person == account) & (_mail.sent_at == sent_at)
    connection.execute(update(alert_mail).where(latest).values(next_look=None, problem=why[:200]))


def _settle(
    node: Node,
    account: str,
    told: frozenset[str] | None,
    taken: Taken | None = None,
    **columns: object,
) -> None:
    """Keep what came of it; with `told`, of what they are told now. `taken` is what has left."""
    now = node.now()
    if taken is not None:
        columns["sent_at"] = now
    with writing(node.node_db) as connection:
        mine = select(_mail.person).where(_mail.person == account).with_for_update()
        if connection.scalar(mine) is None:
            return  # they want no more emails meanwhile
        if told is not None:
            text = msgspec.json.encode(sorted(told))
            columns["told"] = Vault(connection, node).seal(_TABLE, "told", account, text)
        connection.execute(update(alert_mail).where(_mail.person == account).values(columns))
        if taken is not None:
            remember(connection, taken, "alert", account, now)


def _told(connection: Connection, node: Node, row: Row[*tuple[object, ...]]) -> frozenset[str]:
    if row.told is None:
        return frozenset()
    return _TOLD.decode(Vault(connection, node).open(_TABLE, "told", row.person, row.told))


def _topics(row: Row[*tuple[object, ...]]) -> frozenset[Topic]:
    return frozenset(map(Topic, row.topics.split()))


def _next_morning(now: datetime) -> datetime:
    there = now.astimezone(LONDON)
    morning = datetime.combine(there.date(), SENT_AT, LONDON)
    return morning if morning > there else morning + timedelta(days=1)


def _email(to: str, new: int, all_of_them: int, pages_at: str) -> Email:
    more = f" ({all_of_them:,} in all)" if all_of_them > new else ""
    return Email(
        to,
        "Something is new for you on Commonhearth",
        f"You have {counted(new, 'new alert')}{more}. Sign in to see "
        f"{'it' if all_of_them == 1 else 'them'}:\n\n{pages_at}/\n\n"
        "What it is about stands there alone, and never in an email. You asked for these emails: "
        f"choose what they tell of, or none, here:\n\n{pages_at}/account/alerts\n",
    )
