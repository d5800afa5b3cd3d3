"""Why each kind of message is sent, and on what lawful basis: said in every message about a child.

UK GDPR Articles 5(1)(b), 6 and 9. The words are those of the nation's table.
"""

from dataclasses import dataclass

from directory.country.authorities.service import Nation
from directory.country.rules.table import rules_in


@dataclass(frozen=True, slots=True)
class Why:
    """A purpose and a lawful basis, each a line."""

    purpose: str
    lawful_basis: str


def why(schema: str, nation: Nation) -> Why:
    """Of messages of a schema, such as "notice/2". Raises LookupError for one not in the table."""
    rules = rules_in(nation)
    known = rules.messages[schema]
    return Why(known.purpose, rules.bases[known.basis])
