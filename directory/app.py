"""A node's web application: what nodes say to each other, and the pages for people."""

from pathlib import Path

from flask import Flask, g
from flask_wtf.csrf import CSRFProtect
from jinja2 import ChoiceLoader, PackageLoader, PrefixLoader

from directory.access import hold_to_table
from directory.alerts.choosing import alert_mail_pages
from directory.alerts.views import lived_in_pages
from directory.api.application import serve_api
from directory.choosing.changes.views import changes_pages
from directory.choosing.commissioning.editing import commissioning_editing
from directory.choosing.commissioning.feed import commissioning_feed
from directory.choosing.commissioning.views import commissioning_pages
from directory.choosing.matching.views import matching_pages
from directory.choosing.searches.views import searches_pages
from directory.choosing.shortlists.views import shortlist_pages
from directory.compliance.views import compliance_pages
from directory.homes.views import homes_blueprint
from directory.hosting.census.views.area import census_pages
from directory.hosting.census.views.link import census_link_page
from directory.hosting.census.views.own import our_census_pages
from directory.hosting.entering.views import entering_pages
from directory.hosting.homes.views.area import home_notices_pages
from directory.hosting.homes.views.own import our_residents_pages
from directory.hosting.homes.views.placing import placements_asked_pages
from directory.hosting.inbox.views import inbox_pages
from directory.hosting.partners.views.keeping import partners_pages
from directory.hosting.partners.views.page import partner_page
from directory.hosting.partners.views.telling import telling_pages
from directory.hosting.partners.views.told_to_us import told_to_us_pages
from directory.hosting.register.views import register_pages
from directory.hosting.same.views import same_child_pages
from directory.hosting.silent.views import silent_pages
from directory.node.status.views import status_pages
from directory.notices.breaches.views import breach_pages
from directory.notices.following.views import asking_back_pages, saying_pages
from directory.notices.views.received import received_pages
from directory.notices.views.sent import sent_pages
from directory.oruk.views import members_feed, open_feed
from directory.placing.approvals.views.consulted import consulted_pages
from directory.placing.approvals.views.deciding import approval_pages
from directory.placing.importing.views.importing import importing_placements_pages
from directory.placing.reconciling.views import reconciling_pages
from directory.placing.register.views.listing import placements_pages
from directory.placing.register.views.one import one_placement_pages
from directory.placing.telling.views.letter import letter_page
from directory.placing.telling.views.pages import still_to_tell_pages
from directory.privacy.emergencies.views import emergency_pages
from directory.privacy.restricting.views import answer_restricted, restricting_pages
from directory.privacy.retention.views import retention_pages
from directory.privacy.subject_access.views import subject_access_pages
from directory.providers.accepting.views import accepting_pages
from directory.providers.diligence.own_views import our_diligence_pages
from directory.providers.diligence.views import diligence_checks_pages, diligence_pages
from directory.providers.documents.views.asking import asking_pages
from directory.providers.documents.views.deciding import deciding_pages
from directory.providers.documents.views.handing_in import our_document_pages
from directory.providers.documents.views.keeping import keeping_pages
from directory.providers.documents.views.own import our_documents_page
from directory.providers.guides.views.reading import childs_guide_pages
from directory.providers.guides.views.writing import guide_pages, our_guide_pages
from directory.providers.handins.views import our_home_pages
from directory.providers.profiles.own_views import our_profile_pages
from directory.providers.profiles.views import profile_pages
from directory.providers.statements.views.importing import importing_pages, our_importing_pages
from directory.providers.statements.views.reading import statement_pages
from directory.providers.statements.views.writing import our_writing_pages, writing_pages
from directory.providers.vacancies.views import vacancies_pages
from directory.providers.vouching.own_views import our_homes_pages
from directory.providers.vouching.views import providers_pages
from directory.records.release.views import release_pages
from directory.security.audit.views import audit_pages
from directory.security.mail.emails import Mailer
from directory.security.people.oidc_settings import read_providers
from directory.security.people.views.account import account_blueprint
from directory.security.people.views.choose import choose_blueprint
from directory.security.people.views.outside import outside_blueprint
from directory.security.people.views.people import people_blueprint
from directory.security.people.views.sign_in import sign_in_blueprint
from directory.security.people.visiting import identify
from directory.security.rights.principal import NOBODY
from directory.security.unsent.views import unsent_pages
from directory.start.views import start_page
from directory.web.accessibility.views import accessibility_pages
from directory.web.error_pages import answer_errors
from directory.web.headers import send_security_headers
from directory.web.navigation import navigation
from directory.web.once import make_once
from directory.web.reached import behind_proxy, why_not_reached
from directory.web.secret import web_secret
from directory.web.uploads import Uploading
from directory.web.visit import VisitCookie
from federation import Node, node_blueprint

MOST_SENT = 64 * 1024
"""Bytes that a form may have. A route that takes more says so itself."""


