"""Being the only one, where that matters.

On SQLite a writing transaction is alone anyway. On PostgreSQL many write at once, and what has to
be alone says here with what: an advisory lock, by name, that goes with its transaction, so with its
process too. The names in use:

publish             staging records, making entries of them, signing for them (`sequencer`)
charter             keeping to another version of the charter (`charter.adoption`)
inbox SENDER ID     storing one message (`inbox`)
witness ORIGIN      cosigning a checkpoint of one log (`witness.serving`)
fork ORIGIN         keeping a proof that one log was forked (`forks.keeping`)
chunks of NODE      storing chunks that one member delivers (`chunks.incoming`)
deliver to NODE     delivering to one member (`outbox`)
register            importing a list into the register, or publishing from it
unredacted list     importing that one
administrators      taking away a role that somebody has to have (`directory.security.people`)
attempts KEY        counting failed attempts (`directory.security.people`)
unsent forms        keeping a form whose session had ended (`directory.security.unsent`)
epoch               beginning an epoch of keys, or removing one's

Rows that are read in order to be changed are locked by themselves, with `SELECT … FOR UPDATE`.
https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, func, select

from federation.database import writing


def hold(connection: Connection, name: str) -> None:
    """Wait until no other transaction holds this lock; hold it until the caller's one ends."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_number(name))))


@contextmanager
def alone(engine: Engine, name: str) -> Iterator[bool]:
    """Whether nobody else does this at the moment; nobody will until the block is left.

    On SQLite it is True always: there, one worker serves a node, and a second does no harm.
    """
    if engine.dialect.name == "sqlite":
        yield True
        return
    with writing(engine) as connection:
        yield bool(connection.scalar(select(func.pg_try_advisory_xact_lock(_number(name)))))


def _number(name: str) -> object:
    return func.hashtextextended(name, 0)
