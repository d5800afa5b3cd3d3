"""The first schema."""

import sqlalchemy as sa
from alembic import op

import federation

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "entry",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column(
            "raw", sa.LargeBinary(), nullable=False, comment="exact bytes, hashed into the tree"
        ),
        sa.Column("blob", sa.LargeBinary(), nullable=True, comment="salt and record, exact bytes"),
        sa.Column("payload", sa.Integer(), nullable=False, comment="Payload"),
        sa.UniqueConstraint("log", "idx", name="entry_log_idx"),
    )
    wanting = sa.text("payload = 1")
    op.create_index(
        "entry_wanting", "entry", ["log", "idx"], sqlite_where=wanting, postgresql_where=wanting
    )
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="entries held, all verified"),
        sa.Column("frontier", sa.LargeBinary(), nullable=False, comment="compact range over them"),
        sa.Column(
            "checkpoint", sa.LargeBinary(), nullable=True, comment="latest signed note, as it came"
        ),
        sa.Column("verified_at", federation.database.Utc(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True, comment="why following does not get on"),
        sa.Column("trouble_since", federation.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("node"),
        sa.UniqueConstraint("origin"),
    )
    op.create_table(
        "subtree",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="root over 256**level entries"),
        sa.PrimaryKeyConstraint("log", "level", "idx"),
    )
    op.create_table(
        "home",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "log", sa.Integer(), nullable=False, comment="federation's number of the author's log"
        ),
        sa.Column("entry", sa.Integer(), nullable=False, comment="index in that log"),
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column("authority", sa.String(length=9), nullable=False, comment="GSS code"),
        sa.Column("authority_name", sa.String(length=80), nullable=False),
        sa.Column("region", sa.String(length=40), nullable=False),
        sa.Column("provision", sa.String(length=80), nullable=False),
        sa.Column(
            "overall", sa.String(length=40), nullable=True, comment="null: not yet inspected"
        ),
        sa.Column("places", sa.Integer(), nullable=True, comment="null: unknown"),
        sa.Column("described", sa.Boolean(), nullable=False),
        sa.Column(
            "published_at",
            sa.String(length=20),
            nullable=False,
            comment="UTC, as the entry says it",
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("log", "entry", name="home_log_entry"),
    )
    op.create_index("home_authority", "home", ["authority"], unique=False)
    op.create_index("home_urn", "home", ["urn"], unique=False)
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("entry", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("log", "entry", name="provider_log_entry"),
    )
    op.create_index("provider_name", "provider", ["name"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entry", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=400), nullable=False),
        sa.PrimaryKeyConstraint("log", "entry"),
    )
    op.create_table(
        "home_words",
        sa.Column("id", sa.Integer(), nullable=False, comment="of the home"),
        sa.Column(
            "heading", sa.Text(), nullable=False, comment="names: of home, provider and authority"
        ),
        sa.Column(
            "words", sa.Text(), nullable=False, comment="everything else that is searched by words"
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    if op.get_bind().dialect.name == "postgresql":
        _index_words()
        return
    op.execute(
        "CREATE VIRTUAL TABLE home_text USING fts5"
        "(heading, words, content='home_words', content_rowid='id',"
        " tokenize='porter unicode61 remove_diacritics 2')"
    )


def _index_words() -> None:
    """The index on PostgreSQL: words by their stem, with no word left out, as FTS5's porter does.

    A bar that no search asks for stands between heading and words: no phrase reaches across.
    """
    for statement in (
        "CREATE TEXT SEARCH DICTIONARY stem (TEMPLATE = pg_catalog.snowball, Language = english)",
        "CREATE TEXT SEARCH CONFIGURATION plain (COPY = pg_catalog.simple)",
        "ALTER TEXT SEARCH CONFIGURATION plain"
        " ALTER MAPPING FOR asciiword, word, numword WITH stem",
        "ALTER TABLE home_words ADD COLUMN text tsvector NOT NULL GENERATED ALWAYS AS ("
        "setweight(to_tsvector('plain', heading), 'A')"
        " || $bar$'|'\\:1$bar$::tsvector"
        " || setweight(to_tsvector('plain', words), 'D')) STORED",
        "CREATE INDEX home_words_text ON home_words USING gin (text)",
    ):
        op.execute(statement)
