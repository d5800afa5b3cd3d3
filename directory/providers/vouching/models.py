"""Which homes providers run, in `node.db`: as their staff see it, and as authorities decide it.

The two are apart, since the authority that vouches for a provider's staff and the one where a home
stands may be on two nodes. Why something was refused is sealed; the vault opens it.
"""

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

LONGEST_PROVIDER = 200

provider_home = Table(
    "provider_home",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="of the claim, drawn at random"),
    Column("through", String(9), nullable=False, comment="who vouches for the staff, GSS code"),
    Column("provider", String(LONGEST_PROVIDER), nullable=False),
    Column("urn", String(20), nullable=False),
    Column("authority", String(9), nullable=False, comment="where the home stands, GSS code"),
    Column("state", String(10), nullable=False, comment="asked, confirmed, refused or ended"),
    Column("asked_by", String(200), nullable=False, comment="a name"),
    Column("asked_at", Utc, nullable=False),
    Column("answered_at", Utc),
    Column("reason", LargeBinary, comment="why it was refused or ended, sealed"),
    UniqueConstraint("through", "provider", "urn", name="provider_home_once"),
)

home_claim = Table(
    "home_claim",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("through", String(9), nullable=False, comment="who vouches for the staff, GSS code"),
    Column("id", String(32), nullable=False, comment="as they drew it"),
    Column("authority", String(9), nullable=False, index=True, comment="where the home stands"),
    Column("provider", String(LONGEST_PROVIDER), nullable=False),
    Column("urn", String(20), nullable=False, index=True),
    Column("state", String(10), nullable=False, comment="asked, confirmed, refused or ended"),
    Column("asked_by", String(200), nullable=False, comment="a name"),
    Column("asked_at", Utc, nullable=False),
    Column("decided_by", String(200), comment="a name"),
    Column("decided_at", Utc),
    UniqueConstraint("through", "id", name="home_claim_once"),
)
