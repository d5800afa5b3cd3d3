"""The parts of the form of what an authority wants: their fields, and what each makes of them."""

from typing import Any, get_args

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.choosing.commissioning.labels import FEW, NEEDS
from directory.notices.fields import LineField
from directory.web.forms import DayField, Form
from protocols.commissioning import (
    LEAST_TOLD,
    Demand,
    Email,
    Framework,
    NeedTotal,
    Office,
    Planned,
    PositionStatement,
    Telephone,
    WebAddress,
)
from protocols.publication import Publication

LONGEST_TEXT = 4000
_PUBLIC = Publication.PUBLIC
_MOST_CHILDREN = 10_000


def _of_kind(kind: object, wrong: str, longest: int) -> list[Any]:
    """Checks for a text of the protocol's own kind."""
    (pattern,) = [meta.pattern for meta in get_args(kind)[1:]]
    return [validate.Length(max=longest, error=wrong), validate.Regexp(pattern, error=wrong)]


def _web(missing: str, **known: Any) -> LineField:
    wrong = "Enter a web address that begins with https://, like https://www.council.gov.uk/page"
    return LineField(
        missing, "Web address", _PUBLIC, validate=_of_kind(WebAddress, wrong, 300), **known
    )


class OfficeForm(Form):
    """A team to turn to."""

    name = LineField("Enter the name of the team", "Name of the team", _PUBLIC)
    email = LineField(
        "Enter the team’s email address",
        "Email address",
        _PUBLIC,
        validate=_of_kind(Email, "Enter an email address in the correct format", 254),
    )
    telephone = LineField(
        "",
        "Telephone number",
        _PUBLIC,
        required=False,
        validate=_of_kind(Telephone, "Enter a telephone number of digits", 40),
    )

    @post_load
    def _office(self, said: dict[str, Any], **_: Any) -> Office:
        return Office(**said)


class StatementForm(Form):
    """The market position statement."""

    title = LineField("Enter the title of the statement", "Title", _PUBLIC)
    address = _web("Enter the web address of the statement")
    dated = DayField("Enter the day of the statement", "Day of the statement", _PUBLIC)

    @post_load
    def _statement(self, said: dict[str, Any], **_: Any) -> PositionStatement:
        return PositionStatement(**said)


class FrameworkForm(Form):
    """A framework or open list."""

    name = LineField("Enter the name of the framework or list", "Name", _PUBLIC)
    purpose = LineField("Enter what it is for", "What it is for", _PUBLIC)
    joining = fields.String(
        required=True,
        validate=validate.Length(
            max=LONGEST_TEXT, error=f"How to join must be {LONGEST_TEXT:,} characters or fewer"
        ),
        error_messages={"required": "Enter how a provider joins"},
        metadata={"publication": _PUBLIC},
    )
    opens = DayField("", "Day on which it opens", _PUBLIC, required=False)
    closes = DayField("", "Day on which it closes", _PUBLIC, required=False)
    address = _web("", required=False)
    open_list = fields.String(validate=validate.Equal("yes"), metadata={"publication": _PUBLIC})

    @validates_schema
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        if "opens" in said and "closes" in said and said["closes"] < said["opens"]:
            raise ValidationError(
                "Day on which it closes must be after the day on which it opens", "closes"
            )

    @post_load
    def _framework(self, said: dict[str, Any], **_: Any) -> Framework:
        return Framework(**{**said, "open_list": "open_list" in said})


class PlannedForm(Form):
    """An entry of the calendar."""

    what = LineField("Enter what is planned", "What is planned", _PUBLIC)
    on = DayField("Enter the day for which it is planned", "Day", _PUBLIC)

    @post_load
    def _planned(self, said: dict[str, Any], **_: Any) -> Planned:
        return Planned(**said)


class _ChildrenField(fields.Field[int]):
    """A number of children, to the nearest five; 0 for what is below. No more of it is kept."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if str(value).replace(" ", "") in ("<5", FEW.replace(" ", "")):
            return 0
        digits = str(value).replace(",", "")
        if not (digits.isascii() and digits.isdigit() and int(digits[:9]) <= _MOST_CHILDREN):
            raise ValidationError(
                f"Number of children must be a whole number, up to {_MOST_CHILDREN:,}, or <5"
            )
        number = int(digits)
        return LEAST_TOLD * round(number / LEAST_TOLD) if number >= LEAST_TOLD else 0


class _Period(Form):
    since = DayField("Enter the first day of the period", "First day of the period", _PUBLIC)
    until = DayField("Enter the last day of the period", "Last day of the period", _PUBLIC)

    @validates_schema
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        if said["until"] < said["since"]:
            raise ValidationError("Last day of the period must be after the first", "until")
        if not NEEDS.keys() & said.keys():
            raise ValidationError("Enter a number for at least one need", next(iter(NEEDS)))

    @post_load
    def _demand(self, said: dict[str, Any], **_: Any) -> Demand:
        totals = (NeedTotal(need, said[need] or None) for need in NEEDS if need in said)
        return Demand(said["since"], said["until"], tuple(totals))


DemandForm = _Period.from_dict(
    {need: _ChildrenField(metadata={"publication": _PUBLIC}) for need in NEEDS}, name="DemandForm"
)
"""For how many children the authority looks for a home, by need."""
