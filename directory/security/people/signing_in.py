"""Signing in, in two steps; and what a link is for: a password, then a second factor.

Each step that succeeds ends the session before it and begins another. A password alone opens
nothing: a session is somebody's only after a code. What is refused is refused in the same words,
after the same work, whether there is such an account or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from directory.security.audit.service import note
from directory.security.people import pauses
from directory.security.people.errors import CodeRefused, SignInRefused
from directory.security.people.factor_store import IN_USE, PENDING, keep_factors, read_factors
from directory.security.people.grants import only_authority
from directory.security.people.links import check_link, use_link
from directory.security.people.models import person
from directory.security.people.passwords import hash_password, is_outdated, is_password, rehash
from directory.security.people.second_factor import (
    new_secret,
    replace_recovery_codes,
    use_code,
    use_recovery_code,
)
from directory.security.people.sessions import Stage, end, end_all, start
from directory.security.rights.principal import NOBODY, Principal
from federation import Node, reading, writing


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


def check_password(node: Node, email: str, password: str, browser: Browser) -> tuple[str, Stage]:
    """The first step; gives a token, and what is wanted next. Raises SignInRefused, Paused."""
    email = email.strip().lower()
    counted = pauses.of_password(email, browser.address)
    begins_pause = pauses.count_attempt(node.node_db, counted, node.now())
    with reading(node.node_db) as connection:
        found = connection.execute(
            select(person).where(person.c.email == email, person.c.disabled_at.is_(None))
        ).one_or_none()
    right = is_password(found.password_hash if found else None, password)
    with writing(node.node_db) as connection:
        if right and found:
            pauses.forgive(connection, counted)
            if is_outdated(found.password_hash):
                _change(connection, found.id, password_hash=rehash(password))
            stage = Stage.CODE_WANTED if found.totp_secret else Stage.SET_UP_WANTED
            return start(connection, found.id, stage, browser.named, node.now()), stage
        # A row for everybody: one only for those who have an account would tell who has.
        _note_failure(connection, node, found.id if found else None, "password", begins_pause)
    raise SignInRefused("The email address or the password is not right")


def check_code(node: Node, token: str, who: str, typed: str, browser: Browser) -> str:
    """The second step; gives the token of a session that is theirs. Raises CodeRefused, Paused."""
    counted = pauses.of_code(who)
    begins_pause = pauses.count_attempt(node.node_db, counted, node.now())
    with writing(node.node_db) as connection:
        secret = read_factors(connection, node, who).in_use
        by_code = secret is not None and use_code(connection, who, secret, typed, node.now())
        if secret is not None and (by_code or use_recovery_code(connection, who, typed)):
            detail = "" if by_code else "with a recovery code"
            return _let_in(connection, node, token, who, counted, browser, detail)
        _note_failure(connection, node, who, "code", begins_pause)
    raise CodeRefused(
        "The code is not right, is too old, or was used before. Enter the one that your app shows "
        "now"
    )


def is_own_password(node: Node, who: str, typed: str) -> bool:
    """Whether someone who is signed in knows the password. Raises Paused."""
    counted = pauses.of_code(who)
    begins_pause = pauses.count_attempt(node.node_db, counted, node.now())
    with reading(node.node_db) as connection:
        stored = _row(connection, who).password_hash
    right = is_password(stored, typed)
    with writing(node.node_db) as connection:
        if right:
            pauses.forgive(connection, counted)
        else:
            _note_failure(connection, node, who, "password", begins_pause)
    return right


def choose_password(node: Node, link: str, password: str, browser: Browser) -> tuple[str, Stage]:
    """Use a link; gives a token, and what is wanted next. Raises LinkUnusable, PasswordUnfit.

    A second factor that is set up stays wanted: a stolen mailbox is not enough.
    """
    with reading(node.node_db) as connection:
        found = _row(connection, check_link(connection, link, node.now()))
    hashed = hash_password(password, found.email)
    with writing(node.node_db) as connection:
        who = use_link(connection, link, node.now())
        _change(connection, who, password_hash=hashed)
        end_all(connection, who)
        _note_own(connection, node, who, "choose a password", "with a link")
        stage = Stage.CODE_WANTED if _row(connection, who).totp_secret else Stage.SET_UP_WANTED
        return start(connection, who, stage, browser.named, node.now()), stage


def set_up(node: Node, who: str) -> SetUp:
    """The second factor that a person is setting up; begins it where it was not begun."""
    with writing(node.node_db) as connection:
        secret = read_factors(connection, node, who).pending
        if secret is None:
            secret = new_secret()
            keep_factors(connection, node, who, {PENDING: secret})
        return SetUp(secret, _row(connection, who).email)


def confirm_set_up(
    node: Node, token: str, who: str, typed: str, browser: Browser
) -> tuple[str, Sequence[str]]:
    """A first code proves that the authenticator has the secret, and takes it into use.

    Gives the token of a session that is theirs, every other having ended, and recovery codes.
    Raises CodeRefused, Paused.
    """
    counted = pauses.of_code(who)
    pauses.count_attempt(node.node_db, counted, node.now())
    with writing(node.node_db) as connection:
        secret = read_factors(connection, node, who).pending
        _change(connection, who, totp_step=None)
        if secret is None or not use_code(connection, who, secret, typed, node.now()):
            raise CodeRefused(
                "The code is not right. Check that the app shows this account, and that the clock "
                "of your phone is right; then enter the code that it shows now"
            )
        keep_factors(connection, node, who, {IN_USE: secret, PENDING: None})
        end_all(connection, who)
        codes = replace_recovery_codes(connection, who)
        _note_own(connection, node, who, "set up a second factor")
        return _let_in(connection, node, token, who, counted, browser), codes


def change_password(node: Node, who: str, password: str, browser: Browser) -> str:
    """A new password of someone who is signed in; every session ends, and a new one's token comes.

    Raises PasswordUnfit.
    """
    with reading(node.node_db) as connection:
        hashed = hash_password(password, _row(connection, who).email)
    with writing(node.node_db) as connection:
        _change(connection, who, password_hash=hashed)
        end_all(connection, who)
        _note_own(connection, node, who, "choose a password")
        return start(connection, who, Stage.IN, browser.named, node.now())


def new_recovery_codes(node: Node, who: str) -> Sequence[str]:
    """Ten new recovery codes in place of all older ones."""
    with writing(node.node_db) as connection:
        _note_own(connection, node, who, "make recovery codes")
        return replace_recovery_codes(connection, who)


def _let_in(
    connection: Connection,
    node: Node,
    token: str,
    who: str,
    counted: Sequence[pauses.Counted],
    browser: Browser,
    detail: str = "",
) -> str:
    pauses.forgive(connection, counted)
    end(connection, token)
    _note_own(connection, node, who, "sign in", detail)
    return start(connection, who, Stage.IN, browser.named, node.now())


def _note_own(connection: Connection, node: Node, who: str, action: str, detail: str = "") -> None:
    """What somebody did with their own account."""
    themselves = Principal(f"person:{who}", _row(connection, who).name, NOBODY.grants)
    note(
        connection,
        node,
        themselves,
        action,
        authority=only_authority(connection, who),
        record=f"person/{who}",
        detail=detail,
    )


def _note_failure(
    connection: Connection, node: Node, who: str | None, wrong: str, begins_pause: bool
) -> None:
    note(
        connection,
        node,
        NOBODY,
        "fail to sign in",
        authority=only_authority(connection, who or ""),
        record=f"person/{who}" if who else "",
        detail=f"wrong {wrong}{', a pause begins' if begins_pause else ''}",
    )


def _change(connection: Connection, who: str, **values: object) -> None:
    connection.execute(update(person).where(person.c.id == who).values(**values))


def _row(connection: Connection, who: str) -> Any:
    return connection.execute(select(person).where(person.c.id == who)).one()
