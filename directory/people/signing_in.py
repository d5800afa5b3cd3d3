"""Signing in, in two steps; and what a link is for: a password, then a second factor.

Each step that succeeds ends the session before it and begins another. A password alone opens
nothing: a session is somebody's only after a code. What is refused is refused in the same words,
after the same work, whether there is such an account or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, select, update

from directory.people import pauses
from directory.people.errors import CodeRefused, SignInRefused
from directory.people.links import check_link, use_link
from directory.people.models import person
from directory.people.passwords import hash_password, is_outdated, is_password, rehash
from directory.people.second_factor import (
    new_secret,
    replace_recovery_codes,
    use_code,
    use_recovery_code,
)
from directory.people.sessions import Stage, end, end_all, start
from federation import reading, writing


@dataclass(frozen=True, slots=True)
class Browser:
    """From where someone signs in: the client's address, and a browser in its owner's words."""

    address: str
    named: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """A second factor that is being set up: its secret, and whose it is."""

    secret: bytes
    email: str


def check_password(
    node_db: Engine, email: str, password: str, browser: Browser, now: datetime
) -> tuple[str, Stage]:
    """The first step; gives a token, and what is wanted next. Raises SignInRefused, Paused."""
    email = email.strip().lower()
    counted = pauses.of_password(email, browser.address)
    pauses.count_attempt(node_db, counted, now)
    with reading(node_db) as connection:
        found = connection.execute(
            select(person).where(person.c.email == email, person.c.disabled_at.is_(None))
        ).one_or_none()
    if not is_password(found.password_hash if found else None, password) or found is None:
        raise SignInRefused("The email address or the password is not right")
    stage = Stage.CODE_WANTED if found.totp_secret else Stage.SET_UP_WANTED
    with writing(node_db) as connection:
        pauses.forgive(connection, counted)
        if is_outdated(found.password_hash):
            _change(connection, found.id, password_hash=rehash(password))
        return start(connection, found.id, stage, browser.named, now), stage


def check_code(
    node_db: Engine, token: str, who: str, typed: str, browser: Browser, now: datetime
) -> str:
    """The second step; gives the token of a session that is theirs. Raises CodeRefused, Paused."""
    counted = pauses.of_code(who)
    pauses.count_attempt(node_db, counted, now)
    with writing(node_db) as connection:
        secret = _row(connection, who).totp_secret
        if secret is None or not (
            use_code(connection, who, secret, typed, now)
            or use_recovery_code(connection, who, typed)
        ):
            raise CodeRefused(
                "The code is not right, is too old, or was used before. Enter the one that your "
                "app shows now"
            )
        return _let_in(connection, token, who, counted, browser, now)


def is_own_password(node_db: Engine, who: str, typed: str, now: datetime) -> bool:
    """Whether someone who is signed in knows the password. Raises Paused."""
    counted = pauses.of_code(who)
    pauses.count_attempt(node_db, counted, now)
    with reading(node_db) as connection:
        stored = _row(connection, who).password_hash
    if not is_password(stored, typed):
        return False
    with writing(node_db) as connection:
        pauses.forgive(connection, counted)
    return True


def choose_password(
    node_db: Engine, link: str, password: str, browser: Browser, now: datetime
) -> tuple[str, Stage]:
    """Use a link; gives a token, and what is wanted next. Raises LinkUnusable, PasswordUnfit.

    A second factor that is set up stays wanted: a stolen mailbox is not enough.
    """
    with reading(node_db) as connection:
        found = _row(connection, check_link(connection, link, now))
    hashed = hash_password(password, found.email)
    with writing(node_db) as connection:
        who = use_link(connection, link, now)
        _change(connection, who, password_hash=hashed)
        end_all(connection, who)
        stage = Stage.CODE_WANTED if _row(connection, who).totp_secret else Stage.SET_UP_WANTED
        return start(connection, who, stage, browser.named, now), stage


def set_up(node_db: Engine, who: str) -> SetUp:
    """The second factor that a person is setting up; begins it where it was not begun."""
    with reading(node_db) as connection:
        found = _row(connection, who)
    if found.totp_pending:
        return SetUp(found.totp_pending, found.email)
    with writing(node_db) as connection:
        found = _row(connection, who)
        secret = found.totp_pending or new_secret()
        _change(connection, who, totp_pending=secret)
    return SetUp(secret, found.email)


def confirm_set_up(
    node_db: Engine, token: str, who: str, typed: str, browser: Browser, now: datetime
) -> tuple[str, Sequence[str]]:
    """A first code proves that the authenticator has the secret, and takes it into use.

    Gives the token of a session that is theirs, every other having ended, and recovery codes.
    Raises CodeRefused, Paused.
    """
    counted = pauses.of_code(who)
    pauses.count_attempt(node_db, counted, now)
    with writing(node_db) as connection:
        secret = _row(connection, who).totp_pending
        _change(connection, who, totp_step=None)
        if secret is None or not use_code(connection, who, secret, typed, now):
            raise CodeRefused(
                "The code is not right. Check that the app shows this account, and that the clock "
                "of your phone is right; then enter the code that it shows now"
            )
        _change(connection, who, totp_secret=secret, totp_pending=None)
        end_all(connection, who)
        codes = replace_recovery_codes(connection, who)
        return _let_in(connection, token, who, counted, browser, now), codes


def change_password(
    node_db: Engine, who: str, password: str, browser: Browser, now: datetime
) -> str:
    """A new password of someone who is signed in; every session ends, and a new one's token comes.

    Raises PasswordUnfit.
    """
    with reading(node_db) as connection:
        hashed = hash_password(password, _row(connection, who).email)
    with writing(node_db) as connection:
        _change(connection, who, password_hash=hashed)
        end_all(connection, who)
        return start(connection, who, Stage.IN, browser.named, now)


def _let_in(
    connection: Connection,
    token: str,
    who: str,
    counted: Sequence[pauses.Counted],
    browser: Browser,
    now: datetime,
) -> str:
    pauses.forgive(connection, counted)
    end(connection, token)
    return start(connection, who, Stage.IN, browser.named, now)


def _change(connection: Connection, who: str, **values: object) -> None:
    connection.execute(update(person).where(person.c.id == who).values(**values))


def _row(connection: Connection, who: str) -> Row[tuple[object, ...]]:
    return connection.execute(select(person).where(person.c.id == who)).one()
