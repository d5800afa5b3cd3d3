"""The table of forms that wait until whose they are has signed in again."""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from directory.security.people.models import DIGEST_SIZE, person
from federation import Utc

unsent_form = Table(
    "unsent_form",
    node_metadata,
    Column("person", String(32), ForeignKey(person.c.id), primary_key=True),
    Column("digest", LargeBinary(DIGEST_SIZE), nullable=False, comment="names its handle"),
    Column("sealed", LargeBinary, nullable=False, comment="an Unsent, under a key of its handle"),
    Column("size", Integer, nullable=False, comment="bytes of it"),
    Column("times", Integer, nullable=False, comment="that one was kept in the place of another"),
    Column("ends_at", Utc, nullable=False),
)
