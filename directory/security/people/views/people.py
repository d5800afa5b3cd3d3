"""The pages on which an authority's people are listed, invited and given roles."""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.security.mail.emails import Mailer
from directory.security.people import accounts
from directory.security.people.errors import NoSuchPerson, PeopleError
from directory.security.people.grants import Held
from directory.security.people.link_mail import About
from directory.security.people.schemas import InvitationForm, RoleForm, read_form
from directory.security.people.views.changing import changing_views, hand_over
from federation import Node, writing

BAD = HTTPStatus.BAD_REQUEST
DONE = {
    "granted": "They have the role. Wherever they were signed in, they sign in again.",
    "withdrawn": "The role is withdrawn.",
    "disabled": "The account is disabled. Wherever they were signed in, they no longer are.",
}


def people_blueprint(node: Node, mailer: Mailer | None) -> Blueprint:
    """The pages of a node on which people are looked after."""
    pages = Blueprint(
        "people",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/people",
    )

    @pages.get("")
    def everyone(authority: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            found = accounts.people_of(connection, node, g.who, authority)
        return render_template("people/everyone.html", people=found)

    @pages.route("/invite", methods=("GET", "POST"))
    def invitation(authority: str) -> ResponseReturnValue:
        return _invitation(node, mailer, authority)

    @pages.get("/<person>")
    def one(authority: str, person: str) -> ResponseReturnValue:
        return _one(node, authority, person, {})

    @pages.post("/<person>/roles")
    def grant_role(authority: str, person: str) -> ResponseReturnValue:
        said, problems = read_form(RoleForm(), request.form)
        if problems:
            return _one(node, authority, person, problems)
        held = Held(said["role"], authority)
        with writing(node.node_db) as connection:
            accounts.grant(connection, node, g.who, person, held)
        return redirect(url_for("people.one", authority=authority, person=person, done="granted"))

    changing_views(pages, node, mailer)

    @pages.context_processor
    def _whose() -> dict[str, object]:
        authority = (request.view_args or {})["authority"]
        back = {
            "text": f"People of {authority_name(authority)}",
            "href": url_for("people.everyone", authority=authority),
        }
        return {"authority": authority, "authority_is": authority_name(authority), "back": back}

    @pages.errorhandler(PeopleError)
    def _not_done(error: PeopleError) -> ResponseReturnValue:
        known = isinstance(error, NoSuchPerson)
        page = render_template("people/not_done.html", reason=error)
        return page, HTTPStatus.NOT_FOUND if known else HTTPStatus.CONFLICT

    return pages


def _invitation(node: Node, mailer: Mailer | None, authority: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    if request.method == "POST":
        said, problems = read_form(InvitationForm(), request.form)
        if not problems:
            held = Held(said["role"], authority)
            try:
                with writing(node.node_db) as connection:
                    account, token = accounts.invite(
                        connection, node, g.who, said["email"], said["name"], held
                    )
            except PeopleError as error:
                problems = {"email": str(error)}
            else:
                if token:
                    return hand_over(mailer, account, token, About.INVITATION)
                there = url_for("people.one", authority=authority, person=account.id)
                return redirect(f"{there}?done=granted")
    page = render_template(
        "people/invite.html", problems=problems, typed=request.form, roles=accounts.GRANTABLE
    )
    return page, BAD if problems else HTTPStatus.OK


def _one(node: Node, authority: str, person: str, problems: dict[str, str]) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        account = accounts.one_of(connection, node, g.who, authority, person)
    held = account.roles_for(authority)
    page = render_template(
        "people/person.html",
        account=account,
        held=held,
        elsewhere=len(account.held) > len(held),
        is_oneself=g.who.id == f"person:{person}",
        problems=problems,
        typed=request.form,
        roles=[role for role in accounts.GRANTABLE if role not in {one.role for one in held}],
        done=DONE.get(request.args.get("done", "")),
    )
    return page, BAD if problems else HTTPStatus.OK
