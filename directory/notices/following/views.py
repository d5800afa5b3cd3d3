"""The pages on which a placing authority says what follows a notice, and the area authority asks.

None of them shows anything of the child: what stays as it is, is left empty.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError
from werkzeug.exceptions import NotFound

from directory.country.authorities.service import authority_name
from directory.intake.attachments.choosing import enclosures
from directory.intake.attachments.errors import AttachmentError
from directory.notices.breaches.service import people_who_looked
from directory.notices.died import note_received, noted_death
from directory.notices.errors import (
    DiedBeforeBirth,
    DiesAhead,
    EndsBeforeStart,
    InAnotherArea,
    NoFilesThere,
    NotFromANode,
    NoticeError,
    NotThereYet,
)
from directory.notices.fields import LONGEST_TEXT
from directory.notices.following import labels
from directory.notices.following.asking import answer_withdrawal, ask
from directory.notices.following.saying import Saying
from directory.notices.following.schemas import (
    ChangeForm,
    ContainmentForm,
    DeathForm,
    EndingForm,
    ExtensionForm,
    QuestionForm,
    WithdrawalForm,
)
from directory.notices.labels import CONTACTS, LEGAL_STATUSES, SETTINGS, reference
from directory.notices.received import one_received
from directory.notices.sent import one_sent
from directory.notices.views.attaching import about, chosen_files, take_files
from directory.notices.views.common import form_token, notice_id, notice_pages
from directory.web.forms import PARTS, Form
from federation import Enclosure, FederationError, Node, NotDead, reading, writing
from protocols.attachments import ENDINGS
from protocols.errors import ProtocolError

MOST_TYPED = 64 * 1024
"""Bytes of a form, beside its files."""


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of thing that is said: its form, and how it is sent from what the form loads."""

    form: type[Form]
    title: str
    button: str
    send: Callable[[Saying, Any, Sequence[Enclosure]], str]
    with_files: bool = False


PAGES = {
    "change": Page(ChangeForm, "What has changed", "Send the change", Saying.change, True),
    "extend": Page(ExtensionForm, "The placement goes on", "Send the extension", Saying.change),
    "end": Page(
        EndingForm,
        "The placement ends",
        "Send the ending",
        lambda saying, said, _: saying.end(**said),
    ),
    "withdraw": Page(
        WithdrawalForm,
        "Withdraw the notice",
        "Withdraw the notice",
        lambda saying, said, _: saying.withdraw(**said),
    ),
}


def saying_pages(node: Node) -> Blueprint:
    """The pages of a placing authority."""
    pages = notice_pages("notices_after", __name__)

    @pages.url_value_preprocessor
    def _take_more(endpoint: str | None, values: dict[str, object] | None) -> None:
        page = PAGES.get(str((values or {}).get("kind")))
        if endpoint == "notices_after.say" and page and page.with_files:
            take_files(MOST_TYPED)

    @pages.route("/sent/<notice>/say/<kind>", methods=("GET", "POST"))
    def say(authority: str, notice: str, kind: str) -> ResponseReturnValue:
        if kind not in PAGES:
            raise NotFound
        return _say(node, authority, notice_id(notice), kind)

    @pages.route("/sent/<notice>/questions/<question>", methods=("GET", "POST"))
    def answer(authority: str, notice: str, question: str) -> ResponseReturnValue:
        return _answer(node, authority, notice_id(notice), notice_id(question))

    @pages.post("/sent/<notice>/after/<message>/again")
    def again(authority: str, notice: str, message: str) -> ResponseReturnValue:
        with suppress(NotDead), writing(node.node_db) as connection:  # sent by a second click
            _saying(connection, node, authority, notice_id(notice)).again(notice_id(message))
        return _back("notices_sent.one", authority, notice)

    return pages


def asking_back_pages(node: Node) -> Blueprint:
    """The pages of an area authority."""
    pages = notice_pages("notices_asked", __name__)

    @pages.route("/received/<notice>/ask", methods=("GET", "POST"))
    def ask_back(authority: str, notice: str) -> ResponseReturnValue:
        return _ask(node, authority, notice_id(notice))

    @pages.route("/received/<notice>/contained", methods=("GET", "POST"))
    def contained(authority: str, notice: str) -> ResponseReturnValue:
        return _contained(node, authority, notice_id(notice))

    @pages.route("/received/<notice>/died", methods=("GET", "POST"))
    def died(authority: str, notice: str) -> ResponseReturnValue:
        return _died(node, authority, notice_id(notice))

    return pages


def _say(node: Node, placing: str, notice: str, kind: str) -> ResponseReturnValue:
    page, form = PAGES[kind], PAGES[kind].form()
    with reading(node.node_db) as connection:
        known = one_sent(connection, g.who, placing=placing, notice=notice)
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            said = form.load(request.form)
            files = enclosures(chosen_files()) if page.with_files else ()
            with writing(node.node_db) as connection:
                page.send(_saying(connection, node, placing, notice), said, files)
        except ValidationError as error:
            problems = form.problems(error)
        except AttachmentError as error:
            problems = {"attachments": about(error)}
        except (NoticeError, FederationError, ProtocolError) as error:
            problems = {_field_of(error, kind): str(error)}
        else:
            return _back("notices_sent.one", placing, notice)
    typed = {"name": g.who.name, "role": "Commissioner"} | request.form.to_dict()
    return _rendered(
        f"following/{kind}.html",
        problems,
        authority=placing,
        notice=notice,
        reference=reference(notice),
        other=authority_name(known.area_authority),
        page=page,
        typed=typed,
        withdrawn=known.withdrawn_at is not None,
        kinds=",".join(ENDINGS),
    )


