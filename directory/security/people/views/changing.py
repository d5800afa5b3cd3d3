"""What is done to an account with care: withdrawn, disabled, opened again, given a new link."""

from collections.abc import Callable
from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from directory.security.mail.emails import Mailer
from directory.security.people import accounts
from directory.security.people.accounts import Account
from directory.security.people.errors import LastAdministrator
from directory.security.people.grants import Held
from directory.security.people.link_mail import About, send_link
from directory.security.rights.roles import Role
from directory.web.reached import page_address
from federation import Node, writing


def changing_views(pages: Blueprint, node: Node, mailer: Mailer | None) -> None:
    """Add the views to the blueprint of people."""

    @pages.route("/<person>/roles/<role>/withdraw", methods=("GET", "POST"))
    def withdraw_role(authority: str, person: str, role: str) -> ResponseReturnValue:
        if role not in tuple(Role):
            abort(HTTPStatus.NOT_FOUND)
        held = Held(Role(role), authority)

        def withdraw(connection: Connection, *, even_last: bool) -> None:
            accounts.withdraw(connection, node, g.who, person, held, even_last=even_last)

        return _ask_first(node, person, f"Withdraw the role of {role}", "withdrawn", withdraw)

    @pages.route("/<person>/disable", methods=("GET", "POST"))
    def disable_account(authority: str, person: str) -> ResponseReturnValue:
        def disable(connection: Connection, *, even_last: bool) -> None:
            accounts.disable(connection, node, g.who, person, even_last=even_last)

        return _ask_first(node, person, "Disable the account", "disabled", disable)

    @pages.post("/<person>/open")
    def open_account(authority: str, person: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            token = accounts.enable(connection, node, g.who, person)
            account = accounts.one_of(connection, node, g.who, authority, person)
        return hand_over(mailer, account, token, About.INVITATION)

    @pages.post("/<person>/link")
    def make_new_link(authority: str, person: str) -> ResponseReturnValue:
        afresh = request.form.get("afresh") == "yes"
        with writing(node.node_db) as connection:
            token = accounts.new_link(connection, node, g.who, person, afresh=afresh)
            account = accounts.one_of(connection, node, g.who, authority, person)
        return hand_over(mailer, account, token, About.NEW_PASSWORD)


def hand_over(
    mailer: Mailer | None, account: Account, token: str, about: About
) -> ResponseReturnValue:
    """Send a link to whom it is for; where that cannot be, show it to who made it, once."""
    address = page_address(f"/links/{token}")
    sent = mailer is not None and send_link(mailer, account.email, about, address)
    return render_template(
        "people/link_made.html",
        account=account,
        address=None if sent else address,
        tried=mailer is not None,
    )


def _ask_first(
    node: Node, person: str, heading: str, done: str, change: Callable[..., None]
) -> ResponseReturnValue:
    """Show what is about to be done; do it when that page's form comes back."""
    authority = (request.view_args or {})["authority"]
    warning = None
    if request.method == "POST":
        try:
            with writing(node.node_db) as connection:
                change(connection, even_last=request.form.get("even_last") == "yes")
        except LastAdministrator as error:
            warning = str(error)
        else:
            if done == "withdrawn":
                return redirect(url_for("people.everyone", authority=authority))
            there = url_for("people.one", authority=authority, person=person)
            return redirect(f"{there}?done={done}")
    with writing(node.node_db) as connection:
        account = accounts.one_of(connection, node, g.who, authority, person)
    page = render_template(
        "people/ask_first.html", heading=heading, account=account, warning=warning
    )
    return page, HTTPStatus.CONFLICT if warning else HTTPStatus.OK
