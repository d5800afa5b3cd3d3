"""Messages that leave: queued with the business row, delivered until there is a signed answer."""

import random
import secrets
from collections.abc import Collection, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    insert,
    select,
    update,
)

from federation import tables
from federation.chunks.outgoing import chunks_held, forget_enclosures, note_missing, send_chunks
from federation.database import reading, writing
from federation.errors import ChunksMissing, FederationError, NoSuchMember, NotDead
from federation.locks import alone
from federation.node import Node
from federation.peers import Inbox
from protocols.attachments import Attachment
from protocols.charter import Member
from protocols.errors import ProtocolError
from protocols.keys import PublicKey, Purpose
from protocols.messages import Message, seal, sealed_digest, sign_message, signed_digest
from protocols.receipts import Receipt, open_receipt

LIFE = timedelta(days=28)
FIRST_RETRY_S = 5.0
LONGEST_RETRY_S = 900.0
UNDER_WAY = 4
DEAD = ("refused", "expired")
"""States of messages that nothing but a person brings further."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """Where a message is: `state` is waiting, stored, refused or expired."""

    id: str
    sender: str
    recipient: str
    state: str
    queued_at: datetime
    attempts: int
    problem: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many messages wait for a recipient; since when the first of them does, and why."""

    messages: int
    since: datetime
    why: str | None


def queue(
    connection: Connection,
    node: Node,
    *,
    sender: str,
    recipient: str,
    body: bytes,
    message: str | None = None,
    attachments: tuple[Attachment, ...] = (),
) -> str:
    """Sign, seal and queue a message in the caller's transaction on `node.db`; gives its id.

    `body` is JSON with a `schema`. `message` is the id, 32 hexadecimal digits, for a caller that
    has to know it beforehand, as who attaches files does; otherwise it is drawn at random. Raises
    NoSuchMember when the charter has no keys for the recipient, or when this node does not serve
    the sender.
    """
    drawn = message or secrets.token_hex(16)
    row = _made(node, drawn, sender, recipient, body, attachments)
    connection.execute(insert(tables.outbox).values(id=drawn, **row))
    return drawn


def queue_again(
    connection: Connection,
    node: Node,
    message: str,
    body: bytes,
    attachments: tuple[Attachment, ...] = (),
) -> None:
    """Queue a message that was refused or has expired once more, signed and sealed afresh.

    It keeps its id: a recipient that did store it, and whose receipt was lost, refuses it as
    `id-reused` and does not store it twice. Raises NotDead, and NoSuchMember as `queue` does.
    """
    mine = tables.outbox.c.id == message
    row = connection.execute(select(tables.outbox).where(mine).with_for_update()).one_or_none()
    if row is None or row.state not in DEAD:
        raise NotDead(
            f"Message {message} was neither refused nor given up, so it is not sent again. Look "
            "where it is with 'hearth outbox'."
        )
    again = _made(node, message, row.sender, row.recipient, body, attachments)
    connection.execute(update(tables.outbox).where(mine).values(**again))


def _made(
    node: Node,
    message: str,
    sender: str,
    recipient: str,
    body: bytes,
    attachments: tuple[Attachment, ...],
) -> dict[str, object]:
    """A message that begins to wait, as columns of its row."""
    if sender not in node.member.area:
        raise NoSuchMember(f"this node does not serve {sender}, so it cannot send for it")
    keys = list(node.charter.authority_keys(recipient, Purpose.SEALING).values())
    if not keys:
        raise NoSuchMember(f"no member of the charter serves {recipient}")
    now = node.now()
    made = Message(1, message, sender, recipient, now, now + LIFE, msgspec.Raw(body), attachments)
    signed = sign_message(made, node.signing_key(sender))
    sealed = seal(signed, keys[-1])
    return {
        "sender": sender,
        "recipient": recipient,
        "sealed": sealed,
        "sealed_digest": sealed_digest(sealed),
        "signed_digest": signed_digest(signed),
        "queued_at": now,
        "expires": made.expires,
        "state": "waiting",
        "attempts": 0,
        "next_attempt": now,
        "problem": None,
        "receipt": None,
        "answered_at": None,
    }


