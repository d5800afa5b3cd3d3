"""What is confidential is sealed under keys outside the database, and the audit begins.

Rows of before are sealed here, in the transaction of this step.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import TypeAlias

import sqlalchemy as sa
from alembic import context, op

import federation
from directory.security.vault.epochs import first_epoch
from directory.security.vault.sealing import fingerprint, new_key, seal_value, wrap

_Seal: TypeAlias = Callable[[str, str, dict[str, bytes | None]], dict[str, bytes | None]]

revision = "0004"
down_revision = "0003"

_NOTICES = {
    "sent_notice": (["id"], ["body", "acknowledgement"]),
    "received_notice": (["placing_authority", "id"], ["body"]),
}


def upgrade() -> None:
    op.create_table(
        "epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "fingerprint",
            sa.String(length=64),
            nullable=False,
            comment="of the key in keys/epoch-<number>",
        ),
        sa.Column("began_at", federation.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )
    op.create_table(
        "data_key",
        sa.Column(
            "record",
            sa.String(length=120),
            nullable=False,
            comment="table/record, such as account/17",
        ),
        sa.Column("id", sa.String(length=32), nullable=False, comment="drawn afresh; keys/erased"),
        sa.Column("epoch", sa.Integer(), nullable=False, comment="whose key wraps it"),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("record"),
        sa.UniqueConstraint("id"),
    )
    op.create_index(op.f("ix_data_key_epoch"), "data_key", ["epoch"], unique=False)
    op.create_table(
        "audit_row",
        sa.Column(
            "seq",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="from 1, without a gap",
        ),
        sa.Column("at", federation.database.Utc(timezone=True), nullable=False),
        sa.Column(
            "who", sa.String(length=120), nullable=False, comment="kind and id, such as person:17"
        ),
        sa.Column("who_name", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=80), nullable=False),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=True,
            comment="GSS code of whose record; null: the node's",
        ),
        sa.Column(
            "record", sa.String(length=120), nullable=False, comment="kind and id, never a name"
        ),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column(
            "reason", sa.LargeBinary(), nullable=True, comment="sealed; null: none was asked for"
        ),
        sa.Column(
            "reason_digest",
            sa.LargeBinary(),
            nullable=True,
            comment="SHA-256 of the sealed reason",
        ),
        sa.Column("previous", sa.LargeBinary(), nullable=False, comment="hash of the row before"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("audit_row_authority", "audit_row", ["authority", "at"], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column(
            "id", sa.Integer(), autoincrement=False, nullable=False, comment="1: the only row"
        ),
        sa.Column("seq", sa.Integer(), nullable=False, comment="of the newest row; 0: none yet"),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(head, [{"id": 1, "seq": 0, "hash": bytes(32)}])
    op.create_table(
        "audit_anchor",
        sa.Column(
            "seq", sa.Integer(), autoincrement=False, nullable=False, comment="of the row anchored"
        ),
        sa.Column("head", sa.LargeBinary(), nullable=False, comment="hash of that row"),
        sa.Column("salt", sa.LargeBinary(), nullable=False, comment="32 random bytes"),
        sa.Column("anchored_at", federation.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    _seal_what_is_there(op.get_bind(), context.config.attributes["keys"])


def _seal_what_is_there(connection: sa.Connection, keys: Path) -> None:
    number, epoch_key = first_epoch(keys)
    connection.execute(
        sa.table(
            "epoch",
            sa.column("number"),
            sa.column("fingerprint"),
            sa.column("began_at", federation.Utc()),
        )
        .insert()
        .values(number=number, fingerprint=fingerprint(epoch_key), began_at=datetime.now(UTC))
    )
    data_key = sa.table("data_key", *map(sa.column, ("record", "id", "epoch", "wrapped")))

    def seal(table: str, record: str, values: dict[str, bytes | None]) -> dict[str, bytes | None]:
        key = new_key()
        connection.execute(
            data_key.insert().values(
                record=f"{table}/{record}",
                id=token_hex(16),
                epoch=number,
                wrapped=wrap(key, epoch_key),
            )
        )
        return {
            column: value and seal_value(key, table, column, record, value)
            for column, value in values.items()
        }

    for name, (identity, columns) in _NOTICES.items():
        table = sa.table(
            name, *map(sa.column, identity), *(sa.column(one, sa.LargeBinary) for one in columns)
        )
        for row in connection.execute(sa.select(table)).mappings().all():
            record = "/".join(row[one] for one in identity)
            connection.execute(
                table.update()
                .where(*(table.c[one] == row[one] for one in identity))
                .values(seal(name, record, {one: row[one] for one in columns}))
            )
    _seal_unredacted(connection, seal)


def _seal_unredacted(connection: sa.Connection, seal: _Seal) -> None:
    columns = ("urn", "provider_type", "authority_gss", "facts", "imported_at")
    utc = federation.Utc()
    before = sa.table(
        "unredacted",
        *(sa.column(one, utc if one == "imported_at" else None) for one in columns),
    )
    rows = [dict(row) for row in connection.execute(sa.select(before)).mappings()]
    # Emptied first: with `secure_delete`, what stood there is overwritten.
    connection.execute(before.delete())
    op.drop_index("unredacted_authority", "unredacted")
    op.drop_table("unredacted")
    after = op.create_table(
        "unredacted",
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column("provider_type", sa.String(length=300), nullable=True),
        sa.Column(
            "authority_gss",
            sa.String(length=9),
            nullable=True,
            comment="null: not one of England's today",
        ),
        sa.Column(
            "facts",
            sa.LargeBinary(),
            nullable=False,
            comment="JSON: text by heading, as listed; sealed",
        ),
        sa.Column(
            "imported_at", federation.database.Utc(timezone=True), nullable=False, comment="UTC"
        ),
        sa.PrimaryKeyConstraint("urn"),
    )
    op.create_index("unredacted_authority", "unredacted", ["authority_gss"], unique=False)
    for row in rows:
        connection.execute(
            after.insert().values(
                row | seal("unredacted", row["urn"], {"facts": row["facts"].encode()})
            )
        )
