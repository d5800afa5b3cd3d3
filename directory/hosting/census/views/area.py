"""The pages on which an authority holds a census of the homes in its area."""

from collections.abc import Iterable
from http import HTTPStatus

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Row

from directory.country.authorities.service import all_authorities, authority_name
from directory.country.reference.working_days import london_day
from directory.exports import csv_lines
from directory.homes.labels import day
from directory.hosting.census.answers import answer_by_hand, answered
from directory.hosting.census.comparing import compared, totals
from directory.hosting.census.contacts import entered_address
from directory.hosting.census.errors import CensusError, NoSuchCensus
from directory.hosting.census.holding import (
    begin,
    censuses,
    close,
    homes_of,
    make_links,
    one_census,
    remind,
    write_to,
)
from directory.hosting.census.schemas import ROWS, CensusForm, read_counts, typed_of
from directory.notices.views.common import notice_id
from directory.providers.vouching.register import known_homes
from directory.security.audit.service import note
from directory.security.people.errors import NotAnEmail
from directory.security.rights.table import Action
from directory.web.error_pages import not_found
from directory.web.forms import one_line
from directory.web.headers import keep_out_of_caches
from directory.web.wording import at, counted
from federation import Node, reading, writing

_DONE = {
    "begun": "Every home was asked that has staff on a node, or an email address that is known. "
    "Make links or print forms for the others.",
    "reminded": "Those that were asked by their node or by email, and have not answered, are asked "
    "once more.",
    "written": "The address is kept, and the home is written to.",
    "closed": "Closed. No more answers are taken.",
    "entered": "The numbers of the home are entered.",
}
_DOES = {"remind": (remind, "reminded"), "close": (close, "closed")}
_HEADINGS = ("URN", "Authority", "Home counts", "Register has", "Home has told", "Differs")


def census_pages(node: Node) -> Blueprint:
    """The pages of the authority of the area."""
    pages = Blueprint(
        "census",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/census",
    )
    pages.after_request(keep_out_of_caches)

    pages.register_error_handler(NoSuchCensus, not_found)

    @pages.route("", methods=("GET", "POST"))
    def every(authority: str) -> ResponseReturnValue:
        return _every(node, authority)

    @pages.get("/<census>")
    def one(authority: str, census: str) -> ResponseReturnValue:
        return _one(node, authority, notice_id(census))

    @pages.post("/<census>/do/<what>")
    def act(authority: str, census: str, what: str) -> ResponseReturnValue:
        does, done = _DOES.get(what) or abort(HTTPStatus.NOT_FOUND)
        with writing(node.node_db) as connection:
            does(connection, node, g.who, authority, notice_id(census))
        return _back(authority, census, done)

    @pages.post("/<census>/links")
    def links(authority: str, census: str) -> ResponseReturnValue:
        with writing(node.node_db) as connection:
            made = make_links(connection, node, g.who, authority, notice_id(census))
        return render_template(
            "census/links.html",
            authority=authority,
            census=census,
            lines=[
                (urn, url_for("census_link.page", token=token, _external=True))
                for urn, token in made.items()
            ],
            homes=_named(node, made),
        )

    @pages.get("/<census>/forms")
    def forms(authority: str, census: str) -> ResponseReturnValue:
        with reading(node.node_db) as connection:
            known = one_census(connection, g.who, authority, notice_id(census))
            rows = homes_of(connection, g.who, authority, census)
        urns = [str(row.urn) for row in rows if row.claim is None and not row.answered_at]
        return render_template(
            "census/forms.html",
            authority=authority,
            census=census,
            area=authority_name(authority),
            as_at=day(known.as_at),
            answer_by=day(known.answer_by),
            homes=[(urn, name) for urn, name in _named(node, urns).items()],
        )

    @pages.route("/<census>/homes/<number>", methods=("GET", "POST"))
    def by_hand(authority: str, census: str, number: str) -> ResponseReturnValue:
        return _by_hand(node, authority, notice_id(census), notice_id(number))

    @pages.post("/<census>/export")
    def export(authority: str, census: str) -> ResponseReturnValue:
        return _export(node, authority, notice_id(census))

    return pages