def dispatches(
    connection: Connection, messages: Collection[str] | None = None
) -> dict[str, Dispatch]:
    """Every message that was queued, or each of those named, and where it is, by id."""
    columns = [tables.outbox.c[name] for name in Dispatch.__dataclass_fields__]
    wanted = select(*columns).order_by(tables.outbox.c.queued_at)
    if messages is not None:
        wanted = wanted.where(tables.outbox.c.id.in_(messages))
    rows = connection.execute(wanted).mappings()
    return {row["id"]: Dispatch(**row) for row in rows}


def waiting(connection: Connection) -> dict[str, Waiting]:
    """What has not reached its recipient yet, by the GSS code of the recipient."""
    table = tables.outbox
    mine = table.c.recipient
    place = func.row_number().over(partition_by=mine, order_by=(table.c.queued_at, table.c.id))
    counted = func.count().over(partition_by=mine)
    waits = (
        select(mine, table.c.queued_at, table.c.problem, place.label("place"), counted.label("all"))
        .where(table.c.state == "waiting")
        .subquery()
    )
    oldest = select(waits).where(waits.c.place == 1).order_by(waits.c.recipient)
    return {
        row.recipient: Waiting(row.all, row.queued_at, row.problem)
        for row in connection.execute(oldest)
    }


def due_members(node: Node) -> set[str]:
    """Names of the members for whose authorities a message is due; our own may be among them."""
    with reading(node.node_db) as connection:
        recipients = set(
            connection.scalars(_due(node).with_only_columns(tables.outbox.c.recipient))
        )
    return {member.node for member in node.charter.members if member.area & recipients}


def make_due(node: Node, member: Member) -> None:
    """A member is back: what waits for its authorities is due now, however long it was away."""
    with writing(node.node_db) as connection:
        connection.execute(
            update(tables.outbox)
            .where(tables.outbox.c.state == "waiting", tables.outbox.c.recipient.in_(member.area))
            .values(next_attempt=node.now())
        )


def deliver_due(node: Node, peer: Inbox) -> int:
    """Try every message to a member that is due, and what becomes due meanwhile as long as any is
    settled; returns how many are settled now.

    What the answer is worth is checked before it counts: a receipt that does not verify leaves the
    message waiting, with the problem beside it. Does nothing while another worker is about it.
    """
    settled = 0
    with (
        alone(node.node_db, f"deliver to {peer.member.node}") as mine,
        ThreadPoolExecutor(UNDER_WAY, thread_name_prefix="deliver") as pool,
    ):
        while mine and (now := _deliver_batch(node, peer, pool)):
            settled += now
    return settled


def receipt_of(connection: Connection, node: Node, message: str) -> Receipt | None:
    """The receipt for a message, verified afresh; None while there is none.

    With the keys of every version of the charter: what verified when it came stays good.
    """
    row = connection.execute(
        select(tables.outbox).where(tables.outbox.c.id == message)
    ).one_or_none()
    if row is None or not row.receipt:
        return None
    ever: dict[str, PublicKey] = {}
    for kept in node.charters.chain:
        ever |= kept.charter.authority_keys(row.recipient, Purpose.SIGNING)
    return _open(row, row.receipt, ever)


def wait_before(attempts: int) -> float:
    """Seconds until the next attempt: twice as many each time, up to a quarter of an hour, with
    jitter.
    """
    longest = min(FIRST_RETRY_S * 2.0 ** min(attempts, 10), LONGEST_RETRY_S)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing


