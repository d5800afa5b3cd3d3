"""The erasures that 0.1.0 obeyed, and had no word to confirm, are confirmed to their authors."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from federation import Utc
from protocols.entries import decode_entry
from protocols.errors import Malformed

revision = "0005"
down_revision = "0004"

_START = b'{"v":1,"op":"erase",'

_log = sa.table("log", sa.column("id", sa.Integer), sa.column("verified_at", Utc))
_entry = sa.table(
    "entry",
    sa.column("log", sa.Integer),
    sa.column("idx", sa.Integer),
    sa.column("raw", sa.LargeBinary),
)
_erasure = sa.table(
    "erasure",
    sa.column("log", sa.Integer),
    sa.column("idx", sa.Integer),
    sa.column("obeyed_at", Utc),
    sa.column("attempts", sa.Integer),
    sa.column("next_attempt", Utc),
)


def upgrade() -> None:
    connection = op.get_bind()
    start = sa.func.substr(_entry.c.raw, 1, len(_START), type_=sa.LargeBinary)
    noted = sa.exists().where(_erasure.c.log == _entry.c.log, _erasure.c.idx == _entry.c.idx)
    found = connection.execute(
        sa.select(_entry, _log.c.verified_at)
        .join(_log, _log.c.id == _entry.c.log)
        .where(start == _START, ~noted)
    ).all()
    now = datetime.now(UTC)
    rows = [
        {"log": log, "idx": index, "attempts": 0}
        | dict.fromkeys(("obeyed_at", "next_attempt"), verified_at or now)
        for log, index, raw, verified_at in found
        if _is_entry(raw, index)
    ]
    if rows:
        connection.execute(_erasure.insert(), rows)


def _is_entry(raw: bytes, index: int) -> bool:
    try:
        decode_entry(raw, index)
    except Malformed:
        return False
    return True
