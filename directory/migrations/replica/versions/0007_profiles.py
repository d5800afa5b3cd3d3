"""What homes say that they offer: their profiles, and who they are for."""

import secrets
from typing import Any

import msgspec
import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_SALT = 32  # bytes before the record, see protocols/README.md
_COLUMNS: tuple[tuple[str, sa.types.TypeEngine[Any], str | None], ...] = (
    ("profile", sa.Integer(), "entry of the profile in that log; null: there is none"),
    ("partly", sa.Text(), "codes that it meets in part"),
    ("unmet", sa.Text(), "codes that it says it does not meet"),
    ("youngest", sa.Integer(), "years; null: not said"),
    ("oldest", sa.Integer(), None),
    ("sex", sa.String(length=5), "girls, boys or any; null: not said"),
)


class _Description(msgspec.Struct):
    youngest: int
    oldest: int
    sex: str


class _Described(msgspec.Struct):
    description: _Description


def upgrade() -> None:
    with op.batch_alter_table("home") as home:
        home.alter_column(
            "needs",
            existing_type=sa.String(length=400),
            type_=sa.Text(),
            comment="codes that it meets, spaces between; null: not described",
            existing_comment="codes with spaces between; null: not described",
        )
        for name, kind, comment in _COLUMNS:
            home.add_column(sa.Column(name, kind, nullable=True, comment=comment))
    op.create_table(
        "profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("log", "urn", name="profile_log_urn"),
    )
    op.create_index("profile_entry", "profile", ["log", "entry"])
    connection = op.get_bind()
    _fill(connection)
    state = sa.table("home_state", sa.column("state", sa.BigInteger))
    connection.execute(sa.update(state).values(state=secrets.randbits(63)))


def _fill(connection: sa.Connection) -> None:
    """Read whom homes are for from their records, which stand with the verified entries."""
    names = ("id", "log", "entry", "described", "partly", "unmet", "youngest", "oldest", "sex")
    home = sa.table("home", *map(sa.column, names))
    entry = sa.table("entry", *map(sa.column, ("log", "idx", "blob")))
    rows = connection.execute(
        sa.select(home.c.id, entry.c.blob)
        .join(entry, (entry.c.log == home.c.log) & (entry.c.idx == home.c.entry))
        .where(home.c.described, entry.c.blob.is_not(None))
    ).all()
    fill = (
        sa.update(home)
        .where(home.c.id == sa.bindparam("row"))
        .values({one: sa.bindparam(one) for one in names[4:]})
    )
    if rows:
        connection.execute(fill, [_values(row.id, row.blob) for row in rows])


def _values(number: int, blob: bytes) -> dict[str, object]:
    said = msgspec.json.decode(blob[_SALT:], type=_Described).description
    ages = {"youngest": said.youngest, "oldest": said.oldest}
    return {"row": number, "partly": "", "unmet": "", "sex": said.sex, **ages}
