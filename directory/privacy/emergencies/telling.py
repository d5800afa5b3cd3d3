"""Telling those responsible that a record was opened in an emergency: by email, without the child.

Whether or not an email arrives, the review stands on their start page until it is closed.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select, update

from directory.country.authorities.service import authority_name
from directory.notices.labels import reference
from directory.notices.models import received_notice
from directory.privacy.emergencies.models import emergency_look
from directory.privacy.restricting.service import named_in
from directory.security.mail.emails import Email, Mailer, Taken
from directory.security.people.models import person, role_grant
from directory.security.rights.roles import Role
from directory.security.rights.table import RIGHTS, Action
from federation import Node, reading, writing

_REVIEWERS = [one for one in RIGHTS[Action.REVIEW_EMERGENCIES].holders if isinstance(one, Role)]


@dataclass(frozen=True, slots=True)
class TellOfEmergencies:
    """A chore of the worker's: who reviews, who is named in a restricted record, and who has taken
    the notice learns of each look.
    """

    mailer: Mailer | None
    pages_at: str

    def __call__(self, node: Node) -> None:
        """Send what has not been sent. Without a mail server, nothing."""
        if self.mailer is None:
            return
        with reading(node.node_db) as connection:
            rows = connection.execute(
                select(emergency_look).where(emergency_look.c.told_at.is_(None))
            ).all()
            to = {row.id: _responsible(connection, row) for row in rows}
        for row in rows:
            went = [_sent(self.mailer, self.pages_at, row, email) for email in to[row.id]]
            if any(went) or not went:  # who was not reached sees it on their start page
                with writing(node.node_db) as connection:
                    connection.execute(
                        update(emergency_look)
                        .where(emergency_look.c.id == row.id)
                        .values(told_at=node.now())
                    )


def _responsible(connection: Connection, row: Row[*tuple[object, ...]]) -> list[str]:
    """Email addresses, without that of who looked."""
    reviewers = select(role_grant.c.person).where(
        role_grant.c.authority == row.authority, role_grant.c.role.in_(_REVIEWERS)
    )
    taken = select(received_notice.c.taken_by).where(
        received_notice.c.area_authority == row.authority,
        received_notice.c.id == row.record.partition("/")[2],
        received_notice.c.taken_by.is_not(None),
    )
    named = [one.removeprefix("person:") for one in named_in(connection, row.authority, row.record)]
    return list(
        connection.scalars(
            select(person.c.email)
            .where(
                person.c.disabled_at.is_(None),
                person.c.id != row.who.removeprefix("person:"),
                person.c.id.in_(reviewers) | person.c.id.in_(taken) | person.c.id.in_(named),
            )
            .order_by(person.c.email)
        )
    )


def _sent(mailer: Mailer, pages_at: str, row: Row[*tuple[object, ...]], email: str) -> bool:
    went = mailer.hand_over(
        Email(
            email,
            f"A record of {authority_name(row.authority)} was opened in an emergency",
            f"{row.name} opened {row.record.partition('/')[0]} "
            f"{reference(row.record.partition('/')[2])} of {authority_name(row.authority)} in an "
            f"emergency. The review is due by {row.review_by:%-d %B %Y}, by a governance officer "
            f"or the duty lead:\n\n{pages_at}/authorities/{row.authority}/emergencies\n",
        )
    )
    return isinstance(went, Taken)
