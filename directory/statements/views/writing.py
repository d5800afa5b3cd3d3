"""The pages on which a statement of purpose is written, section by section, and handed in."""

from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from directory.authorities.service import authority_name
from directory.errors import DirectoryError
from directory.homes.history import home_history
from directory.homes.labels import day
from directory.publishing.service import statement_of
from directory.reference.working_days import london_day
from directory.release.errors import NotHandedIn
from directory.release.service import standing
from directory.screening.errors import NotFitToPublish
from directory.screening.service import screen
from directory.statements import drafts, duty, presenters
from directory.statements.errors import ChangedMeanwhile, NotReady
from directory.statements.handing_in import checked, hand_in_statement
from directory.statements.published import dates_of
from directory.statements.schedule import PARAGRAPHS, SOURCE
from directory.statements.schemas import DatesForm, SectionForm, ToldForm
from directory.statements.taking_out import marked, without
from directory.statements.views.common import MOST_SENT, frame, home_of, knows_home, paragraph_of
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
    """The pages of one authority's statements."""
    pages = Blueprint(
        "statements",
        __name__,
        template_folder="../templates",
        url_prefix="/authorities/<authority>/statements",
    )
    pages.after_request(keep_out_of_caches)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, _values: dict[str, object] | None) -> None:
        if endpoint in ("statements.section", "statements.take_out"):
            request.max_content_length = MOST_SENT

    @pages.get("")
    def listing(authority: str) -> ResponseReturnValue:
        return _listing(node, authority)

    @pages.get("/<urn>")
    def overview(authority: str, urn: str) -> ResponseReturnValue:
        return _overview(node, authority, urn)

    @pages.route("/<urn>/sections/<matter>", methods=("GET", "POST"))
    def section(authority: str, urn: str, matter: str) -> ResponseReturnValue:
        return _section(node, authority, urn, matter)

    @pages.post("/<urn>/sections/<matter>/out")
    def take_out(authority: str, urn: str, matter: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        about = paragraph_of(matter).matter
        with writing(node.node_db) as connection:
            draft = drafts.read_draft(connection, node, g.who, authority, urn)
            text = draft.sections.get(about, "")
            left = without(text, screen(text))
            to_read = about in draft.to_read
            drafts.save_section(
                connection, node, g.who, authority, urn, about, left, still_to_read=to_read
            )
        return _to("statements.section", authority, urn, matter=matter, saved="out")

    @pages.route("/<urn>/dates", methods=("GET", "POST"))
    def dates(authority: str, urn: str) -> ResponseReturnValue:
        return _dates(node, authority, urn)

    @pages.route("/<urn>/ofsted", methods=("GET", "POST"))
    def told(authority: str, urn: str) -> ResponseReturnValue:
        return _told(node, authority, urn)

    @pages.post("/<urn>/hand-in")
    def hand_in(authority: str, urn: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        try:
            with writing(node.node_db) as connection:
                done = hand_in_statement(connection, node, g.who, authority, urn)
        except (NotReady, NotHandedIn, NotFitToPublish) as error:
            return _overview(node, authority, urn, error), HTTPStatus.CONFLICT
        return _to("statements.overview", authority, urn, done=_outcome(done.waiting))

    @pages.post("/<urn>/discard")
    def discard(authority: str, urn: str) -> ResponseReturnValue:
        home_of(node, authority, urn)
        with writing(node.node_db) as connection:
            drafts.discard_draft(connection, node, g.who, authority, urn)
        return _to("statements.overview", authority, urn, done="discarded")

    return pages


def _outcome(waiting: list[str]) -> str:
    return "handed-in" if waiting else "published"


def _to(endpoint: str, authority: str, urn: str, **more: str) -> ResponseReturnValue:
    values: dict[str, Any] = {"authority": authority, "urn": urn, **more}
    there = url_for(endpoint, **values)
    return redirect(there, HTTPStatus.SEE_OTHER)


def _listing(node: Node, authority: str) -> ResponseReturnValue:
    typed = request.args.get("urn", "").strip().upper()
    if typed and knows_home(node, authority, typed):
        return _to("statements.overview", authority, typed)
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


def _overview(node: Node, authority: str, urn: str, error: DirectoryError | None = None) -> str:
    home = home_of(node, authority, urn)
    with reading(node.replica) as connection:
        history = home_history(connection, urn)
    with reading(node.node_db) as connection:
        draft, said = checked(connection, node, g.who, authority, urn, history)
        is_draft = drafts.is_begun(connection, urn)
        published = drafts.published_statement(connection, urn)
        held = standing(connection, node, statement_of(urn))
        told = published and duty.told_on(connection, urn, published.revised_on)
    return render_template(
        "statements/overview.html",
        **frame(authority, home.name, urn),
        done=_DONE.get(request.args.get("done", "")),
        problems={"to-do": str(error)} if error else {},
        draft=draft,
        is_draft=is_draft,
        said=said,
        tasks=presenters.tasks(draft, said),
        dates=_days(draft),
        published=published,
        told=told and day(told),
        held=held,
        titles={one.matter: one.title for one in PARAGRAPHS},
        source=SOURCE,
    )


def _days(draft: drafts.Draft | Statement) -> str:
    if draft.revised_on is None or draft.reviewed_on is None:
        return "Not said yet"
    return f"Revised on {day(draft.revised_on)}, last reviewed on {day(draft.reviewed_on)}"


def _section(node: Node, authority: str, urn: str, matter: str) -> ResponseReturnValue:
    home, paragraph = home_of(node, authority, urn), paragraph_of(matter)
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
                    authority,
                    urn,
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
            return _after(authority, urn, paragraph.matter, said)
    with reading(node.node_db) as connection:
        draft = drafts.read_draft(connection, node, g.who, authority, urn)
    held = draft.sections.get(paragraph.matter, "")
    stretches = marked(held, screen(held))
    page = render_template(
        "statements/section.html",
        **frame(authority, home.name, urn),
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


def _after(authority: str, urn: str, matter: str, said: dict[str, str]) -> ResponseReturnValue:
    """What comes when a section is saved: itself, where something in it must go."""
    if screen(said["text"]):
        return _to("statements.section", authority, urn, matter=matter, saved="found")
    following = presenters.next_after(paragraph_of(matter).matter)
    if said["then"] == "next" and following:
        return _to("statements.section", authority, urn, matter=following, saved="before")
    return _to("statements.overview", authority, urn)


def _dates(node: Node, authority: str, urn: str) -> ResponseReturnValue:
    home = home_of(node, authority, urn)
    form, problems = DatesForm(london_day(node.now())), {}
    if request.method == "POST":
        try:
            days = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                draft = drafts.read_draft(connection, node, g.who, authority, urn)
                draft.revised_on, draft.reviewed_on = days["revised_on"], days["reviewed_on"]
                drafts.keep_draft(connection, node, g.who, authority, urn, draft)
            return _to("statements.overview", authority, urn, done="dates")
        typed = form.typed(request.form)
    else:
        with reading(node.node_db) as connection:
            draft = drafts.read_draft(connection, node, g.who, authority, urn)
        typed = {
            f"{name}-{part}": str(getattr(value, part)) if value else ""
            for name in ("revised_on", "reviewed_on")
            for value in [getattr(draft, name)]
            for part in PARTS
        }
    page = render_template(
        "statements/dates.html",
        **frame(authority, home.name, urn),
        typed=typed,
        problems=problems,
        first_parts={name: f"{name}-{PARTS[0]}" for name in ("revised_on", "reviewed_on")},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


def _told(node: Node, authority: str, urn: str) -> ResponseReturnValue:
    home = home_of(node, authority, urn)
    with reading(node.node_db) as connection:
        published = drafts.published_statement(connection, urn)
    if published is None or published.authority != authority:
        return _to("statements.overview", authority, urn)
    form = ToldForm(published.revised_on, london_day(node.now()))
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            told_on = form.load(request.form)
        except ValidationError as error:
            problems = form.problems(error)
        else:
            with writing(node.node_db) as connection:
                duty.note_told(
                    connection, node, g.who, authority, urn, published.revised_on, told_on
                )
            return _to("statements.overview", authority, urn, done="told")
    page = render_template(
        "statements/told.html",
        **frame(authority, home.name, urn),
        revised=day(published.revised_on),
        typed=form.typed(request.form),
        problems=problems,
        first_parts={"told_on": f"told_on-{PARTS[0]}"},
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK
