"""What stands in the navigation of every page: only what the one who looks may do.

To add a page: one line in ENTRIES.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import g, request, url_for

from directory.rights.principal import Principal
from directory.rights.service import authorities_for, may
from directory.rights.table import RIGHTS, Action, Whose


@dataclass(frozen=True, slots=True)
class Entry:
    """A page to go to, and the action that it is for.

    Where that is on one authority's records, the page's address carries `<authority>`.
    """

    text: str
    endpoint: str
    action: Action


ENTRIES = (
    Entry("Children’s homes", "homes.search_page", Action.FIND_HOMES),
    Entry("Match", "matching.form", Action.FIND_HOMES),
    Entry("Shortlists", "shortlists.every", Action.LIST_SHORTLISTS),
    Entry("Changes", "changes.inbox", Action.LIST_CHANGES),
    Entry("Our homes", "our_homes.page", Action.WORK_FOR_PROVIDER),
    Entry("Vacancies", "our_vacancies.page", Action.SAY_VACANCIES),
    Entry("What authorities want", "commissioning.overview", Action.FIND_HOMES),
    Entry("Notices received", "notices_received.inbox", Action.LIST_RECEIVED_NOTICES),
    Entry("Notices sent", "notices_sent.listing", Action.LIST_SENT_NOTICES),
    Entry("Waiting for release", "releases.waiting", Action.LIST_RELEASES),
    Entry("Providers", "providers.everyone", Action.MANAGE_PROVIDERS),
    Entry("Statements of purpose", "statements.listing", Action.WRITE_STATEMENTS),
    Entry("Audit", "audit.rows", Action.READ_AUDIT),
    Entry("People", "people.everyone", Action.MANAGE_PEOPLE),
    Entry("Node", "status.overview", Action.SEE_NODE),
    Entry("Your account", "account.overview", Action.MANAGE_OWN_ACCOUNT),
)


def entries(who: Principal, served: frozenset[str]) -> Sequence[Entry]:
    """The entries that somebody sees."""
    return [one for one in ENTRIES if _authorities(who, one, served) or may(who, one.action)]


def navigation(served: frozenset[str]) -> list[dict[str, object]]:
    """Items for GOV.UK's service navigation, for who makes the current request."""
    return [
        {
            "text": one.text,
            "href": _address(g.who, one, served),
            "active": request.blueprint == one.endpoint.partition(".")[0],
            "current": request.endpoint == one.endpoint,
        }
        for one in entries(g.who, served)
    ]


def _authorities(who: Principal, entry: Entry, served: frozenset[str]) -> frozenset[str]:
    if RIGHTS[entry.action].whose is not Whose.AUTHORITY:
        return frozenset()
    return authorities_for(who, entry.action, served)


def _address(who: Principal, entry: Entry, served: frozenset[str]) -> str:
    theirs = _authorities(who, entry, served)
    if len(theirs) > 1:
        return url_for("choose.authority", page=entry.endpoint)
    return url_for(entry.endpoint, authority=min(theirs, default=None))