def create_app(
    node: Node,
    public_url: str | None = None,
    mailer: Mailer | None = None,
    clamav: Path | None = None,
    contact: str | None = None,
    validator: Path | None = None,
) -> Flask:
    """The application of one node.

    `public_url` is the https address at which a proxy passes its pages on; otherwise they are for
    this machine alone. Without a `mailer` it sends no email.
    `clamav` is the socket of a virus scanner that is asked about every file that somebody sends.
    `contact` is whom people turn to about the pages.
    `validator` is the folder of the environment with the sector's validator of returns.
    """
    app = Flask("directory.web")
    app.request_class = Uploading
    app.extensions["commonhearth.node"] = node
    app.config.update(
        SECRET_KEY=web_secret(node.folder / "keys"),
        MAX_CONTENT_LENGTH=MOST_SENT,
        WTF_CSRF_CHECK_DEFAULT=False,  # the table of routes says which are pages
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session to which it is bound
        WTF_CSRF_SSL_STRICT=False,  # browsers are told to send no Referer
    )
    app.session_interface = VisitCookie(node.name, secure=public_url is not None)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.jinja_loader = ChoiceLoader(
        [
            PackageLoader("directory.web"),
            PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        ]
    )
    make_once(app)
    behind_proxy(app, public_url)
    app.register_blueprint(node_blueprint(node))
    app.register_blueprint(homes_blueprint(node))
    app.register_blueprint(matching_pages(node))
    providers = read_providers(node.folder, node.member.area)
    app.register_blueprint(sign_in_blueprint(node, mailer, providers))
    app.register_blueprint(outside_blueprint(node, providers))
    app.register_blueprint(account_blueprint(node))
    app.register_blueprint(alert_mail_pages(node, has_mailer=mailer is not None))
    app.register_blueprint(people_blueprint(node, mailer))
    app.register_blueprint(providers_pages(node, mailer))
    app.register_blueprint(our_homes_pages(node))
    app.register_blueprint(our_home_pages(node))
    app.register_blueprint(our_document_pages(node, clamav))
    app.register_blueprint(accepting_pages(node, clamav))
    app.register_blueprint(our_residents_pages(node))
    app.register_blueprint(our_profile_pages(node))
    app.register_blueprint(our_writing_pages(node))
    app.register_blueprint(our_importing_pages(node, clamav))
    app.register_blueprint(vacancies_pages(node))
    app.register_blueprint(our_diligence_pages(node, clamav))
    app.register_blueprint(diligence_pages(node))
    app.register_blueprint(diligence_checks_pages(node))
    app.register_blueprint(choose_blueprint(node.member.area))
    app.register_blueprint(start_page(node))
    app.register_blueprint(accessibility_pages(node, contact))
    app.register_blueprint(placements_pages(node))
    app.register_blueprint(importing_placements_pages(node))
    app.register_blueprint(one_placement_pages(node))
    app.register_blueprint(approval_pages(node))
    app.register_blueprint(consulted_pages(node))
    app.register_blueprint(sent_pages(node))
    app.register_blueprint(inbox_pages(node))
    app.register_blueprint(register_pages(node))
    app.register_blueprint(same_child_pages(node))
    app.register_blueprint(entering_pages(node))
    app.register_blueprint(received_pages(node))
    app.register_blueprint(partners_pages(node))
    app.register_blueprint(telling_pages(node))
    app.register_blueprint(partner_page(node))
    app.register_blueprint(told_to_us_pages(node))
    app.register_blueprint(census_pages(node))
    app.register_blueprint(census_link_page(node))
    app.register_blueprint(our_census_pages(node))
    app.register_blueprint(home_notices_pages(node))
    app.register_blueprint(placements_asked_pages(node))
    app.register_blueprint(reconciling_pages(node, validator))
    app.register_blueprint(silent_pages(node))
    app.register_blueprint(saying_pages(node))
    app.register_blueprint(asking_back_pages(node))
    app.register_blueprint(breach_pages(node))
    app.register_blueprint(still_to_tell_pages(node))
    app.register_blueprint(letter_page(node))
    app.register_blueprint(emergency_pages(node))
    app.register_blueprint(restricting_pages(node))
    app.register_blueprint(compliance_pages(node))
    app.register_blueprint(changes_pages(node))
    app.register_blueprint(lived_in_pages(node))
    app.register_blueprint(searches_pages(node))
    app.register_blueprint(shortlist_pages(node))
    app.register_blueprint(release_pages(node))
    app.register_blueprint(profile_pages(node))
    app.register_blueprint(commissioning_pages(node))
    app.register_blueprint(commissioning_editing(node))
    app.register_blueprint(commissioning_feed(node))
    app.register_blueprint(statement_pages(node))
    app.register_blueprint(writing_pages(node))
    app.register_blueprint(importing_pages(node, clamav))
    app.register_blueprint(guide_pages(node))
    app.register_blueprint(our_guide_pages(node))
    app.register_blueprint(childs_guide_pages(node))
    app.register_blueprint(asking_pages(node))
    app.register_blueprint(keeping_pages(node, clamav))
    app.register_blueprint(deciding_pages(node))
    app.register_blueprint(our_documents_page(node))
    app.register_blueprint(audit_pages(node))
    app.register_blueprint(retention_pages(node))
    app.register_blueprint(subject_access_pages(node))
    app.register_blueprint(status_pages(node))
    app.register_blueprint(unsent_pages(node))
    app.register_blueprint(open_feed(node))
    app.register_blueprint(members_feed(node))
    serve_api(app, node)

    hold_to_table(app, CSRFProtect(app), node.member.area, lambda: identify(node))
    send_security_headers(app)
    answer_errors(app)
    answer_restricted(app)

    @app.context_processor
    def _whose_page() -> dict[str, object]:
        if why_not_reached():
            return {"node_name": None}
        served = [authority.name for authority in node.member.authorities]
        return {
            "node_name": node.name,
            "node_serves": served,
            "navigation": navigation(node.member.area) if g.get("who", NOBODY).signed_in else [],
        }

    return app
