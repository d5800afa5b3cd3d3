"""Who else is told of a child's placements: added, changed and taken out by hand.

They are the child's, so what is said here holds for every placement of the child. Whoever asks is
held to the table of rights first, and each change is in the audit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace
from sqlalchemy import Connection, select, update

from directory.country.rules.table import rules_for
from directory.placing.register.models import placement
from directory.placing.register.service import change_child
from directory.placing.register.values import Recipient, Whole
from directory.placing.telling.errors import NoSuchRecipient
from directory.placing.telling.models import telling
from directory.placing.telling.planning import AREA
from directory.security.rights.principal import Principal
from federation import Node


@dataclass(frozen=True, slots=True)
class Held:
    """A recipient, the `number` among those of the kind, and what the rules call the kind."""

    kind: str
    number: int
    called: str
    who: Recipient


def kinds(authority: str) -> dict[str, str]:
    """Whom somebody can be, by code, as the nation's rules have them; the area authority is known
    by the placement.
    """
    rules = rules_for(authority).recipients
    return {rule.code: rule.name for rule in rules if rule.code != AREA}


def held_recipients(whole: Whole) -> list[Held]:
    """Those of a child who are told, in the order of the rules."""
    known = kinds(whole.kept.authority)
    return [
        Held(kind, number, called, one)
        for kind, called in known.items()
        for number, one in enumerate(_of_kind(whole.child.recipients, kind))
        if not one.gone
    ]


def one_recipient(whole: Whole, kind: str, number: int) -> Recipient:
    """Raises NoSuchRecipient."""
    those = _of_kind(whole.child.recipients, kind)
    if not 0 <= number < len(those) or those[number].gone:
        raise NoSuchRecipient("Somebody has taken them out meanwhile. Look at who stands there now")
    return those[number]


def add_recipient(
    connection: Connection, node: Node, who: Principal, whole: Whole, new: Recipient
) -> None:
    """Have somebody else told. Raises NotAllowed."""
    _keep(connection, node, who, whole, (*whole.child.recipients, new))


def change_recipient(
    connection: Connection, node: Node, who: Principal, whole: Whole, number: int, now: Recipient
) -> None:
    """Say who somebody of this kind is now. Raises NotAllowed, NoSuchRecipient."""
    before = one_recipient(whole, now.kind, number)
    _keep(connection, node, who, whole, _with(whole.child.recipients, before, now))


def remove_recipient(
    connection: Connection, node: Node, who: Principal, whole: Whole, kind: str, number: int
) -> None:
    """Have somebody told no more; what was noted of them stays. Raises NotAllowed,
    NoSuchRecipient.
    """
    before = one_recipient(whole, kind, number)
    after = _with(whole.child.recipients, before, replace(before, gone=True))
    _keep(connection, node, who, whole, after)
    of_child = select(placement.c.id).where(placement.c.child == whole.kept.child)
    connection.execute(
        update(telling)
        .where(
            telling.c.placement.in_(of_child),
            telling.c.kind == kind,
            telling.c.number == number,
            telling.c.state.in_(("open", "asked")),
        )
        .values(state="not needed", noted_by=who.name[:200], changed_at=node.now())
    )


def _keep(
    connection: Connection,
    node: Node,
    who: Principal,
    whole: Whole,
    recipients: Sequence[Recipient],
) -> None:
    kept, facts = whole.kept, replace(whole.child, recipients=tuple(recipients))
    change_child(connection, node, who, kept.authority, kept.child, facts)


def _of_kind(recipients: Sequence[Recipient], kind: str) -> list[Recipient]:
    return [one for one in recipients if one.kind == kind]


def _with(
    recipients: Sequence[Recipient], before: Recipient, after: Recipient
) -> tuple[Recipient, ...]:
    """The first that is this very one is changed; the others keep their places."""
    at = next(at for at, one in enumerate(recipients) if one is before)
    return (*recipients[:at], after, *recipients[at + 1 :])
