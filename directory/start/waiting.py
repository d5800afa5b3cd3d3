"""What waits for somebody: counts, never what they are of, of pages that are open to them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from flask import url_for
from sqlalchemy import Connection

from directory.alerts.changed import ACTIONS, changed_homes
from directory.choosing.changes.service import count_changes
from directory.choosing.changes.values import ChangeFilter
from directory.choosing.commissioning.following import news
from directory.choosing.searches.service import saved_searches
from directory.choosing.shortlists.watching import count_changed
from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.hosting.census.asking import asked_of
from directory.hosting.homes.answering import asked_of_home, count_asked_here
from directory.hosting.homes.listing import count_to_settle
from directory.hosting.inbox.listing import count_views
from directory.hosting.inbox.values import InboxFilter
from directory.hosting.partners.telling import count_not_delivered
from directory.notices.reminding.late import count_late_received, count_late_sent
from directory.placing.approvals.answering import count_unanswered
from directory.placing.approvals.service import outcomes
from directory.placing.register.due import to_do
from directory.placing.register.service import placements
from directory.placing.telling.rows import told_otherwise
from directory.placing.telling.unopened import count_unopened
from directory.privacy.emergencies.reviewing import count_to_review
from directory.providers.accepting.deciding import waiting_for
from directory.providers.diligence.items import Item, count_to_check, own_items
from directory.providers.diligence.published import checks_by, soon_or_over, to_renew
from directory.providers.documents.answering import count_waiting
from directory.providers.handins.own import hand_ins_of
from directory.providers.statements.duty import Due, due
from directory.providers.statements.published import dates_of, dates_of_homes
from directory.providers.vacancies.rules import is_stale
from directory.providers.vacancies.saying import own_vacancies
from directory.providers.vouching.claims import count_asked
from directory.providers.vouching.running import homes_run
from directory.records.release.held import count_held
from directory.security.rights.principal import Principal
from directory.security.rights.service import may
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class Task:
    """Something that waits: the page on which it is done, and how much of it there is."""

    text: str
    address: str
    count: str
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class Desk:
    """What waits at an authority, or for a provider's staff where it has no name."""

    name: str
    tasks: Sequence[Task]


def waiting(connection: Connection, replica: Connection, node: Node, who: Principal) -> list[Desk]:
    """What waits for somebody, by the names of the authorities. In `node.db` and `replica.db`."""
    desks = [
        Desk(authority_name(gss), list(_of_authority(connection, replica, node, who, gss)))
        for gss in node.member.area
    ]
    own = Desk(
        "",
        [
            *_of_provider(connection, replica, node, who),
            *_of_searches(connection, replica, node, who),
            *_of_followed(connection, replica, node, who),
        ],
    )
    return sorted((one for one in (*desks, own) if one.tasks), key=lambda desk: desk.name)


def _of_authority(
    connection: Connection, replica: Connection, node: Node, who: Principal, gss: str
) -> Iterator[Task]:
    yield from _of_notices(connection, node, who, gss)
    if may(who, Action.LIST_PLACEMENTS, gss):
        yield from _of_placements(connection, node, who, gss)
    yield from _of_changes(connection, node, who, gss)
    if may(who, Action.LIST_RELEASES, gss):
        there = url_for("releases.waiting", authority=gss)
        to_read, returned = count_held(connection, who, gss)
        if to_read:
            yield Task("Waiting for release", there, f"{to_read:,} to read")
        if returned:
            yield Task("Returned to you", there, f"{returned:,} to write anew")
    if may(who, Action.MANAGE_PROVIDERS, gss) and (claims := count_asked(connection, who, gss)):
        there = url_for("providers.everyone", authority=gss)
        yield Task("Providers and their homes", there, f"{claims:,} to confirm")
    if may(who, Action.KEEP_DOCUMENTS, gss):
        yield from _of_documents(connection, who, gss)
    if may(who, Action.CHECK_DILIGENCE, gss):
        yield from _to_check(connection, replica, node, who, gss)
    if may(who, Action.WRITE_STATEMENTS, gss):
        there = url_for("statements.listing", authority=gss)
        yield from _due(
            "Statements of purpose", there, due(connection, node, dates_of(replica, gss))
        )


