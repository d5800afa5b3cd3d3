"""Epochs by the calendar: a new key now and then, and the old one destroyed when backups may go.

Every data key that lives is wrapped anew when an epoch begins. What was destroyed before is wrapped
in older copies of the database alone, under the older key; when that key is destroyed, no copy
opens it, whoever has it, and no backup of that epoch can be restored.
"""

from datetime import timedelta

from sqlalchemy import Connection

from directory.security.vault.epochs import begin_epoch, current_epoch, list_epochs, remove_epoch
from directory.security.vault.errors import EpochInUse
from federation import Node

LASTS = timedelta(days=30)


def turn_epochs(
    connection: Connection, node: Node, backup_days: int, *, keep: bool
) -> tuple[int | None, list[int]]:
    """Begin an epoch if the present one is 30 days old, and destroy the keys of those that ended
    more than `backup_days` ago, unless they are to be kept; gives the number of the one that began,
    and of those whose keys are gone. In the caller's `writing` transaction.
    """
    now, current = node.now(), current_epoch(connection)
    known = {one.number: one for one in list_epochs(connection, node)}
    ended: list[int] = []
    for number, one in sorted(known.items()):
        after = next(
            (began for n in sorted(known) if n > number and (began := known[n].began_at)), None
        )
        if keep or not one.file or after is None or now - after < timedelta(days=backup_days):
            continue
        try:
            remove_epoch(connection, node, number)
        except EpochInUse:
            continue  # until the next epoch wraps what needs it
        ended.append(number)
    began = known[current].began_at if current in known else None
    if began is None or now - began < LASTS:
        return None, ended
    return begin_epoch(connection, node), ended
