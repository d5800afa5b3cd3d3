"""Homes by the needs that they meet, and a name for each state of the search tables."""

import secrets

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_SALT = 32  # bytes before the record, see protocols/README.md


class _Description(msgspec.Struct):
    needs: list[str]


class _Described(msgspec.Struct):
    description: _Description


def upgrade() -> None:
    op.add_column(
        "home",
        sa.Column(
            "needs",
            sa.String(length=400),
            nullable=True,
            comment="codes with spaces between; null: not described",
        ),
    )
    state = op.create_table(
        "home_state",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="1: there is one row",
        ),
        sa.Column(
            "state",
            sa.BigInteger(),
            nullable=False,
            comment="drawn at random with each change of home",
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(state, [{"id": 1, "state": secrets.randbits(63)}])
    _fill_needs(op.get_bind())


def _fill_needs(connection: sa.Connection) -> None:
    """Read them from the records, which stand with the verified entries."""
    home = sa.table("home", *map(sa.column, ("id", "log", "entry", "described", "needs")))
    entry = sa.table("entry", *map(sa.column, ("log", "idx", "blob")))
    described = connection.execute(
        sa.select(home.c.id, home.c.log, home.c.entry).where(home.c.described)
    ).all()
    for row in described:
        blob: bytes | None = connection.scalar(
            sa.select(entry.c.blob).where(entry.c.log == row.log, entry.c.idx == row.entry)
        )
        if blob is None:
            continue
        read = msgspec.json.decode(blob[_SALT:], type=_Described)
        connection.execute(
            sa.update(home)
            .where(home.c.id == row.id)
            .values(needs=" ".join(read.description.needs))
        )