def _of_changes(connection: Connection, node: Node, who: Principal, gss: str) -> Iterator[Task]:
    if may(who, Action.LIST_CHANGES, gss):
        unseen = sum(count_changes(connection, node, who, gss, ChangeFilter()).values())
        if unseen:
            there = url_for("changes.inbox", authority=gss)
            yield Task("Changes of homes", there, f"{unseen:,} not yet seen")
    for side, action in ACTIONS.items():
        if may(who, action, gss) and (homes := changed_homes(connection, node, who, gss, side)):
            there = url_for(f"lived_in.{side}", authority=gss)
            text = "Changed homes where our children live"
            text = text if side == "placing" else "Changed homes where children live in our area"
            yield Task(text, there, f"{len(homes):,} not yet seen", is_late=True)
    if may(who, Action.LIST_SHORTLISTS, gss) and (
        changed := count_changed(connection, node, who, gss)
    ):
        there = url_for("shortlists.every", authority=gss)
        yield Task("Shortlists", there, f"{changed:,} with homes that changed", is_late=True)


def _of_documents(connection: Connection, who: Principal, gss: str) -> Iterator[Task]:
    if asked := count_waiting(connection, who, gss):
        there = url_for("documents_asked.asked", authority=gss)
        yield Task("Who asked for documents", there, f"{asked:,} to decide")
    if came := waiting_for(connection, who, gss):
        there = url_for("handed_in.waiting", authority=gss)
        yield Task("Handed in by providers", there, f"{len(came):,} to read")


def _of_notices(connection: Connection, node: Node, who: Principal, gss: str) -> Iterator[Task]:
    if may(who, Action.REVIEW_EMERGENCIES, gss):
        yield from _of_emergencies(connection, node, who, gss)
    if may(who, Action.LIST_RECEIVED_NOTICES, gss):
        yield from _of_area(connection, node, who, gss)
    if may(who, Action.LIST_SENT_NOTICES, gss):
        yield from _of_askings(connection, who, gss)
        if late := count_late_sent(connection, node, who, gss):
            there = url_for("notices_sent.listing", authority=gss)
            yield Task("Notices sent", there, f"{late:,} not acknowledged in time", is_late=True)


def _of_area(connection: Connection, node: Node, who: Principal, gss: str) -> Iterator[Task]:
    if open_ := count_views(connection, node, who, gss, InboxFilter())["open"]:
        there = url_for("inbox.page", authority=gss)
        late = count_late_received(connection, node, who, gss)
        count = f"{open_:,} not yet acknowledged" + (f", {late:,} overdue" if late else "")
        yield Task("Notices received", there, count, late > 0)
    if asked := count_unanswered(connection, who, gss):
        there = url_for("consulted.listing", authority=gss)
        yield Task("Consultations", there, f"{asked:,} to answer")
    if untold := count_not_delivered(connection, who, gss):
        there = url_for("partners_told.not_reached", authority=gss)
        yield Task("Partners not reached", there, f"{untold:,} to tell", is_late=True)
    if homes := count_to_settle(connection, who, gss):
        there = url_for("home_notices.listing", authority=gss)
        yield Task("What homes say", there, f"{homes:,} without a notice")


def _of_askings(connection: Connection, who: Principal, gss: str) -> Iterator[Task]:
    if asked := count_asked_here(connection, who, gss):
        there = url_for("placements_asked.listing", authority=gss)
        yield Task("Notices that others ask for", there, f"{asked:,} not answered", is_late=True)


def _of_emergencies(connection: Connection, node: Node, who: Principal, gss: str) -> Iterator[Task]:
    waits, late = count_to_review(connection, who, gss, london_day(node.now()))
    if waits:
        there = url_for("emergencies.reviews", authority=gss)
        count = f"{waits:,} to review" + (f", {late:,} overdue" if late else "")
        yield Task("Opened in an emergency", there, count, is_late=late > 0)


def _of_placements(connection: Connection, node: Node, who: Principal, gss: str) -> Iterator[Task]:
    every = placements(connection, who, gss, {"planned", "live"})
    decided = outcomes(connection, [one.id for one in every])
    told = told_otherwise(connection, gss)
    if todo := to_do(every, node.charter.rules, london_day(node.now()), decided, told):
        late = sum(one.is_late for one in todo)
        count = f"{len(todo):,} to be seen to" + (f", {late:,} late" if late else "")
        yield Task("Placements", url_for("placements.listing", authority=gss), count, late > 0)
    if silent := count_unopened(connection, node, who, gss):
        there = url_for("telling.overview", authority=gss)
        yield Task("Still to tell", there, f"{silent:,} links not opened", is_late=True)


