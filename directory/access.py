"""Who may use which route of a node's web application: one table for all of them.

A route without a row is refused, so that forgetting one opens nothing. A page or a route of the API
names the action that it is for, and the table of rights says who may do that; for an action on one
authority's records the route carries the authority's GSS code as `<authority>`. Members' tokens are
checked by the routes between nodes themselves; that they are is in their own table,
`federation.ROUTES`.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import partial
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeAlias

from flask import Flask, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from directory.api.surface import admit_system, this_node
from directory.security.rights.principal import NOBODY, Principal
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.security.unsent.views import drop_sent, keep_typed
from directory.web.reached import why_not_reached, why_not_this_machine
from federation import ROUTES, Access


class Machine(Enum):
    """Where a request has to come from, whoever makes it."""

    THIS = "the node's own machine, not passed on by a proxy"


Rule: TypeAlias = Access | Action | Machine
Identify: TypeAlias = Callable[[], Principal]
"""Says who makes the current request; NOBODY where it does not say, or where it is not true."""

API = ("api.", "members_oruk.")
"""How the endpoints begin at which systems ask with a token."""

TABLE: Mapping[str, Rule] = MappingProxyType(
    {
        **ROUTES,
        "static": Action.ENTER,
        "sign_in.password": Action.ENTER,
        "sign_in.code": Action.ENTER,
        "sign_in.set_up": Action.ENTER,
        "sign_in.picture": Action.ENTER,
        "sign_in.link": Action.ENTER,
        "sign_in.sign_out": Action.ENTER,
        "sign_in.forgotten": Action.ENTER,
        "outside.there": Action.ENTER,
        "outside.back": Action.ENTER,
        "account.overview": Action.MANAGE_OWN_ACCOUNT,
        "alert_mail.page": Action.MANAGE_OWN_ACCOUNT,
        "alert_mail.keep": Action.MANAGE_OWN_ACCOUNT,
        "account.end_session": Action.MANAGE_OWN_ACCOUNT,
        "account.password": Action.MANAGE_OWN_ACCOUNT,
        "account.second_factor": Action.MANAGE_OWN_ACCOUNT,
        "account.recovery_codes": Action.MANAGE_OWN_ACCOUNT,
        "choose.authority": Action.MANAGE_OWN_ACCOUNT,
        "unsent.page": Action.GO_ON,
        "people.everyone": Action.MANAGE_PEOPLE,
        "people.invitation": Action.MANAGE_PEOPLE,
        "people.one": Action.MANAGE_PEOPLE,
        "people.grant_role": Action.MANAGE_PEOPLE,
        "people.withdraw_role": Action.MANAGE_PEOPLE,
        "people.disable_account": Action.MANAGE_PEOPLE,
        "people.open_account": Action.MANAGE_PEOPLE,
        "people.make_new_link": Action.MANAGE_PEOPLE,
        "providers.everyone": Action.MANAGE_PROVIDERS,
        "providers.invitation": Action.MANAGE_PROVIDERS,
        "providers.confirm_one": Action.MANAGE_PROVIDERS,
        "providers.refuse_one": Action.MANAGE_PROVIDERS,
        "our_homes.page": Action.WORK_FOR_PROVIDER,
        "our_homes.ask_one": Action.WORK_FOR_PROVIDER,
        "our_home.page": Action.WRITE_OF_OWN_HOMES,
        "our_home.withdraw_one": Action.WRITE_OF_OWN_HOMES,
        "our_document.page": Action.WRITE_OF_OWN_HOMES,
        "our_guide.hand_in": Action.WRITE_OF_OWN_HOMES,
        "handed_in.waiting": Action.KEEP_DOCUMENTS,
        "handed_in.file": Action.KEEP_DOCUMENTS,
        "handed_in.picture": Action.KEEP_DOCUMENTS,
        "handed_in.accept_one": Action.KEEP_DOCUMENTS,
        "handed_in.return_one": Action.KEEP_DOCUMENTS,
        "our_residents.listing": Action.LOOK_AFTER_RESIDENTS,
        "our_residents.admit": Action.LOOK_AFTER_RESIDENTS,
        "our_residents.correct": Action.LOOK_AFTER_RESIDENTS,
        "our_residents.leave": Action.LOOK_AFTER_RESIDENTS,
        "our_residents.withdraw": Action.LOOK_AFTER_RESIDENTS,
        "our_residents.answer": Action.LOOK_AFTER_RESIDENTS,
        "our_profile.form": Action.WRITE_OF_OWN_HOMES,
        "our_statement.overview": Action.WRITE_OF_OWN_HOMES,
        "our_statement.section": Action.WRITE_OF_OWN_HOMES,
        "our_statement.take_out": Action.WRITE_OF_OWN_HOMES,
        "our_statement.dates": Action.WRITE_OF_OWN_HOMES,
        "our_statement.told": Action.WRITE_OF_OWN_HOMES,
        "our_statement.hand_in": Action.WRITE_OF_OWN_HOMES,
        "our_statement.discard": Action.WRITE_OF_OWN_HOMES,
        "our_statement_file.choose": Action.WRITE_OF_OWN_HOMES,
        "our_guide.page": Action.WRITE_OF_OWN_HOMES,
        "our_guide.picture": Action.WRITE_OF_OWN_HOMES,
        "our_guide.one_picture": Action.WRITE_OF_OWN_HOMES,
        "our_guide.remove_picture": Action.WRITE_OF_OWN_HOMES,
        "our_guide.preview": Action.WRITE_OF_OWN_HOMES,
        "our_guide.link": Action.WRITE_OF_OWN_HOMES,
        "our_guide.end": Action.WRITE_OF_OWN_HOMES,
        "our_vacancies.page": Action.SAY_VACANCIES,
        "our_vacancies.save": Action.SAY_VACANCIES,
        "our_vacancies.unchanged": Action.SAY_VACANCIES,
        "our_vacancies.download": Action.SAY_VACANCIES,
        "our_vacancies.upload": Action.SAY_VACANCIES,
        "our_diligence.page": Action.GIVE_DILIGENCE,
        "our_diligence.one": Action.GIVE_DILIGENCE,
        "our_diligence.take_back_one": Action.GIVE_DILIGENCE,
        "our_diligence.file": Action.GIVE_DILIGENCE,
        "our_diligence.hand_in": Action.GIVE_DILIGENCE,
        "diligence_checks.file": Action.CHECK_DILIGENCE,
        "diligence.of_provider": Action.SEE_DILIGENCE,
        "diligence_checks.page": Action.CHECK_DILIGENCE,
        "diligence_checks.decide_one": Action.CHECK_DILIGENCE,
        "start.page": Action.FIND_HOMES,
        "accessibility.statement": Action.ENTER,
        "audit.rows": Action.READ_AUDIT,
        "audit.check": Action.READ_AUDIT,
        "audit.export": Action.READ_AUDIT,
        "retention.overview": Action.SEE_RETENTION,
        "retention.hold": Action.HOLD_RECORDS,
        "retention.lift": Action.HOLD_RECORDS,
        "subject_access.look": Action.EXPORT_SUBJECT,
        "subject_access.export": Action.EXPORT_SUBJECT,
        "status.overview": Action.SEE_NODE,
        "status.metrics": Machine.THIS,
        "status.healthz": Machine.THIS,
        "status.readyz": Machine.THIS,
        "homes.map_page": Action.FIND_HOMES,
        "homes.search_page": Action.FIND_HOMES,
        "homes.export": Action.FIND_HOMES,
        "homes.home_page": Action.FIND_HOMES,
        "homes.history_page": Action.FIND_HOMES,
        "matching.form": Action.MATCH_HOMES,
        "searches.every": Action.SAVE_SEARCHES,
        "searches.one": Action.SAVE_SEARCHES,
        "searches.seen": Action.SAVE_SEARCHES,
        "searches.ask": Action.SAVE_SEARCHES,
        "searches.remove": Action.SAVE_SEARCHES,
        "shortlists.every": Action.LIST_SHORTLISTS,
        "shortlists.one": Action.WEIGH_HOMES,
        "shortlists.add": Action.WEIGH_HOMES,
        "shortlists.remove": Action.WEIGH_HOMES,
        "shortlists.keep": Action.WEIGH_HOMES,
        "shortlists.changes_seen": Action.WEIGH_HOMES,
        "shortlists.open_again": Action.REOPEN_DECISIONS,
        "compliance.page": Action.SEE_COMPLIANCE,
        "compliance.tell": Action.TELL_COMPLIANCE,
        "reconciling.page": Action.RECONCILE_RETURNS,
        "silent.page": Action.LIST_RECEIVED_NOTICES,
        "changes.inbox": Action.LIST_CHANGES,
        "changes.mark": Action.MARK_CHANGES,
        "changes.return_one": Action.MARK_CHANGES,
        "changes.export": Action.LIST_CHANGES,
        "lived_in.placing": Action.SEE_CHANGES_WHERE_PLACED,
        "lived_in.placing_seen": Action.SEE_CHANGES_WHERE_PLACED,
        "lived_in.area": Action.SEE_CHANGES_WHERE_TOLD,
        "lived_in.area_seen": Action.SEE_CHANGES_WHERE_TOLD,
        "profiles.form": Action.HAND_IN_RECORDS,
        "commissioning.overview": Action.FIND_HOMES,
        "commissioning.one": Action.FIND_HOMES,
        "commissioning.follow_every": Action.FOLLOW_AUTHORITIES,
        "commissioning.follow_one": Action.FOLLOW_AUTHORITIES,
        "commissioning.seen_every": Action.FOLLOW_AUTHORITIES,
        "commissioning.seen_one": Action.FOLLOW_AUTHORITIES,
        "commissioning_editing.edit": Action.HAND_IN_RECORDS,
        "commissioning_editing.handed_in": Action.HAND_IN_RECORDS,
        "commissioning_feed.atom": Access.PUBLIC,
        "statement.page": Action.FIND_HOMES,
        "statement.versions": Action.FIND_HOMES,
        "statements.listing": Action.WRITE_STATEMENTS,
        "statements.overview": Action.WRITE_STATEMENTS,
        "statements.section": Action.WRITE_STATEMENTS,
        "statements.take_out": Action.WRITE_STATEMENTS,
        "statements.dates": Action.WRITE_STATEMENTS,
        "statements.told": Action.WRITE_STATEMENTS,
        "statements.hand_in": Action.HAND_IN_RECORDS,
        "statements.discard": Action.WRITE_STATEMENTS,
        "statement_file.choose": Action.WRITE_STATEMENTS,
        "guide.page": Action.WRITE_STATEMENTS,
        "guide.picture": Action.WRITE_STATEMENTS,
        "guide.one_picture": Action.WRITE_STATEMENTS,
        "guide.remove_picture": Action.WRITE_STATEMENTS,
        "guide.preview": Action.WRITE_STATEMENTS,
        "guide.link": Action.WRITE_STATEMENTS,
        "guide.end": Action.WRITE_STATEMENTS,
        "childs_guide.page": Action.ENTER,
        "childs_guide.picture": Action.ENTER,
        "documents.listing": Action.LIST_DOCUMENTS_ASKED,
        "documents.ask_one": Action.ASK_FOR_DOCUMENTS,
        "documents.download": Action.READ_DOCUMENTS,
        "documents_asked.asked": Action.KEEP_DOCUMENTS,
        "documents_asked.give_one": Action.KEEP_DOCUMENTS,
        "documents_asked.refuse_one": Action.KEEP_DOCUMENTS,
        "documents_kept.keep": Action.KEEP_DOCUMENTS,
        "documents_kept.remove": Action.KEEP_DOCUMENTS,
        "our_documents.page": Action.WORK_FOR_PROVIDER,
        "releases.waiting": Action.LIST_RELEASES,
        "releases.release_one": Action.RELEASE_RECORDS,
        "releases.return_one": Action.RETURN_RECORDS,
        "placements.listing": Action.LIST_PLACEMENTS,
        "placements.find": Action.READ_PLACEMENTS,
        "placements.new": Action.KEEP_PLACEMENTS,
        "importing.choose": Action.KEEP_PLACEMENTS,
        "importing.columns": Action.KEEP_PLACEMENTS,
        "importing.check": Action.KEEP_PLACEMENTS,
        "importing.throw_away": Action.KEEP_PLACEMENTS,
        "placement.one": Action.READ_PLACEMENTS,
        "placement.change": Action.KEEP_PLACEMENTS,
        "placement.course": Action.KEEP_PLACEMENTS,
        "approving.step": Action.KEEP_PLACEMENTS,
        "approving.decision": Action.APPROVE_PLACEMENTS,
        "approving.without": Action.KEEP_PLACEMENTS,
        "approving.ask": Action.SEND_NOTICES,
        "consulted.listing": Action.LIST_RECEIVED_NOTICES,
        "consulted.one": Action.READ_RECEIVED_NOTICES,
        "consulted.answer_one": Action.ACKNOWLEDGE_NOTICES,
        "notices_sent.new": Action.SEND_NOTICES,
        "notices_sent.confirmation": Action.SEND_NOTICES,
        "notices_sent.again": Action.SEND_NOTICES,
        "notices_sent.listing": Action.LIST_SENT_NOTICES,
        "notices_sent.one": Action.READ_SENT_NOTICES,
        "inbox.page": Action.LIST_RECEIVED_NOTICES,
        "inbox.assign": Action.ASSIGN_NOTICES,
        "inbox.acknowledge": Action.ACKNOWLEDGE_NOTICES,
        "inbox.save": Action.SAVE_NOTICE_LISTS,
        "entering.new": Action.ENTER_NOTICES,
        "entering.one": Action.READ_RECEIVED_NOTICES,
        "entering.choose": Action.ENTER_NOTICES,
        "entering.check": Action.ENTER_NOTICES,
        "register.enter": Action.READ_REGISTERS,
        "register.page": Action.READ_REGISTERS,
        "register.save": Action.READ_REGISTERS,
        "notices_after.say": Action.CHANGE_NOTICES,
        "notices_after.answer": Action.CHANGE_NOTICES,
        "notices_after.again": Action.CHANGE_NOTICES,
        "notices_asked.ask_back": Action.ASK_ABOUT_NOTICES,
        "notices_asked.contained": Action.ASK_ABOUT_NOTICES,
        "notices_asked.died": Action.ASK_ABOUT_NOTICES,
        "breaches.listing": Action.SEE_BREACHES,
        "breaches.one": Action.SEE_BREACHES,
        "breaches.decide_one": Action.SETTLE_BREACHES,
        "breaches.close_one": Action.SETTLE_BREACHES,
        "notices_received.one": Action.READ_RECEIVED_NOTICES,
        "notices_received.attachment": Action.READ_RECEIVED_NOTICES,
        "notices_received.attachment_after": Action.READ_RECEIVED_NOTICES,
        "notices_received.answer": Action.ACKNOWLEDGE_NOTICES,
        "notices_received.answered": Action.ACKNOWLEDGE_NOTICES,
        "partners.every": Action.KEEP_PARTNERS,
        "partners.new": Action.KEEP_PARTNERS,
        "partners.one": Action.KEEP_PARTNERS,
        "partners.code": Action.KEEP_PARTNERS,
        "partners.end": Action.KEEP_PARTNERS,
        "partners_told.not_reached": Action.LIST_RECEIVED_NOTICES,
        "partners_told.again": Action.TELL_PARTNERS,
        "partners_told.by_telephone": Action.TELL_PARTNERS,
        "partner_page.page": Action.ENTER,
        "emergencies.open_one": Action.BREAK_GLASS,
        "emergencies.reviews": Action.REVIEW_EMERGENCIES,
        "emergencies.close": Action.REVIEW_EMERGENCIES,
        "restricting.every": Action.SEE_RESTRICTIONS,
        "restricting.one": Action.RESTRICT_RECORDS,
        "told_to_us.listing": Action.LIST_TOLD_TO_US,
        "told_to_us.one": Action.READ_TOLD_TO_US,
        "census.every": Action.HOLD_CENSUS,
        "census.one": Action.HOLD_CENSUS,
        "census.act": Action.HOLD_CENSUS,
        "census.links": Action.HOLD_CENSUS,
        "census.forms": Action.HOLD_CENSUS,
        "census.by_hand": Action.HOLD_CENSUS,
        "census.export": Action.HOLD_CENSUS,
        "census_link.page": Action.ENTER,
        "our_census.page": Action.LOOK_AFTER_RESIDENTS,
        "home_notices.listing": Action.LIST_RECEIVED_NOTICES,
        "home_notices.one": Action.READ_RECEIVED_NOTICES,
        "home_notices.settle": Action.MATCH_NOTICES,
        "same_child.page": Action.MATCH_NOTICES,
        "home_notices.ask": Action.MATCH_NOTICES,
        "home_notices.letter": Action.LIST_RECEIVED_NOTICES,
        "placements_asked.listing": Action.LIST_SENT_NOTICES,
        "placements_asked.one": Action.READ_SENT_NOTICES,
        "placements_asked.answer": Action.SEND_NOTICES,
        "telling.overview": Action.LIST_PLACEMENTS,
        "telling.one": Action.READ_PLACEMENTS,
        "telling.recipient": Action.READ_PLACEMENTS,
        "telling.recipients_of": Action.KEEP_PLACEMENTS,
        "telling.told_before": Action.TELL_OF_PLACEMENTS,
        "telling.undo_before": Action.TELL_OF_PLACEMENTS,
        "telling.tell": Action.TELL_OF_PLACEMENTS,
        "telling.letter": Action.TELL_OF_PLACEMENTS,
        "telling.decide": Action.APPROVE_WITHHOLDING,
        "letter_page.page": Action.ENTER,
        "oruk.about": Access.PUBLIC,
        "oruk.services": Access.PUBLIC,
        "oruk.service": Access.PUBLIC,
        "oruk.service_at_locations": Access.PUBLIC,
        "oruk.service_at_location": Access.PUBLIC,
        "oruk.taxonomies": Access.PUBLIC,
        "oruk.taxonomy": Access.PUBLIC,
        "oruk.taxonomy_terms": Access.PUBLIC,
        "oruk.taxonomy_term": Access.PUBLIC,
        "members_oruk.about": Action.FIND_HOMES,
        "members_oruk.services": Action.FIND_HOMES,
        "members_oruk.service": Action.FIND_HOMES,
        "members_oruk.service_at_locations": Action.FIND_HOMES,
        "members_oruk.service_at_location": Action.FIND_HOMES,
        "members_oruk.taxonomies": Action.FIND_HOMES,
        "members_oruk.taxonomy": Action.FIND_HOMES,
        "members_oruk.taxonomy_terms": Action.FIND_HOMES,
        "members_oruk.taxonomy_term": Action.FIND_HOMES,
        "api.acknowledge": Action.ACKNOWLEDGE_NOTICES,
        "api.acknowledgement": Action.LIST_SENT_NOTICES,
        "api.audit": Action.READ_AUDIT,
        "api.codes": Action.ENTER,
        "api.authorities": Action.ENTER,
        "api.commissioning": Action.ENTER,
        "api.demand": Action.ENTER,
        "api.saved_searches": Action.SAVE_SEARCHES,
        "api.save_search": Action.SAVE_SEARCHES,
        "api.saved_search": Action.SAVE_SEARCHES,
        "api.forget_search": Action.SAVE_SEARCHES,
        "api.search_seen": Action.SAVE_SEARCHES,
        "api.where_placed": Action.SEE_CHANGES_WHERE_PLACED,
        "api.where_placed_seen": Action.SEE_CHANGES_WHERE_PLACED,
        "api.where_told": Action.SEE_CHANGES_WHERE_TOLD,
        "api.where_told_seen": Action.SEE_CHANGES_WHERE_TOLD,
        "api.shortlist_seen": Action.WEIGH_HOMES,
        "api.home": Action.FIND_HOMES,
        "api.homes": Action.FIND_HOMES,
        "api.matches": Action.MATCH_HOMES,
        "api.received_notice": Action.READ_RECEIVED_NOTICES,
        "api.received_notices": Action.LIST_RECEIVED_NOTICES,
        "api.searches": Action.FIND_HOMES,
        "api.say_change": Action.CHANGE_NOTICES,
        "api.say_ending": Action.CHANGE_NOTICES,
        "api.say_withdrawal": Action.CHANGE_NOTICES,
        "api.give_answer": Action.CHANGE_NOTICES,
        "api.ask_back": Action.ASK_ABOUT_NOTICES,
        "api.say_contained": Action.ASK_ABOUT_NOTICES,
        "api.after_sent": Action.LIST_SENT_NOTICES,
        "api.after_received": Action.LIST_RECEIVED_NOTICES,
        "api.sent_now": Action.READ_SENT_NOTICES,
        "api.received_now": Action.READ_RECEIVED_NOTICES,
        "api.send_notice": Action.SEND_NOTICES,
        "api.sent_notice": Action.READ_SENT_NOTICES,
        "api.sent_notices": Action.LIST_SENT_NOTICES,
        "api.token": Action.ENTER,
        "api.vacancies": Action.SEE_VACANCIES,
        "api.own_homes": Action.WORK_FOR_PROVIDER,
        "api.say_vacancies": Action.SAY_VACANCIES,
        "api.changes": Action.LIST_CHANGES,
        "api.mark_changes": Action.MARK_CHANGES,
        "api.shortlists": Action.LIST_SHORTLISTS,
        "api.shortlist": Action.WEIGH_HOMES,
        "api.begin_shortlist": Action.WEIGH_HOMES,
        "api.weigh_home": Action.WEIGH_HOMES,
        "api.decide_shortlist": Action.WEIGH_HOMES,
        "api.statements": Action.FIND_HOMES,
        "api.checks": Action.SEE_DILIGENCE,
        "api.items": Action.CHECK_DILIGENCE,
        "api.check": Action.CHECK_DILIGENCE,
        "api.give_placements": Action.KEEP_PLACEMENTS,
        "api.placements": Action.LIST_PLACEMENTS,
        "api.export_placements": Action.READ_PLACEMENTS,
        "api.placement": Action.READ_PLACEMENTS,
        "api.own_items": Action.GIVE_DILIGENCE,
        "api.give_item": Action.GIVE_DILIGENCE,
    }
)


def hold_to_table(
    app: Flask,
    csrf: CSRFProtect,
    served: frozenset[str],
    of_page: Identify,
) -> None:
    """Refuse every request that the table does not allow, before anything else sees it.

    `served` are the node's authorities; `of_page` knows visitors of pages by their cookie, which
    says nothing to the API. A form that comes when its session has ended is kept.
    """

    @app.before_request
    def _hold() -> ResponseReturnValue | None:
        g.who = NOBODY
        if request.endpoint is None:
            return None  # there is no such route; the answer is 404 or 405
        rule = TABLE.get(request.endpoint)
        if rule is None:
            abort(HTTPStatus.FORBIDDEN, "No rule says who may use this.")
        if isinstance(rule, Access):
            return None
        if rule is Machine.THIS:
            return abort(HTTPStatus.FORBIDDEN, why) if (why := why_not_this_machine()) else None
        if request.endpoint.startswith(API):
            admit_system(rule)
            return None
        if reason := why_not_reached():
            return render_template("refused.html", reason=reason), HTTPStatus.FORBIDDEN
        if request.endpoint == "static":
            return None
        g.who = of_page()
        if refusal := _refusal(rule, served, partial(keep_typed, this_node(), csrf)):
            return refusal
        csrf.protect()
        drop_sent(this_node())
        return None


def _refusal(
    rule: Action, served: frozenset[str], keep: Callable[[Action], str | None]
) -> ResponseReturnValue | None:
    authority = (request.view_args or {}).get("authority")
    if may(g.who, rule, authority):
        return None if authority is None or authority in served else abort(HTTPStatus.NOT_FOUND)
    if g.who.signed_in:
        abort(HTTPStatus.FORBIDDEN)
    here = request.full_path.rstrip("?") if request.method == "GET" else keep(rule)
    return redirect(url_for("sign_in.password", next=here), HTTPStatus.SEE_OTHER)
