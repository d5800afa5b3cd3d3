"""A letter by a link: the email names no child, and a code told by telephone opens it.

An email says that a letter waits, and whom to call. The link's token is drawn when the email
leaves, and kept as a digest; the code is made here, shown once to the officer, and kept as a hash.
To look at a link opens nothing: what looks for harmful links in emails does that. Who opens the
letter has been told in writing, on that day. Who tries codes is paused.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select, update

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.notices.labels import BY_TELEPHONE, reference
from directory.placing.register.died import of_the_dead
from directory.placing.register.finding import whole_placement
from directory.placing.telling.errors import LetterOver, Unreachable, WrongCode
from directory.placing.telling.letters import Letter, letter_for
from directory.placing.telling.models import telling
from directory.placing.telling.rows import change, held_row, set_out
from directory.placing.telling.service import ToTell
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
from directory.security.people.pauses import Counted, count_attempt, forgive
from directory.security.people.told_codes import is_code, new_code
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, reading, writing

LASTS = timedelta(days=14)
_TRIES = 5


def queue_link(
    connection: Connection, node: Node, who: Principal, authority: str, to_tell: ToTell, number: str
) -> str:
    """Have a link sent to somebody; gives the code, to be told by telephone. It takes the place of
    any link before. Raises NotAllowed, NoSuchTelling, Unreachable.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    placement = to_tell.whole.kept.id
    held_row(connection, authority, placement, number)
    one = to_tell.one(number)
    if not one.reach.email:
        raise Unreachable("Enter the email address to which the link goes")
    if to_tell.whole.facts.social_worker is None:
        raise Unreachable("Record the social worker first: the email says whom to call")
    code, kept = new_code()
    now = node.now()
    known = {"mail_next": now, "mail_attempts": 0, "mail_problem": None, "mail_sent_at": None}
    known["reminded"] = 0
    change(
        connection,
        node,
        number,
        mail="queued",
        token=None,
        code_hash=kept,
        page_ends_at=now + LASTS,
        **known,
    )
    note(
        connection,
        node,
        who,
        Action.TELL_OF_PLACEMENTS,
        authority=authority,
        record=f"placement/{placement}",
        detail=f"telling/{number}: link by email",
    )
    return code