def _due(text: str, there: str, to_do: Sequence[Due]) -> Iterator[Task]:
    """What is to be done about statements."""
    if to_do:
        late = sum(one.overdue for one in to_do)
        count = f"{len(to_do):,} to be seen to" + (f", {late:,} overdue" if late else "")
        yield Task(text, there, count, is_late=late > 0)


def _to_check(
    connection: Connection, replica: Connection, node: Node, who: Principal, gss: str
) -> Iterator[Task]:
    there = url_for("diligence_checks.page", authority=gss)
    if waits := count_to_check(connection, who, gss):
        yield Task("Due diligence", there, f"{waits:,} to check")
    today = london_day(node.now())
    if ending := to_renew(checks_by(replica, who, gss), today):
        late = sum(soon_or_over(one.record.valid_until, today) == "expired" for one in ending)
        yield Task("Due diligence", there, _ending(len(ending), late), is_late=late > 0)


def _ending(count: int, late: int) -> str:
    return f"{count:,} to be renewed" + (f", {late:,} expired" if late else "")


def _of_searches(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> Iterator[Task]:
    if may(who, Action.SAVE_SEARCHES):
        for one in saved_searches(connection, replica, node, who):
            if one.news and one.news.count:
                there = url_for("searches.one", search=one.id)
                yield Task(f"Saved search: {one.saved.called}", there, f"{one.news.count:,} homes")


def _of_followed(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> Iterator[Task]:
    if may(who, Action.FOLLOW_AUTHORITIES) and (new := news(connection, replica, node, who)):
        there = url_for("commissioning.overview")
        yield Task("What authorities want", there, f"{len(new):,} changed")


def _of_provider(
    connection: Connection, replica: Connection, node: Node, who: Principal
) -> Iterator[Task]:
    if not may(who, Action.SAY_VACANCIES):
        return
    today, days = london_day(node.now()), node.charter.rules.days_of_vacancies
    own = [one for one in own_vacancies(connection, replica, node, who) if not one.is_asked]
    stale = sum(one.said is not None and is_stale(one.said, today, days) for one in own)
    unsaid = sum(one.said is None for one in own)
    there = url_for("our_vacancies.page")
    counts = [f"{stale:,} out of date"] * bool(stale) + [f"{unsaid:,} not yet said"] * bool(unsaid)
    if counts:
        yield Task("Vacancies", there, ", ".join(counts), is_late=stale > 0)
    running = homes_run(connection, node, who)
    back = sum(
        handed[0].outcome in ("returned", "refused")
        for handed in hand_ins_of(connection, node, [one.claim for one in running]).values()
    )
    asked = sum(len(asked_of_home(connection, node, one)) for one in running)
    asked += sum(not one.answered_at for home in running for one in asked_of(connection, home))
    if asked:
        yield Task(
            "Who lives in our homes",
            url_for("our_homes.page"),
            f"{asked:,} asked about",
            is_late=True,
        )
    if back:
        yield Task("Our homes", url_for("our_homes.page"), f"{back:,} came back", is_late=True)
    dates = dates_of_homes(replica, [(one.urn, one.authority) for one in running])
    yield from _due(
        "Our statements of purpose", url_for("our_homes.page"), due(connection, node, dates)
    )
    yield from _to_renew(own_items(connection, node, who), today)


def _to_renew(items: Sequence[Item], today: date) -> Iterator[Task]:
    """What a provider has to give anew: what expires, and what was found not to be in order."""
    there = url_for("our_diligence.page")
    ending = [end for one in items if (end := soon_or_over(one.facts.valid_until, today))]
    if ending:
        late = ending.count("expired")
        yield Task("Due diligence", there, _ending(len(ending), late), is_late=late > 0)
    if wrong := sum(one.state == "not-in-order" for one in items):
        yield Task("Due diligence", there, f"{wrong:,} not in order", is_late=True)