def _every(node: Node, area: str) -> ResponseReturnValue:
    form, today = CensusForm(london_day(node.now())), london_day(node.now())
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            days = form.load(request.form)
            with writing(node.node_db) as connection, reading(node.replica) as replica:
                made = begin(connection, replica, node, g.who, area, **days)
            return _back(area, made, "begun")
        except ValidationError as error:
            problems = form.problems(error)
        except CensusError as error:
            problems = {"as_at": str(error)}
    with reading(node.node_db) as connection:
        known = censuses(connection, g.who, area)
    typed = {f"as_at-{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
    page = render_template(
        "census/every.html",
        authority=area,
        called=authority_name(area),
        lines=[
            (
                one.id,
                f"As at {day(one.as_at)}",
                f"{one.answered:,} of {counted(one.asked, 'home')} answered",
                "closed" if one.closed_at else f"open until {day(one.answer_by)}",
            )
            for one in known
        ],
        is_open=any(one.closed_at is None for one in known),
        frame={"typed": typed | request.form.to_dict(), "problems": problems},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _one(node: Node, area: str, number: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_census(connection, g.who, area, number)
        rows = homes_of(connection, g.who, area, number)
        lines = compared(connection, node, g.who, area, number)
    homes = _named(node, [str(row.urn) for row in rows])
    return render_template(
        "census/one.html",
        authority=area,
        called=authority_name(area),
        known=known,
        as_at=day(known.as_at),
        answer_by=day(known.answer_by),
        begun=f"{known.begun_by}, {at(known.begun_at)}",
        closed=at(known.closed_at) if known.closed_at else "",
        late=known.closed_at is None and known.answer_by < london_day(node.now()),
        differing=[
            (homes[one.urn], authority_name(one.authority), one) for one in lines if one.differs
        ],
        agreeing=sum(not one.differs for one in lines),
        totals=[(authority_name(gss), count) for gss, count in totals(lines)],
        waiting=[
            (
                row.number,
                homes[str(row.urn)],
                _how(row),
                f"reminded on {at(row.reminded_at)}" if row.reminded_at else "",
            )
            for row in rows
            if not row.answered_at
        ],
        by_hand=any(row.claim is None and not row.answered_at for row in rows),
        answered=[
            (row.number, homes[str(row.urn)], f"{row.answered_by}, {at(row.answered_at)}")
            for row in rows
            if row.answered_at
        ],
        done=_DONE.get(request.args.get("done", "")),
    )


def _how(row: Row[*tuple[object, ...]]) -> str:
    if row.claim is not None:
        return "asked by its node"
    match row.mail:
        case "sent":
            return f"a link was sent by email on {at(row.mail_sent_at)}"
        case "queued":
            return f"an email waits to be sent. {row.mail_problem or ''}".strip(" .")
        case "failed":
            went = "did not arrive" if row.mail_sent_at else "could not be sent"
            return f"the email {went}. {row.mail_problem}. Open it to correct the address"
    return "has a link" if row.link is not None else "to be asked by a link or on paper"


def _by_hand(node: Node, area: str, census: str, number: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_census(connection, g.who, area, census)
        rows = [one for one in homes_of(connection, g.who, area, census) if one.number == number]
        said = answered(connection, node, rows).get(number, ())
        kept = entered_address(connection, area, str(rows[0].urn)) if rows else ""
    if not rows:
        abort(HTTPStatus.NOT_FOUND)
    problems: dict[str, str] = {}
    urn, email = str(rows[0].urn), one_line(request.form.get("email", ""))
    if request.method == "POST":
        try:
            with writing(node.node_db) as connection:
                if "email" in request.form:
                    write_to(connection, node, g.who, area, census, urn, email)
                    return _back(area, census, "written")
                counts = read_counts(request.form)
                answer_by_hand(connection, node, g.who, area, number, counts)
            return _back(area, census, "entered")
        except NotAnEmail as error:
            problems = {"email": str(error)}
        except CensusError as error:
            problems = {"authority-1": str(error)}
    page = render_template(
        "census/by_hand.html",
        authority=area,
        census=census,
        home=_named(node, [urn])[urn],
        as_at=day(known.as_at),
        typed=request.form if request.method == "POST" else typed_of(said),
        rows=max(ROWS, len(said) + 2),
        names=sorted(one.name for one in all_authorities()),
        problems=problems,
        frame={"typed": {"email": email or kept}, "problems": problems},
        by_email=known.closed_at is None and rows[0].claim is None and not rows[0].answered_at,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _export(node: Node, area: str, census: str) -> ResponseReturnValue:
    with writing(node.node_db) as connection:
        lines = compared(connection, node, g.who, area, census)
        note(
            connection,
            node,
            g.who,
            Action.HOLD_CENSUS,
            authority=area,
            record=f"census/{census}",
            detail="saved as CSV",
        )
    cells = [
        (
            *(one.urn, authority_name(one.authority), one.counted, one.registered, one.told),
            "yes" if one.differs else "no",
        )
        for one in lines
    ]
    content = "".join(csv_lines(_HEADINGS, cells)).encode("utf-8-sig")
    named = {"Content-Disposition": 'attachment; filename="census.csv"'}
    return Response(content, mimetype="text/csv", headers=named)


def _named(node: Node, urns: Iterable[str]) -> dict[str, str]:
    wanted = list(urns)
    with reading(node.replica) as replica:
        known = known_homes(replica, wanted)
    return {
        urn: f"{known[urn].name}, URN {urn}" if urn in known and known[urn].name else f"URN {urn}"
        for urn in wanted
    }


def _back(area: str, census: str, done: str) -> ResponseReturnValue:
    there = url_for("census.one", authority=area, census=census, done=done)
    return redirect(there, HTTPStatus.SEE_OTHER)
