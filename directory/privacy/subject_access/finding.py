"""Finding what is held about a child, by name and birthday: a person then says which are theirs.

Names are compared without accents, case and punctuation. Two of given name, family name and
birthday have to agree, so that a record with one of them misspelt is found as well.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from directory.privacy.restricting.children import Marks, marks_by_name, marks_of
from directory.privacy.restricting.closing import Ask, closed_children, closed_to
from directory.privacy.retention.records import CaseRecord, Kind, Named, case_records
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom somebody asks about."""

    given_name: str
    family_name: str
    born_on: date


@dataclass(frozen=True, slots=True)
class Found:
    """A record that may be about the child, and what agrees: given name, family name, birthday."""

    record: CaseRecord
    agrees: tuple[str, ...]


def find(
    connection: Connection, node: Node, who: Principal, authority: str, sought: Sought, reason: str
) -> list[Found]:
    """The records of an authority in which at least two of the three agree, the surest first,
    without those that are closed to who asks: whoever is named in those looks for them.

    The look is in the audit, without the name. Needs `writing`. Raises NotAllowed, ReasonWanted, a
    VaultError.
    """
    require(who, Action.EXPORT_SUBJECT, authority, reason)
    closed = closed_records(connection, node, who, authority)
    compared = [
        Found(one, _agreeing(one.child, sought))
        for one in case_records(connection, node, authority)
        if closed(one) is None
    ]
    found = [one for one in compared if len(one.agrees) > 1]
    note(
        connection,
        node,
        who,
        Action.EXPORT_SUBJECT,
        authority=authority,
        record="subject access",
        reason=reason,
        detail=f"looked for one child: {len(found)} records",
    )
    return sorted(found, key=lambda one: -len(one.agrees))


def closed_records(
    connection: Connection, node: Node, who: Principal, authority: str
) -> Callable[[CaseRecord], Ask | None]:
    """Says whom to ask where a record of an authority is closed to them, or one of the same child;
    None where it is open. Raises a VaultError.
    """
    records = closed_to(connection, who, authority)
    children = closed_children(connection, node, who, authority)

    def ask(one: CaseRecord) -> Ask | None:
        known = records.get(one.record)
        return children.ask(_marks(one, authority)) if known is None else known

    return ask


def _marks(one: CaseRecord, authority: str) -> Marks:
    child = one.child
    if (
        one.kind is Kind.TOLD
    ):  # the sender is the authority of the area, and the identifier another's
        return marks_by_name(child.given_name, child.family_name, child.born_on)
    ours = one.kind in (Kind.SENT, Kind.CHILD)
    return marks_of(authority if ours else one.other or "", child)


def _agreeing(known: Named, sought: Sought) -> tuple[str, ...]:
    return tuple(
        name
        for name, same in (
            ("given name", _plain(known.given_name) == _plain(sought.given_name)),
            ("family name", _plain(known.family_name) == _plain(sought.family_name)),
            ("birthday", known.born_on == sought.born_on),
        )
        if same
    )


def _plain(name: str | None) -> str | None:
    """A name without accents, case and what stands between its letters; None where it is none."""
    parted = unicodedata.normalize("NFKD", name or "").casefold()
    return re.sub(r"[\W_]", "", "".join(c for c in parted if not unicodedata.combining(c))) or None
