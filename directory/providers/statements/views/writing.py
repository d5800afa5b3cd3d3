"""The pages on which a statement of purpose is written, section by section, and handed in: by the
officers of an authority, and by the staff of the provider that runs the home.
"""

from http import HTTPStatus

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.errors import DirectoryError
from directory.homes.history import home_history
from directory.homes.labels import day
from directory.intake.screening.errors import NotFitToPublish
from directory.intake.screening.service import screen
from directory.providers.handins.errors import HandInError
from directory.providers.handins.pages import standings
from directory.providers.statements import drafts, duty, presenters
from directory.providers.statements.desks import Desk
from directory.providers.statements.errors import ChangedMeanwhile, NotReady
from directory.providers.statements.handing_in import checked, hand_in_statement
from directory.providers.statements.published import dates_of
from directory.providers.statements.schedule import PARAGRAPHS, SOURCE
from directory.providers.statements.schemas import DatesForm, SectionForm, ToldForm
from directory.providers.statements.taking_out import marked, without
from directory.providers.statements.telling import why_untold
from directory.providers.statements.views.common import (
    MOST_SENT,
    Place,
    PlaceOf,
    knows_home,
    officers_place,
    paragraph_of,
    staff_place,
)
from directory.providers.vouching.running import home_run
from directory.records.publishing.service import statement_of
from directory.records.release.errors import NotHandedIn
from directory.records.release.held import standing
from directory.web.forms import PARTS
from directory.web.headers import keep_out_of_caches
from federation import Node, reading, writing
from protocols.statements import LONGEST_PASSAGE, Statement

_DONE = {
    "handed-in": "Handed in. A second person now reads what is new, and releases or returns it.",
    "published": "Handed in. It says nothing new in words, so it is published at once.",
    "discarded": "The draft is destroyed.",
    "dates": "The days are saved.",
    "told": "It is noted that Ofsted was sent this version.",
    "filled": "The sections that were found are filled in. Read each of them, and save it.",
}


def writing_pages(node: Node) -> Blueprint:
    """The pages of one authority's statements, for its officers."""
    pages = Blueprint(
        "statements",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements",
    )

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    return _add(pages, "/<urn>", node, officers_place(node))


def our_writing_pages(node: Node) -> Blueprint:
    """The pages of the statement of one home, for the staff of the provider that runs it."""
    pages = Blueprint(
        "our_statement",
        __name__,
        template_folder="../templates",
        url_prefix="/our-homes/<claim>/statement",
    )
    return _add(pages, "", node, staff_place(node))