def _answer(node: Node, placing: str, notice: str, question: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_sent(connection, g.who, placing=placing, notice=notice)

    def send(said: Any) -> None:
        text, contact = said
        with writing(node.node_db) as connection:
            _saying(connection, node, placing, notice).answer(question, text, contact)

    return _with_contact(
        QuestionForm(),
        send,
        "following/answer.html",
        "notices_sent.one",
        "Social worker",
        authority=placing,
        notice=notice,
        reference=reference(notice),
        question=question,
        other=authority_name(known.area_authority),
    )


def _ask(node: Node, area: str, notice: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_received(connection, g.who, area=area, notice=notice)

    def send(said: Any) -> None:
        text, contact = said
        with writing(node.node_db) as connection:
            ask(
                connection,
                node,
                g.who,
                area=area,
                notice=notice,
                text=text,
                asked_by=contact,
                form=form_token(),
            )

    return _with_contact(
        QuestionForm(),
        send,
        "following/ask.html",
        "notices_received.one",
        "Duty officer",
        authority=area,
        notice=notice,
        reference=reference(notice),
        other=authority_name(known.placing_authority),
    )


def _contained(node: Node, area: str, notice: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_received(connection, g.who, area=area, notice=notice)
        looked = people_who_looked(connection, area, notice)

    def send(said: Any) -> None:
        with writing(node.node_db) as connection:
            answer_withdrawal(
                connection, node, g.who, area=area, notice=notice, opened_by=looked, **said
            )

    return _with_contact(
        ContainmentForm(),
        send,
        "following/contained.html",
        "notices_received.one",
        "Duty officer",
        authority=area,
        notice=notice,
        reference=reference(notice),
        other=authority_name(known.placing_authority),
        looked=looked,
    )


def _died(node: Node, area: str, notice: str) -> ResponseReturnValue:
    with reading(node.node_db) as connection:
        known = one_received(connection, g.who, area=area, notice=notice)
        noted = noted_death(connection, node, "received", area, notice) is not None
    form, problems = DeathForm(), dict[str, str]()
    if request.method == "POST":
        try:
            on = None if noted else form.load(request.form)["died_on"]
            with writing(node.node_db) as connection:
                note_received(connection, node, g.who, area, notice, on)
        except ValidationError as error:
            problems = form.problems(error)
        except (DiesAhead, DiedBeforeBirth) as error:
            problems = {"died_on": str(error)}
        else:
            return _back("notices_received.one", area, notice)
    return _rendered(
        "following/died.html",
        problems,
        authority=area,
        notice=notice,
        reference=reference(notice),
        other=authority_name(known.placing_authority),
        noted=noted,
        typed=request.form,
    )


def _with_contact(
    form: Form,
    send: Callable[[Any], None],
    template: str,
    then: str,
    role: str,
    **frame: Any,
) -> ResponseReturnValue:
    """A page whose form names somebody to call: whoever fills it in, until they say otherwise."""
    problems: dict[str, str] = {}
    if request.method == "POST":
        try:
            send(form.load(request.form))
        except ValidationError as error:
            problems = form.problems(error)
        except (NotFromANode, NotThereYet, FederationError, ProtocolError) as error:
            problems = {"name": str(error)}
        else:
            return _back(then, frame["authority"], frame["notice"])
    typed = {"name": g.who.name, "role": role} | request.form.to_dict()
    return _rendered(template, problems, typed=typed, **frame)


def _rendered(template: str, problems: dict[str, str], **frame: Any) -> ResponseReturnValue:
    page = render_template(
        template,
        problems=problems,
        form_token=form_token(),
        labels=labels,
        settings=SETTINGS,
        legal_statuses=LEGAL_STATUSES,
        contacts=CONTACTS,
        longest=LONGEST_TEXT,
        first_parts={name: f"{name}-{PARTS[0]}" for name in _DAYS},
        **frame,
    )
    return page, HTTPStatus.BAD_REQUEST if problems else HTTPStatus.OK


_DAYS = ("since", "starts_on", "born_on", "expected_end", "ended_on", "given_on", "died_on")


def _saying(connection: Any, node: Node, placing: str, notice: str) -> Saying:
    return Saying(connection, node, g.who, placing=placing, notice=notice, form=form_token())


def _field_of(error: Exception, kind: str) -> str:
    """Beside which field a refusal is shown: the first of the form, where it is of no field."""
    if isinstance(error, InAnotherArea):
        return "urn"
    if isinstance(error, NoFilesThere):
        return "attachments"
    if isinstance(error, DiesAhead | DiedBeforeBirth):
        return "ended_on"
    if isinstance(error, EndsBeforeStart):
        return "ended_on" if kind == "end" else "starts_on" if kind == "change" else "expected_end"
    return next(iter(PAGES[kind].form().fields))


def _back(endpoint: str, authority: str, notice: str) -> ResponseReturnValue:
    there = url_for(endpoint, authority=authority, notice=notice)
    return redirect(there, HTTPStatus.SEE_OTHER)
