"""Vacancies, for systems: an authority's sees them all, a provider's says those of its homes."""

from typing import Any

from flask import Response, g
from marshmallow import Schema, ValidationError, fields, validate
from sqlalchemy import Connection

from directory.api.answering import PERSONAL, answer, page_of, with_links
from directory.api.fields import AUTHORITY, MEMBERS, Page, Paging, of
from directory.api.from_structs import schema_of
from directory.api.once import Done, IdempotencyHeader, once
from directory.api.surface import PREFIX, api, problems, this_node
from directory.country.reference.working_days import london_day
from directory.providers.vacancies.board import read_board
from directory.providers.vacancies.errors import TooMany
from directory.providers.vacancies.rules import is_stale
from directory.providers.vacancies.saying import own_vacancies, say
from directory.providers.vacancies.schemas import MOST_BEDS, NAMES, OLDEST, SEXES, vacancy_of
from directory.providers.vouching.labels import STATES
from directory.providers.vouching.workplace import own_homes
from federation import Refused, reading
from protocols.problems import Problem
from protocols.vacancies import MAX_VACANCIES, Vacancy

_WRITE = (
    Problem.IDEMPOTENCY_KEY_WANTED,
    Problem.BAD_REQUEST,
    Problem.CONFLICT,
    Problem.INVALID,
    Problem.IDEMPOTENCY_KEY_REUSED,
)
_URN = validate.Regexp(r"^[A-Z0-9-]{1,20}$")


class SeenVacancy(Schema):
    """What is said of a home's vacancies, and whether that is too old to be relied on."""

    vacancy = fields.Nested(
        schema_of(Vacancy), required=True, metadata=of(MEMBERS, "What the provider says.")
    )
    stale = fields.Boolean(
        required=True, metadata=of(MEMBERS, "Said too long ago: ask the provider.")
    )


class SeenVacancies(Page):
    """A page of the vacancies that count."""

    vacancies = fields.List(
        fields.Nested(SeenVacancy, metadata=of(MEMBERS, "One of them.")),
        required=True,
        metadata=of(MEMBERS, "Each home of which something is said, by URN."),
    )


class OwnHomeSaid(Schema):
    """A home of the provider's, and what it says of its vacancies."""

    urn = fields.String(required=True, metadata=of(AUTHORITY, "Ofsted's number of the home."))
    authority = fields.String(required=True, metadata=of(AUTHORITY, "Where it stands, GSS code."))
    state = fields.String(
        required=True,
        validate=validate.OneOf(STATES),
        metadata=of(AUTHORITY, "What that authority says of the claim that you run it."),
    )
    places = fields.Integer(
        required=True,
        allow_none=True,
        metadata=of(AUTHORITY, "Registered places; null: the directory does not say."),
    )
    ask = fields.Boolean(
        required=True,
        metadata=of(AUTHORITY, "Nothing is said of it here: commissioners are told to ask you."),
    )
    vacancy = fields.Nested(
        schema_of(Vacancy),
        required=True,
        allow_none=True,
        metadata=of(AUTHORITY, "What you say now; null: nothing."),
    )


class OwnHomes(Schema):
    """The provider's homes."""

    homes = fields.List(
        fields.Nested(OwnHomeSaid, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        metadata=of(AUTHORITY, "Every home that you have claimed, wherever it stands, by URN."),
    )


def _number(most: int, description: str) -> fields.Integer:
    return fields.Integer(
        strict=True,
        allow_none=True,
        validate=validate.Range(0, most),
        metadata=of(AUTHORITY, description),
    )


class VacancyToSay(Schema):
    """What is said of a home from now on."""

    urn = fields.String(
        required=True, validate=_URN, metadata=of(AUTHORITY, "Ofsted's number of your home.")
    )
    beds = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        validate=validate.Range(0, MOST_BEDS),
        metadata=of(AUTHORITY, "How many are free; null: say nothing more of this home."),
    )
    free_from = fields.Date(
        allow_none=True, metadata=of(AUTHORITY, "From which day; absent: from now.")
    )
    sex = fields.String(
        allow_none=True,
        validate=validate.OneOf(tuple(SEXES)),
        metadata=of(AUTHORITY, "Absent: as registered."),
    )
    youngest = _number(OLDEST, "Age in years.")
    oldest = _number(OLDEST, "Age in years, inclusive.")
    emergency = fields.Boolean(
        truthy={True}, falsy={False}, metadata=of(AUTHORITY, "Also in an emergency.")
    )


