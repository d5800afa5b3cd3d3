"""The pages for signing in and out, and for whoever follows a link."""

from collections.abc import Collection
from http import HTTPStatus

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.country.authorities.service import authority_name
from directory.security.mail.emails import Mailer
from directory.security.people import signing_in
from directory.security.people.errors import (
    CodeRefused,
    LinkUnusable,
    PasswordUnfit,
    Paused,
    SignInRefused,
)
from directory.security.people.forgotten import ask_for_link
from directory.security.people.links import check_link
from directory.security.people.schemas import (
    CodeForm,
    EmailForm,
    NewPasswordForm,
    PasswordForm,
    read_form,
)
from directory.security.people.second_factor import qr_svg, typed_secret
from directory.security.people.sessions import Stage, end
from directory.security.people.visiting import browser, half_way, safe_path
from directory.web.reached import page_address
from directory.web.visit import visit
from federation import Node, reading, writing

BAD = HTTPStatus.BAD_REQUEST


def sign_in_blueprint(node: Node, mailer: Mailer | None, outside: Collection[str]) -> Blueprint:
    """The pages of a node on which people sign in."""
    pages = Blueprint("sign_in", __name__, template_folder="../templates")

    @pages.route("/sign-in", methods=("GET", "POST"))
    def password() -> ResponseReturnValue:
        return _password(node, outside)

    @pages.route("/sign-in/code", methods=("GET", "POST"))
    def code() -> ResponseReturnValue:
        return _code(node)

    @pages.route("/sign-in/set-up", methods=("GET", "POST"))
    def set_up() -> ResponseReturnValue:
        return _set_up(node)

    @pages.get("/sign-in/set-up/picture.svg")
    def picture() -> ResponseReturnValue:
        who = half_way(Stage.SET_UP_WANTED) or abort(HTTPStatus.NOT_FOUND)
        begun = signing_in.set_up(node, who)
        return Response(qr_svg(begun.secret, begun.email, node.name), mimetype="image/svg+xml")

    @pages.route("/links/<token>", methods=("GET", "POST"))
    def link(token: str) -> ResponseReturnValue:
        return _link(node, token)

    @pages.route("/sign-in/forgotten", methods=("GET", "POST"))
    def forgotten() -> ResponseReturnValue:
        return _forgotten(node, mailer)

    @pages.post("/sign-out")
    def sign_out() -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            end(connection, visit().token)
        visit().forget()
        return redirect(url_for("sign_in.password", done="signed-out"))

    return pages


def _password(node: Node, outside: Collection[str]) -> ResponseReturnValue:
    onwards = safe_path(request.values.get("next"))
    typed = request.form
    problems: dict[str, str] = {}
    if request.method == "POST":
        said, problems = read_form(PasswordForm(), typed)
        if not problems:
            try:
                token, stage = signing_in.check_password(
                    node, said["email"], said["password"], browser()
                )
            except (SignInRefused, Paused) as error:
                problems = {"email": str(error)}
            else:
                visit().renew(token)
                return redirect(_next_step(stage, onwards))
    page = render_template(
        "people/sign_in.html",
        problems=problems,
        email=typed.get("email", ""),
        onwards=onwards,
        outside=sorted((authority_name(gss), gss) for gss in outside),
        unsent=onwards == "/unsent",
        signed_out=request.args.get("done") == "signed-out",
    )
    return page, BAD if problems else HTTPStatus.OK


def _code(node: Node) -> ResponseReturnValue:
    onwards = safe_path(request.values.get("next"))
    who = half_way(Stage.CODE_WANTED)
    if who is None:
        return redirect(url_for("sign_in.password", next=onwards))
    problems: dict[str, str] = {}
    if request.method == "POST":
        said, problems = read_form(CodeForm(), request.form)
        if not problems:
            try:
                token = signing_in.check_code(node, visit().token, who, said["code"], browser())
            except (CodeRefused, Paused) as error:
                problems = {"code": str(error)}
            else:
                visit().renew(token)
                return redirect(onwards or url_for("start.page"))
    page = render_template("people/code.html", problems=problems, onwards=onwards)
    return page, BAD if problems else HTTPStatus.OK


def _set_up(node: Node) -> ResponseReturnValue:
    who = half_way(Stage.SET_UP_WANTED)
    if who is None:
        return redirect(url_for("sign_in.password"))
    problems: dict[str, str] = {}
    if request.method == "POST":
        said, problems = read_form(CodeForm(), request.form)
        if not problems:
            try:
                token, codes = signing_in.confirm_set_up(
                    node, visit().token, who, said["code"], browser()
                )
            except (CodeRefused, Paused) as error:
                problems = {"code": str(error)}
            else:
                visit().renew(token)
                return render_template("people/recovery_codes.html", codes=codes)
    begun = signing_in.set_up(node, who)
    page = render_template(
        "people/set_up.html",
        problems=problems,
        secret=typed_secret(begun.secret),
        picture=url_for("sign_in.picture"),
    )
    return page, BAD if problems else HTTPStatus.OK


def _link(node: Node, token: str) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    try:
        with reading(node.node_db) as connection:
            check_link(connection, token, node.now())
        if request.method == "POST":
            said, problems = read_form(NewPasswordForm(), request.form)
            if not problems:
                chosen, stage = signing_in.choose_password(node, token, said["password"], browser())
                visit().renew(chosen)
                return redirect(_next_step(stage, None))
    except PasswordUnfit as error:
        problems = {"password": str(error)}
    except LinkUnusable as error:
        return render_template("people/link_unusable.html", reason=error), HTTPStatus.NOT_FOUND
    return render_template("people/choose_password.html", problems=problems), (
        BAD if problems else HTTPStatus.OK
    )


def _forgotten(node: Node, mailer: Mailer | None) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    if mailer and request.method == "POST":
        said, problems = read_form(EmailForm(), request.form)
        if not problems:
            try:
                ask_for_link(node, mailer, said["email"], browser(), page_address("/links/"))
            except Paused as error:
                problems = {"email": str(error)}
            else:
                return render_template("people/link_sent.html")
    page = render_template(
        "people/forgotten.html", problems=problems, email=request.form.get("email", ""), mail=mailer
    )
    return page, BAD if problems else HTTPStatus.OK


def _next_step(stage: Stage, onwards: str | None) -> str:
    if stage is Stage.SET_UP_WANTED:
        return url_for("sign_in.set_up")
    return url_for("sign_in.code", next=onwards)
