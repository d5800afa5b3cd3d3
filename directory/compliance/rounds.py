"""The worker tells and publishes how notices were kept to, once a quarter is over.

Not before a notice of an emergency on its last day is due (the charter may shorten that): until
then nobody is late. What is counted otherwise later is told again; what is published stays.
"""

from datetime import datetime, timedelta

import structlog

from directory.compliance.quarters import complete, last_day
from directory.compliance.service import is_to_publish, publish_figures, tell_others
from directory.country.reference.working_days import london_day
from directory.country.rules.deadlines import due
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from directory.settings import read_settings
from federation import Node, writing

_EVERY = timedelta(hours=12)
log = structlog.get_logger()


class TellOfQuarters:
    """The round, twice a day. HEARTH_COMPLIANCE turns it off."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def __call__(self, node: Node) -> None:
        """Tell the authorities concerned, and publish, what is new."""
        now = node.now()
        if self._last and now - self._last < _EVERY:
            return
        self._last = now
        if read_settings().compliance == "by-hand":
            return
        today = london_day(now)
        (quarter,) = complete(today, 1)
        itself = Principal(f"node:{node.name}", node.name, frozenset({Grant(Role.OPERATOR)}))
        ready = [one for one in sorted(node.member.area) if _is_settled(node, one, quarter)]
        for authority in ready:
            with writing(node.node_db) as connection:
                told = tell_others(connection, node, itself, authority, quarter, changed_alone=True)
            if told:
                log.info("counts of notices were told", authority=authority, told=told)
        if ready == sorted(node.member.area) and is_to_publish(node):
            with writing(node.node_db) as connection:
                publish_figures(connection, node, itself)
            log.info("figures of notices were published", quarter=quarter)


def _is_settled(node: Node, authority: str, quarter: str) -> bool:
    """Whether no notice about a placement of the quarter can still come in time."""
    last = due("placement", authority, last_day(quarter), node.charter.rules, late=True)
    return last.is_late(london_day(node.now()))