def _add(pages: Blueprint, under: str, node: Node, place_of: PlaceOf) -> Blueprint:
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if (endpoint or "").endswith((".section", ".take_out")):
            request.max_content_length = MOST_SENT

    @pages.get(under)
    def overview(**named: str) -> ResponseReturnValue:
        return _overview(node, place_of(**named))

    @pages.route(f"{under}/sections/<matter>", methods=("GET", "POST"))
    def section(matter: str, **named: str) -> ResponseReturnValue:
        return _section(node, place_of(**named), matter)

    @pages.post(f"{under}/sections/<matter>/out")
    def take_out(matter: str, **named: str) -> ResponseReturnValue:
        place = place_of(**named)
        about = paragraph_of(matter).matter
        with writing(node.node_db) as connection:
            draft = drafts.read_draft(connection, node, g.who, place.desk)
            text = draft.sections.get(about, "")
            left = without(text, screen(text))
            to_read = about in draft.to_read
            drafts.save_section(
                connection, node, g.who, place.desk, about, left, still_to_read=to_read
            )
        return _to(place, "section", matter=matter, saved="out")

    @pages.route(f"{under}/dates", methods=("GET", "POST"))
    def dates(**named: str) -> ResponseReturnValue:
        return _dates(node, place_of(**named))

    @pages.route(f"{under}/ofsted", methods=("GET", "POST"))
    def told(**named: str) -> ResponseReturnValue:
        return _told(node, place_of(**named))

    @pages.post(f"{under}/hand-in")
    def hand_in(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        try:
            with writing(node.node_db) as connection:
                published = hand_in_statement(connection, node, g.who, place.desk)
        except (NotReady, NotHandedIn, NotFitToPublish, HandInError) as error:
            return _overview(node, place, error), HTTPStatus.CONFLICT
        return _to(place, "overview", done="published" if published else "handed-in")

    @pages.post(f"{under}/discard")
    def discard(**named: str) -> ResponseReturnValue:
        place = place_of(**named)
        with writing(node.node_db) as connection:
            drafts.discard_draft(connection, node, g.who, place.desk)
        return _to(place, "overview", done="discarded")

    return pages


def _to(place: Place, page: str, **more: str) -> ResponseReturnValue:
    return redirect(place.to(page, **more), HTTPStatus.SEE_OTHER)


def _listing(node: Node, authority: str) -> ResponseReturnValue:
    typed = request.args.get("urn", "").strip().upper()
    if typed and knows_home(node, authority, typed):
        there = url_for("statements.overview", authority=authority, urn=typed)
        return redirect(there, HTTPStatus.SEE_OTHER)
    with reading(node.replica) as connection:
        published = dates_of(connection, authority)
    with reading(node.node_db) as connection:
        waiting = duty.due(connection, node, published)
        begun = drafts.begun(connection, g.who, authority)
    problems = {}
    if typed:
        problems["urn"] = (
            f"There is no home with the URN {typed} in this area. Check that it is typed as Ofsted "
            "writes it, for example SC012345 or 1234567"
        )
    page = render_template(
        "statements/list.html",
        authority=authority,
        called=authority_name(authority),
        typed=typed,
        problems=problems,
        due=[(one, presenters.due_line(one)) for one in waiting],
        begun=begun,
        published=[(one.urn, day(one.revised_on), day(one.reviewed_on)) for one in published],
    )
    return page, HTTPStatus.NOT_FOUND if problems else HTTPStatus.OK


def _overview(node: Node, place: Place, error: DirectoryError | None = None) -> str:
    desk = place.desk
    with reading(node.replica) as connection:
        history = home_history(connection, desk.urn)
    with reading(node.node_db) as connection:
        draft, said = checked(connection, node, g.who, desk, history)
        is_draft = drafts.is_begun(connection, desk)
        published = drafts.published_statement(connection, node, desk)
        held = None if desk.claim else standing(connection, node, statement_of(desk.urn))
        stands = _stands(connection, node, desk)
        told = published and duty.told_on(connection, desk.urn, published.revised_on)
        untold = why_untold(connection, desk, published.revised_on) if published else ""
    return render_template(
        "statements/overview.html",
        **place.frame(),
        done=_DONE.get(request.args.get("done", "")),
        problems={"to-do": str(error)} if error else {},
        draft=draft,
        is_draft=is_draft,
        said=said,
        tasks=presenters.tasks(draft, said),
        dates=_days(draft),
        published=published,
        told=told and day(told),
        untold=untold,
        held=held,
        stands=stands,
        titles={one.matter: one.title for one in PARAGRAPHS},
        source=SOURCE,
    )


def _stands(connection: Connection, node: Node, desk: Desk) -> str:
    """How it stands with what a provider's staff handed in."""
    if desk.claim is None:
        return ""
    home = home_run(connection, node, g.who, desk.claim)
    return standings(connection, node, [home])[desk.claim, "statement"].sentence


def _days(draft: drafts.Draft | Statement) -> str:
    if draft.revised_on is None or draft.reviewed_on is None:
        return "Not said yet"
    return f"Revised on {day(draft.revised_on)}, last reviewed on {day(draft.reviewed_on)}"


def _section(node: Node, place: Place, matter: str) -> ResponseReturnValue:
    paragraph = paragraph_of(matter)
    form, problems, status = SectionForm(), {}, HTTPStatus.OK
    typed: str | None = None
    if request.method == "POST":
        typed = request.form.get("text", "")
        try:
            said = form.load(request.form)
            with writing(node.node_db) as connection:
                drafts.save_section(
                    connection,
                    node,
                    g.who,
                    place.desk,
                    paragraph.matter,
                    said["text"],
                    applies=not (paragraph.when and said["absent"]),
                    instead_of=said["mark"] or None,
                )
        except ValidationError as error:
            problems, status = form.problems(error), HTTPStatus.BAD_REQUEST
        except ChangedMeanwhile as error:
            problems, status = {"text": str(error)}, HTTPStatus.CONFLICT
        else:
            return _after(place, paragraph.matter, said)
    with reading(node.node_db) as connection:
        draft = drafts.read_draft(connection, node, g.who, place.desk)
    held = draft.sections.get(paragraph.matter, "")
    stretches = marked(held, screen(held))
    page = render_template(
        "statements/section.html",
        **place.frame(),
        paragraph=paragraph,
        text=held if typed is None else typed,
        theirs=held if status == HTTPStatus.CONFLICT else "",
        mark=drafts.mark(held),
        absent=paragraph.matter in draft.not_applicable,
        to_read=paragraph.matter in draft.to_read,
        unplaced=draft.unplaced,
        stretches=stretches if any(one.reasons for one in stretches) else [],
        places=presenters.places(stretches),
        saved=request.args.get("saved", "") if request.method == "GET" else "",
        problems=problems,
        longest=LONGEST_PASSAGE,
        after=presenters.next_after(paragraph.matter),
        source=SOURCE,
    )
    return page, status


def _after(place: Place, matter: str, said: dict[str, str]) -> ResponseReturnValue:
    """What comes when a section is saved: itself, where something in it must go."""
    if screen(said["text"]):
        return _to(place, "section", matter=matter, saved="found")
    following = presenters.next_after(paragraph_of(matter).matter)
    if said["then"] == "next" and following:
        return _to(place, "section", matter=following, saved="before")
    return _to(place, "overview")


def _dates(node: Node, place: Place) -> ResponseReturnValue:
    form, problems = DatesForm(london_day(node.now())), {}
    if request.method == "POST":
        try:
            days = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                draft = drafts.read_draft(connection, node, g.who, place.desk)
                draft.revised_on, draft.reviewed_on = days["revised_on"], days["reviewed_on"]
                drafts.keep_draft(connection, node, g.who, place.desk, draft)
            return _to(place, "overview", done="dates")
        typed = form.typed(request.form)
    else:
        with reading(node.node_db) as connection:
            draft = drafts.read_draft(connection, node, g.who, place.desk)
        typed = {
            f"{name}-{part}": str(getattr(value, part)) if value else ""
            for name in ("revised_on", "reviewed_on")
            for value in [getattr(draft, name)]
            for part in PARTS
        }
    page = render_template(
        "statements/dates.html",
        **place.frame(),
        typed=typed,
        problems=problems,
        first_parts={name: f"{name}-{PARTS[0]}" for name in ("revised_on", "reviewed_on")},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _told(node: Node, place: Place) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        published = drafts.published_statement(connection, node, place.desk)
    if published is None:
        return _to(place, "overview")
    form = ToldForm(published.revised_on, london_day(node.now()))
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            told_on = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                duty.note_told(connection, node, g.who, place.desk, published.revised_on, told_on)
            return _to(place, "overview", done="told")
    page = render_template(
        "statements/told.html",
        **place.frame(),
        revised=day(published.revised_on),
        typed=form.typed(request.form),
        problems=problems,
        first_parts={"told_on": f"told_on-{PARTS[0]}"},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