def is_time(next_attempt: Column[datetime], now: datetime) -> ColumnElement[bool]:
    """Whether an attempt is due. So is one that lies further off than any is ever put: this
    machine's clock was set back since.
    """
    return (next_attempt <= now) | (next_attempt > now + timedelta(seconds=LONGEST_RETRY_S))


def _due(node: Node) -> Select[Any]:
    return select(tables.outbox).where(
        tables.outbox.c.state == "waiting", is_time(tables.outbox.c.next_attempt, node.now())
    )


def _deliver_batch(node: Node, peer: Inbox, pool: ThreadPoolExecutor) -> int:
    """Several under way at once, so that their commits there and what is between overlap.

    What has come of those that are back is stored in one transaction: one commit to disk.
    """
    mine = _due(node).where(tables.outbox.c.recipient.in_(peer.member.area))
    with reading(node.node_db) as connection:
        due = connection.execute(mine.order_by(tables.outbox.c.next_attempt).limit(100)).all()
        enclosing = chunks_held(connection, [row.id for row in due]).keys()
    waiting = {pool.submit(_deliver, node, row, peer, row.id in enclosing): row for row in due}
    settled = 0
    while waiting:
        back, _ = wait(waiting, return_when=FIRST_COMPLETED)
        with writing(node.node_db) as connection:
            for one in back:
                row, outcome = waiting.pop(one), one.result()
                _note(connection, row, outcome)
                if row.id in enclosing and _arrived(outcome):
                    forget_enclosures(connection, row.id)
                settled += outcome["state"] != "waiting"
    return settled


def _deliver(
    node: Node, row: Row[tuple[object, ...]], peer: Inbox, enclosing: bool
) -> dict[str, object]:
    """What comes of a message now, as columns of its row. One that is `enclosing` files goes after
    their chunks.
    """
    if node.now() >= row.expires:
        return _settled(node, "expired", None)
    try:
        if enclosing and not send_chunks(node, row.id, peer):
            # It gets on: no attempt that has failed, and due again when others had their turn.
            return {"state": "waiting", "next_attempt": node.now(), "attempts": row.attempts}
        text = peer.deliver(row.recipient, row.sealed)
        keys = node.charter.authority_keys(row.recipient, Purpose.SIGNING)
        receipt = _open(row, text, keys)
    except ProtocolError as error:
        return _postponed(node, row, f"the receipt is not accepted: {error}")
    except ChunksMissing as error:
        note_missing(node, row.id, error.digests)
        return _postponed(node, row, str(error))
    except FederationError as error:
        return _postponed(node, row, str(error))
    return _settled(node, receipt.outcome, text, receipt.reason)


def _open(row: Row[tuple[object, ...]], text: str, keys: Mapping[str, PublicKey]) -> Receipt:
    return open_receipt(
        text,
        by=row.recipient,
        keys=keys,
        sealed=row.sealed_digest,
        signed=row.signed_digest,
    )


def _settled(
    node: Node, state: str, receipt: str | None, problem: str | None = None
) -> dict[str, object]:
    return {
        "state": state,
        "sealed": b"",  # its digest is enough for the receipt, and nothing needs it any more
        "receipt": receipt,
        "problem": problem,
        "answered_at": node.now(),
    }


def _arrived(outcome: Mapping[str, object]) -> bool:
    """Whether the recipient has the message, now or from before."""
    return outcome["state"] == "stored" or outcome.get("problem") == "id-reused"


def _postponed(node: Node, row: Row[tuple[object, ...]], problem: str) -> dict[str, object]:
    return {
        "state": "waiting",
        "problem": problem,
        "next_attempt": node.now() + timedelta(seconds=wait_before(row.attempts)),
    }


def _note(connection: Connection, row: Row[tuple[object, ...]], outcome: dict[str, object]) -> None:
    connection.execute(
        update(tables.outbox)
        .where(tables.outbox.c.id == row.id, tables.outbox.c.state == "waiting")
        .values({"attempts": row.attempts + 1} | outcome)
    )
