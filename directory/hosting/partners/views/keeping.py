"""The pages on which an authority's partners are kept current."""

from collections.abc import Mapping
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.country.authorities.service import authority_name
from directory.hosting.partners import presenters
from directory.hosting.partners.errors import NoSuchPartner
from directory.hosting.partners.fields import FIELDS
from directory.hosting.partners.keeping import (
    CODE_LASTS,
    KINDS,
    Partner,
    add_partner,
    change_partner,
    end_partner,
    make_code,
    members_to_tell,
    one_partner,
    partners,
)
from directory.hosting.partners.schemas import PartnerForm
from directory.web.error_pages import not_found
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at
from federation import Node, reading, writing

_DONE = {
    "saved": "Saved. It holds from now on, for pages that are open, too.",
    "ended": "Ended: it is told nothing more, and none of its pages opens.",
}


def partners_pages(node: Node) -> Blueprint:
    """The pages of partners, for who keeps them."""
    pages = Blueprint(
        "partners",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/partners",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchPartner, not_found)

    @pages.get("")
    def every(authority: str) -> ResponseReturnValue:
        return _every(node, authority)

    @pages.route("/new", methods=("GET", "POST"))
    def new(authority: str) -> ResponseReturnValue:
        return _form(node, authority, None)

    @pages.route("/<partner>", methods=("GET", "POST"))
    def one(authority: str, partner: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            kept = one_partner(connection, g.who, authority, partner)
        return _form(node, authority, kept)

    @pages.post("/<partner>/code")
    def code(authority: str, partner: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            kept = one_partner(connection, g.who, authority, partner)
            made = make_code(connection, node, g.who, authority, partner)
        return render_template(
            "partners/code.html",
            authority=authority,
            partner=kept,
            code=made,
            ends=at(node.now() + CODE_LASTS),
        )

    @pages.post("/<partner>/end")
    def end(authority: str, partner: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            end_partner(connection, node, g.who, authority, partner)
        return _to("every", authority, "ended")

    return pages


def _to(page: str, authority: str, done: str, partner: str | None = None) -> ResponseReturnValue:
    there = url_for(f"partners.{page}", authority=authority, partner=partner, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _every(node: Node, authority: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        found = partners(connection, g.who, authority)
    return render_template(
        "partners/every.html",
        authority=authority,
        called=authority_name(authority),
        partners=[
            (one, presenters.kind(one.said), presenters.way(one.said), presenters.sees(one.said))
            for one in found
        ],
        now=node.now(),
        done=_DONE.get(request.args.get("done", "")),
    )


def _form(node: Node, authority: str, kept: Partner | None) -> ResponseReturnValue:
    problems: dict[str, str] = {}
    sees = request.form.getlist("sees")
    form = PartnerForm(sees, members_to_tell(node, authority))
    if request.method == "POST":
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                if kept:
                    change_partner(connection, node, g.who, authority, kept.id, said)
                    return _to("one", authority, "saved", partner=kept.id)
                number = add_partner(connection, node, g.who, authority, said)
            return _to("one", authority, "saved", partner=number)
        except ValidationError as error:
            problems = form.problems(error)
    typed = form.typed(request.form) if request.method == "POST" else _typed(kept)
    page = render_template(
        "partners/one.html",
        authority=authority,
        called=authority_name(authority),
        partner=kept,
        frame={"typed": typed, "problems": problems},
        sees=sees if request.method == "POST" else (kept.said.fields if kept else ()),
        fields=FIELDS,
        kinds=KINDS,
        members={
            gss: authority_name(gss)
            for gss in sorted(members_to_tell(node, authority), key=authority_name)
        },
        code_ends=at(kept.code_ends_at)
        if kept and kept.code_ends_at and kept.code_ends_at > node.now()
        else None,
        done=_DONE.get(request.args.get("done", "")),
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _typed(kept: Partner | None) -> Mapping[str, str]:
    if kept is None:
        return {}
    said = kept.said
    return {
        "kind": said.kind,
        "name": said.name,
        "telephone": said.telephone,
        "email": said.email or "",
        "member": said.member or "",
        "purpose": said.purpose,
        "lawful_basis": said.lawful_basis,
    }
