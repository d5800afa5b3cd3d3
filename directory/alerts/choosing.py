"""The page of one's own account on which somebody chooses which alerts come by email."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.alerts.mailing import choose, mailed
from directory.alerts.presenters import TOPICS
from directory.alerts.topics import Topic, topics_for
from directory.security.people.visiting import own_session
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading


def alert_mail_pages(node: Node, *, has_mailer: bool) -> Blueprint:
    """The page; without a mail server it says so."""
    pages = Blueprint("alert_mail", __name__, template_folder="templates")
    pages.after_request(keep_out_of_caches)

    @pages.get("/account/alerts")
    def page() -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            chosen = mailed(connection, g.who, own_session().person)
        return render_template(
            "alerts/mail.html",
            topics=[(one, *TOPICS[one]) for one in topics_for(g.who)],
            chosen=chosen,
            sent=at(chosen.sent_at) if chosen.sent_at else "",
            has_mailer=has_mailer,
            done="done" in request.args,
        )

    @pages.post("/account/alerts")
    def keep() -> ResponseReturnValue:
        ticked = frozenset(one for one in Topic if one in request.form.getlist("topic"))
        choose(node, g.who, own_session().person, ticked)
        return redirect(url_for("alert_mail.page", done="yes"), HTTPStatus.SEE_OTHER)

    return pages
