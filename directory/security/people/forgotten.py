"""A forgotten password: a link by email to whoever asks, if there is such an account.

All of it happens after the answer, which therefore is the same, and as fast, for any address.
"""

import threading

from sqlalchemy import select

from directory.security.audit.service import note
from directory.security.mail.emails import Mailer
from directory.security.people import pauses
from directory.security.people.grants import only_authority
from directory.security.people.link_mail import About, send_link
from directory.security.people.links import RESET, make_link
from directory.security.people.models import person
from directory.security.people.signing_in import Browser
from directory.security.rights.principal import NOBODY
from federation import Node, writing


def ask_for_link(node: Node, mailer: Mailer, email: str, browser: Browser, links_at: str) -> None:
    """Send a link to an email address, soon; it is `links_at` with a token. Raises Paused."""
    email = email.strip().lower()
    pauses.count_attempt(node.node_db, pauses.of_asking(email, browser.address), node.now())
    threading.Thread(target=_send, args=(node, mailer, email, links_at)).start()


def _send(node: Node, mailer: Mailer, email: str, links_at: str) -> None:
    with writing(node.node_db) as connection:
        who = connection.scalar(
            select(person.c.id).where(person.c.email == email, person.c.disabled_at.is_(None))
        )
        if who is None:
            return
        record = f"person/{who}"
        authority = only_authority(connection, who)
        note(connection, node, NOBODY, "ask for a link", authority=authority, record=record)
        token = make_link(connection, who, NOBODY.id, RESET, node.now())
    send_link(mailer, email, About.NEW_PASSWORD, links_at + token)
