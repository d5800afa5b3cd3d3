"""What somebody can be told of: everything that stands there now, a text for each, by topic.

The texts tell one alert from the next, and are kept sealed; nobody reads them. What their pages
show, and where, the start page says.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b

from sqlalchemy import Connection

from directory.alerts.changed import ACTIONS, changed_homes
from directory.choosing.changes.service import count_changes, newest_change
from directory.choosing.changes.values import ChangeFilter
from directory.choosing.commissioning.following import news, told_of
from directory.choosing.searches.service import saved_searches
from directory.choosing.shortlists.service import shortlists
from directory.choosing.shortlists.watching import changes_on
from directory.country.reference.working_days import london_day
from directory.providers.diligence.items import own_items
from directory.providers.diligence.published import checks_by, soon_or_over, to_renew
from directory.providers.statements.duty import Due, due
from directory.providers.statements.published import dates_of, dates_of_homes
from directory.providers.vacancies.rules import is_stale
from directory.providers.vacancies.saying import own_vacancies
from directory.providers.vouching.running import homes_run
from directory.security.rights.principal import Principal
from directory.security.rights.service import authorities_for, may
from directory.security.rights.table import Action
from federation import Node


class Topic(StrEnum):
    """What an email can tell of."""

    LIVED_IN = "lived-in"
    SHORTLISTS = "shortlists"
    SEARCHES = "searches"
    CHANGES = "changes"
    WANTED = "wanted"
    REMINDERS = "reminders"


@dataclass(frozen=True, slots=True)
class Asked:
    """For whom alerts are looked up, inside one read transaction on each database."""

    connection: Connection
    replica: Connection
    node: Node
    who: Principal

    def areas(self, action: Action) -> list[str]:
        """The authorities for which they may do something."""
        return sorted(authorities_for(self.who, action, self.node.member.area))


def topics_for(who: Principal) -> list[Topic]:
    """Those of which there can be anything to tell somebody."""
    held = {
        action
        for action in Action
        if may(who, action) or any(may(who, action, one.authority) for one in who.grants)
    }
    return [topic for topic, (actions, _) in _TOPICS.items() if actions & held]


def alerts(asked: Asked, topics: Collection[Topic]) -> frozenset[str]:
    """All that stands there to be told of these topics, as far as they may see it."""
    return frozenset(
        f"{topic}/{alert}"
        for topic in topics_for(asked.who)
        if topic in topics
        for alert in _TOPICS[topic][1](asked)
    )


def _lived_in(asked: Asked) -> Iterator[str]:
    for side, action in ACTIONS.items():
        for gss in asked.areas(action):
            for one in changed_homes(asked.connection, asked.node, asked.who, gss, side):
                yield f"{side}/{gss}/{one.urn}/{one.changes[0].id}"


def _shortlists(asked: Asked) -> Iterator[str]:
    for gss in asked.areas(Action.LIST_SHORTLISTS):
        theirs = shortlists(asked.connection, asked.node, asked.who, gss)
        for number, changes in changes_on(asked.connection, asked.node, theirs).items():
            yield f"{number}/{changes[0].id}"


def _searches(asked: Asked) -> Iterator[str]:
    for one in saved_searches(asked.connection, asked.replica, asked.node, asked.who):
        if one.news and one.news.count:
            found = repr((one.news.new, one.news.changed, one.news.closed, one.news.left))
            yield f"{one.id}/{blake2b(found.encode(), digest_size=8).hexdigest()}"


def _changes(asked: Asked) -> Iterator[str]:
    newest = newest_change(asked.connection)
    for gss in asked.areas(Action.LIST_CHANGES):
        every = ChangeFilter()
        unseen = count_changes(asked.connection, asked.node, asked.who, gss, every)
        if any(unseen.values()):
            yield f"{gss}/{newest}"


def _wanted(asked: Asked) -> Iterator[str]:
    for one, _ in news(asked.connection, asked.replica, asked.node, asked.who):
        yield told_of(one)


def _reminders(asked: Asked) -> Iterator[str]:
    connection, replica, node, who = asked.connection, asked.replica, asked.node, asked.who
    today = london_day(node.now())
    for gss in asked.areas(Action.WRITE_STATEMENTS):
        yield from _of_statements(due(connection, node, dates_of(replica, gss)))
    for gss in asked.areas(Action.CHECK_DILIGENCE):
        for one in to_renew(checks_by(replica, who, gss), today):
            until = one.record.valid_until
            yield f"check/{one.record.item}/{until}/{soon_or_over(until, today)}"
    if may(who, Action.SAY_VACANCIES):
        yield from _of_provider(asked)


def _of_provider(asked: Asked) -> Iterator[str]:
    connection, replica, node, who = asked.connection, asked.replica, asked.node, asked.who
    today, days = london_day(node.now()), node.charter.rules.days_of_vacancies
    running = [(one.urn, one.authority) for one in homes_run(connection, node, who)]
    yield from _of_statements(due(connection, node, dates_of_homes(replica, running)))
    for item in own_items(connection, node, who):
        if end := soon_or_over(item.facts.valid_until, today):
            yield f"item/{item.id}/{item.facts.valid_until}/{end}"
        if item.state == "not-in-order":
            yield f"item/{item.id}/{item.decided_at}"
    for one in own_vacancies(connection, replica, node, who):
        if not one.is_asked and one.said and is_stale(one.said, today, days):
            yield f"vacancy/{one.home.urn}/{one.said.said_on}"


def _of_statements(to_do: Collection[Due]) -> Iterator[str]:
    for one in to_do:
        yield f"statement/{one.urn}/{one.what}/{one.by}/{'over' if one.overdue else 'due'}"


_TOPICS: Mapping[Topic, tuple[frozenset[Action], Callable[[Asked], Iterator[str]]]] = {
    Topic.LIVED_IN: (frozenset(ACTIONS.values()), _lived_in),
    Topic.SHORTLISTS: (frozenset({Action.LIST_SHORTLISTS}), _shortlists),
    Topic.SEARCHES: (frozenset({Action.SAVE_SEARCHES}), _searches),
    Topic.CHANGES: (frozenset({Action.LIST_CHANGES}), _changes),
    Topic.WANTED: (frozenset({Action.FOLLOW_AUTHORITIES}), _wanted),
    Topic.REMINDERS: (
        frozenset({Action.WRITE_STATEMENTS, Action.CHECK_DILIGENCE, Action.SAY_VACANCIES}),
        _reminders,
    ),
}
