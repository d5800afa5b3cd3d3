"""The pages of one's own account: roles, where one is signed in, password, second factor."""

from http import HTTPStatus

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.security.people import signing_in
from directory.security.people.accounts import own_account
from directory.security.people.errors import PasswordUnfit, Paused
from directory.security.people.schemas import ChangePasswordForm, OwnPasswordForm, read_form
from directory.security.people.second_factor import count_recovery_codes
from directory.security.people.sessions import Stage, end_one, sessions_of, start
from directory.security.people.visiting import browser, own_session
from directory.web.visit import visit
from federation import Node, reading, writing

DONE = {
    "password": "You have a new password. Wherever else you were signed in, you are no longer.",
    "session": "That session has ended.",
}


def account_blueprint(node: Node) -> Blueprint:
    """The pages of a node on which people look after their own accounts."""
    pages = Blueprint("account", __name__, template_folder="../templates")

    @pages.get("/account")
    def overview() -> ResponseReturnValue:
        here = own_session()
        with reading(node.node_db) as connection:
            return render_template(
                "people/account.html",
                account=own_account(connection, g.who, here.person),
                sessions=sessions_of(connection, here.person, node.now()),
                here=here,
                codes_left=count_recovery_codes(connection, here.person),
                authority_name=authority_name,
                done=DONE.get(request.args.get("done", "")),
            )

    @pages.post("/account/sessions/<session>/end")
    def end_session(session: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            if not end_one(connection, node, g.who, own_session().person, session):
                abort(HTTPStatus.NOT_FOUND)
        return redirect(url_for("account.overview", done="session"))

    @pages.route("/account/password", methods=("GET", "POST"))
    def password() -> ResponseReturnValue:
        return _password(node)

    @pages.route("/account/second-factor", methods=("GET", "POST"))
    def second_factor() -> ResponseReturnValue:
        return _second_factor(node)

    @pages.route("/account/recovery-codes", methods=("GET", "POST"))
    def recovery_codes() -> ResponseReturnValue:
        return _recovery_codes(node)

    return pages


def _password(node: Node) -> ResponseReturnValue:
    who = own_session().person
    problems: dict[str, str] = {}
    if request.method == "POST":
        said, problems = read_form(ChangePasswordForm(), request.form)
        problems = problems or _wrong_password(node, said["current"])
        if not problems:
            try:
                token = signing_in.change_password(node, who, said["password"], browser())
            except PasswordUnfit as error:
                problems = {"password": str(error)}
            else:
                visit().renew(token)
                return redirect(url_for("account.overview", done="password"))
    page = render_template("people/change_password.html", problems=problems)
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _second_factor(node: Node) -> ResponseReturnValue:
    """Leads to the page on which a first sign-in sets one up; until that is done the old counts."""
    if problems := _refused(node):
        return _confirm("Set up another authenticator app", problems)
    with writing(node.node_db) as connection:
        token = start(
            connection, own_session().person, Stage.SET_UP_WANTED, browser().named, node.now()
        )
    visit().renew(token)
    return redirect(url_for("sign_in.set_up"))


def _recovery_codes(node: Node) -> ResponseReturnValue:
    if problems := _refused(node):
        return _confirm("Make new recovery codes", problems)
    codes = signing_in.new_recovery_codes(node, own_session().person)
    return render_template("people/recovery_codes.html", codes=codes)


def _refused(node: Node) -> dict[str, str]:
    """Why a form that wants the password is not done with; `{"": ""}` before it was sent."""
    if request.method == "GET":
        return {"": ""}
    said, problems = read_form(OwnPasswordForm(), request.form)
    return problems or _wrong_password(node, said["current"])


def _wrong_password(node: Node, typed: str) -> dict[str, str]:
    try:
        right = signing_in.is_own_password(node, own_session().person, typed)
    except Paused as error:
        return {"current": str(error)}
    return {} if right else {"current": "This is not your password"}


def _confirm(heading: str, problems: dict[str, str]) -> ResponseReturnValue:
    shown = {name: why for name, why in problems.items() if name}
    page = render_template("people/own_password.html", heading=heading, problems=shown)
    return page, HTTPStatus.BAD_REQUEST if shown else HTTPStatus.OK
