"""The page of compliance: our quarters, where others count otherwise, what all publish, DfE's."""

from datetime import date
from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from directory.compliance.counting import living_on
from directory.compliance.dfe import of_authority
from directory.compliance.quarters import asked, complete, in_words
from directory.compliance.service import compared, published, quarters, tell_others
from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing

_OFFERED = 8
"""Quarters of which the others can be told."""


def compliance_pages(node: Node) -> Blueprint:
    """The page, and the button that tells the others."""
    pages = Blueprint(
        "compliance",
        __name__,
        template_folder="templates",
        url_prefix="/authorities/<authority>/compliance",
    )
    pages.after_request(keep_out_of_caches)

    @pages.get("")
    def page(authority: str) -> ResponseReturnValue:
        table = of_authority(node.folder, authority)
        over, figures = complete(london_day(node.now()), _OFFERED), published(node)
        shown = asked(request.args.get("quarter", ""), london_day(node.now())) or over[0]
        with reading(node.node_db) as connection:
            every = compared(connection, node, g.who, authority)
            beside = [
                (one, living_on(connection, node, one.kind, authority, date(one.year, 3, 31)))
                for one in table[:4]
            ]
        return render_template(
            "compliance/page.html",
            authority=authority,
            called=authority_name(authority),
            quarters=quarters(every),
            differing=[one for one in every if one.differs],
            waiting=sum(one.theirs is None and one.quarter in over for one in every),
            over=over,
            beside=beside,
            published=[one for one in figures if one.quarter == shown],
            shown=shown,
            others=[one for one in dict.fromkeys(one.quarter for one in figures) if one != shown],
            name=authority_name,
            in_words=in_words,
            told=request.args.get("told") == "yes",
        )

    @pages.post("/tell")
    def tell(authority: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            quarter = asked(request.form.get("quarter", ""), london_day(node.now()))
            tell_others(connection, node, g.who, authority, quarter)
        there = url_for("compliance.page", authority=authority, told="yes")
        return redirect(there, HTTPStatus.SEE_OTHER)

    return pages
