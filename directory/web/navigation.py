"""The pages to which somebody goes: a few stand on every page, and the rest on the start page.

Each is shown to whom it is of use, and never to who may not open it. To add a page: one entry.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask import g, request, url_for

from directory.rights.principal import Principal
from directory.rights.roles import Role
from directory.rights.service import authorities_for, may
from directory.rights.table import RIGHTS, Action, Whose


class Part(StrEnum):
    """A part of the start page."""

    FINDING = "Homes"
    NOTICES = "Notices of placements"
    HOMES = "Your homes"
    SAYING = "What the directory says"
    LOOKING_AFTER = "Look after"


_EVERYBODY = frozenset(Role)
_AUTHORITIES = _EVERYBODY - {Role.NOBODY, Role.PROVIDER}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page to go to, and the action that it is for. It is of use `to` these roles, and stands
    `on_top` of every page for those.

    Where the action is on one authority's records, the page's address carries `<authority>`.
    """

    text: str
    endpoint: str
    action: Action
    part: Part
    hint: str
    on_top: frozenset[Role] = frozenset()
    to: frozenset[Role] = _EVERYBODY


_PLACING = frozenset({Role.COMMISSIONER, Role.DUTY_OFFICER})
ENTRIES = (
    Entry(
        "Find a home",
        "homes.search_page",
        Action.FIND_HOMES,
        Part.FINDING,
        "Every home in the country that a member has published.",
        _AUTHORITIES,
        _AUTHORITIES,
    ),
    Entry(
        "Saved searches",
        "searches.every",
        Action.SAVE_SEARCHES,
        Part.FINDING,
        "What is new, changed or closed among the homes that they find.",
    ),
    Entry(
        "Match",
        "matching.form",
        Action.MATCH_HOMES,
        Part.FINDING,
        "Hold every home against what one child needs, without naming the child.",
        _PLACING,
        _PLACING,
    ),
    Entry(
        "Shortlists",
        "shortlists.every",
        Action.LIST_SHORTLISTS,
        Part.FINDING,
        "Homes side by side, and the decision with what was known.",
        frozenset({Role.COMMISSIONER}),
    ),
    Entry(
        "Changes of homes",
        "changes.inbox",
        Action.LIST_CHANGES,
        Part.FINDING,
        "What each list of Ofsted’s has changed: closed homes first.",
    ),
    Entry(
        "Notices received",
        "notices_received.inbox",
        Action.LIST_RECEIVED_NOTICES,
        Part.NOTICES,
        "Children whom others have placed in your area.",
        frozenset({Role.DUTY_OFFICER}),
    ),
    Entry(
        "Notices sent",
        "notices_sent.listing",
        Action.LIST_SENT_NOTICES,
        Part.NOTICES,
        "Whether each was delivered and acknowledged, and whom to call.",
        frozenset({Role.COMMISSIONER}),
    ),
    Entry(
        "Send a notice",
        "notices_sent.new",
        Action.SEND_NOTICES,
        Part.NOTICES,
        "Tell an authority that you place a child in its area.",
    ),
    Entry(
        "Our homes",
        "our_homes.page",
        Action.WORK_FOR_PROVIDER,
        Part.HOMES,
        "All of them, wherever they stand, and what became of each claim.",
        frozenset({Role.PROVIDER}),
    ),
    Entry(
        "Vacancies",
        "our_vacancies.page",
        Action.SAY_VACANCIES,
        Part.HOMES,
        "Which homes have a bed. Commissioners see it, and no other provider.",
        frozenset({Role.PROVIDER}),
    ),
    Entry(
        "Due diligence",
        "our_diligence.page",
        Action.GIVE_DILIGENCE,
        Part.HOMES,
        "Insurance, registrations and policies: given once, checked once.",
    ),
    Entry(
        "What authorities want",
        "commissioning.overview",
        Action.FIND_HOMES,
        Part.SAYING,
        "Contacts, frameworks with their closing days, plans, and demand in totals.",
        frozenset({Role.PROVIDER}),
    ),
    Entry(
        "Statements of purpose",
        "statements.listing",
        Action.WRITE_STATEMENTS,
        Part.SAYING,
        "Write them, or fill them in from a file; reviews and the 28-day duty.",
    ),
    Entry(
        "Documents asked for",
        "documents.listing",
        Action.LIST_DOCUMENTS_ASKED,
        Part.FINDING,
        "Full statements of purpose, with the address: asked for with a reason, here for 14 days.",
    ),
    Entry(
        "Who asked for documents",
        "documents_asked.asked",
        Action.KEEP_DOCUMENTS,
        Part.SAYING,
        "The full documents of your area’s homes: who asked, who was given one, who waits.",
    ),
    Entry(
        "Waiting for release",
        "releases.waiting",
        Action.LIST_RELEASES,
        Part.SAYING,
        "New words, which a second person reads before they are published.",
    ),
    Entry(
        "Providers",
        "providers.everyone",
        Action.MANAGE_PROVIDERS,
        Part.LOOKING_AFTER,
        "Invite their staff, and confirm which homes they run.",
        frozenset({Role.AUTHORITY_ADMINISTRATOR}),
    ),
    Entry(
        "Due diligence",
        "diligence_checks.page",
        Action.CHECK_DILIGENCE,
        Part.LOOKING_AFTER,
        "Check what providers gave, once for all authorities; see what others found.",
    ),
    Entry(
        "People",
        "people.everyone",
        Action.MANAGE_PEOPLE,
        Part.LOOKING_AFTER,
        "Accounts and their roles.",
        frozenset({Role.AUTHORITY_ADMINISTRATOR, Role.NODE_ADMINISTRATOR}),
    ),
    Entry(
        "Audit",
        "audit.rows",
        Action.READ_AUDIT,
        Part.LOOKING_AFTER,
        "Who looked at which record, when and why.",
        frozenset({Role.GOVERNANCE_OFFICER}),
    ),
    Entry(
        "Node",
        "status.overview",
        Action.SEE_NODE,
        Part.LOOKING_AFTER,
        "How this node and its peers are.",
        frozenset({Role.NODE_ADMINISTRATOR}),
    ),
)


