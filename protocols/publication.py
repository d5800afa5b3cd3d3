"""How far what a field says may go: every field of every schema is of one of five classes.

The classes stand in order. What is of one class may be shown to whom it is for, and on every
surface that may show a later class; never on one that may show only earlier ones.
"""

from enum import StrEnum


class Publication(StrEnum):
    """Whom a field is for."""

    PUBLIC = "public"
    """Anyone: names and codes of authorities, heads and hashes of logs."""
    MEMBERS = "members"
    """Members of the charter: what is published of homes and providers."""
    AUTHORITY = "authority"
    """One authority's own business, with no child in it: who wrote to whom and when, staff."""
    CONFIDENTIAL = "confidential"
    """People of one authority with a reason: where a home is, why somebody looked at a record."""
    CHILD = "child"
    """Those with a legal need to know: everything that is said of a child."""

    def within(self, ceiling: "Publication") -> bool:
        """Whether a surface that may show a class may show this one."""
        order = list(Publication)
        return order.index(self) <= order.index(ceiling)
