"""Keeping what came by email, letter or telephone, or stood in a list, as a notice received.

It lies where a notice from a node lies and counts in the register as one does. Whoever enters it
has it before them and knows whom to call, so it waits for no acknowledgement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from secrets import token_hex

from sqlalchemy import Connection, insert, select

from directory.country.reference.working_days import LONDON
from directory.hosting.homes.pairing import pair
from directory.hosting.inbox.listing import person_id
from directory.hosting.inbox.values import CameBy
from directory.hosting.partners.fanning_out import fan_out
from directory.hosting.register.listing import opened
from directory.hosting.register.values import Resident
from directory.notices.entered import Entered, encode_entered
from directory.notices.models import received_notice
from directory.notices.records import received_record
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import require_child_open, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Came:
    """A notice as it is entered: who sent it (GSS code), how and on which day, what it says, and on
    which day the placement ended, if it has.
    """

    placing_authority: str
    by: CameBy
    on: date
    says: Entered
    ended_on: date | None = None


def enter_notices(
    connection: Connection, node: Node, who: Principal, area: str, came: Sequence[Came]
) -> list[str]:
    """Keep some notices to an authority, and match them with what homes have told; gives their ids,
    in their order. Each is in the audit.

    Raises NotAllowed, or Malformed for what a notice could not say either.
    """
    require(who, Action.ENTER_NOTICES, area)
    ids = [token_hex(16) for _ in came]
    records = {
        received_record(one.placing_authority, number): one
        for number, one in zip(ids, came, strict=True)
    }
    bodies: Mapping[str, bytes] = {
        record: encode_entered(one.says) for record, one in records.items()
    }
    sealed = Vault(connection, node).seal_all("received_notice", "body", bodies)
    now = node.now()
    rows = [
        {
            "id": number,
            "placing_authority": one.placing_authority,
            "area_authority": area,
            "body": sealed[record],
            "received_at": _moment(one.on, now),
            "acknowledged_at": now,
            "acknowledged_by": who.name[:200],
            "came_by": one.by,
            "urn": one.says.placement.urn,
            "starts_on": one.says.placement.starts_on,
            "ended_on": one.ended_on,
            "setting": one.says.placement.setting,
            "taken_by": person_id(who) if one.by != "list" else None,
        }
        for number, (record, one) in zip(ids, records.items(), strict=True)
    ]
    if rows:
        connection.execute(insert(received_notice), rows)
    for number, one in zip(ids, came, strict=True):
        note(
            connection,
            node,
            who,
            Action.ENTER_NOTICES,
            authority=area,
            record=f"notice/{number}",
            detail=f"from {one.placing_authority}, by {one.by}",
        )
        if one.by != "list" and one.ended_on is None:  # of those in a list, partners know
            fan_out(connection, node, area=area, placing=one.placing_authority, notice=number)
    pair(connection, node, area, {one.placing_authority for one in came})
    return ids


def read_entered(
    connection: Connection, node: Node, who: Principal, area: str, notice: str, reason: str
) -> Resident | None:
    """All that is known of a notice that was entered here; the look is in the audit. None where
    there is none, or no more. Raises NotAllowed, ReasonWanted, Restricted.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    require_open(connection, who, area, f"notice/{notice}")
    keys = connection.execute(
        select(received_notice.c.placing_authority, received_notice.c.id).where(
            received_notice.c.area_authority == area,
            received_notice.c.id == notice,
            received_notice.c.came_by != "node",
        )
    )
    found = opened(connection, node, [(row.placing_authority, row.id) for row in keys])
    for one in found:
        child = marks_of(one.placing_authority, one.says.child)
        require_child_open(connection, node, who, area, f"notice/{notice}", child)
    note(
        connection,
        node,
        who,
        Action.READ_RECEIVED_NOTICES,
        authority=area,
        record=f"notice/{notice}",
        reason=reason,
    )
    return found[0] if found else None


def _moment(on: date, now: datetime) -> datetime:
    """When something came of which the day is known: at noon, and never later than now."""
    return min(datetime.combine(on, _NOON, LONDON).astimezone(UTC), now)
