"""That a child died, as each authority notes it on its own record of a notice.

A peer refuses an ending for a reason that it does not know, so none says this one: it goes as
"other", with SENTENCE, and whoever reads that notes it there. The day is sealed. That there is one
is not, so what is sent by itself stops without anything being opened.
"""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, Row, select, update

from directory.country.reference.working_days import london_day
from directory.notices.errors import DiedBeforeBirth, DiesAhead, NoSuchNotice
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import Side, now_of, record_of
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

SENTENCE = "The child has died."
_COLUMN = "died_on"


def require_past(died_on: date, born_on: date | None, node: Node) -> None:
    """Raise DiesAhead, or DiedBeforeBirth."""
    if died_on > london_day(node.now()):
        raise DiesAhead("The day on which the child died must be today or in the past")
    if born_on and died_on < born_on:
        raise DiedBeforeBirth("The day on which the child died must not be before the birth")


def keep_death(
    connection: Connection,
    node: Node,
    side: Side,
    row: Row[tuple[object, ...]],
    died_on: date | None,
) -> None:
    """Keep the day beside a notice; None: nobody says so any more. Asks no rights."""
    table = sent_notice if side == "sent" else received_notice
    sealed = None
    if died_on is not None:
        day = died_on.isoformat().encode()
        sealed = Vault(connection, node).seal(table.name, _COLUMN, record_of(side, row), day)
    connection.execute(
        update(table)
        .where(table.c.id == row.id, table.c.placing_authority == row.placing_authority)
        .values(died_on=sealed)
    )


def deaths(
    connection: Connection, node: Node, side: Side, rows: Sequence[Row[tuple[object, ...]]]
) -> dict[str, date]:
    """The days that are noted beside some notices of one authority, by their ids."""
    noted = {record_of(side, row): row for row in rows if row.died_on is not None}
    sealed = {record: row.died_on for record, row in noted.items()}
    opened = Vault(connection, node).open_all(f"{side}_notice", _COLUMN, sealed)
    return {noted[one].id: date.fromisoformat(day.decode()) for one, day in opened.items()}


def note_received(
    connection: Connection, node: Node, who: Principal, area: str, notice: str, on: date | None
) -> None:
    """The area authority notes it on a notice that it received; None: it was noted by mistake.
    Raises NotAllowed, Restricted, NoSuchNotice, DiesAhead, DiedBeforeBirth, a VaultError.
    """
    require(who, Action.ASK_ABOUT_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    mine = (received_notice.c.id == notice) & (received_notice.c.area_authority == area)
    row = connection.execute(select(received_notice).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} to {area} here")
    now = now_of(connection, node, "received", row)
    if on is not None:
        require_past(on, now.says.child.born_on, node)
    keep_death(connection, node, "received", row, on)
    note(
        connection,
        node,
        who,
        Action.ASK_ABOUT_NOTICES,
        authority=area,
        record=f"notice/{notice}",
        detail="what is known of the child: noted" if on else "what is known of the child: undone",
    )


def noted_death(
    connection: Connection, node: Node, side: Side, authority: str, notice: str
) -> date | None:
    """The day that an authority has noted on its notice, for whoever has asked for rights."""
    table, ours = (
        (sent_notice, sent_notice.c.placing_authority)
        if side == "sent"
        else (received_notice, received_notice.c.area_authority)
    )
    rows = connection.execute(select(table).where(table.c.id == notice, ours == authority)).all()
    return deaths(connection, node, side, rows).get(notice)
