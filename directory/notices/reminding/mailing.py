"""Emails that remind: how much is late, by reference, and where to look. No child, no home.

What is late stands on the start page of the same people, whether or not an email arrives.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import Connection, select

from directory.country.authorities.service import authority_name
from directory.notices.reminding.late import Late
from directory.security.mail.emails import Email, Mailer, Taken
from directory.security.people.models import person, role_grant
from directory.security.rights.roles import Role
from directory.security.rights.table import RIGHTS, Action
from directory.web.wording import counted
from federation import Node, reading, writing

Claim: TypeAlias = Callable[[Connection, Node], list[Late]]
_EVERY = timedelta(hours=1)
_MOST_LINES = 25


@dataclass(frozen=True, slots=True)
class Reminding:
    """Of what people are reminded: what finds it, how many of what are late and why (after the
    number), who may see to it, and the page below their authority's.
    """

    claim: Claim
    what: str
    several: str
    late: str
    action: Action
    page: str


@dataclass(slots=True)
class Remind:
    """A chore of the worker's, once an hour. Without a mailer, nobody is reminded by email."""

    mailer: Mailer | None
    pages_at: str
    of: tuple[Reminding, ...]
    _last: datetime | None = None

    def __call__(self, node: Node) -> None:
        """Write one email to each person about all that has become late."""
        now = node.now()
        if self.mailer is None or (self._last and self._last <= now < self._last + _EVERY):
            return
        self._last = now
        for one in self.of:
            with writing(node.node_db) as connection:
                late = one.claim(connection, node)
            parts: defaultdict[tuple[str, str | None], list[Late]] = defaultdict(list)
            for found in late:
                parts[found.authority, found.taken_by].append(found)
            for (authority, taken_by), of in parts.items():
                self._write(node, self.mailer, one, authority, taken_by, of)

    def _write(
        self,
        node: Node,
        mailer: Mailer,
        one: Reminding,
        authority: str,
        taken_by: str | None,
        late: list[Late],
    ) -> None:
        with reading(node.node_db) as connection:
            to = _who(connection, authority, one.action, taken_by)
        subject, text = self._said(one, authority, late)
        went = [mailer.hand_over(Email(email, subject, text)) for email in to]
        if went and not any(isinstance(outcome, Taken) for outcome in went):
            with writing(node.node_db) as connection:  # in an hour, again
                for found in late:
                    connection.execute(found.back)

    def _said(self, one: Reminding, authority: str, late: list[Late]) -> tuple[str, str]:
        count = f"{counted(len(late), one.what, one.several)} {one.late}"
        lines = [found.line for found in late[:_MOST_LINES]]
        if len(late) > _MOST_LINES:
            lines.append(f"and {len(late) - _MOST_LINES} more")
        listed = "\n\n".join(lines)
        address = f"{self.pages_at}/authorities/{authority}/{one.page}"
        called = authority_name(authority)
        return (
            f"{called}: {count}",
            f"{called}: {count}.\n\n{listed}\n\nSee to it here:\n\n{address}\n",
        )


def _who(connection: Connection, authority: str, action: Action, taken_by: str | None) -> list[str]:
    """Email addresses: of who has taken it, or else of those who may see to it."""
    active = person.c.disabled_at.is_(None)
    if taken_by:
        own = connection.scalars(select(person.c.email).where(active, person.c.id == taken_by))
        if found := list(own):
            return found
    roles = [holder for holder in RIGHTS[action].holders if isinstance(holder, Role)]
    theirs = select(role_grant.c.person).where(
        role_grant.c.authority == authority, role_grant.c.role.in_(roles)
    )
    return list(
        connection.scalars(
            select(person.c.email).where(active, person.c.id.in_(theirs)).order_by(person.c.email)
        )
    )