class VacanciesToSay(Schema):
    """Vacancies of any of the provider's homes. What is not named stays as it is."""

    homes = fields.List(
        fields.Nested(VacancyToSay, metadata=of(AUTHORITY, "One of them.")),
        required=True,
        validate=validate.Length(1, MAX_VACANCIES),
        metadata=of(AUTHORITY, "All of them are taken, or none."),
    )


class Said(Schema):
    """That it was said."""

    homes = fields.Integer(required=True, metadata=of(AUTHORITY, "Of how many homes."))


@api.route("/vacancies", endpoint="vacancies")
@api.arguments(Paging, location="query")
@api.response(200, SeenVacancies)
@problems(Problem.NOT_FOUND)
def list_vacancies(paging: dict[str, int]) -> Response:
    """List the vacancies of all homes

    What every member's snapshot says and counts, with how old it is. A home that is not there says
    nothing: that is no "none". It leaves no trace; do not keep it longer than you need it.
    """
    with reading(this_node().replica) as connection:
        board = read_board(connection, this_node(), g.who)
    shown, around = page_of(sorted(board.said), **paging)
    content = [
        {"vacancy": board.said[urn], "stale": is_stale(board.said[urn], board.today, board.days)}
        for urn in shown
    ]
    return with_links(
        answer({**around, "vacancies": content}, PERSONAL), around["page"], around["pages"]
    )


@api.route("/provider/homes", endpoint="own_homes")
@api.response(200, OwnHomes)
def list_own_homes() -> Response:
    """List your own homes

    For a provider's system: every home that you have claimed, and what you say of its vacancies.
    """
    node = this_node()
    with reading(node.node_db) as connection, reading(node.replica) as replica:
        homes = own_homes(connection, node, g.who)
        said = {one.home.urn: one for one in own_vacancies(connection, replica, node, g.who)}
    content = []
    for one in homes:
        own = said.get(one.urn)
        content.append(
            {
                "urn": one.urn,
                "authority": one.authority,
                "state": one.state,
                "places": own.known.places if own and own.known else None,
                "ask": own.is_asked if own else True,
                "vacancy": own.said if own else None,
            }
        )
    return answer({"homes": content}, PERSONAL)


@api.route("/provider/vacancies", endpoint="say_vacancies", methods=["POST"])
@api.arguments(IdempotencyHeader, location="headers")
@api.arguments(VacanciesToSay)
@api.response(201, Said, headers={"Location": {"schema": {"type": "string"}}})
@problems(*_WRITE)
def say_vacancies(_header: dict[str, str], saying: dict[str, Any]) -> Response:
    """Say which of your homes have a vacancy

    For a provider's system: all of them in one call. Say it again to confirm it: after some
    days, which the charter names, it counts as out of date. Of what it was before nothing is kept.
    """
    node = this_node()

    def act(connection: Connection) -> Done:
        with reading(node.replica) as replica:
            vacancies = _checked(connection, replica, saying["homes"])
            try:
                say(connection, replica, node, g.who, vacancies)
            except TooMany as error:
                raise Refused(Problem.CONFLICT, str(error)) from error
        return Done({"homes": len(vacancies)}, f"{PREFIX}/provider/homes")

    return once(act)


def _checked(
    connection: Connection, replica: Connection, rows: list[dict[str, Any]]
) -> dict[str, Vacancy | None]:
    """What is said by URN, held to the rules of the form. Refuses all, with each mistake named."""
    node = this_node()
    today = london_day(node.now())
    ours = {one.home.urn: one for one in own_vacancies(connection, replica, node, g.who)}
    found: dict[str, Vacancy | None] = {}
    errors = []
    for number, row in enumerate(rows):
        own = ours.get(row["urn"])
        if row["urn"] in found:
            errors.append((number, "urn", "This home stands there twice."))
        elif own is None or own.known is None or own.known.places is None or own.is_asked:
            why = "This is no home of yours of which vacancies are said; see /provider/homes."
            errors.append((number, "urn", why))
        else:
            typed = {name: row[name] for name in NAMES if row.get(name) is not None}
            try:
                found[row["urn"]] = vacancy_of(row["urn"], own.known.places, typed, today)
            except ValidationError as error:
                errors += [(number, name, str(why[0])) for name, why in error.messages_dict.items()]
    if errors:
        raise Refused(
            Problem.INVALID,
            "Nothing was said. What has to be changed stands under errors.",
            [{"pointer": f"#/homes/{at}/{name}", "detail": why} for at, name, why in errors],
        )
    return found
