"""What comes of emails that have left: asked of whoever took them until it is known.

An email is remembered in the transaction that notes it as sent, for seven days: that is how long
Notify remembers it, and longer than a mail server tries (RFC 5321 section 4.5.4.1).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import Connection, delete, insert, select, update

from directory.security.mail.emails import Mailer, NotTaken, Taken
from directory.security.mail.models import mail_out
from federation import Node, reading, writing

REMEMBERED = timedelta(days=7)
_AT_ONCE = 50
_FIRST_LOOK, _LONGEST = timedelta(minutes=1), timedelta(hours=3)

About: TypeAlias = Literal["letter", "partner", "census", "alert"]
Returned: TypeAlias = Callable[[Connection, Node, str, datetime, str], None]
"""Notes at a record, by its id, that the email which left it at a moment did not arrive, and why.
Whoever does so looks whether that email is still the latest.
"""


def remember(
    connection: Connection, taken: Taken, about: About, record: str, sent_at: datetime
) -> None:
    """Remember an email that has left, to learn what comes of it."""
    values = {"receipt": taken.receipt, "about": about, "record": record, "sent_at": sent_at}
    connection.execute(insert(mail_out).values(**values, next_look=sent_at + _FIRST_LOOK))


@dataclass(frozen=True, slots=True)
class WatchMail:
    """A chore of the worker's: ask what became of emails, and tell those whom it concerns."""

    mailer: Mailer | None
    returned: Mapping[About, Returned]

    def __call__(self, node: Node) -> None:
        """Ask about what is due, less and less often; forget what is old."""
        now = node.now()
        with reading(node.node_db) as connection:
            due = connection.execute(
                select(mail_out)
                .where(mail_out.c.next_look <= now)
                .order_by(mail_out.c.next_look)
                .limit(_AT_ONCE)
            ).all()
        for row in due:
            fate = self.mailer.came_of(row.receipt) if self.mailer else "on its way"
            with writing(node.node_db) as connection:
                if isinstance(fate, NotTaken):
                    came_back(connection, node, self.returned, row.receipt, fate.why)
                elif fate == "arrived" or row.sent_at + REMEMBERED <= now:
                    _forget(connection, row.receipt)
                else:
                    later = min(_FIRST_LOOK * 2**row.looks, _LONGEST)
                    connection.execute(
                        update(mail_out)
                        .where(mail_out.c.receipt == row.receipt)
                        .values(looks=row.looks + 1, next_look=now + later)
                    )


def came_back(
    connection: Connection,
    node: Node,
    returned: Mapping[About, Returned],
    receipt: str,
    why: str,
) -> bool:
    """Note that an email did not arrive; whether it is one that left here and is remembered."""
    row = connection.execute(
        select(mail_out).where(mail_out.c.receipt == receipt).with_for_update()
    ).one_or_none()
    if row is None:
        return False
    _forget(connection, receipt)
    returned[row.about](connection, node, row.record, row.sent_at, why)
    return True


def _forget(connection: Connection, receipt: str) -> None:
    connection.execute(delete(mail_out).where(mail_out.c.receipt == receipt))
