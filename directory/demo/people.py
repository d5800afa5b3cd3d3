"""Made-up people for the demonstration, who can sign in without a phone.

Every demonstration draws one password and a few recovery codes, which all its people share. They
are printed once and stand nowhere else.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert, update

from directory.demo.consortium import Site
from directory.security.people import accounts
from directory.security.people.factor_store import IN_USE, keep_factors
from directory.security.people.grants import Held
from directory.security.people.models import person, recovery_code
from directory.security.people.passwords import rehash
from directory.security.people.second_factor import digest_of, new_recovery_code, new_secret
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from federation import Node, writing

CODES = 5
_PEOPLE = (
    ("commissioner", Role.COMMISSIONER),
    ("duty", Role.DUTY_OFFICER),
    ("governance", Role.GOVERNANCE_OFFICER),
    ("administrator", Role.AUTHORITY_ADMINISTRATOR),
    ("provider", Role.PROVIDER),
    ("node", Role.NODE_ADMINISTRATOR),
)
LOOK_AT = {
    Role.COMMISSIONER: "Start: what waits. Shortlists: a judgement has fallen. Find a home: "
    '"autism", with a vacancy. Match: say what a child needs, and see why each home fits.',
    Role.DUTY_OFFICER: "Notices received: one waits for you. Open it for a reason; acknowledge it.",
    Role.GOVERNANCE_OFFICER: "Audit: who looked at what, and why; have its chain checked.",
    Role.AUTHORITY_ADMINISTRATOR: "People and Providers: invite somebody, see who runs which home.",
    Role.PROVIDER: "Our homes, in three areas: what was handed in, and where it is. Vacancies: all "
    "on one page. Due diligence: given once. What authorities want.",
    Role.NODE_ADMINISTRATOR: "Node: its peers, what each holds of the others, and what is behind.",
}
"""What a newcomer who signs in as each of them may look at first."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What signs in every person of a demonstration: a password, and codes to use once each."""

    password: str
    codes: Sequence[str]


def draw_pass() -> Pass:
    """A password and codes of this demonstration's own."""
    return Pass(secrets.token_urlsafe(12), [new_recovery_code() for _ in range(CODES)])


def people_of(site: Site) -> list[tuple[Role, str]]:
    """The roles of a node's people, and the email addresses with which they sign in."""
    return [(role, f"{called}@{site.name}.example") for called, role in _PEOPLE]


def add_people(node: Node, site: Site, pass_: Pass, provider: str) -> dict[Role, Principal]:
    """Make a person for each important role of a node's first authority; one works for a provider.
    Gives them by their roles.
    """
    who, hashed = operator("demo"), rehash(pass_.password)
    made = {}
    for role, email in people_of(site):
        authority = None if role is Role.NODE_ADMINISTRATOR else site.authorities[0].gss
        held = Held(role, authority, provider if role is Role.PROVIDER else None)
        name = f"{email.partition('@')[0].capitalize()} of {site.name.capitalize()}"
        with writing(node.node_db) as connection:
            account, _ = accounts.invite(connection, node, who, email, name, held)
            connection.execute(
                update(person).where(person.c.id == account.id).values(password_hash=hashed)
            )
            keep_factors(connection, node, account.id, {IN_USE: new_secret()})
            rows = [
                {"person": account.id, "digest": digest_of(account.id, one)} for one in pass_.codes
            ]
            connection.execute(insert(recovery_code), rows)
        grants = frozenset({Grant(role, authority)})
        made[role] = Principal(f"person:{account.id}", name, grants)
    return made