@dataclass(frozen=True, slots=True)
class MailLetters:
    """A chore of the worker's. Without a `mailer` emails wait; `pages_at` is where pages are, such
    as https://hearth.leeds.example.
    """

    mailer: Mailer | None
    pages_at: str

    def __call__(self, node: Node) -> None:
        """Send the links that are due, and none about a child who died."""
        dead = (telling.c.mail == "queued") & telling.c.placement.in_(of_the_dead())
        with writing(node.node_db) as connection:
            connection.execute(
                update(telling).where(dead).values(mail="failed", mail_problem=BY_TELEPHONE)
            )
        with reading(node.node_db) as connection:
            due = connection.scalars(
                select(telling.c.id)
                .where(telling.c.mail == "queued", telling.c.mail_next <= node.now())
                .order_by(telling.c.mail_next)
                .limit(100)
            ).all()
        for number in due:
            self._send(node, number)

    def _send(self, node: Node, number: str) -> None:
        """The new token is committed before it leaves: what may have left twice opens once."""
        token, now = secrets.token_urlsafe(32), node.now()
        with writing(node.node_db) as connection:
            row = connection.execute(
                select(telling)
                .where(
                    telling.c.id == number, telling.c.mail == "queued", telling.c.mail_next <= now
                )
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return
            after = {
                "mail_attempts": row.mail_attempts + 1,
                "mail_next": now + retry_after(row.mail_attempts),
                "token": digest_of(token),
            }
            if self.mailer is None:
                after["mail_problem"] = NO_MAILER
            change(connection, node, number, **after)
            to = _to(connection, node, row)
        if self.mailer is None:
            return
        email = _email(row, *to, f"{self.pages_at}/told/letters/{token}")
        went = self.mailer.hand_over(email)
        outcome: dict[str, object]
        if isinstance(went, NotTaken):
            given_up = went.for_good or row.page_ends_at - LASTS + GIVEN_UP <= now
            outcome = {"mail": "failed" if given_up else "queued", "mail_problem": went.why}
        else:
            outcome = {"mail": "sent", "mail_sent_at": now, "mail_problem": None}
        with writing(node.node_db) as connection:
            change(connection, node, number, **outcome)
            if isinstance(went, Taken):
                remember(connection, went, "letter", number, now)


def note_returned(
    connection: Connection, node: Node, number: str, sent_at: datetime, why: str
) -> None:
    """Note that the email which left at a moment did not arrive, unless the letter was opened, or
    another has left since.
    """
    row = connection.execute(
        select(telling.c.mail, telling.c.mail_sent_at)
        .where(telling.c.id == number)
        .with_for_update()
    ).one_or_none()
    if row and (row.mail, row.mail_sent_at) == ("sent", sent_at):
        change(connection, node, number, mail="failed", mail_problem=why)


def look_at_letter(node: Node, token: str) -> tuple[str, str, datetime]:
    """From whom a letter waits, under which reference, until when. Raises LetterOver."""
    with reading(node.node_db) as connection:
        row = _row(connection, node, token)
    return authority_name(row.authority), reference(row.id), row.page_ends_at


def open_letter(node: Node, token: str, name: str, code: str) -> Letter:
    """The letter, to who has link and code: they have been told, and it is in the audit with the
    name that they gave. Raises LetterOver, WrongCode, or people's Paused.
    """
    with reading(node.node_db) as connection:
        row = _row(connection, node, token)
    counted = (Counted(f"letter\0{row.id}", _TRIES),)
    count_attempt(node.node_db, counted, node.now())
    if not is_code(row.code_hash, code):
        raise WrongCode("The code is not right. Call whoever told it to you")
    with writing(node.node_db) as connection:
        row = _row(connection, node, token)  # it may have ended meanwhile
        forgive(connection, counted)
        whole = whole_placement(connection, node, row.authority, row.placement)
        letter = letter_for(
            whole, ToTell(whole, tuple(set_out(connection, node, whole))).one(row.id)
        )
        known: dict[str, object] = {"mail": "opened", "mail_problem": None}
        if row.state == "open":
            today = london_day(node.now())
            known |= {"state": "told", "how": "page", "told_on": today, "noted_by": name[:200]}
        change(connection, node, row.id, **known)
        note(
            connection,
            node,
            Principal(f"telling:{row.id}", name[:200], frozenset()),
            "open a letter",
            authority=row.authority,
            record=f"placement/{row.placement}",
            reason=f"Told in writing: {letter.source}"[:400],
            detail=f"telling/{row.id}",
        )
    return letter


def digest_of(token: str) -> bytes:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).digest()


def _row(connection: Connection, node: Node, token: str) -> Row[*tuple[object, ...]]:
    row = connection.execute(
        select(telling).where(
            telling.c.token == digest_of(token),
            telling.c.page_ends_at > node.now(),
            telling.c.state.in_(("open", "told")),
        )
    ).one_or_none()
    if row is None:
        raise LetterOver("This letter has come to its end")
    return row


def _to(connection: Connection, node: Node, row: Row[*tuple[object, ...]]) -> tuple[str, str]:
    """An email address, and the telephone number of who is called about it."""
    whole = whole_placement(connection, node, row.authority, row.placement)
    one = ToTell(whole, tuple(set_out(connection, node, whole))).one(row.id)
    worker = whole.facts.social_worker
    return one.reach.email or "", worker.telephone if worker else ""


def _email(row: Row[*tuple[object, ...]], to: str, telephone: str, address: str) -> Email:
    """What leaves: that a letter waits. No child, no name, no kind of recipient."""
    authority = authority_name(row.authority)
    return Email(
        to,
        f"A letter from {authority}, reference {reference(row.id)}",
        f"{authority} has a letter for you. It is confidential, so this email does not say what it "
        f"is about.\n\nOpen it with your name and the code that {authority} tells you by "
        f"telephone:\n\n{address}\n\nThe link ends after {LASTS.days} days. It is noted who opens "
        f"it, and when.\n\nIf you have no code, call {telephone} and say the reference "
        f"{reference(row.id)}. Do not answer this email.\n",
    )