def entries(who: Principal, served: frozenset[str]) -> Sequence[Entry]:
    """The pages that are of use to somebody, who may open them."""
    return [
        one
        for one in ENTRIES
        if _is_for(who, one.to) and (_authorities(who, one, served) or may(who, one.action))
    ]


def address(who: Principal, entry: Entry, served: frozenset[str]) -> str:
    """Where an entry leads; who works for several authorities first chooses one."""
    theirs = _authorities(who, entry, served)
    if len(theirs) > 1:
        return url_for("choose.authority", page=entry.endpoint)
    return url_for(entry.endpoint, authority=min(theirs, default=None))


def navigation(served: frozenset[str]) -> list[dict[str, object]]:
    """Items for GOV.UK's service navigation, for who makes the current request."""
    start: dict[str, object] = {
        "text": "Start",
        "href": url_for("start.page"),
        "current": request.endpoint == "start.page",
    }
    return [
        start,
        *(
            {
                "text": one.text,
                "href": address(g.who, one, served),
                "active": request.blueprint == one.endpoint.partition(".")[0],
                "current": request.endpoint == one.endpoint,
            }
            for one in entries(g.who, served)
            if _is_for(g.who, one.on_top)
        ),
    ]


def _is_for(who: Principal, roles: frozenset[Role]) -> bool:
    return any(grant.holder in roles for grant in who.grants)


def _authorities(who: Principal, entry: Entry, served: frozenset[str]) -> frozenset[str]:
    if RIGHTS[entry.action].whose is not Whose.AUTHORITY:
        return frozenset()
    return authorities_for(who, entry.action, served)
